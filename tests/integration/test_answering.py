"""When it answers, and which files a question sees."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from tests.support.world import ANN, BOB, GENERAL, KENJI, SALES, Json, World, turn_of, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CSV = b"region,revenue\nEast,10\nWest,20\n"


def words(messages: list[Json]) -> str:
    return "\n".join(map(words_of, messages))


def prompts(world: World) -> list[str]:
    """The text of every message that was sent to the model, newest last."""
    return [
        "\n".join(part["text"] for part in entry.body["input"][-1]["content"])
        for entry in world.azure.requests
        if entry.path == "/responses" and entry.method == "POST"
    ]


async def silence(world: World, channel: str, thread: str) -> bool:
    """Nothing is said in a thread until a later question elsewhere has been answered."""
    before = len(world.slack.bot_messages(channel, thread))
    await world.answer("[[say done]]", channel=world.slack.direct(BOB), user=BOB)
    return len(world.slack.bot_messages(channel, thread)) == before


async def test_a_mention_is_answered_in_its_own_thread_once(shared_world: World) -> None:
    ts = await shared_world.ask("[[say hello]]")
    answer = await shared_world.outcomes(SALES, ts)
    assert len(answer) == 1
    assert answer[0]["thread_ts"] == ts
    assert "hello" in words(answer)


async def test_a_joined_thread_is_answered_without_a_mention(shared_world: World) -> None:
    ts = await shared_world.ask("[[say one]]")
    await shared_world.outcomes(SALES, ts)
    await shared_world.slack.human.post(SALES, "[[say two]]", user=ANN, thread=ts)
    assert "two" in words(await shared_world.outcomes(SALES, ts, count=2))


@pytest.mark.parametrize(
    ("user", "text"),
    [(BOB, "what do you think, Ann?"), (ANN, f"<@{BOB}> can you check?"), (ANN, "thanks!"), (ANN, ":tada:")],
)
async def test_what_is_not_meant_for_the_bot_is_left_alone(shared_world: World, user: str, text: str) -> None:
    ts = await shared_world.ask("[[say one]]")
    await shared_world.outcomes(SALES, ts)
    await shared_world.slack.human.post(SALES, text, user=user, thread=ts)
    assert await silence(shared_world, SALES, ts)


async def test_a_message_without_a_mention_in_a_channel_is_left_alone(shared_world: World) -> None:
    ts = await shared_world.slack.human.post(SALES, "average of what?", user=ANN)
    assert await silence(shared_world, SALES, ts)


async def test_direct_messages_are_answered_and_replies_continue_them(shared_world: World) -> None:
    channel = shared_world.slack.direct(ANN)
    ts = await shared_world.slack.human.post(channel, "[[say hi Ann]]", user=ANN)
    assert "hi Ann" in words(await shared_world.outcomes(channel, ts))
    await shared_world.slack.human.post(channel, "[[say again]]", user=ANN, thread=ts)
    assert "again" in words(await shared_world.outcomes(channel, ts, count=2))


async def test_a_reply_that_is_also_sent_to_the_channel_is_answered_once(shared_world: World) -> None:
    ts = await shared_world.ask("[[say one]]")
    await shared_world.outcomes(SALES, ts)
    await shared_world.slack.human.post(SALES, "[[say wide]]", user=ANN, thread=ts, broadcast=True)
    answer = await shared_world.outcomes(SALES, ts, count=2)
    assert sum("wide" in words_of(message) for message in answer) == 1


async def attached(world: World, name: str = "data.csv") -> bool:
    """Whether the newest question saw a file, byte for byte."""
    return f"original name: {name}" in prompts(world)[-1] and CSV in [file.data for file in world.azure.files.values()]


async def test_a_csv_on_the_mention_is_used(shared_world: World) -> None:
    await shared_world.answer("what is this?", files=[("data.csv", CSV)])
    assert await attached(shared_world)


async def test_a_csv_in_the_thread_is_used_and_the_thread_is_read(shared_world: World) -> None:
    root = await shared_world.slack.human.post(SALES, "Our numbers of May", user=BOB, files=[("may.csv", CSV)])
    await shared_world.slack.human.post(SALES, "West looks odd to me", user=KENJI, thread=root)
    await shared_world.answer("is Kenji right?", thread=root)
    assert await attached(shared_world, "may.csv")
    assert "Our numbers of May" in prompts(shared_world)[-1]
    assert "West looks odd to me" in prompts(shared_world)[-1]


async def test_a_csv_dropped_in_the_channel_before_the_mention_is_used(shared_world: World) -> None:
    await shared_world.slack.human.post(GENERAL, "", user=BOB, files=[("dropped.csv", CSV)])
    await shared_world.answer("total revenue by region", channel=GENERAL)
    assert await attached(shared_world, "dropped.csv")


async def test_the_file_that_the_question_names_is_used(shared_world: World) -> None:
    await shared_world.slack.human.post(GENERAL, "", user=BOB, files=[("april.csv", CSV)])
    await shared_world.slack.human.post(GENERAL, "", user=ANN, files=[("march.csv", CSV)])
    await shared_world.answer("total of april.csv", channel=GENERAL)
    assert await attached(shared_world, "april.csv")


async def test_a_csv_on_a_follow_up_is_added_to_the_conversation(shared_world: World) -> None:
    ts = await shared_world.ask("total?", files=[("first.csv", CSV)])
    await shared_world.outcomes(SALES, ts)
    await shared_world.slack.human.post(
        SALES, "and this one?", user=ANN, thread=ts, files=[("second.csv", b"a,b\n1,2\n")]
    )
    await shared_world.outcomes(SALES, ts, count=2)
    assert "first.csv" in prompts(shared_world)[-1]
    assert "second.csv" in prompts(shared_world)[-1]


async def test_files_of_one_channel_are_never_used_in_another(shared_world: World) -> None:
    await shared_world.slack.human.post(SALES, "", user=ANN, files=[("secret.csv", b"salary\n1\n")])
    before, direct = len(prompts(shared_world)), shared_world.slack.direct(BOB)
    ts = await shared_world.slack.human.post(direct, "summarise secret.csv", user=BOB)
    await shared_world.says(direct, ts, "I know no file called *secret.csv* here. Please share it here")
    assert len(prompts(shared_world)) == before


async def test_small_talk_uploads_nothing_and_starts_no_sandbox(shared_world: World) -> None:
    await shared_world.slack.human.post(SALES, "", user=ANN, files=[("any.csv", CSV)])
    before = len(shared_world.azure.files), len(shared_world.azure.containers)
    await shared_world.answer("hello!")
    assert (len(shared_world.azure.files), len(shared_world.azure.containers)) == before


async def test_a_pasted_table_counts_as_a_file(shared_world: World) -> None:
    await shared_world.answer("total?\n```\nregion,revenue\nEast,10\nWest,20\n```")
    assert await attached(shared_world, "pasted-1.csv")


async def test_a_chart_and_a_file_come_once_and_no_sandbox_link_is_left(shared_world: World) -> None:
    ts = await shared_world.ask("[[say Here it is]] [[chart sales.png]] [[file]]", files=[("data.csv", CSV)])
    answer = await shared_world.outcomes(SALES, ts, files=2)
    names = [file["name"] for message in answer for file in message.get("files", [])]
    assert sorted(names) == ["out.csv", "sales.png"]
    assert "sandbox:" not in words(answer)


@pytest.mark.parametrize("ping", ["<!channel>", "<!here>", f"<@{BOB}>", "<!subteam^S0TEAM>"])
async def test_the_models_text_pings_nobody(shared_world: World, ping: str) -> None:
    ts = await shared_world.ask(f"[[say Look {ping} here]]")
    answer = await shared_world.outcomes(SALES, ts)
    assert ping not in words(answer)


@pytest.mark.parametrize("twins", ["message_first", "mention_first", "random"])
async def test_twin_events_in_any_order_give_one_answer_with_the_files(shared_world: World, twins: Any) -> None:
    shared_world.slack.workspace.options = _options(shared_world, twins=twins, mention_files=False)
    ts = await shared_world.ask("what is this?", files=[("data.csv", CSV)])
    answer = await shared_world.outcomes(SALES, ts)
    assert {turn for turn in map(turn_of, answer) if turn} == {f"{shared_world.slack.team}:{SALES}:{ts}"}
    assert await attached(shared_world)


async def test_two_people_in_two_threads_are_answered_side_by_side(shared_world: World) -> None:
    first, second = await asyncio.gather(
        shared_world.answer("[[say for Ann]]", user=ANN), shared_world.answer("[[say for Bob]]", user=BOB)
    )
    assert "for Ann" in first
    assert "for Bob" in second


def _options(world: World, **changes: Any) -> Any:
    return dataclasses.replace(world.slack.workspace.options, **changes)
