"""Waking those who wait for the workspace to change, and telling the pages what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from playground.slack.state.options import Json

ANYWHERE: Hashable = "anywhere"


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
