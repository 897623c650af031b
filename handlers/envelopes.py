"""Everything that Slack sends, on whichever way it comes: what must not be lost is on disk before Slack gets its ack.

Bolt acks an event before its listener runs, and a crash in between would lose it; what nobody listens to it does not
ack, and then Slack sends it again and again. So envelopes are taken here, and Bolt's listeners do only what comes after
the ack: modals, the home tab, answers to commands.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Set
from functools import partialmethod
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from handlers.context import Context, Contexts
from untrusted.payload import Json, items, mapping, string

log = logging.getLogger(__name__)

Handler = Callable[[Json, Context], Awaitable[None]]
"""Gets an event, or the payload of an interaction with one action at most."""


class Envelopes:
    """Takes envelopes: ``record`` before the ack, ``follow`` after it. Handlers are added with Bolt's verbs."""

    def __init__(self, contexts: Contexts, bolt: AsyncApp) -> None:
        self._contexts = contexts
        self._bolt = bolt
        self._recorders: dict[tuple[str, str], Handler] = {}
        self.recorded: Set[tuple[str, str]] = self._recorders.keys()
        self.followed: set[tuple[str, str]] = set()

    def on(self, kind: str, name: str, *, record: Handler | None = None, show: Handler | None = None) -> None:
        """Add the handlers of something that Slack sends.

        Args:
            kind: ``event``, ``command``, or the type of an interaction.
            name: The event's type, the action's id up to a colon, the callback id or the command.
            record: Called before the ack. It raises only if Slack is to send the envelope again.
            show: Called after the ack; only for events, actions and commands.
        """
        if record:
            self._recorders[kind, name] = record
        if show:
            self.followed.add((kind, name))
            self._listen(kind, name, show)

    event = partialmethod(on, "event")
    action = partialmethod(on, "block_actions")
    view = partialmethod(on, "view_submission")
    shortcut = partialmethod(on, "message_action")
    command = partialmethod(on, "command")

    def _listen(self, kind: str, name: str, show: Handler) -> None:
        async def listener(ack: AsyncAck, context: AsyncBoltContext) -> None:
            await ack()
            await show(context["payload"], context["found"])

        verbs: Mapping[str, Any] = {
            "event": self._bolt.event,
            "block_actions": self._bolt.action,
            "command": self._bolt.command,
        }
        verbs[kind](name)(listener)

    def listens(self) -> None:
        """From now on Slack reaches us; what it tried to tell before may have been missed, or may come late."""
        self._contexts.listens()

    async def record(self, body: object) -> None:
        """Take an envelope's payload, whatever it is; what it says is on disk when this returns.

        Raises:
            Exception: It could not be recorded, so Slack must not get its ack.
        """
        recorders: list[tuple[Handler, Json]] = []
        for kind, name, payload in _parts(mapping(body)):
            if recorder := self._recorders.get((kind, name)):
                recorders.append((recorder, payload))
            elif (kind, name) not in self.followed:
                log.debug("Nothing to do for %r %r.", kind[:40], name[:40])
        if recorders and (context := await self._contexts.of(mapping(body))):
            for record, payload in recorders:
                await record(payload, context)

    async def follow(self, body: object) -> None:
        """Hand an envelope to Bolt's listeners, after its ack.

        Bolt itself gets only what it chooses a listener by: it breaks on payloads that are not what they should be.
        """
        followed = [part for part in _parts(mapping(body)) if part[:2] in self.followed]
        if not followed or not (found := await self._contexts.of(mapping(body))):
            return
        for kind, name, payload in followed:
            context = {"payload": payload, "found": found}
            request = AsyncBoltRequest(mode="socket_mode", body=dict(_chosen_by(kind, name)), context=context)
            try:
                await self._bolt.async_dispatch(request)
            except Exception:
                log.exception("What follows an ack broke")


def _parts(payload: Json) -> Iterator[tuple[str, str, Json]]:
    """What a payload brings: its kind, its name among its kind, and what handlers get. Actions come one by one."""
    kind, event = string(payload.get("type")), payload.get("event")
    if kind in {"", "event_callback"} and isinstance(event, Mapping):
        yield "event", string(event.get("type")), event
    elif kind == "block_actions":
        for action in items(payload.get("actions")):
            yield kind, string(action.get("action_id")).partition(":")[0], {**payload, "actions": [action]}
    elif not kind and "command" in payload:
        yield "command", string(payload.get("command")), payload
    else:
        view = mapping(payload.get("view"))
        yield kind, string(payload.get("callback_id")) or string(view.get("callback_id")), payload


def _chosen_by(kind: str, name: str) -> Json:
    if kind == "event":
        return {"type": "event_callback", "event": {"type": name}}
    return {"command": name} if kind == "command" else {"type": kind, "actions": [{"action_id": name}]}
