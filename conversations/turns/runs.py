"""Starts, resumes and cancels runs at the assistant, each in the assistant thread of its conversation."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from azure_assistant.assistant import Assistant, CallOutput, Failed, RunStarted, Thread, Waiting
from conversations.database.models import Question
from conversations.files.uploads import prompt_files
from conversations.planning.prompt import prompt_of
from conversations.ports.replies import Activity
from conversations.ports.workplace import Workplace
from conversations.store.conversations import ConversationStore, thread_of
from conversations.store.questions import QuestionStore
from conversations.store.results import Called, Ran, Started
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunStream
from conversations.turns.turn import Turn
from errors import AnalystError

log = logging.getLogger(__name__)

TRANSCRIPT_CHARACTERS = 12_000
MOST_CALLS = 3
"""Calls of functions that a turn carries out."""


@dataclass(frozen=True)
class Leg:
    """A part of a turn's way: from the question, or from what calls came to, to its end or to calls that it makes.

    ``number`` counts from 0; ``calls`` is how many were carried out before; ``before`` is what the last leg came to,
    and ``outputs`` what its calls got, by their ids.
    """

    number: int = 0
    calls: int = 0
    before: Ran = field(default_factory=Ran)
    outputs: Mapping[str, Called] = field(default_factory=dict)

    def step(self, name: str) -> str:
        """The name of one of its steps."""
        return f"{name}:{self.number}" if self.number else name

    def after(self, ran: Ran, outputs: Mapping[str, Called]) -> Leg:
        """The leg that goes on from this one's calls."""
        return Leg(self.number + 1, min(self.calls + len(outputs), MOST_CALLS), ran, outputs)


FIRST = Leg()


@dataclass(eq=False)
class Runs:
    """The runs of turns."""

    _assistant: Assistant
    _workplace: Workplace
    _conversations: ConversationStore
    _questions: QuestionStore
    _records: TurnRecords

    @asynccontextmanager
    async def thread(self, question: Question) -> AsyncIterator[Thread]:
        """The assistant thread of a question's conversation, created if necessary, and saved on leaving."""
        thread = await self._thread(question)
        try:
            yield thread
        finally:
            await self._conversations.save(question.conversation, thread)

    async def begin(self, turn: Turn, leg: Leg, unread: Sequence[AnalystError] = ()) -> Started:
        """Ask the assistant, or go on. Returns as soon as the run's id is on disk. ``unread``: files that are lost.

        Raises:
            FileLost: The assistant has lost some of the turn's files.
            AnalystError: Something else kept the run from starting.
        """
        question = turn.question
        thread = thread_of(turn.conversation) or await self._new_thread(question)
        if not (turn.is_fresh or leg.number):
            await self._clear_traces(thread)
        may_call = leg.calls < MOST_CALLS
        prompt = prompt_of(question, turn.plan, turn.files, await self._transcript(turn), may_call=may_call)
        if leg.number:
            run = RunStream(self._assistant.go_on(thread, prompt, leg.before.run_id, _outputs(turn, leg.outputs)))
        else:
            run = RunStream(self._assistant.run(thread, prompt))
        started = Started(unread=unread)
        try:
            while isinstance(first := await run.next(), Waiting):
                await turn.answer.status(Activity.WAITING, seconds=f"{first.seconds:.0f}")
            if isinstance(first, RunStarted):
                started = replace(started, run_id=first.run_id)
                await self._records.started(turn, thread, leg.step("start"), started)
            else:
                await self._conversations.save(question.conversation, thread)
        except BaseException:
            await run.close()
            await self._conversations.save(question.conversation, thread)
            raise
        turn.run, turn.thread = run, thread
        match first:
            case RunStarted():
                return started
            case Failed(error):
                raise error
            case _:
                raise AnalystError("the run did not start")

    async def close_calls(self, turn: Turn, run_id: str, outputs: Mapping[str, Called]) -> None:
        """Tell the assistant what the calls of a run came to, and want no more of it."""
        async with self.thread(turn.question) as thread:
            await self._assistant.close_calls(thread, run_id, _outputs(turn, outputs))

    async def _clear_traces(self, thread: Thread) -> None:
        """Withdraw the question that an earlier process may have asked before it died without the run's id."""
        async for _ in self._assistant.resume(thread, ""):
            pass

    async def events(self, turn: Turn) -> RunStream:
        """The events of a turn's run, resumed when another process started it."""
        if turn.run is None:
            turn.thread = await self._thread(turn.question)
            turn.run = RunStream(self._assistant.resume(turn.thread, turn.question.run_id))
        return turn.run

    async def save(self, turn: Turn) -> None:
        """Save the assistant thread of a run that is not followed any further."""
        if turn.thread:
            await self._conversations.save(turn.question.conversation, turn.thread)

    async def release(self, turn: Turn) -> None:
        """Cancel the turn's run and wait until its thread accepts the next question (at most 60 s)."""
        if turn.question.run_id:
            async with self.thread(turn.question) as thread:
                try:
                    await self._assistant.cancel(thread, turn.question.run_id)
                except AnalystError as error:
                    log.warning("Cancelling a run failed: %s", type(error).__name__)

    async def _thread(self, question: Question) -> Thread:
        known = await self._conversations.assistant_thread(question.conversation)
        return known or await self._new_thread(question)

    async def _new_thread(self, question: Question) -> Thread:
        metadata = {"slack_team": question.team, "slack_channel": question.channel, "slack_thread": question.thread}
        return await self._assistant.create_thread(metadata)

    async def _transcript(self, turn: Turn) -> str:
        """Questions and answers so far; the oldest are cut off."""
        done = await self._questions.done_in(turn.conversation.id) if turn.conversation.seen_ts else ()
        texts = await self._workplace.as_seen([text for text, _ in done])
        turns = [f"User: {text}\nAssistant: {answer}" for text, (_, answer) in zip(texts, done, strict=True)]
        return "\n\n".join(turns)[-TRANSCRIPT_CHARACTERS:]


def _outputs(turn: Turn, outputs: Mapping[str, Called]) -> list[CallOutput]:
    files = {row.slack_file: file for row, file in zip(turn.files, prompt_files(turn.files), strict=True)}
    return [
        CallOutput(call, called.text, [files[file] for file in called.files if file in files])
        for call, called in outputs.items()
    ]
