"""Numbers of answers are computed again, with the real bot on both wires, a real checker, and scripted receipts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import ModelRequest, RunCode
from playground.slack.server.server import LocalSlack
from tests.support.world import Json, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

SALES = "region;revenue\nÖst;1.010,50\nWest;2,50\n".encode("cp1252")
TOTAL = 'SELECT sum("revenue") FROM own'
HOSTILE = "SELECT content FROM read_text('/etc/passwd'), own"


class CheckedModel(ScriptedModel):
    """Says that it was wrong when it is told so; else it is the scripted one."""

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        if "was checked" in request.user_parts[-1]:
            self.requests.append(request)
            yield "It is 1,013, sorry <!channel>."
            return
        async for delta in super().answer(request, run_code):
            yield delta


@pytest.fixture(scope="module")
def checked_model() -> CheckedModel:
    return CheckedModel()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["responses", "assistants"])
async def checking(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, checked_model: CheckedModel
) -> AsyncIterator[World]:
    """A world of each wire."""
    async with World(tmp_path_factory.mktemp("bot"), checked_model, ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.run_bot()
        yield made


def number(stated: str, query: str = TOTAL, **more: Any) -> Json:
    return {"label": "Revenue", "value": 1013, "stated": stated, "unit": "EUR", "query": query} | more


async def asked(world: World, channel: str, *numbers: Json, also: str = "", streams: str = "") -> str:
    receipt = json.dumps({"version": 1, "numbers": list(numbers)})
    question = f"What is the revenue? [[receipt {receipt}]]{also}[[say It is {numbers[0]['stated']} EUR.{streams}]]"
    return await world.ask(question, channel=channel, files=[("own.csv", SALES)])


async def said(world: World, channel: str, ts: str, words: str) -> list[str]:
    """What the bot says in a thread, once some words are there."""

    def found(slack: LocalSlack) -> list[str]:
        return [words_of(one) for one in slack.bot_messages(channel, ts)]

    await world.slack.wait(lambda slack: any(words in one for one in found(slack)), timeout=15)
    return found(world.slack)


async def test_another_reading_is_offered_and_pressed(checking: World, checked_model: CheckedModel) -> None:
    channel, label = checking.new_channel(), "正味の売上 <!here>"
    receipt = json.dumps({"version": 1, "numbers": [number("1,013")], "readings": [label]})
    ts = await checking.ask(
        f"売上は? [[receipt {receipt}]][[say It is 1,013 EUR.]]", channel=channel, files=[("own.csv", SALES)]
    )
    await said(checking, channel, ts, "could also mean")
    offered = next(one for one in checking.slack.bot_messages(channel, ts) if "could also mean" in words_of(one))
    (button,) = offered["blocks"][1]["elements"]
    assert button["text"]["text"] == "正味の売上 @here"
    before = len(checked_model.requests)
    await checking.slack.human.press(offered["ts"], button["action_id"], channel=channel)
    await said(checking, channel, ts, " chose ")
    await checking.outcomes(channel, ts, 2)
    assert "\n\n正味の売上 " in checked_model.requests[before].user_parts[-1]


@pytest.mark.parametrize("streams", ["", " word" * 200])
async def test_a_right_number_gets_its_mark_in_the_footer(checking: World, streams: str) -> None:
    channel = checking.new_channel()
    ts = await asked(checking, channel, number("1,013"), also="[[file made]]", streams=streams)
    messages = await said(checking, channel, ts, "numbers checked")
    (marked,) = [one for one in messages if "✓ 1 of 1 numbers checked" in one]
    assert "It is 1,013 EUR." in marked
    assert "AI-generated" in marked
    assert "receipt.json" not in "".join(messages)
    files = [file["name"] for one in checking.slack.bot_messages(channel, ts) for file in one.get("files") or []]
    assert files == ["made"]


async def test_a_wrong_number_is_told_and_corrected(checking: World, checked_model: CheckedModel) -> None:
    channel = checking.new_channel()
    ts = await asked(checking, channel, number("1,031"), number("1,000", HOSTILE), number("1.013,0"))
    messages = await said(checking, channel, ts, "It is 1,013, sorry")
    assert any("✓ 1 of 3 numbers checked, ⚠" in one.replace(":warning:", "⚠") for one in messages)
    assert any("the answer says 1,031 EUR, the files give 1,013." in one for one in messages)
    assert "1 of 3 could not be checked" in "".join(messages)
    assert "<!channel>" not in messages[-1]
    assert "Correction" in messages[-1]
    assert "you stated 1,031 EUR, the query gives 1013" in checked_model.requests[-1].user_parts[-1]
    await checking.ask("[[say And now?]]", channel=channel, thread=ts)
    await said(checking, channel, ts, "And now?")


async def test_a_malformed_receipt_changes_nothing(checking: World) -> None:
    channel = checking.new_channel()
    ts = await checking.ask('[[receipt {"version": 7}]][[say It is 5.]]', channel=channel, files=[("own.csv", SALES)])
    (answer,) = await checking.outcomes(channel, ts)
    assert "receipt" not in words_of(answer)
    assert "checked" not in words_of(answer)
