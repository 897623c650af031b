"""What people press under an answer: How, thumbs, Delete, Try again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from playground.slack.server.server import LocalSlack
from tests.support.world import ANN, BOB, KENJI, SALES, Json, World, words_of

SHARED = pytest.mark.asyncio(loop_scope="module")


async def answered(world: World, text: str) -> tuple[str, str, Json]:
    """Ask in a new channel; returns channel, thread and the message that carries the buttons."""
    channel = world.new_channel()
    ts = await world.ask(text, channel=channel)
    found = await world.outcomes(channel, ts)
    return channel, ts, next(m for m in found if has(m, "answer_feedback") or has(m, "try_again"))


def has(message: Json, action: str) -> bool:
    return f'"{action}"' in str(message.get("blocks")).replace("'", '"')


def modals(slack: LocalSlack, user: str) -> list[Json]:
    return [v.body for v in slack.workspace.views.values() if v.user == user and v.body["type"] == "modal"]


def shown(view: Json) -> str:
    return words_of({"blocks": view["blocks"]})


def is_replaced(view: Json, slack: LocalSlack) -> bool:
    """Whether an open modal shows something else by now."""
    return bool(slack.workspace.views[view["id"]].body["hash"] != view["hash"])


def rows(world: World, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(world.folder / "analyst.db")) as connection:
        return connection.execute(query).fetchall()


@SHARED
async def test_code_opens_a_modal_and_posts_a_file_naming_the_presser(shared_world: World) -> None:
    world = shared_world
    channel, ts, message = await answered(world, "[[code 2]] [[say done]]")
    await world.slack.human.press(message["ts"], "show_code", user=KENJI)
    [view] = await world.slack.wait(lambda slack: modals(slack, KENJI))
    assert view["title"]["text"] == "根拠"
    assert "# step 0\nprint(0)" in shown(view)
    assert "ran print(1)" in shown(view)

    await world.slack.human.press("", "post_code", user=KENJI, view_id=view["id"])
    await world.says(channel, ts, "この回答の Python コードです (健二 さんが投稿)")
    shared = await world.slack.wait(lambda slack: [m for m in slack.bot_messages(channel, ts) if m.get("files")], 20)
    assert [f["name"] for m in shared for f in m["files"]] == ["analysis.py"]
    [stored] = [world.slack.files[f["id"]] for f in shared[0]["files"]]
    assert isinstance(stored.data, bytes)
    assert b"print(0)" in stored.data
    assert b"#   ran print(1)" in stored.data
    await world.slack.human.close_view(view["id"], user=KENJI)


@SHARED
async def test_long_code_is_paged(shared_world: World) -> None:
    world = shared_world
    _, _, message = await answered(world, "[[code 70]] [[say done]]")
    await world.slack.human.press(message["ts"], "show_code", user=BOB)
    [view] = await world.slack.wait(lambda slack: modals(slack, BOB))
    assert "print(69)" not in shown(view)
    seen = shown(view)
    for _ in range(6):
        if "code_page_on" not in str(view["blocks"]):
            break
        await world.slack.human.press("", "code_page_on", user=BOB, view_id=view["id"])
        await world.slack.wait(partial(is_replaced, view))
        [view] = modals(world.slack, BOB)
        seen += shown(view)
    assert all(f"print({number})" in seen for number in range(70))
    assert len(modals(world.slack, BOB)) == 1
    await world.slack.human.close_view(view["id"], user=BOB)


@SHARED
async def test_thumbs_up_is_kept_and_thanked(shared_world: World) -> None:
    world = shared_world
    channel, ts, message = await answered(world, "[[say done]]")
    await world.slack.human.press(message["ts"], "answer_feedback", user=BOB)
    [thanks] = await world.slack.wait(lambda slack: [e for e in slack.ephemerals if e["channel"] == channel])
    assert thanks["user"] == BOB
    assert thanks["thread_ts"] == ts
    assert "Thank you" in thanks["message"]["text"]
    turn = f"{world.slack.team}:{channel}:{ts}"
    assert rows(world, f"select user, verdict from feedback where turn = '{turn}'") == [(BOB, "up")]


@SHARED
async def test_thumbs_down_is_kept_at_once_and_asks_why(shared_world: World) -> None:
    world = shared_world
    channel, ts, message = await answered(world, "[[say done]]")
    turn = f"{world.slack.team}:{channel}:{ts}"
    await world.slack.human.press(message["ts"], "answer_feedback", user=ANN, value=f"down {turn}")
    [view] = await world.slack.wait(lambda slack: modals(slack, ANN))
    verdicts = f"select user, verdict, reason from feedback where turn = '{turn}'"
    async with asyncio.timeout(10):
        while rows(world, verdicts) != [(ANN, "down", "")]:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)
    await world.slack.human.submit_view(view["id"], {"reason": {"reason": "the total is wrong"}}, user=ANN)
    assert not modals(world.slack, ANN)
    [thanks] = await world.slack.wait(lambda slack: [e for e in slack.ephemerals if e["channel"] == channel])
    assert thanks["user"] == ANN
    assert rows(world, verdicts) == [(ANN, "down", "the total is wrong")]


@SHARED
async def test_an_answer_is_deleted_by_its_asker_only(shared_world: World) -> None:
    world = shared_world
    channel, ts, message = await answered(world, "[[say done]] [[chart a.png]]")
    with pytest.raises(ValueError, match="does not see"):
        await world.slack.human.press(message["ts"], "delete_answer", user=BOB)
    await world.slack.wait(lambda slack: [m for m in slack.bot_messages(channel, ts) if m.get("files")], 20)
    await world.slack.human.press(message["ts"], "delete_answer", user=ANN)
    await world.slack.wait(lambda slack: not slack.bot_messages(channel, ts), 20)


@SHARED
async def test_try_again_names_the_presser_and_the_question(shared_world: World) -> None:
    world = shared_world
    world.azure.faults.add("content_filter_output")
    channel, ts, message = await answered(world, "[[say 5]] is 1 < 2 & 3?")
    await world.slack.human.press(message["ts"], "try_again", user=BOB)
    said = await world.says(channel, ts, "AI-generated")
    assert "Bob asks again: [[say 5]] is 1 &lt; 2 &amp; 3?" in said
    await world.slack.human.post(channel, "go on", thread=ts, user=BOB)
    await world.says(channel, ts, "You asked: go on")
    [turns] = rows(world, f"select count(*) from questions where channel = '{channel}'")
    assert turns == (3,)


async def test_what_was_pressed_is_not_lost_with_the_bot(world: World) -> None:
    """The press is on disk before its ack: kill -9 right after it changes nothing."""
    ts = await world.ask("[[code 1]] [[say done]]")
    found = await world.outcomes(SALES, ts)
    await world.slack.human.press(found[0]["ts"], "show_code", user=ANN)
    [view] = await world.slack.wait(lambda slack: modals(slack, ANN))
    gate = world.slack.faults.hold("files.completeUploadExternal")
    pressed = await world.slack.human.press("", "post_code", user=ANN, view_id=view["id"])
    assert pressed.acked
    await gate.reached.wait()
    await world.kill(world.bots[-1])
    gate.release()
    await world.start_bot()
    await world.slack.wait(lambda slack: any(m.get("files") for m in slack.bot_messages(SALES, ts)), 60)
    said = await world.says(SALES, ts, "posted by Ann")
    assert said.count("posted by Ann") == 1
    assert sum(len(m.get("files", [])) for m in world.slack.bot_messages(SALES, ts)) == 1


@SHARED
async def test_which_file_is_asked_and_the_one_that_is_pressed_is_computed(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    for name in ("sales_q3.csv", "weather.csv"):
        await world.slack.human.post(channel, files=[(name, b"region,revenue\nNorth,1\n")], user=BOB)
    ts = await world.ask("total of sales_q2.csv", channel=channel)
    said = await world.says(channel, ts, "I know no file called *sales_q2.csv* here. Which file do you mean?")
    assert "You asked" not in said
    message = next(m for m in world.slack.bot_messages(channel, ts) if has(m, "choose_file:0"))
    [row] = [block for block in message["blocks"] if block["type"] == "actions"]
    assert [button["text"]["text"] for button in row["elements"]] == ["sales_q3.csv", "weather.csv"]
    await world.slack.human.press(message["ts"], "choose_file:0", user=BOB)
    said = await world.says(channel, ts, "You asked: total of sales_q2.csv")
    await world.says(channel, ts, "Bob chose *sales_q3.csv*.")
    found = await world.outcomes(channel, ts)
    assert any("*sales_q3.csv* (" in words_of(message) for message in found)
    assert not any(has(message, "choose_file:0") for message in world.slack.bot_messages(channel, ts))
