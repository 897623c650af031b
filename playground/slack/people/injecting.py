"""Payloads that nobody's act makes: any event, any envelope, any frame, broken or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from playground.altering import altered
from playground.slack.people.acting import Acting
from playground.slack.state.ledger import Envelope
from playground.slack.state.options import Json


class Injecting(Acting):
    """Sends them. Subscriptions, scopes and memberships are not asked."""

    async def inject_event(
        self,
        event: Json,
        *,
        channel: str | None = None,
        changes: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> Envelope:
        """Send an event and wait for its acknowledgement, or ``ack_timeout``. It is sent once.

        Args:
            event: the inner event, ``{"type": "emoji_changed", …}``.
            channel: the channel that decides ``is_ext_shared_channel``.
            changes: values by dotted path into the whole payload, ``{"event.files.0": None, "authorizations": []}``.
            without: paths to leave out.
        """
        place = self._workspace.channels.get(channel) if channel else None
        payload = self._core.events.envelope({"event_ts": self._workspace.clock.ts(), **event}, place)
        return await self.inject(altered(payload, changes or {}, without))

    async def inject(
        self,
        payload: Any,
        *,
        kind: Literal["events_api", "interactive", "slash_commands"] = "events_api",
        accepts_response: bool = False,
    ) -> Envelope:
        """Send an envelope around anything at all, once, and wait for its acknowledgement, or ``ack_timeout``."""
        envelope = Envelope(kind, payload, accepts_response, self._workspace.clock.now())
        return await self._core.outbox.ask(envelope)

    async def inject_frame(self, frame: str | bytes) -> None:
        """Send a text frame that need not even be JSON (or UTF-8) on one of the app's sockets."""
        await self._core.sockets.send_frame(frame if isinstance(frame, bytes) else frame.encode())
