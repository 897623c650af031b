"""What may go wrong at Slack and at Azure that the bot must get over: named, for tests and for the soak."""

from __future__ import annotations

from typing import Any

from playground.slack.delivery.faults import Faults

STREAM_METHODS = ["chat.startStream", "chat.appendStream", "chat.stopStream"]
OTHER_METHODS = [
    "chat.postMessage",
    "assistant.threads.setStatus",
    "conversations.replies",
    "users.info",
    "files.info",
    "download",
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
]

ASIDE_METHODS = [
    "agents.sessions.setStatus",
    "chat.delete",
    "conversations.history",
    "conversations.info",
    "files.list",
    "reactions.add",
]
"""What not every answer needs."""


def limited(faults: Faults, method: str) -> None:
    faults.rate_limit(method, times=2, retry_after=1)


def broken(faults: Faults, method: str) -> None:
    faults.http_error(method, 503)
    faults.html(method, 1, 500)


def reset_before(faults: Faults, method: str) -> None:
    faults.reset(method)


def reset_after(faults: Faults, method: str) -> None:
    """It was done, but nobody was told."""
    faults.reset(method, when="after")


def broken_after(faults: Faults, method: str) -> None:
    faults.http_error(method, 502, when="after")


SLACK_TROUBLE = [limited, broken, reset_before, reset_after, broken_after]

AZURE_TROUBLE: dict[str, dict[str, Any]] = {
    "rate_limit on a run": {"name": "rate_limit", "path": "/responses", "method": "POST", "times": 2, "retry_after": 1},
    "rate_limit on an upload": {"name": "rate_limit", "path": "/files", "method": "POST", "retry_after": 1},
    "rate_limit on a container": {"name": "rate_limit", "path": "/containers", "method": "POST", "retry_after": 1},
    "rate_limit on a conversation": {"name": "rate_limit", "path": "/conversations", "method": "POST"},
    "500 on a run": {"name": "server_error", "path": "/responses", "method": "POST", "times": 2},
    "503 on an upload": {"name": "server_error", "path": "/files", "method": "POST", "status": 503},
    "503 on a container": {"name": "server_error", "path": "/containers", "method": "POST", "status": 503},
    "500 on a conversation": {"name": "server_error", "path": "/conversations", "method": "POST"},
    "500 on a chart": {"name": "download_error"},
    "timeout of a run": {"name": "timeout", "path": "/responses", "method": "POST"},
    "locked conversation": {"name": "conversation_locked"},
    "request dropped": {"name": "drop_request", "path": "/responses", "method": "POST"},
    "upload dropped": {"name": "drop_request", "path": "/files", "method": "POST"},
    "answer to an upload dropped": {"name": "drop_answer", "path": "/files", "method": "POST"},
    "answer to a conversation dropped": {"name": "drop_answer", "path": "/conversations", "method": "POST"},
    "stream cut": {"name": "drop_socket", "after": 6},
    "silent end of the stream": {"name": "silent_eof", "after": 6},
    "stream cut at once": {"name": "drop_socket", "after": 1},
    "container expired": {"name": "container_expired"},
    "orphan of a failed run": {"name": "orphan_user_item"},
}
