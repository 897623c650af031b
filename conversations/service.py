"""The heart, put together: everything that Slack's events ask for goes through ``Conversations``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from azure_assistant.assistant import Assistant
from conversations.access.admins import Admins
from conversations.access.ledger import Ledger
from conversations.access.pauses import Pauses
from conversations.access.rule_table import RuleTable
from conversations.access.rules import Access
from conversations.checks.checking import Checking
from conversations.checks.checks import CHECK, Checks
from conversations.checks.correcting import Correcting
from conversations.checks.records import CheckRecords
from conversations.database.database import Database
from conversations.database.models import Job, Question
from conversations.engine.deaths import Deaths
from conversations.engine.dispatcher import Dispatcher
from conversations.engine.engine import Engine
from conversations.engine.gate import Gate
from conversations.files.known_columns import KnownColumns
from conversations.files.made import MadeFiles
from conversations.files.spool import Spool
from conversations.files.uploads import FileUploads
from conversations.intake.acceptance import Acceptor
from conversations.intake.first_sign import HINT, FirstSigns
from conversations.intake.intake import Intake
from conversations.intake.pressed_questions import PressedQuestions
from conversations.intake.settling import Settling
from conversations.jobs.answer_buttons import AnswerButtons
from conversations.jobs.budgeting import BUDGET, Budgeting
from conversations.jobs.card_looks import CardLooks
from conversations.jobs.file_cards import CARD, WITHDRAWN, FileCards
from conversations.jobs.interactions import Interactions
from conversations.jobs.jobs import Jobs, Work
from conversations.jobs.modals import Modals
from conversations.jobs.presses import PRESS, Presses, Subject
from conversations.jobs.slack_changes import GONE, Changes
from conversations.planning.planner import Planner
from conversations.planning.surroundings import Surroundings
from conversations.policy import Policy
from conversations.ports.arrivals import Arrivals
from conversations.ports.checker import Checker
from conversations.ports.checks import CheckMode
from conversations.ports.incoming import Press, PressKind
from conversations.ports.inspector import Inspector
from conversations.ports.replies import Answer
from conversations.ports.workspaces import Workspaces
from conversations.privacy.forgetting import Forgetting
from conversations.privacy.removal import Removal
from conversations.privacy.work import FORGET, ForgetWork
from conversations.slash.access import AccessWords
from conversations.slash.answered_bots import AnsweredBots
from conversations.slash.channels import ChannelWords
from conversations.slash.dropping import Dropping
from conversations.slash.forget import ForgetWord
from conversations.slash.pausing import Pausing
from conversations.slash.words import SlashWords
from conversations.store.channel_settings import ChannelSettings
from conversations.store.choices import Choices
from conversations.store.conversations import ConversationStore, conversation_id
from conversations.store.feedback import FeedbackBox
from conversations.store.heard import HeardEvents
from conversations.store.journal import TurnJournal
from conversations.store.questions import QuestionStore
from conversations.turns.answering import Answering
from conversations.turns.commands import INTERRUPT, Commands
from conversations.turns.files_step import FilesStep
from conversations.turns.outcome import Outcomes
from conversations.turns.records import TurnRecords
from conversations.turns.run_step import RunStep
from conversations.turns.runs import Runs
from conversations.turns.step_runner import StepRunner
from conversations.turns.stopper import TurnStopper
from conversations.turns.turn import Turn
from conversations.turns.turns import Turns
from telemetry.logs import lines_of
from telemetry.traces import span

DEFAULTS = Policy()


@dataclass(frozen=True)
class Ports:
    """What the heart needs from elsewhere."""

    assistant: Assistant
    workspaces: Workspaces
    inspector: Inspector
    checker: Checker


class Conversations:
    """Slack threads and their assistant threads. The database is opened before and closed after; the engine, here."""

    def __init__(
        self, database: Database, engine: Engine, ports: Ports, spool: Spool, policy: Policy = DEFAULTS
    ) -> None:
        self._workspaces = spaces = ports.workspaces
        workplace, replies, windows = spaces.workplace, spaces.replies, spaces.windows
        journal = partial(TurnJournal, database)
        self._access = access = Access(workplace, RuleTable(database), policy.rules)
        admins = Admins(access, policy.admins)
        self._engine = engine
        self._deaths, self._gate = Deaths(database), Gate(engine.hold)
        self._questions = questions = QuestionStore(database)
        self._conversations = conversations = ConversationStore(database)
        self._dispatcher = Dispatcher(questions, engine, has_replicas=not database.is_sqlite)
        self._jobs = Jobs(database, engine, self._dispatcher, self._gate)
        self.heard = HeardEvents(database)
        made, arrivals, columns = MadeFiles(database, ports.assistant, spool), Arrivals(), KnownColumns()
        choices, channels = Choices(database), ChannelSettings(database, policy.file_card)
        uploads = FileUploads(database, workplace, ports.assistant, spool, ports.inspector, columns)
        ledger = Ledger(database, policy.budgets, policy.prices)
        self._checks = self._made_checks(
            CheckRecords(database, ledger, policy.prices), ports, uploads, policy.check, journal
        )
        self._stopper = TurnStopper(engine, questions, self._checks)
        forgetting = Forgetting(database, engine, ports.assistant)
        self.removal = Removal(database, engine, forgetting)

        def open_answer(turn: Turn) -> Answer:
            recovering = not turn.is_fresh
            answer = replies(turn.place.team).answer
            return answer(turn.place, turn.journal, recovering=recovering, on_stop=self._stopper.stop_at)

        self._budgeting = budgeting = Budgeting(ledger, self._jobs, workplace, windows, policy.admins)
        records = TurnRecords(database, conversations, ledger, engine.process, policy.prices, open_answer)
        self._steps = steps = StepRunner(records, self._gate)
        runs = Runs(ports.assistant, workplace, conversations, questions, records, policy.check != "off")
        files = FilesStep(engine, steps, records, uploads, runs)
        commands = Commands(self._stopper, questions, conversations, self._jobs, forgetting, workplace, admins)
        outcomes = Outcomes(engine, records, steps, made, replies, windows, workplace)
        run_step = RunStep(engine, records, runs, files, made, policy.limits.run_minutes, policy.prices)
        self._settling = settling = Settling(choices, questions, workplace, replies, journal, spaces.enter)
        self._turns = Turns(
            steps,
            Planner(
                questions, Surroundings(workplace, questions, self.heard), arrivals, access, channels, choices, columns
            ),
            files,
            Answering(steps, files, run_step, outcomes, settling.answered, budgeting.reserve, self._checks),
            commands,
            outcomes,
            questions,
        )
        cards = FileCards(
            database, self._jobs, channels, workplace, replies, CardLooks(workplace, spool, ports.inspector, columns)
        )
        self.changes = Changes(database, self._jobs, conversations, ports.assistant, policy.rules.book.deny)
        self.presses = presses = Presses(database, access, questions, cards, self._jobs, workplace, windows)
        modals, pauses = Modals(presses, workplace, windows), Pauses(database)
        self._forget_work = work = ForgetWork(
            database, self._jobs, forgetting, self._stopper.stop_all, workplace, windows
        )
        self._clean = partial(work.at_night, policy.retention_days, policy.audit_days)
        self._forget_word = ForgetWord(modals, forgetting, work, workplace, windows, admins)
        self.answer_buttons = AnswerButtons(
            database, modals, FeedbackBox(database), workplace, replies, windows, journal
        )
        self.interactions = Interactions(presses, conversations, workplace, windows)
        self.slash = SlashWords(access, presses, workplace, windows)
        self._channel_words = ChannelWords(presses, questions, pauses, ledger, channels, workplace, windows)
        acceptor = Acceptor(database, questions, conversations, policy.limits, channels, choices, self.heard)
        signs = FirstSigns(self._dispatcher, self._jobs, workplace, replies, windows, access)
        self.intake = Intake(acceptor, self._dispatcher, signs, arrivals, cards, commands, self._stopper)
        self._register_jobs(commands, cards, signs)
        self._register_presses(
            PressedQuestions(self.intake, workplace, choices, settling),
            AnsweredBots(channels, workplace, windows),
            Pausing(pauses, admins, workplace, windows),
        )
        self._register_words(
            Dropping(database, admins, engine.stop), AccessWords(RuleTable(database), policy.rules.book, admins)
        )

    def _made_checks(
        self,
        records: CheckRecords,
        ports: Ports,
        uploads: FileUploads,
        mode: CheckMode,
        journal: Callable[[str], TurnJournal],
    ) -> Checks:
        checking = Checking(records, ports.assistant, uploads, ports.checker)
        correcting = Correcting(records, self._conversations, ports.assistant)
        return Checks(self._engine, records, checking, correcting, ports.workspaces, journal, mode)

    def _register_jobs(self, commands: Commands, cards: FileCards, signs: FirstSigns) -> None:
        on = self._jobs.on
        on(PRESS, self.presses.do, at_once=True)
        on(INTERRUPT, self._admitted(commands.interrupt), at_once=True)
        on(CARD, self._admitted(cards.show))
        on(WITHDRAWN, cards.withdraw)
        on(GONE, self.changes.remove)
        on(HINT, self._admitted(signs.hint))
        on(FORGET, self._forget_work.part)
        on(BUDGET, self._budgeting.warn)
        on(CHECK, self._checked_late)
        self._checks.later = self._check_later

    async def _check_later(self, question: Question) -> None:
        await self._jobs.accept(CHECK, question.id, f"{question.id}:{CHECK}", channel=question.channel)

    async def _checked_late(self, job: Job) -> None:
        await self._checks.late(job.id.removesuffix(f":{CHECK}"))

    def _admitted(self, work: Work) -> Work:
        """A job that is done only if the person who has caused it may have something done there."""

        async def do(job: Job) -> None:
            await self._access.check(job.id.partition(":")[0], job.user, job.channel, is_there=True)
            await work(job)

        return do

    def _register_presses(self, questions: PressedQuestions, bots: AnsweredBots, pausing: Pausing) -> None:
        on = self.presses.on
        on(PressKind.STOP, self._stop)
        on(PressKind.STOP_THREAD, self._stop)
        on(PressKind.AGAIN, questions.again)
        on(PressKind.CHOOSE, questions.choose)
        on(PressKind.SAMPLE, questions.sample)
        on(PressKind.ANALYSE, questions.analyse)
        on(PressKind.POST_CODE, self.answer_buttons.post_code)
        on(PressKind.JUDGE, self.answer_buttons.judge)
        on(PressKind.GIVE_REASON, self.answer_buttons.judge)
        on(PressKind.DELETE, self._delete)
        on(PressKind.CHOOSE_CARD, self._channel_words.choose_card)
        on(PressKind.CHOOSE_BOTS, bots.choose)
        on(PressKind.PAUSE, pausing.switch)
        on(PressKind.FORGET, self._forget_word.confirmed)

    def _register_words(self, dropping: Dropping, access: AccessWords) -> None:
        on = self.slash.on
        on("files", self._channel_words.files)
        on("status", self._channel_words.status)
        on("card", self._channel_words.status)
        on("drop", dropping.answer)
        on("access", access.answer)
        on("forget", self._forget_word.ask)

    async def open(self) -> None:
        """Start taking turns; those that an earlier process left are resumed."""
        await self._engine.launch(self._run, self._questions.stopped_among, self._count_death)
        await self._dispatcher.open()
        await self._engine.every_hour(self._every_hour)
        await self._engine.every_night(self._clean)

    async def _run(self, turn: str) -> None:
        try:
            if not self._jobs.is_at_once(turn):
                await self._gate.enter(turn)
            is_job = self._jobs.has(turn)
            with lines_of(turn), span("job" if is_job else "turn", **{"analyst.turn": turn}):
                is_there = await self._is_there(turn.partition(":")[0])
                if is_there and is_job:
                    await self._jobs.run(turn)
                elif not is_job:
                    await self._turns.run(turn)
        finally:
            self._gate.leave(turn)

    async def _is_there(self, team: str) -> bool:
        """Whether the app is still installed in a workspace; if not, its open questions have their outcome."""
        if not (is_there := await self._steps.through_outages(lambda: self._workspaces.enter(team))):
            await self._steps.through_outages(lambda: self.removal.end_questions(team))
        return is_there

    async def _every_hour(self) -> None:
        await self._settling.too_late()
        await self.removal.clean()

    async def _count_death(self, process: str) -> None:
        self._gate.expect(await self._deaths.count(process))

    async def _stop(self, press: Press, subject: Subject, _job: str) -> None:
        if subject.question:
            await self._stopper.stop(subject.question.id, press.user)
        else:
            await self._stopper.stop_in(conversation_id(subject.team, subject.channel, subject.thread), press.user)

    async def _delete(self, press: Press, subject: Subject, job: str) -> None:
        await self._stopper.end_check(subject.turn.id)
        await self.answer_buttons.delete(press, subject, job)

    async def last_accepted(self) -> float:
        """When the newest question was accepted, as epoch seconds; 0 when there is none."""
        return await self._questions.last_accepted()

    async def open_turns(self) -> tuple[int, int]:
        """How many questions wait, and how many run, in all replicas."""
        return await self._questions.open_counts()

    async def active_places(self, since: float) -> Sequence[tuple[str, str, str]]:
        """Where something may have been said to the bot: see ``ConversationStore.active_places``."""
        return await self._conversations.active_places(since)

    async def drain(self, seconds: float) -> int:
        """Begin no more turns and wait for the running ones; how many are left for the next start, or for others."""
        await self._dispatcher.settle()
        left = await self._engine.drain(seconds)
        await self._deaths.ended(self._engine.process)
        return len(left)

    async def close(self) -> None:
        """Stop the engine. Close the clients before."""
        await self._dispatcher.close()
        await self._engine.close()
