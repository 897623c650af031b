"""Very many questions at once cost seconds, and the ledger proves each answer."""

from __future__ import annotations

import asyncio

import pytest

from playground.slack.people.people import SALES
from tests.playground.slack_client import Json, bot_of, client_of, running

QUESTIONS = 150


@pytest.mark.thorough
async def test_many_questions_each_with_one_answer() -> None:
    async with running(twins="random", stream_events="none") as slack, bot_of(slack) as bot:
        client = client_of(slack)
        claimed: set[str] = set()
        answering: list[asyncio.Task[object]] = []

        async def answer(ts: str) -> None:
            metadata = {"event_type": "turn", "event_payload": {"turn": ts}}
            await client.chat_postMessage(channel=SALES, thread_ts=ts, text="42", metadata=metadata)

        async def on_event(event: Json) -> None:
            if "bot_id" not in event and event["ts"] not in claimed:
                claimed.add(event["ts"])
                answering.append(asyncio.create_task(answer(event["ts"])))

        bot.on_event = on_event
        asked = [await slack.human.post(SALES, f"@analyst {number}") for number in range(QUESTIONS)]
        waits = (
            slack.wait(lambda s, ts=ts: s.bot_messages(SALES, ts), 30, channel=SALES, thread=ts)  # type: ignore[misc]
            for ts in asked
        )
        await asyncio.gather(*waits)
        await asyncio.gather(*answering)
        proven = {question.ts: question.answers for question in slack.questions()}
        assert list(proven) == asked
        for ts, answers in proven.items():
            assert [found["metadata"]["event_payload"]["turn"] for found in answers] == [ts]


async def test_a_bounded_ledger() -> None:
    async with running(ledger_limit=5) as slack:
        for number in range(20):
            await slack.human.post(SALES, str(number))
        assert (len(slack.envelopes), len(slack.acts), len(slack.messages(SALES))) == (5, 5, 20)
