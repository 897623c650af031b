"""Starts, resumes and cancels runs at the assistant, each in the assistant thread of its conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from azure_assistant.assistant import Assistant, CallOutput, Thread
from azure_assistant.events import Failed, RunStarted, Waiting
from conversations.files.sandbox import Sandbox
from conversations.files.uploads import prompt_files
from conversations.numbers.grounds import ungrounded
from conversations.numbers.stated import stated
from conversations.planning.prompt import prompt_of, to_compute
from conversations.planning.transcript import MOST_OF_A_TEXT, MOST_TURNS, transcript
from conversations.ports.replies import Activity
from conversations.ports.workspaces import WorkplaceOf
from conversations.store.conversations import ConversationStore, thread_of
from conversations.store.kept_thread import KeptThread
from conversations.store.questions import QuestionStore
from conversations.store.results import Called, Ran, Started
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunStream
from conversations.turns.turn import Turn
from errors import AnalystError
from untrusted.off_loop import aside

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a turn's end waits for a thread that was opened ahead."""

MOST_CALLS = 3
"""Calls of functions that a turn carries out."""


@dataclass(frozen=True)
class Leg:
    """A part of a turn's way: from the question, or from what calls came to, to its end or to calls that it makes.

    ``number`` counts from 0; ``calls`` is how many were carried out before; ``before`` is what the last leg came to,
    and ``outputs`` what its calls got, by their ids. ``again`` is the number of the leg that asked for numbers to be
    computed, once in a turn; −1 when none did.
    """

    number: int = 0
    calls: int = 0
    before: Ran = field(default_factory=Ran)
    outputs: Mapping[str, Called] = field(default_factory=dict)
    again: int = -1

    @property
    def asks(self) -> bool:
        """Whether it begins with a message, not with what calls came to."""
        return self.number in (0, self.again)

    def goes_on(self, ran: Ran) -> bool:
        """Whether the turn goes on after what this leg has come to: with its calls, or to have numbers computed."""
        return ran.outcome == "called" or (ran.is_invented and self.again < 0)

    def step(self, name: str) -> str:
        """The name of one of its steps."""
        return f"{name}:{self.number}" if self.number else name

    def after(self, ran: Ran, outputs: Mapping[str, Called]) -> Leg:
        """The leg that goes on from this one's calls."""
        return Leg(self.number + 1, min(self.calls + len(outputs), MOST_CALLS), ran, outputs, self.again)

    def once_more(self, ran: Ran) -> Leg:
        """The leg that asks for the numbers of this one's answer to be computed, and brings another answer."""
        return Leg(self.number + 1, self.calls, ran, again=self.number + 1)


FIRST = Leg()


