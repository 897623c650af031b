"""The heart, put together: everything that Slack's events ask for goes through ``Conversations``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from azure_assistant.assistant import Assistant
from conversations.arrivals import Arrivals
from conversations.asking import Asking
from conversations.attaching import Attachments
from conversations.commands import Commands
from conversations.database import Database
from conversations.engine import Engine
from conversations.feedback import FeedbackBox
from conversations.housekeeping import Housekeeping
from conversations.inbox import Inbox
from conversations.intake import Intake
from conversations.journal import MadeFiles, TurnJournal
from conversations.limits import Limits
from conversations.live import LiveTurns
from conversations.plan import Planner
from conversations.ports import Replies, Workplace
from conversations.spool import Spool
from conversations.threads import Threads, conversation_id
from conversations.turn import Turns

log = logging.getLogger(__name__)


class Conversations:
    """Slack threads and their assistant threads.

    Args:
        database: Opened by ``open``, closed by ``close``.
        assistant: Azure OpenAI.
        workplace: Reading from Slack.
        replies: Writing to Slack.
        spool: Room for bytes in flight.
        limits: What is allowed.
        retention_days: How long questions and answers are kept.
    """

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        workplace: Workplace,
        replies: Replies,
        spool: Spool,
        limits: Limits,
        retention_days: int = 90,
    ) -> None:
        def journal(turn: str) -> TurnJournal:
            return TurnJournal(database, turn)

        self._feedback = FeedbackBox(database)
        self._engine = Engine(database.engine_url)
        self._inbox = Inbox(database)
        self._threads = threads = Threads(database)
        arrivals = Arrivals()
        made = MadeFiles(database)
        attachments = Attachments(database, workplace, assistant, spool)
        live = LiveTurns(replies, journal)
        asking = Asking(self._engine, assistant, self._inbox, threads, attachments, made, live, limits.run_minutes)
        self._commands = Commands(self._engine, self._inbox, threads, attachments, assistant, replies, journal)
        self._housekeeping = Housekeeping(database, self._engine, assistant, retention_days)
        planner = Planner(self._inbox, workplace, arrivals)
        self._turns = Turns(
            self._engine,
            self._inbox,
            threads,
            planner,
            attachments,
            made,
            asking,
            self._commands,
            replies,
            live,
            journal,
        )
        self.intake = Intake(
            self._engine, self._inbox, threads, arrivals, workplace, replies, limits, self._commands.cancel
        )

    async def open(self) -> None:
        """Start taking turns; those that an earlier process left are resumed."""
        await self._engine.launch(self._turns.run, self._inbox.stopped_among)
        await self._engine.every_night(self._housekeeping.clean)

    async def stop(self, team: str, channel: str, thread: str, user: str) -> bool:
        """Stop a conversation's running turn and the presser's waiting ones.

        Returns:
            Whether there was anything to stop.
        """
        return await self._commands.stop(conversation_id(team, channel, thread), user)

    async def stop_turn(self, turn: str, user: str) -> None:
        """Stop one turn; nothing happens when it has ended already."""
        question = await self._inbox.get(turn)
        if question and question.state != "done":
            await self._commands.cancel(turn, user)

    async def code_of(self, turn: str) -> Sequence[Mapping[str, str]]:
        """The Python that a turn ran, with its output: ``code`` and ``output`` of each step."""
        question = await self._inbox.get(turn)
        return question.code if question else ()

    async def feedback(self, turn: str, user: str, verdict: str, reason: str = "") -> None:
        """Keep what a person thinks of an answer; the last word counts."""
        await self._feedback.put(turn, user, verdict, reason)

    async def last_accepted(self) -> float:
        """When the newest question was accepted, as epoch seconds; 0 when there is none."""
        return await self._inbox.last_accepted()

    async def active_places(self, since: float) -> Sequence[tuple[str, str]]:
        """Where something may have been said to the bot: see ``Threads.active_places``."""
        return await self._threads.active_places(since)

    async def drain(self, seconds: float) -> int:
        """Begin no more turns and wait for the running ones.

        Returns:
            How many still run; they are resumed after a restart, or by another replica.
        """
        return len(await self._engine.drain(seconds))

    async def close(self) -> None:
        """Stop the engine. Close the clients before."""
        await self._engine.close()
