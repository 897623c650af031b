"""What happened, in order, and who waits to hear of it: a checker proves from it that a question had one outcome."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from playground.slack.state.options import Json

ANYWHERE: Hashable = "anywhere"


@dataclass
class Call:
    """A Web API call, an upload or a download. ``status`` 0 means that the connection was cut instead of answered."""

    method: str
    args: Json
    time: float
    status: int = 0
    error: str = ""
    processed: bool = False
    ts: str = ""

    @property
    def ok(self) -> bool:
        """Whether the caller was told of success."""
        return self.status == 200 and not self.error


@dataclass
class Attempt:
    """One delivery of an envelope. ``acked`` is None until the acknowledgement came; times are epoch seconds."""

    envelope_id: str
    number: int
    reason: str
    sent: float
    socket: str = ""
    acked: float | None = None


@dataclass
class Envelope:
    """Something that Slack sends to the app, with all its deliveries. ``payload`` is a ``Json`` unless it is broken."""

    kind: Literal["events_api", "interactive", "slash_commands"]
    payload: Any
    accepts_response: bool
    created: float
    attempts: list[Attempt] = field(default_factory=list)
    state: Literal["waiting", "acked", "dropped"] = "waiting"
    response: Json = field(default_factory=dict)
    refusal: str = ""

    @property
    def event_id(self) -> str:
        """The event's id; "" for interactions."""
        return str(_members(self.payload).get("event_id", ""))

    @property
    def event(self) -> Json:
        """The event inside; empty for interactions."""
        return _members(_members(self.payload).get("event"))

    @property
    def type(self) -> str:
        """The event's or interaction's type."""
        return str(self.event.get("type") or _members(self.payload).get("type") or self.kind)

    @property
    def acked(self) -> bool:
        """Whether the app has acknowledged it."""
        return self.state == "acked"

    @property
    def ack_seconds(self) -> float | None:
        """Time from the first sending to the first acknowledgement."""
        acks = [attempt.acked for attempt in self.attempts if attempt.acked is not None]
        return min(acks) - self.attempts[0].sent if acks else None


def _members(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Act:
    """A change of a message. ``size`` is the text's length in characters; ``by`` the user id."""

    time: float
    kind: Literal["posted", "updated", "deleted", "stream_started", "appended", "stream_ended"]
    channel: str
    ts: str
    thread: str
    by: str
    size: int = 0
    metadata: Json | None = None


class Ledger:
    """Calls, envelopes and acts, oldest first; bounded when asked."""

    def __init__(self, limit: int | None = None) -> None:
        self.calls: deque[Call] = deque(maxlen=limit)
        self.envelopes: deque[Envelope] = deque(maxlen=limit)
        self.acts: deque[Act] = deque(maxlen=limit)

    def as_json(self) -> Json:
        """All of it."""
        return {
            "calls": [{**asdict(call), "ok": call.ok} for call in self.calls],
            "envelopes": [asdict(envelope) for envelope in self.envelopes],
            "acts": [asdict(act) for act in self.acts],
        }


class Changes:
    """One event per place: waiters of one thread are not woken by the other thousand."""

    def __init__(self) -> None:
        self._events: dict[Hashable, asyncio.Event] = {}
        self._listeners: list[Callable[[Json], None]] = []

    def listen(self, listener: Callable[[Json], None]) -> Callable[[], None]:
        """Hand every frame to ``listener``; returns how to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def has_listeners(self) -> bool:
        """Whether anybody would see a frame."""
        return bool(self._listeners)

    def notify(self, *places: Hashable) -> None:
        """Wake everybody who waits for one of the places, or anywhere."""
        for place in (ANYWHERE, *places):
            event = self._events.pop(place, None)
            if event is not None:
                event.set()

    def publish(self, frame: Json, *places: Hashable) -> None:
        """Tell the pages, and wake waiters."""
        for listener in self._listeners:
            listener(frame)
        self.notify(*places)

    async def wait(self, place: Hashable = ANYWHERE) -> None:
        """Return at the next change of ``place``."""
        await self._events.setdefault(place, asyncio.Event()).wait()
