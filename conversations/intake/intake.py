"""Takes in what people write: questions and commands (stop, mute…) are accepted, the rest is left alone.

Whatever is accepted is on disk when these methods return; Slack gets its ack afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from conversations.engine.dispatcher import Dispatcher
from conversations.intake.acceptance import Acceptor, conversation_of, turn_of
from conversations.intake.first_sign import FirstSigns
from conversations.jobs.file_cards import FileCards
from conversations.ports.arrivals import Arrivals, upload_key
from conversations.ports.incoming import UserText
from conversations.store.questions import question_id
from conversations.turns.commands import Commands
from conversations.turns.stopper import TurnStopper


@dataclass(eq=False)
class Intake:
    """Takes what people write."""

    _acceptor: Acceptor
    _dispatcher: Dispatcher
    _signs: FirstSigns
    _arrivals: Arrivals
    _cards: FileCards
    _commands: Commands
    _stopper: TurnStopper

    async def user_text(self, message: UserText, *, repeats: str = "") -> None:
        """Accept a message when it is for the bot: durable when this returns, a twin or a retry changes nothing.

        ``repeats``: the turn that it asks again by a button, and of which it is no double.
        """
        with self._dispatcher.arriving():
            await self._take(message, repeats)

    async def _take(self, message: UserText, repeats: str) -> None:
        if message.files:
            self._arrivals.arrived(upload_key(message.team, message.channel, message.user))
        if not await self._acceptor.is_for_bot(message):
            await self._acceptor.overhear(message)
            if message.files and not message.is_of_nobody and not await self._acceptor.is_in_conversation(message):
                await self._cards.dropped(message)
            if await self._acceptor.lacks_mention(message):
                await self._signs.mention_wanted(message)
            return
        accepted = await self._acceptor.accept(message, repeats)
        if accepted.is_double:
            self._signs.double(message)
            return
        if accepted.rules is not None:
            self._signs.question(message, accepted.rules, waits=accepted.waits)
        turn = turn_of(message)
        self._dispatcher.dispatch(
            turn,
            conversation_of(message),
            message.command,
            refused=accepted.refused,
            is_alone=accepted.is_new and not accepted.waits,
        )
        if message.command == "forget":
            await self._commands.make_way(turn)
        self._arrivals.arrived(turn)

    async def edited(self, message: UserText, *, asks_now: bool) -> None:
        """A waiting question takes its newest text; an edit that first mentions the bot is a question."""
        if not await self._acceptor.edit(message) and asks_now:
            await self.user_text(replace(message, origin="edit"))

    async def deleted(self, team: str, channel: str, ts: str) -> None:
        """A message was deleted: remove its card, or drop its question."""
        await self._cards.withdrawn(team, channel, ts)
        await self._stopper.drop(question_id(team, channel, ts))
