"""Data files that are shared without a question."""

from __future__ import annotations

import json
import re

import pytest

from playground.slack.server.server import LocalSlack
from tests.support.world import ANN, BOB, KENJI, MENTION, SALES, Json, World, words_of

SHARED = pytest.mark.asyncio(loop_scope="module")
CSV = b"date,region,revenue\n" + b"".join(
    f"2026-01-{day:02d},{region},{day * 10}\n".encode() for day in range(1, 11) for region in ("North", "South")
)


async def card_under(world: World, channel: str, ts: str) -> Json:
    return (await world.slack.wait(lambda slack: slack.bot_messages(channel, ts), 20))[0]


def pressable(message: Json) -> list[Json]:
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


@SHARED
async def test_a_card_says_what_is_in_the_file_and_offers_questions(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(place, "the new numbers", files=[("sales.csv", CSV)])
    card = await card_under(world, place, ts)
    said = words_of(card)
    assert "*sales.csv*" in said
    assert "20 rows × 3 columns" in said
    assert "*revenue* (whole number)" in said
    assert "*date* (date)" in said
    assert "*region* (category)" in said
    assert [b["text"]["text"] for b in pressable(card)] == [
        "Describe this data and what stands out",
        "revenue over date, as a line chart",
        "Total revenue by region, as a bar chart",
    ]
    assert not world.azure.requests


@SHARED
async def test_a_pressed_question_is_asked_about_the_cards_file_and_names_the_presser(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(place, files=[("a&b.csv", CSV)], user=ANN)
    card = await card_under(world, place, ts)
    await world.slack.human.post(place, files=[("other.csv", CSV)], user=BOB)
    await world.slack.human.press(card["ts"], "ask_sample:2", user=KENJI)
    said = await world.says(place, ts, "You asked: Total revenue by region, as a bar chart")
    assert "健二 さんの質問: Total revenue by region, as a bar chart" in said
    uploads = [r for r in world.azure.requests if r.method == "POST" and r.path.endswith("/files")]
    assert uploads
    await world.slack.human.post(place, "and by month?", thread=ts, user=KENJI)
    await world.says(place, ts, "You asked: and by month?")


@SHARED
async def test_the_drop_starts_no_conversation(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(place, files=[("sales.csv", CSV)])
    await card_under(world, place, ts)
    await world.slack.human.post(place, "nice, thanks. What is the total?", thread=ts)
    assert "You asked: hello" in await world.answer("hello", channel=world.new_channel())
    assert len(world.slack.bot_messages(place, ts)) == 1


@SHARED
async def test_the_card_goes_with_its_message(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(place, files=[("sales.csv", CSV)])
    await card_under(world, place, ts)
    await world.slack.human.delete(place, ts)
    await world.slack.wait(lambda slack: not slack.bot_messages(place, ts), 20)


@SHARED
async def test_one_card_for_a_drop_of_several_messages(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    first = await world.slack.human.post(place, files=[("one.csv", CSV), ("two.csv", CSV)])
    card = await card_under(world, place, first)
    assert "*one.csv*" in words_of(card)
    assert "*two.csv*" in words_of(card)
    second = await world.slack.human.post(place, files=[("three.csv", CSV)])
    by_bob = await world.slack.human.post(place, files=[("four.csv", CSV)], user=BOB)
    await card_under(world, place, by_bob)
    assert "You asked: hello" in await world.answer("hello", channel=world.new_channel())
    assert world.slack.bot_messages(place, second) == []


@SHARED
async def test_a21_the_sixth_file_of_a_drop_is_named(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    shared = [(f"month-{number}.csv", CSV) for number in range(1, 7)]
    card = await card_under(world, place, await world.slack.human.post(place, files=shared))
    assert [name for name, _ in shared if f"*{name}*" not in words_of(card)] == []


@SHARED
async def test_no_card_for_a_question_a_picture_or_an_empty_file(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    picture = await world.slack.human.post(place, files=[("team.png", b"\x89PNG\r\n")])
    empty = await world.slack.human.post(place, files=[("empty.csv", b"")], user=BOB)
    said = await world.answer("what is this?", channel=place, files=[("sales.csv", CSV)])
    assert "You asked: what is this?" in said
    assert "rows ×" not in said
    assert world.slack.bot_messages(place, picture) == []
    assert world.slack.bot_messages(place, empty) == []


@SHARED
async def test_the_uploaders_language(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(place, user=KENJI, files=[("売上.csv", "日付,地域,売上\n".encode("cp932") * 3)])
    said = words_of(await card_under(world, place, ts))
    assert "*売上.csv*" in said
    assert "このデータの概要と特徴を教えて" in said
    assert "cp932" in said


@SHARED
async def test_a_large_file_is_counted_from_its_beginning(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    line = b"2026-01-01,North,10\n"
    ts = await world.slack.human.post(place, files=[("big.csv", b"date,region,revenue\n" + line * 1_200_000)])
    said = words_of(await card_under(world, place, ts))
    assert re.search(r"at least [\d,]+ rows × 3 columns", said)
    assert "24 MB" in said


@SHARED
async def test_a_channel_chooses_reaction_or_nothing(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    await world.slack.human.slash("/analyst", "card reaction", channel=place)
    ts = await world.slack.human.post(place, files=[("sales.csv", CSV)])

    def reactions(slack: LocalSlack) -> list[str]:
        return [r["name"] for r in (slack.message(place, ts) or {}).get("reactions", [])]

    assert await world.slack.wait(reactions) == ["bar_chart"]
    assert world.slack.bot_messages(place, ts) == []

    await world.slack.human.slash("/analyst", "card off", channel=place)
    quiet = await world.slack.human.post(place, files=[("sales2.csv", CSV)])
    elsewhere = world.new_channel()
    await card_under(world, elsewhere, await world.slack.human.post(elsewhere, files=[("sales3.csv", CSV)]))
    assert "reactions" not in (world.slack.message(place, quiet) or {})
    assert world.slack.bot_messages(place, quiet) == []


@SHARED
async def test_a_card_is_posted_once_whatever_happens(shared_world: World) -> None:
    world, place = shared_world, shared_world.new_channel()
    world.slack.faults.http_error("chat.postMessage", times=2, when="after")
    ts = await world.slack.human.post(place, files=[("sales.csv", CSV)])
    await card_under(world, place, ts)
    assert "You asked: hello" in await world.answer("hello", channel=world.new_channel())
    assert len(world.slack.bot_messages(place, ts)) == 1


async def test_a_card_survives_a_killed_bot(world: World) -> None:
    gate = world.slack.faults.hold("files.info")
    ts = await world.slack.human.post(SALES, files=[("sales.csv", CSV)])
    await gate.reached.wait()
    await world.kill(world.bots[-1])
    gate.release()
    await world.start_bot()
    assert "20 rows" in words_of(await card_under(world, SALES, ts))
    assert len(world.slack.bot_messages(SALES, ts)) == 1


async def test_the_installation_can_turn_cards_off(world: World) -> None:
    await world.kill(world.bots[-1])
    world.settings["FILE_CARD"] = "off"
    await world.start_bot()
    ts = await world.slack.human.post(SALES, files=[("sales.csv", CSV)])
    assert "You asked: hello" in await world.answer("hello", channel=world.new_channel())
    assert world.slack.bot_messages(SALES, ts) == []
    assert MENTION not in json.dumps(world.slack.messages(SALES, ts))
