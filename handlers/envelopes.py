"""Everything that Slack sends, on whichever way it comes: what must not be lost is on disk before Slack gets its ack.

Bolt acks an event before its listener runs, and a crash in between would lose it; what nobody listens to it does not
ack, and then Slack sends it again and again. So envelopes are taken here, and Bolt's listeners do only what comes after
the ack: modals, the home tab, answers to commands.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from untrusted.payload import Json, mapping, string

log = logging.getLogger(__name__)

Kind = Literal["event", "block_actions", "view_submission", "message_action", "command"]
Record = Callable[[Json], Awaitable[None]]


class Envelopes:
    """Takes envelopes: ``record`` before the ack, ``follow`` after it."""

    def __init__(self) -> None:
        self._recorders: dict[tuple[str, str], Record] = {}
        self._followed: set[tuple[str, str]] = set()
        self._app: AsyncApp | None = None

    def on(self, kind: Kind, name: str, recorder: Record) -> None:
        """Let something be recorded before its ack.

        Args:
            kind: What comes.
            name: The event's type, the callback id or the command; "" for all of a kind.
            recorder: Called with the event, or with the payload of an interaction. It raises only if Slack is to send
                the envelope again.
        """
        self._recorders[kind, name] = recorder

    def follow_with(self, app: AsyncApp, *followed: tuple[Kind, str]) -> None:
        """Let Bolt's listeners have some envelopes after their ack."""
        self._app = app
        self._followed |= set(followed)

    @property
    def recorded(self) -> frozenset[tuple[str, str]]:
        """What is recorded, by kind and name."""
        return frozenset(self._recorders)

    @property
    def followed(self) -> frozenset[tuple[str, str]]:
        """What Bolt's listeners get, by kind and name."""
        return frozenset(self._followed)

    async def record(self, body: object) -> None:
        """Take an envelope's payload, whatever it is; what it says is on disk when this returns.

        Raises:
            Exception: It could not be recorded, so Slack must not get its ack.
        """
        payload = mapping(body)
        kind, name = _kind_of(payload)
        recorder = self._recorders.get((kind, name)) or self._recorders.get((kind, ""))
        if recorder:
            await recorder(mapping(payload.get("event")) if kind == "event" else payload)
        elif not self._is_followed(kind, name):
            log.debug("Nothing to do for %r %r.", kind[:40], name[:40])

    async def follow(self, body: object) -> None:
        """Hand an envelope to Bolt's listeners, after its ack; they find its payload in ``context["payload"]``.

        Bolt itself gets only what it chooses a listener by: it breaks on payloads that are not what they should be.
        """
        payload = mapping(body)
        kind, name = _kind_of(payload)
        if self._app and self._is_followed(kind, name):
            chosen_by: Json = {"type": kind, "actions": [{"action_id": name}]}
            if kind == "event":
                chosen_by = {"type": "event_callback", "event": {"type": name}}
            elif kind == "command":
                chosen_by = {"command": name}
            request = AsyncBoltRequest(mode="socket_mode", body=dict(chosen_by), context={"payload": payload})
            try:
                await self._app.async_dispatch(request)
            except Exception:
                log.exception("What follows an ack broke")

    def _is_followed(self, kind: str, name: str) -> bool:
        return (kind, name) in self._followed or (kind, "") in self._followed


def _kind_of(payload: Json) -> tuple[str, str]:
    """What a payload is, and its name among its kind."""
    kind = string(payload.get("type"))
    event = payload.get("event")
    if kind in {"", "event_callback"} and isinstance(event, Mapping):
        return "event", string(event.get("type"))
    if not kind and "command" in payload:
        return "command", string(payload.get("command"))
    view: Mapping[str, Any] = mapping(payload.get("view"))
    return kind, string(payload.get("callback_id")) or string(view.get("callback_id"))
