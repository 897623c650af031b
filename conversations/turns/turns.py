"""A turn: from an accepted question to its one visible outcome, as recorded steps that survive a crash."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from functools import partial

from azure_assistant.errors import UploadError
from conversations.access.rules import Access
from conversations.database.models import Question
from conversations.engine.dbos import Engine
from conversations.engine.gate import Gate
from conversations.engine.suspects import PROOF, SUSPECT
from conversations.errors import AccessError, AskedByBot, FileError, SetAside
from conversations.files.answer_budget import in_archive
from conversations.files.made import MadeFiles
from conversations.files.uploads import FileUploads, as_shared
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Answer, Footer, Replies, UsedFile
from conversations.ports.windows import Windows
from conversations.ports.workplace import SharedFile
from conversations.store.conversations import Threads
from conversations.store.questions import QuestionStore, place_of
from conversations.turns.commands import Commands
from conversations.turns.live import LiveTurns
from conversations.turns.plan import Plan, Planner
from conversations.turns.records import Json, TurnRecords, TurnSnapshot
from conversations.turns.run_step import RunStep
from conversations.turns.smalltalk import as_written
from conversations.turns.step_runner import StepRunner
from errors import AnalystError, error_from_json, error_to_json

log = logging.getLogger(__name__)

SILENT = PROOF + 2
"""Deaths from which on work that is set aside ends without a word."""


class Turns:
    """Runs turns: plan → attach files → start → run → text. The last step closes the row, which is its record."""

    def __init__(
        self,
        engine: Engine,
        questions: QuestionStore,
        records: TurnRecords,
        steps: StepRunner,
        threads: Threads,
        planner: Planner,
        attachments: FileUploads,
        made: MadeFiles,
        asking: RunStep,
        commands: Commands,
        replies: Replies,
        live: LiveTurns,
        access: Access,
        windows: Windows,
        gate: Gate,
    ) -> None:
        self._engine = engine
        self._questions = questions
        self._records = records
        self._steps = steps
        self._threads = threads
        self._planner = planner
        self._uploads = attachments
        self._made = made
        self._run_step = asking
        self._commands = commands
        self._replies = replies
        self._live = live
        self._access = access
        self._windows = windows
        self._gate = gate

    async def run(self, turn: str) -> None:
        """Bring a turn to its outcome; resumes where an earlier process stopped."""
        try:
            await self._run(turn)
        except asyncio.CancelledError:
            await self._live.park(turn)
            raise
        except BaseException:
            await self._live.close(turn)
            raise
        await self._live.close(turn)

    async def _run(self, turn: str) -> None:
        try:
            record = await self._begin(turn)
        except AnalystError as error:
            log.warning("Turn %s cannot begin: %s", turn, error.detail)
            return
        if record.is_new:
            self._live.fresh(turn)
        if record.question.state == "done" or record.question.set_aside:
            await self._be_done_with(record.question)
            return
        recorded = await self._steps.once(record, "plan", lambda: self._plan(record))
        if failed := recorded.get("error"):
            await self._end_unplanned(turn, failed)
            return
        plan = Plan.from_json(recorded)
        if record.question.stopped_by:
            await self._end(turn, "stopped", None, recorded)
            await self._release(turn)
            return
        match plan.kind:
            case "help" | "too_old":
                await self._answer(turn, recorded, record.question)  # whose end takes the first sign away
                await self._say(turn, recorded, plan.kind)
            case "stop" | "mute" | "unmute" | "forget" | "delete":
                done = await self._steps.once(record, "command", lambda: self._commands.carry_out(turn))
                if done.get("error"):
                    await self._end(turn, "failed", done["error"], recorded)
                else:
                    await self._say(turn, recorded, done["notice"], done.get("fields"))
            case "add_files":
                await self._add_files(record, plan, recorded)
            case _:
                await self._ask(record, plan, recorded)

    async def _begin(self, turn: str) -> TurnSnapshot:
        is_tried = self._gate.is_tried(turn)
        record = await self._steps.surely(lambda: self._records.begin(turn, is_tried=is_tried))
        if is_tried or record.question.deaths < SUSPECT:
            return record
        await self._gate.enter(turn, record.question.deaths)
        return await self._steps.surely(lambda: self._records.begin(turn, is_tried=True))

    async def _be_done_with(self, question: Question) -> None:
        """A turn that has its outcome, or is set aside: its asker is told, unless that has ended processes as well."""
        turn = question.id
        if question.state == "done":
            if not question.set_aside:
                await self._after_outcome(question)
            await self._steps.surely(lambda: self._records.left(turn))
            return
        log.warning("Turn %s is given up: it is set aside.", turn)
        if question.deaths < SILENT:
            await self._end(turn, "failed", error_to_json(SetAside()))
            await self._release(turn)
        else:
            await self._steps.surely(lambda: self._records.close(turn, "failed"))

    async def _add_files(self, record: TurnSnapshot, plan: Plan, recorded: Json) -> None:
        turn = record.question.id
        used, unread, error = await self._attach_all(record, plan, recorded)
        if error or (unread and not used):
            await self._end(turn, "failed", error or unread[0])
            return
        names = ", ".join(file["name"] for file in used)
        was_busy = await self._steps.surely(lambda: self._questions.was_busy(record.question))
        kind = NoticeKind.JOINS_NEXT_TURN if was_busy else NoticeKind.FILE_ADDED
        await self._say(turn, recorded, kind.value, {"files": names}, unread)

    async def _ask(self, record: TurnSnapshot, plan: Plan, recorded: Json) -> None:
        turn = record.question.id
        if plan.again:
            asked = {"by": plan.asker.name or plan.asker.id, "question": as_written(plan.question)}
            await self._steps.once(record, "asked", lambda: self._notice(turn, recorded, _asked(plan).value, asked))
        _, unread, error = await self._attach_all(record, plan, recorded)
        started: Json = {}
        if error is None:
            started = await self._steps.once(record, "start", lambda: self._run_step.start(record, plan))
            error = started.get("error")
        if error:
            await self._end(turn, "failed", error, recorded)
            return
        if started.get("stopped"):
            await self._end(turn, "stopped", None, recorded)
            return
        result = await self._steps.once(record, "run", lambda: self._run_step.follow(record, plan))
        outcome = result.get("outcome", "failed")
        if outcome != "answered":
            await self._end(turn, outcome, result.get("error"), recorded)
            await self._release(turn)
            return
        unread = [*unread, *started.get("unread", ()), *result.get("unread", ())]
        extra = {"unread": unread, "missing": result["missing"], "notes": result["notes"], "made": result["made"]}
        await self._steps.last(turn, "failed", lambda: self._post(record, recorded, extra))

    async def _say(
        self, turn: str, recorded: Json, kind: str, fields: Json | None = None, unread: Sequence[Json] = ()
    ) -> None:
        async def say() -> Json:
            if kind:
                await self._notice(turn, recorded, kind, fields or {}, unread)
            await self._records.close(turn, "answered")
            return {}

        await self._steps.last(turn, "answered", say)

    async def _end(self, turn: str, outcome: str, error: Json | None, recorded: Json | None = None) -> None:
        await self._steps.last(turn, outcome, lambda: self._show(turn, recorded, outcome, error))

    async def _end_unplanned(self, turn: str, failed: Json) -> None:
        error = error_from_json(failed)
        await (self._refuse(turn, error) if isinstance(error, AccessError) else self._end(turn, "failed", failed))

    async def _refuse(self, turn: str, error: AccessError) -> None:
        """Tell the asker, and nobody else, why there is no answer; an app is told nothing."""

        async def refuse() -> Json:
            question = await self._question(turn)
            await self._answer(turn, None, question)  # whose end takes the first sign away
            if not isinstance(error, AskedByBot) and question.outcome != "dropped":
                await self._windows.refuse(place_of(question, await self._planner.asker(question)), error)
            await self._records.close(turn, "refused")
            return {}

        await self._steps.last(turn, "refused", refuse)

    async def _release(self, turn: str) -> None:
        await self._steps.guarded(turn, "release", lambda: self._run_step.release(turn))

    async def _after_outcome(self, question: Question) -> None:
        """What an earlier process may not have come to, because it died right after the outcome."""

        async def retract() -> Json:
            await self._live.answer(question.id, place_of(question, None)).retract()
            return {}

        if question.outcome != "answered":
            await self._release(question.id)
        if question.outcome == "dropped":
            await self._steps.guarded(question.id, "retract", retract)

    # ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _plan(self, record: TurnSnapshot) -> Json:
        question = record.question
        if question.stopped_by:
            return Plan("stopped", asker=await self._planner.asker(question)).to_json()
        if question.command == "stop":
            self._access.check_person(await self._planner.asker(question))  # which seldom asks Slack: a stop is urgent
        else:
            await self._access.check(question.user)
        if question.refused:
            raise error_from_json(question.refused)
        attached = frozenset(row.slack_file for row in record.files)
        plan = await self._planner.plan(question, record.conversation, attached)
        chosen = {file.id for file in plan.files}
        plan.files += [as_shared(row) for row in record.files if row.stale and row.slack_file not in chosen]
        return plan.to_json()

    async def _attach_all(
        self, record: TurnSnapshot, plan: Plan, recorded: Json
    ) -> tuple[list[Json], list[Json], Json | None]:
        """Attach the plan's files.

        Returns:
            Files used, what is to be said of files that cannot be read, and an error that ends the turn.
        """
        used: list[Json] = []
        unread: list[Json] = []
        for file in plan.files:
            attach = partial(self._attach, record.question, recorded, file)
            result = await self._steps.once(record, f"attach:{file.id}", attach)
            error = result.get("error")
            if error is None:
                used.append(result)
                unread += result.get("notes", ())
            elif isinstance(error_from_json(error), FileError | UploadError):
                unread.append(error)
            else:
                return used, unread, error
        return used, unread, None

    async def _attach(self, question: Question, recorded: Json, file: SharedFile) -> Json:
        answer = await self._answer(question.id, recorded, question)
        await answer.status(Activity.READING, file=file.name)
        thread = await self._run_step.thread(question)
        try:
            used, note = await self._uploads.attach(
                question.conversation, question.channel, thread, file, question.text
            )
        finally:
            await self._threads.save(question.conversation, thread)
        notes = [error_to_json(note)] if note else []
        return {"name": used.name, "user": used.user, "shared_at": used.shared_at, "notes": notes}

    async def _post(self, record: TurnSnapshot, recorded: Json, extra: Json) -> Json:
        turn = record.question.id
        if self._engine.is_stopped(turn) or not self._live.is_fresh(turn):
            await self._records.refresh(record)
        question, answer = record.question, await self._answer(turn, recorded, record.question)
        if question.outcome == "dropped":
            await answer.retract()
            await self._records.close(turn, "dropped")
            return {}
        footer = Footer(
            used=[UsedFile(row.name, row.user, row.shared_at) for row in record.files],
            unread=[error_from_json(error) for error in extra["unread"]],
            notes=extra["notes"],
            missing=extra["missing"],
            archived=in_archive(extra["made"]),
            seconds=time.time() - question.accepted_at,
            has_code=bool(question.code),
        )
        await answer.finish(question.answer, footer)
        if extra["made"] and (items := await self._made.attachments(turn, extra["made"])):
            await answer.attach(items)
        if await self._records.close(turn, "answered"):
            await answer.retract()
        return {}

    async def _notice(self, turn: str, recorded: Json, kind: str, fields: Json, unread: Sequence[Json] = ()) -> Json:
        question = await self._question(turn)
        place = place_of(question, Plan.from_json(recorded).asker)
        notice = Notice(NoticeKind(kind), fields, [error_from_json(error) for error in unread])
        await self._replies.notice(place, notice, self._live.journal(turn))
        return {}

    async def _show(self, turn: str, recorded: Json | None, outcome: str, error: Json | None) -> Json:
        question = await self._question(turn)
        answer = await self._answer(turn, recorded, question)
        if question.outcome == "dropped":
            await answer.retract()
        elif outcome == "stopped":
            await answer.stopped(question.stopped_by, question.answer)
        else:
            partial = "" if question.set_aside else question.answer  # which may be what ended the process
            await answer.fail(error_from_json(error) if error else AnalystError(), partial)
        if await self._records.close(turn, outcome) and question.outcome != "dropped":
            await answer.retract()
        return {}

    async def _question(self, turn: str) -> Question:
        question = await self._questions.get(turn)
        if question is None:
            raise AnalystError("question missing")
        return question

    async def _answer(self, turn: str, recorded: Json | None, question: Question) -> Answer:
        planned = recorded is not None and "error" not in recorded
        asker = Plan.from_json(recorded).asker if recorded and planned else await self._planner.asker(question)
        return self._live.answer(turn, place_of(question, asker))


def _asked(plan: Plan) -> NoticeKind:
    """How a question is shown that was pressed and not written."""
    if not plan.question:
        return NoticeKind.ASKED_TO_LOOK
    return NoticeKind.ASKED if plan.via else NoticeKind.ASKED_AGAIN
