"""What a follow-up asks of Slack and Azure before the model is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import BOB, World

CSV = [("sales.csv", b"city,revenue\nOsaka,3\nKyoto,4\n")]
READS = ("conversations.", "files.info", "files.list", "users.", "download")


@dataclass
class Talk:
    """A thread with two answers, in which nothing was said since."""

    world: World
    model: ScriptedModel
    channel: str
    root: str = ""
    turns: int = 0

    async def ask(self, text: str) -> list[str]:
        """Ask, wait for the answer, and return what Slack was asked for meanwhile."""
        before, calls = len(self.world.azure.requests), len(self.world.slack.calls)
        files = () if self.root else CSV
        ts = await self.world.ask(text, channel=self.channel, thread=self.root or None, files=files)
        self.root, self.turns = self.root or ts, self.turns + 1
        await self.world.outcomes(self.channel, self.root, self.turns)
        self.azure = [f"{entry.method} {entry.path}" for entry in self.world.azure.requests[before:]]
        return [call.method for call in list(self.world.slack.calls)[calls:] if call.method.startswith(READS)]


@pytest_asyncio.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    model = ScriptedModel()
    world = World(tmp_path, model, ScriptedInterpreter())
    async with world:
        await world.run_bot()
        begun = Talk(world, model, world.new_channel())
        await begun.ask("[[code]] [[say begun]]")
        await begun.ask("[[code]] [[say once more]]")
        yield begun


async def test_a_follow_up_asks_nobody_but_the_model(talk: Talk) -> None:
    assert await talk.ask("[[code]] [[say at once]]") == []
    assert [asked for asked in talk.azure if not asked.startswith("GET")] == ["POST /responses"]
    assert await talk.ask("[[code]] [[history]]") == []
    assert len(talk.model.requests) == 4


async def test_what_people_and_apps_say_meanwhile_is_read_once(talk: Talk) -> None:
    await talk.world.slack.human.post(talk.channel, "leave out Osaka", user=BOB, thread=talk.root)
    asked = await talk.ask("[[code]] [[context]]")
    assert "conversations.replies" in asked
    assert "files.info" not in asked, "of a file that the thread shows as it was"
    assert "leave out Osaka" in "\n".join(talk.model.requests[-1].user_parts)
    await talk.world.slack.human.post_alert(talk.channel, "Revenue fell", thread=talk.root)
    assert "conversations.replies" in await talk.ask("[[code]] [[context]] again")
    assert "Revenue fell" in "\n".join(talk.model.requests[-1].user_parts)
    assert await talk.ask("[[say at once]]") == []


async def test_a_file_in_the_channel_is_listed_and_seen(talk: Talk) -> None:
    await talk.world.slack.human.post(talk.channel, "", user=BOB, files=[("targets.csv", b"a,b\n1,2\n")])
    assert "files.list" in await talk.ask("[[say]] what is in targets.csv?")
    (stored,) = [file for file in talk.world.azure.files.values() if "targets" in file.filename]
    assert stored


async def test_after_a_connection_was_lost_slack_is_asked_again(talk: Talk) -> None:
    talk.world.slack.faults.disconnect()
    await talk.world.slack.wait(lambda slack: slack.connections == 0)
    await talk.world.slack.wait_connected(2, timeout=60)
    asked = await talk.ask("[[say once more]]")
    assert {"conversations.replies", "files.list"} <= set(asked)


async def test_after_slack_had_to_send_something_again_it_is_asked_again(talk: Talk) -> None:
    slack = talk.world.slack
    slack.faults.drop_acks()
    ts = await slack.human.post(talk.channel, "hello, all", user=BOB)
    await slack.wait(lambda slack: [one for one in slack.envelopes if one.event.get("ts") == ts and one.attempts])
    slack.faults.retry_now()
    await slack.wait(lambda slack: [one for one in slack.envelopes if one.event.get("ts") == ts and one.acked])
    assert "conversations.replies" in await talk.ask("[[say once more]] please")
