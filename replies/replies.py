"""Writing to Slack: implements ``conversations.ports.replies.Replies``."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from conversations.errors import SlackError
from conversations.files.code import CODE_FILE, python_file
from conversations.ports.contents import InMemory
from conversations.ports.journal import Journal
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, CardFile, Deliverable, OnStop, Place
from replies.answer import SlackAnswer
from replies.answers.post import NoFormAccepted, Poster
from replies.answers.status import AgentSurface, StatusLine
from replies.answers.uploads import Uploader
from replies.views import blocks, buttons
from replies.views.file_card import card, summary
from replies.views.names import Names
from replies.views.title import entitle
from replies.views.wording import Wording
from slack_api.calls import Refused, SlackCalls
from slack_api.pace import Pace
from slack_api.rate_budget import WorkspaceBudget
from untrusted.off_loop import aside

_log = logging.getLogger(__name__)
_LINES = 2000
"""First signs that are remembered until their turns begin; those of other replicas' turns never do here."""


class SlackReplies:
    """Answers, notices, reactions.

    Args:
        client: The app's client; give it a shared ``aiohttp`` session.
        bot_user: The bot's own user id.
        team: The workspace's id, for organisation-wide installs; "" else.
        agent: Whether the app is declared as an agent at Slack (``agent_view``).
        budget: The workspace's rate limits, shared by everything that writes to it.
        pace: Durations and sizes.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        bot_user: str,
        team: str = "",
        agent: bool = True,
        budget: WorkspaceBudget | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls = SlackCalls(client, budget or WorkspaceBudget(), team=team, pace=pace, clock=clock)
        self._bot_user = bot_user
        self._surface = AgentSurface(agent)
        self._names = Names(self.calls)
        self._signs: set[asyncio.Task[None]] = set()
        self._lines: dict[str, StatusLine] = {}

    def answer(self, place: Place, journal: Journal, *, recovering: bool, on_stop: OnStop | None = None) -> SlackAnswer:
        """The outcome of a turn."""
        poster = self._poster(place, journal, recovering=recovering)
        sign = self._lines.pop(place.turn, None)
        return SlackAnswer(poster, Wording(place.locale), self._surface, self._names, on_stop, sign)

    async def notice(self, place: Place, notice: Notice, journal: Journal) -> None:
        """A one-line message in the thread, exactly once per turn.

        Raises:
            SlackError: The thread takes nothing any more.
        """
        wording = Wording(place.locale)
        text = wording.notice(notice)
        shown = [blocks.section(text)]
        if notice.kind is NoticeKind.TOO_OLD:
            shown.append(blocks.actions(buttons.try_again(wording, place.turn)))
        poster = self._poster(place, journal, recovering=True)
        try:
            await poster.once(f"notice:{notice.kind}", [{"blocks": shown, "text": text}, {"text": text}])
        except NoFormAccepted as failure:
            raise SlackError(str(failure), error="no_form_accepted") from failure

    async def card(self, place: Place, files: Sequence[CardFile], journal: Journal) -> None:
        """A card under shared files; nobody has asked for it, so a refusal is told to nobody."""
        wording = Wording(place.locale)
        poster = self._poster(place, journal, recovering=True)
        poster.tells_asker = False
        text = summary(wording, files)
        shown = card(wording, place.turn, files)
        try:
            await poster.once("card", [{"blocks": shown, "text": text}, {"text": text}])
        except NoFormAccepted as failure:
            raise SlackError(str(failure), error="no_form_accepted") from failure

    async def post_code(self, place: Place, by: str, steps: Sequence[Mapping[str, str]], journal: Journal) -> None:
        """The Python of an answer as a file in its thread, below a line that names who asked for it."""
        await self.notice(place, Notice(NoticeKind.CODE_POSTED, {"by": by}), journal)
        wording = Wording(place.locale)
        content = InMemory(
            await aside(sum(len(step["code"]) + len(step["output"]) for step in steps), python_file, steps)
        )
        file = Deliverable("code", "file", CODE_FILE, wording.plain("Code"), "", "text/x-python", content)
        await Uploader(self._poster(place, journal, recovering=True), wording).share([file])

    async def first_sign(self, place: Place, activity: Activity, title: str = "") -> None:
        """The status line, at once: it is on its way when this returns. The title of an agent's thread follows it."""
        line = StatusLine(self.calls, place, Wording(place.locale), self._surface)
        self._lines[place.turn] = line
        if len(self._lines) > _LINES:
            del self._lines[next(iter(self._lines))]
        task = asyncio.create_task(self._signs_of(line, place, activity, title))
        self._signs.add(task)
        task.add_done_callback(self._signs.discard)

    async def _signs_of(self, line: StatusLine, place: Place, activity: Activity, title: str) -> None:
        await line.send_once(activity)
        if title:
            await entitle(self.calls, place, title)

    async def react(self, channel: str, ts: str, name: str) -> None:
        """Add a reaction to a message."""
        try:
            await self.calls.ask("reactions.add", patience=5.0, channel=channel, timestamp=ts, name=name)
        except (Refused, SlackError) as failure:
            _log.info("no reaction: %s", type(failure).__name__)

    async def close(self) -> None:
        """End what is still on its way."""
        signs = list(self._signs)
        for sign in signs:
            sign.cancel()
        await asyncio.gather(*signs, return_exceptions=True)

    def _poster(self, place: Place, journal: Journal, *, recovering: bool) -> Poster:
        return Poster(self.calls, place, journal, Wording(place.locale), bot_user=self._bot_user, recovering=recovering)
