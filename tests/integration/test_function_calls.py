"""What the model calls, with the real bot on both wires: it opens a file nearby, and asks the person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import Call, ModelRequest, RunCode
from tests.support.world import ANN, BOB, KENJI, Json, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = b"region,revenue\nEast,10\n"
NEARBY = b"region,revenue\nWest,77\n"
ASKS = json.dumps({"question": "Which of the two years?", "choices": ["2024", "2025"]})


class CuriousModel(ScriptedModel):
    """Asks back which year a report is about, until it is told; invents a yield, until it is made to compute it."""

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        question = request.user_parts[-1]
        if "the yield" in question:
            yield "It is 4,711."
        elif "no Python has run" in question:
            await run_code("count")
            yield "It is 12."
        elif "the report" not in question:
            async for delta in super().answer(request, run_code):
                yield delta
        elif "2025" in question:
            yield "In 2025 it was fine."
        else:
            yield Call(ASKS, "ask")


@pytest.fixture(scope="module")
def curious() -> CuriousModel:
    return CuriousModel()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["responses", "assistants"])
async def calling(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, curious: CuriousModel
) -> AsyncIterator[World]:
    """A world of each wire."""
    async with World(tmp_path_factory.mktemp("bot"), curious, ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.run_bot()
        yield made


async def nearby_file(world: World, channel: str) -> str:
    """A file of Kenji's in the channel; returns its id."""
    before = set(world.slack.files)
    ts = await world.slack.human.post(channel, files=[("kenjis.csv", NEARBY)], user=KENJI)
    await world.slack.wait(lambda slack: slack.bot_messages(channel, ts))  # the card: it was looked into
    (file,) = set(world.slack.files) - before
    return file


async def asked(world: World, channel: str, text: str) -> str:
    return await world.ask(text, channel=channel, files=[("own.csv", OWN)])


def buttons(message: Json) -> list[str]:
    rows = [block for block in message.get("blocks") or [] if block["type"] == "actions"]
    return [str(button["text"]["text"]) for row in rows for button in row["elements"]]


async def test_a_file_nearby_is_opened_and_computed(calling: World) -> None:
    channel = calling.new_channel()
    file = await nearby_file(calling, channel)
    call = f'[[say Let me look.]][[call open_files {{"ids": ["{file}"]}}]]'
    ts = await asked(calling, channel, f"Compare it with the one of Kenji. {call}[[opened]]")
    said = "\n".join(map(words_of, await calling.outcomes(channel, ts)))
    assert "Let me look." in said
    assert "West,77" in said
    assert "kenjis.csv" in said, "the footer names it"


async def test_what_is_not_nearby_is_refused_and_the_answer_goes_on(calling: World) -> None:
    channel, elsewhere = calling.new_channel(), calling.new_channel()
    await nearby_file(calling, channel)
    secret = await nearby_file(calling, elsewhere)
    calls = f'[[call open_files {{"ids": ["{secret}"]}}]][[call nobody {{}}]][[call open_files no JSON]]'
    ts = await asked(calling, channel, f"Compare it with the other one. {calls}[[outputs]]")
    said = "\n".join(map(words_of, await calling.outcomes(channel, ts)))
    assert "Not on the list of files nearby" in said
    assert "There is no such function" in said
    assert "no JSON" in said
    assert "West,77" not in said


async def test_a_question_with_buttons_ends_the_turn_and_a_press_goes_on(calling: World) -> None:
    channel = calling.new_channel()
    ts = await asked(calling, channel, "Sum up the report.")
    await calling.says(channel, ts, "Which of the two years?")
    [question] = [message for message in calling.slack.bot_messages(channel, ts) if buttons(message)]
    assert buttons(question) == ["2024", "2025"]
    await calling.slack.human.press(question["ts"], "choose_file:1", user=BOB)
    await calling.says(channel, ts, "In 2025 it was fine.")
    found = await calling.outcomes(channel, ts)
    assert len([message for message in found if "In 2025 it was fine." in words_of(message)]) == 1
    await calling.slack.human.post(channel, "[[say Anything else?]]", user=ANN, thread=ts)
    await calling.says(channel, ts, "Anything else?")


async def test_a_question_is_answered_in_words(calling: World) -> None:
    channel = calling.new_channel()
    ts = await asked(calling, channel, "Sum up the report.")
    await calling.says(channel, ts, "Which of the two years?")
    await calling.slack.human.post(channel, "2025, please", user=ANN, thread=ts)
    await calling.says(channel, ts, "In 2025 it was fine.")


async def test_a_number_that_no_code_has_computed_is_asked_for_again(calling: World) -> None:
    channel = calling.new_channel()
    ts = await asked(calling, channel, "What is the yield?")
    [answer] = await calling.outcomes(channel, ts)
    assert "It is 12." in words_of(answer)
    assert "4,711" not in words_of(answer)
    assert "Not computed" not in words_of(answer)


async def test_a_turn_that_is_stopped_after_its_calls_leaves_none_behind(calling: World, curious: CuriousModel) -> None:
    channel = calling.new_channel()
    file = await nearby_file(calling, channel)
    call = f'[[call open_files {{"ids": ["{file}"]}}]]'
    ts = await asked(calling, channel, f"Compare it with the one of Kenji. {call}[[wait {channel}]]")
    await curious.reached(channel)
    await calling.slack.human.post(channel, "stop", user=ANN, thread=ts)
    await calling.outcomes(channel, ts)
    curious.gate(channel).set()
    await calling.slack.human.post(channel, "[[say Anything else?]]", user=ANN, thread=ts)
    await calling.says(channel, ts, "Anything else?")
