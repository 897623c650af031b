"""Asks the assistant: starts the run of a turn, follows it to its end, and keeps what it came to."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re

from azure_assistant.assistant import Assistant, Failed, Prompt, RunStarted, Thread, Waiting
from azure_assistant.errors import FileLost, RunFailed
from conversations.database.models import Conversation, Question
from conversations.engine.dbos import Engine, Stopped
from conversations.errors import RunTooLong
from conversations.files.made import MadeFiles
from conversations.files.uploads import FileUploads, prompt_files
from conversations.ports.replies import Activity, Answer
from conversations.store.conversations import Threads, thread_of
from conversations.store.prices import Prices
from conversations.store.questions import QuestionStore, place_of
from conversations.turns.live import LiveTurns
from conversations.turns.plan import Plan
from conversations.turns.records import Json, TurnRecords, TurnSnapshot
from conversations.turns.run_follower import Run, RunStream
from conversations.turns.smalltalk import asks_for_computing
from errors import AnalystError, error_to_json

log = logging.getLogger(__name__)

TRANSCRIPT_CHARACTERS = 12_000
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\uffef]")
ASK_AGAIN = 2

DESCRIBE = {
    "en": "Describe this data: what it contains, its columns, its quality, and what stands out.",
    "ja": "このデータについて説明してください。内容、列、品質、そして目立つ点を教えてください。",
}


class RunStep:
    """The steps ``start`` and ``run`` of a turn.

    Args:
        run_minutes: How long a run may take.
        prices: For the log.
    """

    def __init__(
        self,
        engine: Engine,
        assistant: Assistant,
        questions: QuestionStore,
        threads: Threads,
        records: TurnRecords,
        attachments: FileUploads,
        made: MadeFiles,
        live: LiveTurns,
        run_minutes: float,
        prices: Prices,
    ) -> None:
        self._engine = engine
        self._assistant = assistant
        self._questions = questions
        self._threads = threads
        self._records = records
        self._uploads = attachments
        self._made = made
        self._live = live
        self._run_minutes = run_minutes
        self._prices = prices

    async def thread(self, question: Question) -> Thread:
        """The assistant thread of the question's conversation, opened at Azure when there is none yet."""
        known = await self._threads.assistant_thread(question.conversation)
        return known or await self._new_thread(question)

    async def _new_thread(self, question: Question) -> Thread:
        metadata = {"slack_team": question.team, "slack_channel": question.channel, "slack_thread": question.thread}
        return await self._assistant.create_thread(metadata)

    async def start(self, record: TurnSnapshot, plan: Plan) -> Json:
        """Start the run; returns its id as soon as Azure names it, before anything is waited for."""
        if plan.files or not self._live.is_fresh(record.question.id):
            await self._records.refresh(record)
        question = record.question
        answer = self._live.answer(question.id, place_of(question, plan.asker))
        if question.run_id:
            return {"run_id": question.run_id}  # an earlier process started it, and died before that was recorded
        await answer.status(Activity.THINKING)
        try:
            return await self._engine.interruptible(question.id, self._begin(record, plan, answer))
        except Stopped:
            return {"stopped": True}

    async def _begin(self, record: TurnSnapshot, plan: Plan, answer: Answer) -> Json:
        """Start the run; files that Azure has lost are uploaded again before."""
        unread: list[Json] = []
        for _ in range(ASK_AGAIN):
            try:
                return await self._open(record, plan, answer, unread)
            except FileLost as lost:
                unread += await self._restore(record.question, lost)
                await self._records.refresh(record)
        return await self._open(record, plan, answer, unread)

    async def _restore(self, question: Question, lost: FileLost) -> list[Json]:
        """Upload lost files again; returns why some cannot be."""
        thread = await self.thread(question)
        try:
            unread = await self._uploads.attach_again(question.conversation, question.channel, thread, lost.file_ids)
        finally:
            await self._threads.save(question.conversation, thread)
        return [error_to_json(error) for error in unread]

    async def _open(self, record: TurnSnapshot, plan: Plan, answer: Answer, unread: list[Json]) -> Json:
        """Ask the assistant; returns the run's id, or raises what kept it from starting."""
        question = record.question
        thread = thread_of(record.conversation) or await self._new_thread(question)
        if not self._live.is_fresh(question.id):
            await self._clear_traces(thread)
        run = RunStream(self._assistant.run(thread, await self._prompt(record, plan)))
        result: Json = {"unread": unread}
        try:
            while isinstance(first := await run.next(), Waiting):
                await answer.status(Activity.WAITING, seconds=f"{first.seconds:.0f}")
            if isinstance(first, RunStarted):
                result["run_id"] = first.run_id
                await self._records.started(record, first.run_id, plan.seen, thread, result)
            else:
                await self._threads.save(question.conversation, thread)
        except BaseException:
            await run.close()
            await self._threads.save(question.conversation, thread)
            raise
        self._live.started(question.id, run, thread)
        match first:
            case RunStarted():
                return result
            case Failed(error):
                raise error
            case _:
                raise AnalystError("the run did not start")

    async def _clear_traces(self, thread: Thread) -> None:
        """An earlier process may have asked and died before it learned the run's id: take the question back."""
        async for _ in self._assistant.resume(thread, ""):
            pass

    async def follow(self, record: TurnSnapshot, plan: Plan) -> Json:
        """Follow the run to its end and keep text, code, charts and files in our database."""
        if not self._live.is_fresh(record.question.id):
            await self._records.refresh(record)
        question = record.question
        turn = question.id
        answer = self._live.answer(turn, place_of(question, plan.asker))
        await answer.status(Activity.THINKING)

        async def started(run_id: str) -> None:
            await self._questions.set(turn, run_id=run_id)
            record.question.run_id = run_id

        run = Run(answer, started, self._made.shelf(turn))
        error: AnalystError | None = None
        unread: list[Json] = []
        try:
            async with asyncio.timeout(self._run_minutes * 60):
                unread = await self._engine.interruptible(turn, self._drive(run, record, plan, answer))
            error = run.result.error
        except Stopped:
            await self._hang_up(turn)
            return await self._keep(record, run, "stopped", None, unread)
        except TimeoutError:
            await self._hang_up(turn)
            error = RunTooLong(minutes=f"{self._run_minutes:g}")
        except AnalystError as raised:
            error = raised
        return await self._keep(record, run, "failed" if error else "answered", error, unread)

    async def _drive(self, run: Run, record: TurnSnapshot, plan: Plan, answer: Answer) -> list[Json]:
        """Follow the run; one that is gone, or whose files Azure lost, is asked again (twice at most).

        Returns:
            Why files that Azure lost cannot be uploaded again.
        """
        unread = list[Json]()
        await self._follow_live(run, record.question)
        for _ in range(ASK_AGAIN):
            if isinstance(lost := run.result.error, FileLost):
                unread += await self._restore(record.question, lost)
            elif not run.result.gone:
                break
            run.restart()
            await self._records.refresh(record)
            unread += (await self._begin(record, plan, answer))["unread"]
            await self._follow_live(run, record.question)
        if run.result.gone:
            raise RunFailed("the run was lost again and again")
        return unread

    async def _follow_live(self, run: Run, question: Question) -> None:
        live, thread = self._live.run(question.id)
        if live is None or thread is None:
            thread = await self.thread(question)
            live = RunStream(self._assistant.resume(thread, question.run_id))
            self._live.started(question.id, live, thread)
        try:
            await run.follow(live)
        except asyncio.CancelledError:
            await self._threads.save(question.conversation, thread)
            raise

    async def _hang_up(self, turn: str) -> None:
        live, _ = self._live.run(turn)
        if live:
            await live.close()

    async def release(self, turn: str) -> Json:
        """End at Azure what was stopped here, and wait until the thread takes the next question (60 s at most)."""
        question = await self._questions.get(turn)
        if question and question.run_id:
            thread = await self.thread(question)
            try:
                await self._assistant.cancel(thread, question.run_id)
            except AnalystError as error:
                log.warning("Cancelling a run failed: %s", type(error).__name__)
            await self._threads.save(question.conversation, thread)
        return {}

    async def _keep(
        self, record: TurnSnapshot, run: Run, outcome: str, error: AnalystError | None, unread: list[Json]
    ) -> Json:
        ended = run.result
        _, thread = self._live.run(record.question.id)
        result: Json = {
            "outcome": outcome,
            "made": ended.made,
            "missing": ended.missing,
            "notes": ended.notes,
            "error": error_to_json(error) if error else None,
            "unread": unread,
        }
        await self._records.ended(record, ended, thread, result)
        log.info("Turn %s %s: %s", record.question.id, outcome, self._prices.line(ended.usage))
        return result

    async def _prompt(self, record: TurnSnapshot, plan: Plan) -> Prompt:
        question, rows = record.question, record.files
        files = prompt_files(rows)
        language = "ja" if plan.asker.locale.startswith("ja") else "en"
        text = plan.question or DESCRIBE[language]
        names = " ".join(row.name for row in rows)
        return Prompt(
            question=text,
            context=plan.context,
            files=files,
            other_files=plan.others,
            locale=plan.asker.locale,
            timezone=plan.asker.timezone,
            asker=hashlib.sha256(f"{question.team}:{question.user}".encode()).hexdigest()[:32],
            transcript=await self._transcript(record.conversation),
            compute=bool(files) or asks_for_computing(text),
            cjk_font=any(row.cjk for row in rows) or has_cjk(text) or has_cjk(names),
        )

    async def _transcript(self, conversation: Conversation) -> str:
        """Questions and answers so far, the newest kept."""
        done = await self._questions.done_in(conversation.id) if conversation.seen_ts else ()
        turns = [f"User: {text}\nAssistant: {answer}" for text, answer in done]
        return "\n\n".join(turns)[-TRANSCRIPT_CHARACTERS:]


def has_cjk(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None
