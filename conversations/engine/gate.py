"""Where work waits before it begins: suspects for their half, everything else only while a suspect has to be alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from conversations.engine.suspects import PROOF, SUSPECT, alone, may_begin

EXPECT_SECONDS = 5.0
"""How long the suspects of a dead process are waited for, so that they are tried in halves, and not as they come."""

ALONE_SECONDS = 30.0
"""How long everything else waits for a suspect that has to be alone; twice as long after each death more of it."""

Hold = Callable[[str, Awaitable[bool]], Awaitable[None]]


class Gate:
    """The gate of this process; ``hold`` waits on behalf of a turn: ``stop`` ends the waiting, and the turn passes."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._begun: dict[str, int] = {}
        self._waiting: dict[str, tuple[int, asyncio.Event]] = {}
        self._expected: dict[str, int] = {}
        self._suspects: set[str] = set()
        self._alone: dict[str, asyncio.TimerHandle] = {}

    def expect(self, suspects: Mapping[str, int]) -> None:
        """Suspects are on their way here, with the number of deaths at which each was open."""
        if suspects:
            self._expected.update(suspects)
            asyncio.get_running_loop().call_later(EXPECT_SECONDS, self._expect_no_more)

    async def enter(self, work: str, deaths: int = 0) -> None:
        """Wait until work may begin; what is inside steps back, and waits again.

        Args:
            work: A turn or job.
            deaths: At how many deaths it was open, as far as is known before its row is read.
        """
        self._begun.pop(work, None)
        deaths = max(deaths, self._expected.pop(work, 0))
        if deaths >= SUSPECT:
            self._suspects.add(work)
        self._begun[work] = await self._wait(work, deaths) if self._suspects or self._expected else deaths

    def is_tried(self, work: str) -> bool:
        """Whether work has begun as a suspect."""
        return self._begun.get(work, 0) >= SUSPECT

    def leave(self, work: str) -> None:
        """Work has ended here."""
        self._begun.pop(work, None)
        self._suspects.discard(work)
        if waited_for := self._alone.pop(work, None):
            waited_for.cancel()
        self._let_in()

    async def _wait(self, work: str, deaths: int) -> int:
        leave = asyncio.Event()
        self._waiting[work] = deaths, leave
        try:
            self._let_in()
            if not leave.is_set():
                await self._hold(work, leave.wait())
            return self._waiting[work][0]
        finally:
            del self._waiting[work]

    def _expect_no_more(self) -> None:
        self._expected.clear()
        self._let_in()

    def _let_in(self) -> None:
        if not self._waiting:
            return
        begun, waiting = dict(self._begun), dict[str, int]()
        for work, (deaths, leave) in self._waiting.items():
            (begun if leave.is_set() else waiting)[work] = deaths
        if work := alone(begun, waiting, self._expected):
            self._wait_for(work, (begun | waiting | self._expected)[work])
        for work in may_begin(begun, waiting, self._expected):
            self._waiting[work][1].set()

    def _wait_for(self, work: str, deaths: int) -> None:
        if work not in self._alone:
            seconds = ALONE_SECONDS * 2 ** (deaths + 1 - PROOF)
            self._alone[work] = asyncio.get_running_loop().call_later(seconds, self._wait_no_more, work)

    def _wait_no_more(self, work: str) -> None:
        """It runs on, or begins, as other suspects do: until its process dies again."""
        if work in self._begun:
            self._begun[work] = SUSPECT
        elif work in self._waiting:
            self._waiting[work] = SUSPECT, self._waiting[work][1]
        self._let_in()
