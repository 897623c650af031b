"""What the model calls, with the whole bot on both wires: it opens files that lie nearby, and asks people."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import ModelRequest, RunCode
from playground.slack.server.server import LocalSlack
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


MODEL = AsksOnce()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["responses", "assistants"])
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), MODEL, ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.run_bot()
        yield made


async def nearby(world: World, channel: str, name: str = "march.csv", data: bytes = MARCH) -> str:
    """A file of Bob's in a channel; its id."""
    ts = await world.slack.human.post(channel, files=[(name, data)], user=BOB)
    message = world.slack.message(channel, ts)
    assert message is not None
    return str(message["files"][0]["id"])


def card_in(slack: LocalSlack, channel: str) -> bool:
    """Whether a file card stands in a channel."""
    return any(slack.bot_messages(channel, message["ts"]) for message in slack.messages(channel))


def call(name: str, **arguments: object) -> str:
    said = json.dumps(arguments).replace("<", r"\u003c")  # which Slack would take for markup
    return f"[[call {name} {said}]]"


def copies(world: World, data: bytes) -> int:
    """How many files at Azure have these bytes."""
    return sum(file.data == data for file in world.azure.files.values())


async def test_a_file_that_lies_nearby_is_opened(world: World) -> None:
    channel = world.new_channel()
    file = await nearby(world, channel)
    await world.slack.wait(lambda slack: card_in(slack, channel))
    text = f"compare with Bob's {call('open_files', ids=[file])} [[outputs]] [[files]]"
    before = copies(world, MARCH)
    said = await world.answer(text, channel=channel, files=[("own.csv", APRIL)])
    assert "Opened." in said
    assert re.search(r"file[-_]\w+-march\.csv \d+|march\.csv", said)
    assert "*march.csv* (Bob" in said, "the footer names it"
    assert copies(world, MARCH) == before + 1
    told = "\n".join(MODEL.requests[-1].user_parts)
    assert f'"id": "{file}", "name": "march.csv", "shared_by": "Bob"' in told
    assert '"columns": ["region", "revenue"]' in told, "which its card has found"


async def test_files_of_other_places_are_refused(world: World) -> None:
    secret = await nearby(world, world.new_channel(), "secret.csv", b"name,salary\nAnn,1\n")
    text = f"compare {call('open_files', ids=[secret, 'F0NOWHERE'])} [[outputs]]"
    said = await world.answer(text, channel=world.new_channel(), files=[("own.csv", APRIL)])
    assert "Nothing was opened. Not on the list of files nearby, and not opened: 2." in said
    assert copies(world, b"name,salary\nAnn,1\n") == 0


async def test_what_is_no_call_of_ours_is_told_so_and_the_run_goes_on(world: World) -> None:
    calls = f"{call('delete_everything', now=True)} [[then]] [[call ask nonsense]]"
    said = await world.answer(f"do {calls} [[outputs]]", channel=world.new_channel(), files=[("own.csv", APRIL)])
    assert "There is no such function." in said
    assert "the arguments are no JSON" in said


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
