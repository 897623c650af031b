"""Files that kill their reader, before the real bot: it does not notice, and nobody waits for them."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache, partial

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tables import pasted_tables, without_pasted
from tests.hostile import files
from tests.integration.test_large_file import forget_peak, memory
from tests.support.world import World, words_of

SHARED = pytest.mark.asyncio(loop_scope="module")
LEAST, MOST = 8, 20
SLOWER = 3.0
NOISE = 0.015
"""Seconds; a quicker ack differs by what else the machine does, which carries the files to and fro as well."""

GROWTH = 64 * 2**20
GIVEN_UP = "cannot be looked into; I pass it on as it is."

CARDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "corners.xlsx": (files.corner_to_corner, "1,048,576 rows × 16,384 columns"),
    "row.xlsx": (files.stray_row, "1,048,575 rows × 20 columns"),
    "column.xlsx": (files.stray_column, "499 rows × 16,384 columns"),
    "dimension.xlsx": (files.false_dimension, "99 rows × 20 columns"),
    "addresses.xlsm": (files.without_addresses, "1,048,576 rows × 3 columns"),
    "corners.xls": (files.sparse_xls, GIVEN_UP),
    "corners.xlsb": (files.sparse_xlsb, GIVEN_UP),
    "repeated.ods": (files.sparse_ods, "repeated.ods"),
    "laughs.xlsx": (files.billion_laughs, "laughs.xlsx"),
    "bomb.xlsx": (files.zip_bomb, "bomb.xlsx"),
    "links.xlsx": (files.link_archive, "links.xlsx"),
    "members.xlsx": (partial(files.many_members, 50_000), "members.xlsx"),
    "quote.csv": (files.open_quote, "rows × 2 columns"),
    "columns.csv": (files.many_columns, "columns.csv"),
    "row.csv": (partial(files.long_row, 30), "row.csv"),
}
"""By name: what makes the file, and what its card says."""

ASKED_ABOUT = ["corners.xlsx", "row.xlsx", "corners.xls", "corners.xlsb", "members.xlsx"]


@cache
def content(name: str) -> bytes:
    """One of the files; some take half a second to make."""
    return CARDS[name][0]()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), ScriptedModel(), ScriptedInterpreter()) as made:
        await made.start_bot()
        await made.answer("[[say warm]]", channel=made.new_channel(), files=[("a.csv", b"a,b\n1,2\n")])
        yield made


async def acks(world: World, enough: Callable[[], bool] = lambda: True) -> float:
    """Ask and get answers in a channel where nothing else happens; the median of the acks' seconds.

    Args:
        world: Where.
        enough: Whether what goes on meanwhile has ended.
    """
    channel, asked = world.new_channel(), list[str]()
    while len(asked) < LEAST or (len(asked) < MOST and not enough()):
        asked.append(await world.ask("[[say hi]]", channel=channel))
        await world.outcomes(channel, asked[-1])
    mine = [envelope for envelope in world.slack.envelopes if envelope.event.get("ts") in asked]
    return statistics.median(envelope.ack_seconds or 60.0 for envelope in mine)


async def card(world: World, channel: str, ts: str) -> str:
    shown = await world.slack.wait(lambda slack: slack.bot_messages(channel, ts), 60)
    return "\n".join(map(words_of, shown))


def all_said(world: World, places: Mapping[str, tuple[str, str]]) -> Callable[[], bool]:
    return lambda: all(world.slack.bot_messages(*place) for place in places.values())


@SHARED
async def test_h1_h2_dropped_files_keep_nobody_waiting_and_get_their_cards(world: World) -> None:
    bot = world.bots[-1]
    before = await acks(world)
    forget_peak(bot.pid)
    at_rest = memory(bot.pid, "VmRSS")
    dropped = {}
    for name, data in {name: content(name) for name in CARDS}.items():
        channel = world.new_channel()
        dropped[name] = (channel, await world.slack.human.post(channel, files=[(name, data)]))
    during = await acks(world, all_said(world, dropped))
    cards = {name: await card(world, *place) for name, place in dropped.items()}
    for name, (_, said) in CARDS.items():
        assert said in cards[name], name
    assert during <= SLOWER * max(before, NOISE)
    assert memory(bot.pid, "VmHWM") - at_rest < GROWTH
    assert bot.returncode is None
    assert world.bots == [bot]


@SHARED
async def test_h1_h2_questions_about_such_files_are_answered_and_keep_nobody_waiting(world: World) -> None:
    bot = world.bots[-1]
    before = await acks(world)
    asked = {}
    for name in ASKED_ABOUT:
        channel = world.new_channel()
        data = content(name)
        asked[name] = (
            channel,
            await world.ask("[[code]] [[say Here you are.]] [[context]]", channel=channel, files=[(name, data)]),
        )
    during = await acks(world, all_said(world, asked))
    for name, place in asked.items():
        said = "\n".join(map(words_of, await world.outcomes(*place)))
        assert "Here you are." in said, name
        assert f"original name: {name}" in said, "the file is at Azure"
        assert (GIVEN_UP in said) is (CARDS[name][1] == GIVEN_UP), name
    assert during <= SLOWER * max(before, NOISE)
    assert bot.returncode is None


@SHARED
async def test_a_helper_that_is_killed_is_replaced(world: World) -> None:
    channel = world.new_channel()
    ts = await world.slack.human.post(channel, files=[("corners.xls", files.sparse_xls())])
    assert GIVEN_UP in await card(world, channel, ts)
    channel = world.new_channel()
    ts = await world.slack.human.post(channel, files=[("sales.csv", b"city,revenue\nOsaka,3\n")])
    assert "1 row × 2 columns" in await card(world, channel, ts)


PASTED = {
    "fences": "```",
    "spaces": " ",
    "rules": "-",
    "links": "<http",
    "labels": "<http:|",
    "numbers": "1,",
    "rows": "a,b\n",
    "quotes": '"1,\n',
    "frames": "| a | b |\n",
    "tables": "```a,b\n1,2\n```",
    "references": "&#9",
}


@pytest.mark.thorough
@pytest.mark.parametrize("unit", PASTED.values(), ids=PASTED)
@pytest.mark.parametrize("before", ["", "```\n", "```\na,b\n"], ids=["bare", "fenced", "table"])
def test_h4_pasted_tables_are_found_in_linear_time(unit: str, before: str) -> None:
    def spent(length: int) -> float:
        text = before + unit * (length // len(unit)) + "x```"
        begun = time.thread_time()
        pasted_tables(text)
        without_pasted(text)
        return time.thread_time() - begun

    short, long = min(spent(500_000) for _ in range(3)), min(spent(1_000_000) for _ in range(3))
    assert long < max(3 * short, 0.02)
    assert long < 0.2
