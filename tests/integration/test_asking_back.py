"""What the model asks people, with the whole bot on both wires: whatever its words are, and whoever answers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import ModelRequest, RunCode
from tests.support.world import ANN, BOB, KENJI, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARCH, APRIL = b"region,revenue\nNorth,3\n", b"region,revenue\nNorth,4\n"
ANSWERED = re.compile(r"\n\n> (?P<words>.*)\n(?P<answer>.*)\Z")


class AsksOnce(ScriptedModel):
    """Does what the question says; what was asked back and answered is only said."""

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``ScriptedModel``."""
        *context, question = request.user_parts
        if answered := ANSWERED.search(question):
            question = f"[[say {answered['words']} It is {answered['answer']}.]] [[files]]"
        async for delta in super().answer(replace(request, user_parts=[*context, question]), run_code):
            yield delta


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["responses", "assistants"])
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), AsksOnce(), ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.run_bot()
        yield made


async def nearby(world: World, channel: str, name: str = "march.csv", data: bytes = MARCH) -> str:
    """A file of Bob's in a channel; its id."""
    ts = await world.slack.human.post(channel, files=[(name, data)], user=BOB)
    message = world.slack.message(channel, ts)
    assert message is not None
    return str(message["files"][0]["id"])


def call(name: str, **arguments: object) -> str:
    said = json.dumps(arguments).replace("<", r"\u003c")  # which Slack would take for markup
    return f"[[call {name} {said}]]"


async def test_a_question_with_buttons_is_answered_by_a_press(world: World) -> None:
    channel = world.new_channel()
    file = await nearby(world, channel)
    question = call("ask", question="Which one? <!channel>", choices=[file, "<!here> both"])
    ts = await world.ask(f"compare {question} [[say never]]", channel=channel, files=[("own.csv", APRIL)])
    [message] = await world.outcomes(channel, ts)
    assert "Which one? &lt;!channel&gt;" in words_of(message)
    [row] = [block for block in message["blocks"] if block["type"] == "actions"]
    assert [button["text"]["text"] for button in row["elements"]] == ["march.csv", "<\u2060!here> both"]
    await world.slack.human.press(message["ts"], "choose_file:0", user=KENJI)
    said = "\n".join(map(words_of, await world.outcomes(channel, ts, 2)))
    assert "Which one? &lt;!channel&gt;" in said
    assert "It is march.csv." in said
    assert "chose *march.csv*." in said
    assert "never" not in said
    assert not any("choose_file" in str(message["blocks"]) for message in world.slack.bot_messages(channel, ts))
    said = await world.answer("[[history]] [[say and on]]", channel=channel, thread=ts, count=3)
    assert "and on" in said, "no call is left that would lock the conversation"


async def test_what_was_said_before_the_question_stays(world: World) -> None:
    channel = world.new_channel()
    question = call("ask", question="Which year?", choices=["2024", "2025"])
    text = f"total [[code]] [[say There are two years.]] {question}"
    ts = await world.ask(text, channel=channel, files=[("own.csv", APRIL)])
    await world.says(channel, ts, "Which year?")
    first, second = await world.outcomes(channel, ts)
    assert "There are two years." in words_of(first)
    assert "Which year?" in words_of(second)


async def test_a_reply_by_anybody_answers_it(world: World) -> None:
    channel = world.new_channel()
    question = call("ask", question="Which year?", choices=["2024", "2025"])
    ts = await world.ask(f"total {question}", channel=channel, files=[("own.csv", APRIL)])
    [asked] = await world.outcomes(channel, ts)
    await world.slack.human.post(channel, "the last one", thread=ts, user=KENJI)
    found = await world.outcomes(channel, ts, 2)
    assert "Which year? It is the last one." in "\n".join(map(words_of, found))
    await world.says(channel, ts, "chose *the last one*.")
    await world.slack.human.forge_press(
        "choose_file:0", f"{world.slack.team}:{channel}:{ts} 0", user=ANN, channel=channel, message_ts=asked["ts"]
    )
    await world.slack.wait(lambda slack: "has chosen *the last one* already" in str(slack.ephemerals))
    assert len(world.slack.bot_messages(channel, ts)) == len(found)
