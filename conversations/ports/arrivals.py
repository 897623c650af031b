"""News that a waiting turn may want at once: its twin event, or the file that its asker is just uploading.

Only within this process. With several replicas the news may reach another one; the turn then finds it in the database
or at Slack when its short wait is over.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Arrivals:
    """Wakes those who wait for a key."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def arrived(self, key: str) -> None:
        """Wake everybody who waits for ``key``."""
        for event in self._waiting.get(key, ()):
            event.set()

    @contextmanager
    def expect(self, key: str) -> Iterator[Expectation]:
        """Begin to listen for ``key``; look at the state first, then ``wait``, so that nothing falls between."""
        event = asyncio.Event()
        self._waiting[key].add(event)
        try:
            yield Expectation(event)
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]


class Expectation:
    """Something that may arrive soon."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    async def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; whether it arrived."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self._event.is_set()


def upload_key(team: str, channel: str, user: str) -> str:
    """Key of "this person shares a file in this channel"."""
    return f"upload:{team}:{channel}:{user}"
