"""The heart, put together: everything that Slack's events ask for goes through ``Conversations``."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from azure_assistant.assistant import Assistant
from conversations.access.admins import Admins
from conversations.access.limits import Limits
from conversations.access.rules import Access, Rules
from conversations.database.database import Database
from conversations.engine.dbos import Engine
from conversations.engine.deaths import Deaths
from conversations.engine.dispatcher import Dispatcher
from conversations.engine.gate import Gate
from conversations.files.made import MadeFiles
from conversations.files.spool import Spool
from conversations.files.uploads import FileUploads
from conversations.intake.intake import Intake
from conversations.intake.pressed_questions import PressedQuestions
from conversations.jobs.answer_buttons import AnswerButtons
from conversations.jobs.dropping import Dropping
from conversations.jobs.file_cards import FileCards
from conversations.jobs.forgetting import Forgetting
from conversations.jobs.interactions import Interactions
from conversations.jobs.jobs import Jobs
from conversations.jobs.presses import Presses, Subject
from conversations.jobs.retention import Retention
from conversations.jobs.slack_changes import Changes
from conversations.ports.arrivals import Arrivals
from conversations.ports.incoming import Press, PressKind
from conversations.ports.inspector import Inspector
from conversations.ports.replies import Replies
from conversations.ports.windows import Windows
from conversations.ports.workplace import Workplace
from conversations.store.channel_settings import CardMode, ChannelSettings
from conversations.store.conversations import Threads, conversation_id
from conversations.store.feedback import FeedbackBox
from conversations.store.journal import TurnJournal
from conversations.store.prices import Prices
from conversations.store.questions import QuestionStore
from conversations.turns.commands import Commands
from conversations.turns.live import LiveTurns
from conversations.turns.plan import Planner
from conversations.turns.records import TurnRecords
from conversations.turns.run_step import RunStep
from conversations.turns.step_runner import StepRunner
from conversations.turns.turns import Turns

log = logging.getLogger(__name__)

NO_PRICES = Prices()


class Conversations:
    """Slack threads and their assistant threads.

    Args:
        database: Opened by ``open``, closed by ``close``.
        assistant: Azure OpenAI.
        workplace: Reading from Slack.
        replies: Writing to Slack.
        windows: What only one person sees there.
        spool: Room for bytes in flight.
        inspector: Looks into files.
        limits: What is allowed.
        retention_days: How long questions and answers are kept.
        file_card: What happens in channels that have not chosen when a data file is shared.
        prices: What usage costs here.
        rules: Who may use it.
        admins: People who are admins beside the workspace's own.
    """

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        workplace: Workplace,
        replies: Replies,
        windows: Windows,
        spool: Spool,
        inspector: Inspector,
        limits: Limits,
        retention_days: int = 90,
        file_card: CardMode = "card",
        prices: Prices = NO_PRICES,
        rules: Rules | None = None,
        admins: Collection[str] = (),
    ) -> None:
        def journal(turn: str) -> TurnJournal:
            return TurnJournal(database, turn)

        access = Access(workplace, rules)
        self._engine = Engine(database.engine_url)
        self._deaths = Deaths(database)
        self._gate = Gate(self._engine.hold)
        self._questions = QuestionStore(database)
        self._dispatcher = Dispatcher(self._questions, self._engine, has_replicas=not database.is_sqlite)
        self._threads = threads = Threads(database)
        arrivals = Arrivals()
        attachments = FileUploads(database, workplace, assistant, spool, inspector)
        made = MadeFiles(database, assistant, spool)
        live = LiveTurns(replies, database)
        records = TurnRecords(database, threads, self._engine.process)
        asking = RunStep(
            self._engine,
            assistant,
            self._questions,
            threads,
            records,
            attachments,
            made,
            live,
            limits.run_minutes,
            prices,
        )
        self._jobs = jobs = Jobs(database, self._engine, self._dispatcher, self._gate)
        forgetting = Forgetting(database, self._engine, assistant)
        admin = Admins(workplace, admins)
        self._commands = Commands(self._engine, self._questions, threads, jobs, forgetting, workplace, admin)
        self._housekeeping = Retention(forgetting, retention_days)
        channels = ChannelSettings(database, file_card)
        cards = FileCards(database, jobs, channels, workplace, replies, spool, inspector, journal, access)
        self.changes = Changes(database, jobs, threads, assistant)
        self.presses = presses = Presses(access, self._questions, cards, jobs, workplace, windows)
        presses.on(PressKind.STOP, self._stop_turn)
        presses.on(PressKind.STOP_THREAD, self._stop_thread)
        self.answer_buttons = AnswerButtons(presses, FeedbackBox(database), workplace, replies, windows, journal)
        dropping = Dropping(database, admin, self._engine.stop)
        self.interactions = Interactions(
            presses, access, self._questions, threads, channels, workplace, windows, dropping
        )
        planner = Planner(self._questions, workplace, arrivals)
        self._turns = Turns(
            self._engine,
            self._questions,
            records,
            StepRunner(self._questions, records, live),
            threads,
            planner,
            attachments,
            made,
            asking,
            self._commands,
            replies,
            live,
            access,
            windows,
            self._gate,
        )
        self.intake = Intake(
            database,
            self._engine,
            self._questions,
            threads,
            arrivals,
            workplace,
            replies,
            limits,
            self._commands,
            cards,
            self._dispatcher,
            access,
        )
        PressedQuestions(presses, self.intake, workplace)

    async def open(self) -> None:
        """Start taking turns; those that an earlier process left are resumed."""
        await self._engine.launch(self._run, self._questions.stopped_among, self._count_death)
        await self._dispatcher.open()
        await self._engine.every_night(self._housekeeping.clean)

    async def _run(self, turn: str) -> None:
        try:
            if not self._jobs.is_at_once(turn):
                await self._gate.enter(turn)
            await (self._jobs.run(turn) if self._jobs.has(turn) else self._turns.run(turn))
        finally:
            self._gate.leave(turn)

    async def _count_death(self, process: str) -> None:
        self._gate.expect(await self._deaths.count(process))

    async def stop_turn(self, turn: str, user: str) -> None:
        """Stop one turn; nothing happens when it has ended already."""
        question = await self._questions.get(turn)
        if question and question.state != "done":
            await self._commands.cancel(turn, user)

    async def _stop_turn(self, press: Press, subject: Subject, _job: str) -> None:
        if subject.question:
            await self.stop_turn(subject.question.id, press.user)

    async def _stop_thread(self, press: Press, subject: Subject, _job: str) -> None:
        """Stop a conversation's running turn and the presser's waiting ones."""
        await self._commands.stop(conversation_id(subject.team, subject.channel, subject.thread), press.user)

    async def last_accepted(self) -> float:
        """When the newest question was accepted, as epoch seconds; 0 when there is none."""
        return await self._questions.last_accepted()

    async def active_places(self, since: float) -> Sequence[tuple[str, str]]:
        """Where something may have been said to the bot: see ``Threads.active_places``."""
        return await self._threads.active_places(since)

    async def drain(self, seconds: float) -> int:
        """Begin no more turns and wait for the running ones.

        Returns:
            How many still run; they are resumed after a restart, or by another replica.
        """
        await self._dispatcher.settle()
        left = await self._engine.drain(seconds)
        await self._deaths.ended(self._engine.process)
        return len(left)

    async def close(self) -> None:
        """Stop the engine. Close the clients before."""
        await self._dispatcher.close()
        await self._engine.close()
