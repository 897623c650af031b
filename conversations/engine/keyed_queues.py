"""Who waits for whom: turns of one partition run one after the other, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque


class KeyedQueues:
    """Lines of turns within one process."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[str]] = {}
        self._places: dict[str, tuple[str, asyncio.Event]] = {}

    def join(self, partition: str, turn: str) -> None:
        """Take the last place in a partition's line, unless the turn has a place already."""
        if turn not in self._places:
            line = self._lines.setdefault(partition, deque())
            line.append(turn)
            self._places[turn] = partition, asyncio.Event()
            self._call_first(line)

    async def wait(self, turn: str) -> None:
        """Wait until a turn is the first of its line; one that stands in none need not wait."""
        if place := self._places.get(turn):
            await place[1].wait()

    def leave(self, turn: str) -> None:
        """Give a place up, so that the next one comes forward."""
        if place := self._places.pop(turn, None):
            line = self._lines[place[0]]
            line.remove(turn)
            if line:
                self._call_first(line)
            else:
                del self._lines[place[0]]

    def _call_first(self, line: deque[str]) -> None:
        self._places[line[0]][1].set()
