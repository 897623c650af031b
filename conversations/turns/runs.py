"""Starts, resumes and cancels runs at the assistant, each in the assistant thread of its conversation."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from azure_assistant.assistant import Assistant, Failed, RunStarted, Thread, Waiting
from conversations.database.models import Question
from conversations.planning.prompt import prompt_of
from conversations.ports.replies import Activity
from conversations.ports.workplace import Workplace
from conversations.store.conversations import ConversationStore, thread_of
from conversations.store.questions import QuestionStore
from conversations.store.results import Started
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunStream
from conversations.turns.turn import Turn
from errors import AnalystError

log = logging.getLogger(__name__)

TRANSCRIPT_CHARACTERS = 12_000


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

    async def begin(self, turn: Turn, unread: Sequence[AnalystError] = ()) -> Started:
        """Ask the assistant. Returns as soon as the run's id is on disk. ``unread``: files that could not be had again.

        Raises:
            FileLost: The assistant has lost some of the turn's files.
            AnalystError: Something else kept the run from starting.
        """
        question = turn.question
        thread = thread_of(turn.conversation) or await self._new_thread(question)
        if not turn.is_fresh:
            await self._clear_traces(thread)
        run = RunStream(
            self._assistant.run(thread, prompt_of(question, turn.plan, turn.files, await self._transcript(turn)))
        )
        started = Started(unread=unread)
        try:
            while isinstance(first := await run.next(), Waiting):
                await turn.answer.status(Activity.WAITING, seconds=f"{first.seconds:.0f}")
            if isinstance(first, RunStarted):
                started = replace(started, run_id=first.run_id)
                await self._records.started(turn, thread, started)
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
