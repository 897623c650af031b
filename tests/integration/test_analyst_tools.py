"""The page's own analyst, with the whole bot: it opens what lies nearby, and asks which file is meant."""

from __future__ import annotations

import re

import pytest

from tests.support.world import BOB, KENJI, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_pages_own_analyst_opens_and_asks(analyst_world: World) -> None:
    world, channel = analyst_world, analyst_world.new_channel()
    own = [("own.csv", b"region,revenue\nNorth,100\nSouth,200\n")]
    await world.slack.human.post(channel, files=[("march.csv", b"region,revenue\nNorth,3\nSouth,4\n")], user=BOB)
    said = await world.answer("total revenue in Bob's file", channel=channel, files=own)
    assert re.search(r"\b7\b", said)
    await world.slack.human.post(channel, files=[("april.csv", b"region,revenue\nNorth,30\nSouth,40\n")], user=BOB)
    ts = await world.ask("total revenue in the other file", channel=channel, files=own)
    [message] = await world.outcomes(channel, ts)
    assert "Which file do you mean?" in words_of(message)
    [row] = [block for block in message["blocks"] if block["type"] == "actions"]
    names = [button["text"]["text"] for button in row["elements"]]
    await world.slack.human.press(message["ts"], f"choose_file:{names.index('april.csv')}", user=KENJI)
    said = "\n".join(map(words_of, await world.outcomes(channel, ts, 2)))
    assert re.search(r"\b70\b", said)


async def test_the_analysts_numbers_are_checked(analyst_world: World) -> None:
    world, channel = analyst_world, analyst_world.new_channel()
    data = "region;revenue\nNorth;1.100,50\nSüd;200\nNorth;n/a\n".encode("cp1252")
    ts = await world.ask("total revenue by region", channel=channel, files=[("own.csv", data)])
    await world.slack.wait(
        lambda slack: any("✓ 3 of 3 numbers checked" in words_of(one) for one in slack.bot_messages(channel, ts)),
        timeout=30,
    )
