"""What people do beside asking: look at the code, judge an answer, open the home tab, use the slash command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from azure_assistant.errors import AnalystError
from conversations.channels import CardMode, ChannelSettings
from conversations.chores import Chores
from conversations.feedback import FeedbackBox
from conversations.inbox import Inbox
from conversations.journal import TurnJournal
from conversations.live import place_of
from conversations.models import Chore
from conversations.ports import Modal, Notice, NoticeKind, Replies, SharedFile, Windows, Workplace
from conversations.threads import Threads

CODE = "code"
TALKS = 8
_MODES: Mapping[str, CardMode] = {"card": "card", "on": "card", "reaction": "reaction", "off": "off"}
_CHOSEN: Mapping[CardMode, NoticeKind] = {
    "card": NoticeKind.CARDS_CARD,
    "reaction": NoticeKind.CARDS_REACTION,
    "off": NoticeKind.CARDS_OFF,
}


class Desk:
    """Serves one person at a time; only posted code is for everybody in the thread."""

    def __init__(
        self,
        chores: Chores,
        inbox: Inbox,
        threads: Threads,
        feedback: FeedbackBox,
        settings: ChannelSettings,
        workplace: Workplace,
        replies: Replies,
        windows: Windows,
        journal: Callable[[str], TurnJournal],
    ) -> None:
        self._chores = chores
        self._inbox = inbox
        self._threads = threads
        self._feedback = feedback
        self._settings = settings
        self._workplace = workplace
        self._replies = replies
        self._windows = windows
        self._journal = journal
        chores.on(CODE, self._post_code)

    # ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def code_of(self, turn: str) -> Sequence[Mapping[str, str]]:
        """The Python that a turn ran, with its output: ``code`` and ``output`` of each step."""
        question = await self._inbox.get(turn)
        return question.code if question else ()

    async def show_code(self, turn: str, user: str, modal: Modal, page: int = 0) -> None:
        """Show the Python of a turn to a person."""
        await self._windows.code(modal, await self._locale(user), turn, await self.code_of(turn), page)

    async def post_code(self, turn: str, user: str, pressed: str) -> None:
        """Post the Python of a turn into its thread: durable when this returns.

        Args:
            turn: Which.
            user: Who pressed.
            pressed: The press's ``action_ts``.
        """
        question = await self._inbox.get(turn)
        if question and question.code:
            key = f"{question.team}:{question.channel}:{pressed}"
            arguments = {"turn": turn}
            await self._chores.accept(CODE, key, key, channel=question.channel, user=user, arguments=arguments)

    async def _post_code(self, chore: Chore) -> None:
        question = await self._inbox.get(chore.arguments["turn"])
        if question is None:
            return
        person = await self._workplace.person(chore.user)
        place = replace(place_of(question, person), turn=chore.id, asker=chore.user)
        await self._replies.post_code(place, person.name or chore.user, question.code, self._journal(chore.id))

    async def judge(self, turn: str, user: str, verdict: str, reason: str = "") -> None:
        """Keep what a person thinks of an answer; the last word counts."""
        await self._feedback.put(turn, user, verdict, reason)

    async def ask_reason(self, turn: str, user: str, modal: Modal) -> None:
        """Ask a person what was wrong with an answer."""
        await self._windows.reason(modal, await self._locale(user), turn)

    async def thank(self, turn: str, user: str) -> None:
        """Thank a person for a verdict, where the answer stands."""
        if question := await self._inbox.get(turn):
            place = replace(place_of(question, await self._workplace.person(user)), asker=user)
            await self._windows.whisper(place, Notice(NoticeKind.THANKS))

    # ── the app's own pages ─────────────────────────────────────────────────────────────────────────────────────────

    async def home(self, team: str, user: str) -> None:
        """Fill a person's home tab."""
        await self._windows.home(user, await self._locale(user), await self._threads.talks_of(team, user, TALKS))

    async def prompts(self, user: str, channel: str) -> None:
        """Offer a person what to ask in the direct message."""
        await self._windows.prompts(channel, await self._locale(user))

    # ── slash command and shortcut ──────────────────────────────────────────────────────────────────────────────────

    async def choose(self, team: str, channel: str, user: str, text: str) -> bool:
        """Carry out ``card on|reaction|off``: durable when this returns.

        Returns:
            Whether it was that; anything else is for ``command``.
        """
        mode = _mode(text)
        if mode and await self._may_ask_here(channel, user):
            await self._settings.set_card(team, channel, mode)
            return True
        return False

    async def command(self, team: str, channel: str, user: str, text: str, reply: str) -> None:
        """Answer the slash command, for the person's eyes only.

        Args:
            team: The workspace.
            channel: Where it was used.
            user: By whom.
            text: What stands after the command.
            reply: Slack's address for the answer.
        """
        locale = await self._locale(user)
        word = text.split(maxsplit=1)[0].lower() if text.split() else "help"
        if word not in {"files", "status", "card"}:
            await self._windows.reply(reply, locale, Notice(NoticeKind.SLASH_HELP))
        elif not await self._may_ask_here(channel, user):
            await self._windows.reply(reply, locale, Notice(NoticeKind.NOT_A_MEMBER))
        elif word == "files":
            await self._windows.reply_files(reply, locale, await self._files(channel))
        elif mode := _mode(text):
            await self._windows.reply(reply, locale, Notice(_CHOSEN[mode]))
        else:
            await self._windows.reply(reply, locale, await self._status(team, channel))

    async def nothing_to_analyse(self, user: str, reply: str) -> None:
        """Say that a message has no data."""
        await self._windows.reply(reply, await self._locale(user), Notice(NoticeKind.NO_FILE_ON_MESSAGE))

    async def _files(self, channel: str) -> Sequence[SharedFile]:
        try:
            return await self._workplace.recent_files(channel)
        except AnalystError:
            return ()

    async def _status(self, team: str, channel: str) -> Notice:
        states = [question.state for question in await self._inbox.open_in_channel(team, channel)]
        running = states.count("running")
        fields = {"running": str(running), "waiting": str(len(states) - running)}
        cards = await self._settings.card(team, channel)
        return Notice(NoticeKind.CHANNEL_STATUS, fields | {"cards": "on" if cards == "card" else cards})

    async def _may_ask_here(self, channel: str, user: str) -> bool:
        """A slash command can be used in channels that neither the person nor the bot is in."""
        try:
            return await self._workplace.is_member(channel, user)
        except AnalystError:
            return False

    async def _locale(self, user: str) -> str:
        return (await self._workplace.person(user)).locale


def _mode(text: str) -> CardMode | None:
    words = text.lower().split()
    return _MODES.get(words[1]) if len(words) == 2 and words[0] == "card" else None  # noqa: PLR2004 - two words
