"""Writing to one Slack workspace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from typing_extensions import override

from conversations.errors import SlackError
from conversations.files.code import CODE_FILE, python_file
from conversations.ports.contents import InMemory
from conversations.ports.journal import Journal
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import (
    INQUIRY,
    Activity,
    CardFile,
    ChartForm,
    Deliverable,
    Inquiry,
    OnStop,
    Place,
    Replies,
)
from replies.answer import SlackAnswer
from replies.answers.post import NoFormAccepted, Poster
from replies.answers.slack_files import Uploader
from replies.answers.status import StatusLine
from replies.answers.surface import Surface
from replies.checks import SlackChecks
from replies.markdown.tables import Block
from replies.pace import Pace
from replies.views import blocks, buttons
from replies.views.file_card import card, summary
from replies.views.home import words
from replies.views.inquiry import asked, settled
from slack_api.api import SlackApi
from slack_api.failures import FAILURES
from untrusted.off_loop import aside

log = logging.getLogger(__name__)
_PATIENCE = 5.0
_LONGEST_TITLE = 60
_LINES = 2000
"""First signs that are remembered until their turns begin; those of other replicas' turns never do here."""


class SlackReplies(SlackChecks, Replies):
    """Answers, notices, reactions."""

    def __init__(
        self,
        api: SlackApi,
        *,
        bot_user: str,
        agent: bool = True,
        pace: Pace | None = None,
        charts: ChartForm = "image",
    ) -> None:
        self._surface = Surface(api, bot_user, pace or Pace(), has_sessions=agent, has_tasks=agent, charts=charts)
        self._signs: set[asyncio.Task[None]] = set()
        self._lines: dict[str, StatusLine] = {}

    @override
    def answer(self, place: Place, journal: Journal, *, recovering: bool, on_stop: OnStop | None = None) -> SlackAnswer:
        poster = Poster(self._surface, place, journal, recovering=recovering)
        return SlackAnswer(poster, on_stop, self._lines.pop(place.turn, None))

    @override
    async def notice(self, place: Place, notice: Notice, journal: Journal) -> None:
        """Raises ``SlackError`` when the thread takes nothing any more."""
        poster = Poster(self._surface, place, journal, recovering=True)
        text = poster.wording.notice(notice)
        shown = [blocks.section(text)]
        if notice.kind is NoticeKind.TOO_OLD:
            shown.append(blocks.actions(buttons.try_again(poster.wording, place.turn)))
        await self._post(poster, f"notice:{notice.kind}", shown, text)

    @override
    async def card(self, place: Place, files: Sequence[CardFile], journal: Journal) -> None:
        """Nobody has asked for a card, so a refusal is told to nobody."""
        poster = Poster(self._surface, place, journal, recovering=True, tells_asker=False)
        await self._post(poster, "card", card(poster.wording, place.turn, files), summary(poster.wording, files))

    @override
    async def inquire(self, place: Place, inquiry: Inquiry, journal: Journal) -> None:
        poster = Poster(self._surface, place, journal, recovering=True)
        text, shown = asked(poster.wording, place.turn, inquiry)
        await self._post(poster, INQUIRY, shown, text)

    @override
    async def show_choice(self, place: Place, inquiry: Inquiry, by: str, name: str, journal: Journal) -> None:
        poster = Poster(self._surface, place, journal, recovering=True)
        text, shown = settled(poster.wording, inquiry, by, name)
        try:
            if ts := await poster.posted(INQUIRY):
                where = {"channel": place.channel, "ts": ts}
                await poster.api.write(
                    "chat.update", repeatable=True, patience=_PATIENCE, text=text, blocks=shown, **where
                )
        except FAILURES as failure:
            log.info("A choice is not shown: %s", failure)

    @staticmethod
    async def _post(poster: Poster, part: str, shown: Sequence[Block], text: str) -> None:
        try:
            await poster.once(part, [{"blocks": shown, "text": text}, {"text": text}])
        except NoFormAccepted as failure:
            raise SlackError(str(failure), error="no_form_accepted") from failure

    @override
    async def post_code(self, place: Place, by: str, steps: Sequence[Mapping[str, str]], journal: Journal) -> None:
        await self.notice(place, Notice(NoticeKind.CODE_POSTED, {"by": by}), journal)
        poster = Poster(self._surface, place, journal, recovering=True)
        content = InMemory(
            await aside(sum(len(step["code"]) + len(step["output"]) for step in steps), python_file, steps)
        )
        file = Deliverable("code", "file", CODE_FILE, poster.wording.plain("Code"), "", "text/x-python", content)
        await Uploader(poster).share([file])

    @override
    async def first_sign(self, place: Place, activity: Activity, title: str = "") -> None:
        """The line is on its way when this returns; the title of an agent's thread follows it."""
        line = StatusLine(self._surface, place)
        self._lines[place.turn] = line
        if len(self._lines) > _LINES:
            del self._lines[next(iter(self._lines))]
        left = asyncio.Event()
        task = asyncio.create_task(self._signs_of(line, left, place, activity, title))
        self._signs.add(task)
        task.add_done_callback(self._signs.discard)
        task.add_done_callback(lambda _: left.set())
        await left.wait()

    async def _signs_of(
        self, line: StatusLine, left: asyncio.Event, place: Place, activity: Activity, title: str
    ) -> None:
        await line.send_once(activity, left)
        if not title:
            return
        # Agents have sessions (https://docs.slack.dev/reference/methods/agents.sessions.rename); older AI apps have
        # assistant threads, which the second call is for.
        api = self._surface.api
        where = {"channel_id": place.channel, "thread_ts": place.thread, "title": words(title, _LONGEST_TITLE)}
        for method, call in (("agents.sessions.rename", api.write), ("assistant.threads.setTitle", api.ask)):
            try:
                await call(method, repeatable=True, patience=_PATIENCE, **where)
            except FAILURES as failure:
                log.info("No title by %s: %s", method, failure)
            else:
                return

    @override
    async def react(self, channel: str, ts: str, name: str) -> None:
        try:
            await self._surface.api.ask("reactions.add", patience=_PATIENCE, channel=channel, timestamp=ts, name=name)
        except FAILURES as failure:
            log.info("No reaction: %s", type(failure).__name__)

    def shared(self, file: str) -> None:
        """A message of ours that shows a file has come from Slack."""
        self._surface.shared.arrived(file)

    async def close(self) -> None:
        """End what is still on its way."""
        signs = list(self._signs)
        for sign in signs:
            sign.cancel()
        await asyncio.gather(*signs, return_exceptions=True)
