"""A local Slack, a question in it, and the outcome that is to be shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
import pytest

from conversations.ports.journal import Post
from conversations.ports.replies import ChartForm, Place
from playground.slack.server.server import LocalSlack
from replies import Pace, SlackReplies
from replies.answer import SlackAnswer
from slack_api.api import SlackApi
from slack_api.departure import tracing
from slack_api.rate_budget import Rate, WorkspaceBudget

SALES = "C0SALES001"
ANN = "U0ANN00001"
KENJI = "U0KENJI0001"

FAST = Pace(
    hold_seconds=0.02,
    hold_characters=30,
    append_seconds=0.0,
    control_seconds=30.0,
    share_looks=(0.05, 0.05, 0.1, 0.2),
)
UNLIMITED = {"chat.appendStream": Rate(1e6, 1e9)}

Json = dict[str, Any]


@dataclass
class MemoryJournal:
    """A journal that outlives a "process" of a test."""

    notes: dict[str, Post] = field(default_factory=dict)

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        self.notes[part] = Post(part, ref, state)

    async def noted(self) -> Mapping[str, Post]:
        return dict(self.notes)


class World:
    """A question in #sales and what answers it."""

    def __init__(self, slack: LocalSlack, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.session = session
        self.journal = MemoryJournal()
        self.place = Place("", "", "", "", "", "")
        self.answers: list[SlackAnswer] = []
        self.stops: list[Place] = []

    async def ask(self, *, channel: str = SALES, user: str = ANN, locale: str = "en-US") -> Place:
        direct = channel.startswith("D")
        ts = await self.slack.human.post(channel, "What are the sales?", user=user)
        turn = f"{self.slack.team}:{channel}:{ts}"
        self.place = Place(turn, self.slack.team, channel, ts, ts, user, self.slack.team, locale, direct)
        return self.place

    def replies(
        self,
        *,
        pace: Pace = FAST,
        agent: bool = True,
        budget: WorkspaceBudget | None = None,
        charts: ChartForm = "image",
    ) -> SlackReplies:
        api = SlackApi(
            self.slack.bot_token,
            self.slack.api_url,
            self.session,
            budget=budget or WorkspaceBudget(rates=UNLIMITED),
            team=self.slack.team,
            patience=20.0,
        )

        return SlackReplies(
            api,
            bot_user=self.slack.bot_user,
            agent=agent,
            pace=pace,
            charts=charts,
        )

    def answer(self, *, recovering: bool = False, **options: Any) -> SlackAnswer:
        """The outcome, as a (new) process sees it."""

        async def stopped(place: Place) -> None:
            self.stops.append(place)

        made = self.replies(**options).answer(self.place, self.journal, recovering=recovering, on_stop=stopped)
        self.answers.append(made)
        return made

    def shown(self) -> list[Json]:
        """The bot's messages in the thread."""
        return self.slack.bot_messages(self.place.channel, self.place.thread)

    def shared_files(self) -> list[str]:
        """Files that have been completed, whether their message is to be seen yet or not."""
        return [file.id for file in self.slack.files.values() if file.state == "complete"]

    def text(self) -> str:
        """All Markdown and table cells of the bot's messages, in order."""
        return "".join(said(message) for message in self.shown())


def said(message: Json) -> str:
    """What a message says in Markdown and tables (not its small print)."""
    out = []
    for block in message.get("blocks", []):
        if block["type"] == "markdown":
            out.append(block["text"])
        elif block["type"] in {"table", "data_table"}:
            out.append(f"<{block['type']} {len(block['rows'])}>")
    return "".join(out)


def kinds(message: Json) -> list[str]:
    return [block["type"] for block in message.get("blocks", [])]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.02)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(seed=1, share_delay=(0.0, 0.02), file_lag=(0.0, 0.02)) as running:
        yield running


@pytest.fixture
async def world(slack: LocalSlack) -> AsyncIterator[World]:
    async with aiohttp.ClientSession(trace_configs=[tracing()]) as session:
        made = World(slack, session)
        await made.ask()
        yield made
        for answer in made.answers:
            await answer.close()
