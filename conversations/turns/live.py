"""What of a turn lives in one process only: the answer that is being shown, and the run whose events arrive here."""

from __future__ import annotations

from dataclasses import dataclass

from azure_assistant.assistant import Thread
from conversations.database.database import Database
from conversations.ports.replies import Answer, Place, Replies
from conversations.store.journal import TurnJournal
from conversations.turns.run_follower import RunStream


@dataclass
class _Live:
    answer: Answer
    run: RunStream | None = None
    thread: Thread | None = None


class LiveTurns:
    """The turns of this process. One that began here is fresh; one that another process began is recovered."""

    def __init__(self, replies: Replies, database: Database) -> None:
        self._replies = replies
        self._database = database
        self._fresh: set[str] = set()
        self._journals: dict[str, TurnJournal] = {}
        self._turns: dict[str, _Live] = {}

    def fresh(self, turn: str) -> None:
        """Note that a turn begins here, so nothing of it can have been posted before."""
        self._fresh.add(turn)

    def is_fresh(self, turn: str) -> bool:
        """Whether all of the turn has happened in this process so far."""
        return turn in self._fresh

    def answer(self, turn: str, place: Place) -> Answer:
        """The turn's answer; the same object for the whole life of the turn in this process."""
        if turn not in self._turns:
            answer = self._replies.answer(place, self.journal(turn), recovering=turn not in self._fresh)
            self._turns[turn] = _Live(answer)
        return self._turns[turn].answer

    def journal(self, turn: str) -> TurnJournal:
        """The notes of what a turn has posted."""
        if turn not in self._journals:
            self._journals[turn] = TurnJournal(self._database, turn, is_fresh=turn in self._fresh)
        return self._journals[turn]

    def started(self, turn: str, run: RunStream, thread: Thread) -> None:
        """Hand over a run, and the thread whose state it changes, from the step that starts to the one that follows."""
        live = self._turns[turn]
        live.run, live.thread = run, thread

    def run(self, turn: str) -> tuple[RunStream | None, Thread | None]:
        """The run and its thread, when it was started in this process."""
        live = self._turns.get(turn)
        return (live.run, live.thread) if live else (None, None)

    async def close(self, turn: str) -> None:
        """Forget a turn; end its run's connection and its answer's tasks."""
        if live := await self._let_go(turn):
            await live.answer.close()

    async def park(self, turn: str) -> None:
        """The same for a turn that another process will go on with."""
        if live := await self._let_go(turn):
            await live.answer.park()

    async def _let_go(self, turn: str) -> _Live | None:
        self._fresh.discard(turn)
        self._journals.pop(turn, None)
        live = self._turns.pop(turn, None)
        if live and live.run:
            await live.run.close()
        return live
