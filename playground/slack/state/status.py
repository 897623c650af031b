"""The status line of a thread: shown, cleared by a post, by an empty text, or by itself after two minutes."""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.state.entities import Status
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace


def show(
    workspace: Workspace, channel: str, thread: str, text: str, loading: Sequence[str] = (), session: str = ""
) -> None:
    """Show a status; "" clears it."""
    if not text and not session:
        clear(workspace, channel, thread)
        return
    key = (channel, thread)
    before = workspace.statuses.get(key)
    if before is not None:
        workspace.clock.cancel(before.timer)
    lifetime = workspace.options.seconds(3600.0 if session else workspace.options.status_seconds)
    timer = workspace.clock.later(lifetime, lambda: clear(workspace, channel, thread))
    workspace.statuses[key] = Status(text, list(loading), session, timer)
    _publish(workspace, channel, thread)


def clear(workspace: Workspace, channel: str, thread: str) -> None:
    """Take the status away."""
    status = workspace.statuses.pop((channel, thread), None)
    if status is not None:
        workspace.clock.cancel(status.timer)
        _publish(workspace, channel, thread)


def as_json(workspace: Workspace, channel: str, thread: str) -> Json:
    """The status as the page shows it."""
    status = workspace.statuses.get((channel, thread))
    shown: Json = {"status": "", "loading_messages": [], "session": ""}
    if status is not None:
        shown = {"status": status.text, "loading_messages": status.loading_messages, "session": status.session}
    return {"channel": channel, "thread_ts": thread, "user": workspace.bot_user, **shown}


def _publish(workspace: Workspace, channel: str, thread: str) -> None:
    frame: Json = {"type": "status", **as_json(workspace, channel, thread)}
    workspace.changes.publish(frame, channel, (channel, thread))
