"""Presses, submissions and shortcuts whose payloads were altered, as a client of one's own making could send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.altering import altered
from playground.slack.people.interactions import Interactions
from playground.slack.people.people import ANN
from playground.slack.people.response_urls import new_response_url
from playground.slack.state.ledger import Envelope
from playground.slack.state.messages import render
from playground.slack.state.options import Json


class Forging(Interactions):
    """Sends interactions that no surface offers. Nothing of what they name needs to exist.

    Every act takes ``changes``, values by dotted path into the payload (``{"message.thread_ts": None,
    "actions.0.value": "x"}``), and ``without``, the paths to leave out.
    """

    async def forge_press(
        self,
        action_id: str,
        value: str = "",
        *,
        user: str = ANN,
        channel: str = "",
        message_ts: str = "",
        thread_ts: str = "",
        view_id: str = "",
        kind: str = "button",
        changes: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> Envelope:
        """Press an element of a message, of a modal or of a home tab.

        Args:
            action_id: which element.
            value: what it carries, an id of somebody else's for example.
            user: who presses.
            channel: where, says the payload.
            message_ts: on which message, says the payload; a message that exists is sent along as it is.
            thread_ts: in which thread, says the payload.
            view_id: instead of a message: the modal or home tab.
            kind: the element's type.
            changes: see the class.
            without: see the class.
        """
        action = {"type": kind, "action_id": action_id, "block_id": "forged", "value": value}
        action["action_ts"] = self._workspace.clock.ts()
        payload = self._interaction("block_actions", user) | {"state": {"values": {}}, "actions": [action]}
        if view_id:
            payload |= {"container": {"type": "view", "view_id": view_id}, "view": self._view(view_id)}
        else:
            payload |= self._on_message(channel, message_ts, thread_ts, user)
        return await self._ask("interactive", altered(payload, changes or {}, without))

    async def forge_submission(
        self,
        callback_id: str,
        *,
        private_metadata: str = "",
        values: Json | None = None,
        user: str = ANN,
        view_id: str = "V0FORGED00",
        changes: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> Envelope:
        """Submit a modal.

        Args:
            callback_id: which modal.
            private_metadata: what the app is said to have written into it.
            values: ``view.state.values``.
            user: who submits.
            view_id: its id.
            changes: see the class.
            without: see the class.
        """
        view = self._view(view_id) | {"callback_id": callback_id, "private_metadata": private_metadata}
        view["state"] = {"values": values or {}}
        payload = self._interaction("view_submission", user) | {"view": view, "response_urls": []}
        return await self._ask("interactive", altered(payload, changes or {}, without), accepts_response=True)

    async def forge_shortcut(
        self,
        callback_id: str,
        *,
        channel: str,
        message_ts: str,
        message: Json | None = None,
        user: str = ANN,
        changes: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> Envelope:
        """Use a message shortcut.

        Args:
            callback_id: which shortcut.
            channel: where, says the payload.
            message_ts: on which message, says the payload.
            message: what the payload shows as that message (files of another channel for example).
            user: who.
            changes: see the class.
            without: see the class.
        """
        payload = self._interaction("message_action", user) | self._on_message(channel, message_ts, "", user)
        del payload["container"]
        payload |= {"callback_id": callback_id, "message_ts": message_ts}
        payload |= {"message": message} if message is not None else {}
        return await self._ask("interactive", altered(payload, changes or {}, without))

    def _on_message(self, channel: str, ts: str, thread: str, user: str) -> Json:
        place = self._workspace.channels.get(channel)
        record = place.records.get(ts) if place else None
        unknown = {"type": "message", "user": self._workspace.bot_user, "ts": ts, "text": "", "blocks": []}
        shown = render(self._workspace, record, metadata=True) if record else unknown
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
        for part in (shown, container) if thread else ():
            part["thread_ts"] = thread
        return {
            "container": container | ({"thread_ts": shown["thread_ts"]} if "thread_ts" in shown else {}),
            "channel": {"id": channel, "name": place.name if place else "unknown"},
            "message": shown,
            "response_url": new_response_url(self._workspace, channel, user, ts),
        }

    def _view(self, view_id: str) -> Json:
        known = self._workspace.views.get(view_id)
        if known is not None:
            return dict(known.body)
        return {"id": view_id, "type": "modal", "team_id": self._workspace.team_id, "blocks": [], "hash": "1.forged"}