@dataclass(eq=False)
class Runs:
    """The runs of turns."""

    _assistant: Assistant
    _workplace: WorkplaceOf
    _conversations: ConversationStore
    _questions: QuestionStore
    _records: TurnRecords
    _receipts: bool

    async def thread(self, turn: Turn) -> KeptThread:
        """The assistant thread of a turn's conversation: one for all that the turn does, made if there is none."""
        if turn.thread is None:
            turn.thread = await self._known_thread(turn)
        if turn.thread is None:
            question = turn.question
            metadata = {"slack_team": question.team, "slack_channel": question.channel, "slack_thread": question.thread}
            made = await self._assistant.create_thread(metadata)
            turn.thread = KeptThread(self._conversations, question.conversation, made, is_new=True)
        return turn.thread

    async def _known_thread(self, turn: Turn) -> KeptThread | None:
        """The thread as it is stored; another turn of the conversation cannot change it now."""
        known = thread_of(turn.conversation)
        if not turn.is_fresh:
            known = await self._conversations.assistant_thread(turn.question.conversation)
        return KeptThread(self._conversations, turn.question.conversation, known) if known else None

    async def open_ahead(self, turn: Turn) -> None:
        """Begin to open the thread of a conversation's first question at Azure, while the turn is planned.

        It is stored whatever the turn comes to, and the conversation's next question finds it.
        """
        if turn.opening is None and turn.is_fresh and thread_of(turn.conversation) is None:
            turn.opening = asyncio.create_task(self._open(await self.thread(turn)))

    async def opened(self, turn: Turn) -> None:
        """Wait until a thread that was begun ahead is stored, but not for long."""
        if turn.opening:
            await asyncio.wait([turn.opening], timeout=PATIENCE)

    async def open_thread(self, turn: Turn) -> None:
        """Let Azure know of a turn's thread, if it does not yet."""
        await (asyncio.shield(turn.opening) if turn.opening else self._open(await self.thread(turn)))

    async def _open(self, kept: KeptThread) -> None:
        await self._assistant.open_thread(kept.thread)
        kept.save_soon()

    def sandbox(self, kept: KeptThread) -> Sandbox:
        """The sandbox of a thread, which may not be there yet."""
        return Sandbox(self._assistant, kept)

    async def begin(self, turn: Turn, leg: Leg, unread: Sequence[AnalystError] = ()) -> Started:
        """Ask the assistant, or go on. Returns as soon as the run's id is on disk. ``unread``: files that are lost.

        Raises:
            FileLost: The assistant has lost some of the turn's files.
            AnalystError: Something else kept the run from starting.
        """
        kept = await self.thread(turn)
        if leg.asks and not turn.is_fresh:
            await self._clear_traces(kept.thread)
        may_call, transcript = leg.calls < MOST_CALLS, await self._transcript(turn)
        prompt = prompt_of(turn.question, turn.plan, turn.files, transcript, may_call=may_call)
        if self._receipts and (turn.plan.nearby or any(row.tables for row in turn.files)):
            prompt = replace(prompt, receipts=True)
        if leg.asks:
            run = RunStream(self._assistant.run(kept.thread, to_compute(prompt) if leg.number else prompt))
        else:
            outputs = _outputs(turn, leg.outputs)
            run = RunStream(self._assistant.go_on(kept.thread, prompt, leg.before.run_id, outputs))
        started = Started(unread=unread)
        try:
            while isinstance(first := await run.next(), Waiting):
                await turn.answer.status(Activity.WAITING, seconds=f"{first.seconds:.0f}")
            if isinstance(first, RunStarted):
                started = replace(started, run_id=first.run_id)
                await self._records.started(turn, kept, leg.step("start"), started)
            else:
                await kept.save()
        except BaseException:
            await run.close()
            await kept.save()
            raise
        turn.run = run
        match first:
            case RunStarted():
                return started
            case Failed(error):
                raise error
            case _:
                raise AnalystError("the run did not start")

    async def close_calls(self, turn: Turn, run_id: str, outputs: Mapping[str, Called]) -> None:
        """Tell the assistant what the calls of a run came to, and want no more of it."""
        kept = await self.thread(turn)
        await self._assistant.close_calls(kept.thread, run_id, _outputs(turn, outputs))
        await kept.save()

    async def _clear_traces(self, thread: Thread) -> None:
        """Withdraw the question that an earlier process may have asked before it died without the run's id."""
        async for _ in self._assistant.resume(thread, ""):
            pass

    async def events(self, turn: Turn) -> RunStream:
        """The events of a turn's run, resumed when another process started it."""
        if turn.run is None:
            kept = await self.thread(turn)
            turn.run = RunStream(self._assistant.resume(kept.thread, turn.question.run_id))
        return turn.run

    async def invents(self, turn: Turn, text: str) -> bool:
        """Whether a text states numbers that nobody in the conversation has said, found or computed."""
        claims = await aside(len(text), stated, text)
        if not claims:
            return False
        told = [turn.plan.question, turn.plan.context, *(row.remark for row in turn.files)]
        sources = [*told, *await self._questions.known_in(turn.conversation.id)]
        found = await aside(sum(map(len, sources)), ungrounded, claims, sources)
        log.info("Turn %s: %d numbers without code are not known.", turn.id, len(found))
        return bool(found)

    async def save(self, turn: Turn) -> None:
        """Save the assistant thread of a run that is not followed any further."""
        if turn.thread:
            await turn.thread.save()

    async def release(self, turn: Turn, *, is_done: bool) -> None:
        """End what the turn has begun at Azure: a sandbox that no run was given, and the run, unless that is done.

        Waits until the thread accepts the next question (at most 60 s).
        """
        kept = turn.thread or await self._known_thread(turn)
        if kept is None:
            return
        try:
            if turn.question.run_id and not is_done:
                await self._assistant.cancel(kept.thread, turn.question.run_id)
            await self._assistant.discard_sandbox(kept.thread)
        except AnalystError as error:
            log.warning("What a turn has begun could not be ended: %s", type(error).__name__)
        await kept.save()

    async def _transcript(self, turn: Turn) -> str:
        """Questions and answers so far."""
        if not turn.conversation.seen_ts:
            return ""
        done = await self._questions.done_in(turn.conversation.id, MOST_TURNS, MOST_OF_A_TEXT)
        texts = await self._workplace(turn.question.team).as_seen([text for text, _ in done])
        return transcript([(text, answer) for text, (_, answer) in zip(texts, done, strict=True)])


def _outputs(turn: Turn, outputs: Mapping[str, Called]) -> list[CallOutput]:
    files = {row.slack_file: file for row, file in zip(turn.files, prompt_files(turn.files), strict=True)}
    return [
        CallOutput(call, called.text, [files[file] for file in called.files if file in files])
        for call, called in outputs.items()
    ]
