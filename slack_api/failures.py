"""Classifies failed calls of the Web API: rate limit, refusal, or a failure that leaves the outcome unknown."""

from __future__ import annotations

import random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from conversations.errors import (
    AppNotAllowed,
    ChannelArchived,
    MissingScope,
    NotInChannel,
    ReadRefused,
    SlackError,
    ThreadClosed,
    ThreadDeleted,
)

RAISED = (SlackApiError, SlackRequestError, aiohttp.ClientError, TimeoutError, OSError)
"""What the SDK raises."""

UNREACHABLE = "unreachable"
LONGEST_LIMIT = 61.0
"""Seconds: apps under Slack's cut for history and replies are told to wait up to 60.

https://docs.slack.dev/changelog/2025-05-29-rate-limit-changes-for-non-marketplace-apps
"""

QUOTA = "message_limit_exceeded"
"""The workspace has posted too much: in a moment, which passes, or in a month, which does not."""

_LIMITED = frozenset({"ratelimited", "rate_limited", QUOTA})
_PASSING = frozenset(
    {
        *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
        "external_channel_migrating",
    }
)
_WORDS: Mapping[type[SlackError], str] = {
    NotInChannel: "not_in_channel channel_not_found",
    ChannelArchived: "is_archived is_inactive",
    ThreadClosed: "thread_locked messages_tab_disabled",
    ThreadDeleted: "cannot_reply_to_message thread_not_found invalid_thread_ts",
    AppNotAllowed: "missing_scope no_permission not_allowed_token_type invalid_auth not_authed account_inactive "
    "token_revoked token_expired app_missing team_access_not_granted",
}
_ENDINGS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_RESTRICTED = "restricted_action"


class CallFailed(Exception):
    """A call failed. ``error`` is Slack's word for why, ``HTTP 503`` or ``unreachable``."""

    def __init__(self, method: str, error: str, details: str = "") -> None:
        super().__init__(f"{method}: {error} {details}".strip())
        self.method = method
        self.error = error


class Limited(CallFailed):
    """There were too many calls. ``seconds``: how long to wait before the next one; 0 when Slack does not say."""

    def __init__(self, method: str, seconds: float, error: str = "ratelimited") -> None:
        super().__init__(method, error)
        self.seconds = seconds


class Unclear(CallFailed):
    """The call failed on the way: Slack may have done it, or not."""


class Refused(CallFailed):
    """Slack said no. ``needed``: the scope that the token lacks, if that is why."""

    def __init__(self, method: str, error: str, details: str = "", needed: str = "?") -> None:
        super().__init__(method, error, details)
        self.needed = needed

    @property
    def ends_thread(self) -> bool:
        """Whether nothing can be posted there any more."""
        return self.error in _ENDINGS or self.error.startswith(_RESTRICTED)

    def as_error(self) -> SlackError:
        """The sentence for it when something was to be shown."""
        kind = ThreadClosed if self.error.startswith(_RESTRICTED) else _ENDINGS.get(self.error, SlackError)
        return kind(str(self), error=self.error)

    def as_read_error(self) -> SlackError:
        """The sentence for it when something was to be read."""
        if self.error == "missing_scope":
            return MissingScope(str(self), needed=self.needed, error=self.error)
        return ReadRefused(str(self), error=self.error)


FAILURES = (CallFailed, SlackError)
"""All that a call may end in."""


def meaning(method: str, failure: Exception) -> Limited | Unclear | Refused:
    """What an exception of the SDK says about a call of ``method``."""
    if not isinstance(failure, SlackApiError):
        return Unclear(method, UNREACHABLE, type(failure).__name__)
    status, data = status_of(failure), body_of(failure)
    error = str(data.get("error") or "")
    if status == HTTPStatus.TOO_MANY_REQUESTS or error in _LIMITED:
        headers = getattr(failure.response, "headers", None) or {}
        told = headers.get("Retry-After") or data.get("retry_after")
        return Limited(method, limit_seconds(told) if told else 0.0, error if error in _LIMITED else "ratelimited")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or error in _PASSING or not error:
        return Unclear(method, error or f"HTTP {status or '?'}")
    messages = (data.get("response_metadata") or {}).get("messages") or data.get("errors") or []
    details = "; ".join(str(message) for message in messages)[:300]
    return Refused(method, error, details, str(data.get("needed") or "?"))


def limit_seconds(told: object) -> float:
    """How long a ``Retry-After`` header says to wait, with a small random part; a second without one."""
    text = str(told or "")
    seconds = float(text) if text.replace(".", "", 1).isdecimal() else 1.0
    return min(seconds, LONGEST_LIMIT) + random.uniform(0.0, 0.25)  # noqa: S311 - not a secret


def status_of(failure: SlackApiError) -> int:
    """The HTTP status; 0 for none. For a body that is no JSON, the SDK hands over aiohttp's response."""
    response: Any = failure.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)


def body_of(failure: SlackApiError) -> Mapping[str, Any]:
    """The answer's JSON; empty when it is no object."""
    data = getattr(failure.response, "data", None)
    return data if isinstance(data, dict) else {}
