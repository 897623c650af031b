"""Streamed messages: modes, limits, life and the Stop button."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.models.messages.chunk import TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.people.people import ANN, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import bot_of, client_of, refusal, running


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running() as running_slack:
        yield running_slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return client_of(slack)


def to_ann(slack: LocalSlack) -> dict[str, Any]:
    return {"channel": SALES, "recipient_user_id": ANN, "recipient_team_id": slack.team}


def markdown(text: str) -> dict[str, str]:
    return {"type": "markdown_text", "text": text}


def task(task_id: str, status: str, **more: str) -> dict[str, str]:
    return {"type": "task_update", "id": task_id, "title": "Reading", "status": status, **more}


async def test_the_sdk_streams_text_and_tasks(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    stream = await client.chat_stream(**to_ann(slack), thread_ts=root, buffer_size=1)
    await stream.append(chunks=[TaskUpdateChunk(id="1", title="Reading", status="in_progress", details="one ")])
    await stream.append(markdown_text="Hello ")
    assert slack.bot_messages(SALES, root)[0]["streaming_state"] == "in_progress"
    await stream.append(chunks=[TaskUpdateChunk(id="1", title="Read", status="complete", details="two")])
    metadata = {"event_type": "turn", "event_payload": {"part": "1"}}
    await stream.stop(markdown_text="world", blocks=[{"type": "divider"}], metadata=metadata)
    (message,) = slack.bot_messages(SALES, root)
    assert message["streaming_state"] == "completed"
    assert message["text"] == "Hello world"
    card = message["blocks"][0]
    assert (card["type"], card["title"], card["status"]) == ("task_card", "Read", "complete")
    assert card["details"]["elements"][0]["elements"][0]["text"] == "one two"
    assert message["blocks"][-1]["type"] == "divider"
    assert message["metadata"] == metadata


async def test_stopping_without_content_is_refused_and_a_short_answer_is_start_and_stop(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    root = await slack.human.post(SALES, "question")
    stream = await client.chat_stream(**to_ann(slack), thread_ts=root)
    await stream.stop(markdown_text="short")
    assert slack.bot_messages(SALES, root)[0]["text"] == "short"
    started = await client.chat_startStream(**to_ann(slack), thread_ts=root)
    assert await refusal(client.chat_stopStream(channel=SALES, ts=started["ts"])) == "no_text"


async def test_starting_needs_a_thread_and_a_recipient(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    start = client.chat_startStream
    assert await refusal(start(channel=SALES, thread_ts=root)) == "missing_recipient_user_id"
    assert await refusal(start(channel=SALES, thread_ts=root, recipient_user_id=ANN)) == "missing_recipient_team_id"
    assert await refusal(start(**to_ann(slack), thread_ts="1700000000.000001")) == "invalid_thread_ts"
    stranger = to_ann(slack) | {"recipient_user_id": "U0NOBODY"}
    assert await refusal(start(**stranger, thread_ts=root)) == "user_not_found"
    both = start(**to_ann(slack), thread_ts=root, markdown_text="x", chunks=[markdown("y")])
    assert await refusal(both) == "cannot_provide_both_markdown_text_and_chunks"
    direct = await slack.human.post(slack.direct(ANN), "hello")
    await start(channel=slack.direct(ANN), thread_ts=direct)


async def test_a_stream_keeps_its_mode(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, markdown_text="a"))["ts"]
    append = client.chat_appendStream(channel=SALES, ts=ts, chunks=[markdown("b")])
    assert await refusal(append) == "streaming_mode_mismatch"
    await client.chat_appendStream(channel=SALES, ts=ts, markdown_text="b")
    assert slack.bot_messages(SALES, root)[0]["text"] == "ab"


async def test_a_stream_holds_only_so_much(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("あ" * 3000)]))["ts"]
    too_much = client.chat_appendStream(channel=SALES, ts=ts, chunks=[markdown("あ" * 1000)])
    assert await refusal(too_much) == "msg_too_long"
    details = task("1", "in_progress", details="x" * 1200)
    assert await refusal(client.chat_appendStream(channel=SALES, ts=ts, chunks=[details])) == "msg_too_long"
    await client.chat_stopStream(channel=SALES, ts=ts, chunks=[markdown("end")])
    assert slack.bot_messages(SALES, root)[0]["text"] == "あ" * 3000 + "end"


async def test_chunks_are_checked(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root))["ts"]
    for chunk in ({"type": "song"}, task("1", "done"), {"type": "task_update", "id": "1"}):
        append = client.chat_appendStream(channel=SALES, ts=ts, chunks=[chunk])
        assert await refusal(append) == "invalid_chunks"
    blocks = [{"type": "blocks", "blocks": [{"type": "poem"}]}]
    assert await refusal(client.chat_appendStream(channel=SALES, ts=ts, chunks=blocks)) == "invalid_blocks"


async def test_tasks_left_open_end_as_errors_in_a_plan(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    chunks = [{"type": "plan_update", "title": "Analysing"}, task("1", "in_progress")]
    started = await client.chat_startStream(**to_ann(slack), thread_ts=root, task_display_mode="plan", chunks=chunks)
    await client.chat_stopStream(channel=SALES, ts=started["ts"])
    (plan,) = slack.bot_messages(SALES, root)[0]["blocks"]
    assert (plan["type"], plan["title"], plan["tasks"][0]["status"]) == ("plan", "Analysing", "error")


async def test_a_stream_dies_of_age() -> None:
    async with running(time_scale=0.001) as slack:
        client = client_of(slack)
        root = await slack.human.post(SALES, "question")
        ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("a")]))["ts"]
        await slack.wait(lambda s: s.bot_messages(SALES, root)[0]["streaming_state"] == "errored")
        append = client.chat_appendStream(channel=SALES, ts=ts, chunks=[markdown("b")])
        assert await refusal(append) == "message_not_in_streaming_state"
        assert await refusal(client.chat_stopStream(channel=SALES, ts=ts)) == "message_not_in_streaming_state"
        await client.chat_update(channel=SALES, ts=ts, text="repaired")


async def test_a_running_stream_is_not_to_be_updated_and_not_of_others(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    root = await slack.human.post(SALES, "question")
    ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("a")]))["ts"]
    assert await refusal(client.chat_update(channel=SALES, ts=ts, text="x")) == "streaming_state_conflict"
    assert await refusal(client.chat_stopStream(channel=SALES, ts=root)) == "message_not_owned_by_app"
    assert await refusal(client.chat_appendStream(channel=SALES, ts="1.000001")) == "message_not_found"
    await client.chat_stopStream(channel=SALES, ts=ts)
    assert await refusal(client.chat_stopStream(channel=SALES, ts=ts)) == "message_not_in_streaming_state"


async def test_a_refused_stop_leaves_the_stream_open(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("a")]))["ts"]
    image = {"type": "image", "alt_text": "x", "slack_file": {"id": "F0NOTHING"}}
    assert await refusal(client.chat_stopStream(channel=SALES, ts=ts, blocks=[image])) == "invalid_blocks"
    await client.chat_stopStream(channel=SALES, ts=ts)


async def test_the_stop_button_ends_streams_and_tells_the_app(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        client = client_of(slack)
        root = await slack.human.post(SALES, "question")
        ts = (await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("a")]))["ts"]
        await client.assistant_threads_setStatus(channel_id=SALES, thread_ts=root, status="is thinking")
        assert await slack.human.stop(SALES, root) == [ts]
        assert slack.status(SALES, root) == ""
        append = client.chat_appendStream(channel=SALES, ts=ts, chunks=[markdown("b")])
        assert await refusal(append) == "stopped_by_user"
        (event,) = await slack.wait(lambda _: bot.of("agent_session_stopped"))
        assert (event["thread_ts"], event["streaming_message_ts"], event["user"]) == (root, [ts], ANN)


async def test_starting_a_stream_clears_the_status(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    await client.assistant_threads_setStatus(channel_id=SALES, thread_ts=root, status="is thinking")
    await client.chat_startStream(**to_ann(slack), thread_ts=root, chunks=[markdown("a")])
    assert slack.status(SALES, root) == ""
