"""Socket Mode with the real client: acknowledgements, repetitions, reconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from playground.slack.people.people import SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import bot_of, client_of, running


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(events=("message.channels",), ack_timeout=0.3, retry_delays=(0.0, 0.2, 0.4)) as running_slack:
        yield running_slack


async def ticket(slack: LocalSlack) -> str:
    return str((await client_of(slack, slack.app_token).apps_connections_open(app_token=slack.app_token))["url"])


async def test_events_are_acknowledged(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        await slack.human.post(SALES, "hello")
        (envelope,) = await slack.wait(lambda s: [e for e in s.envelopes if e.acked])
        assert bot.events[0]["text"] == "hello"
        assert len(envelope.attempts) == 1
        assert envelope.ack_seconds is not None


async def test_a_ticket_is_good_for_one_connection(slack: LocalSlack) -> None:
    url = await ticket(slack)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as ws:
            hello = await ws.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            await ws.ping(b"sdk-ping-pong:1.5")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_pings_are_answered_with_the_same_bytes(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await ticket(slack), autoping=False) as ws:
        await ws.receive_json()
        await ws.ping(b"sdk-ping-pong:1.5")
        pong = await ws.receive()
        assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1.5")


async def test_no_more_than_ten_sockets(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await ticket(slack)) for _ in range(10)]
        assert (await sockets[9].receive_json())["num_connections"] == 10
        extra = await session.ws_connect(await ticket(slack))
        assert (await extra.receive_json())["reason"] == "too_many_websockets"
        assert slack.connections == 10
        await asyncio.gather(*(ws.close() for ws in sockets))


async def test_each_event_goes_to_one_of_the_sockets(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        second = AsyncSocketModeHandler(bot.app, slack.app_token)
        await second.connect_async()
        await slack.wait_connected(2)
        for number in range(20):
            await slack.human.post(SALES, str(number))
        await slack.wait(lambda _: len(bot.events) == 20)
        assert len({envelope.attempts[0].socket for envelope in slack.envelopes}) == 2
        await second.close_async()


async def test_a_failing_listener_gets_the_event_again(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        failures = iter([True, True])

        async def fail(_event: object) -> None:
            if next(failures, False):
                raise RuntimeError("the disk is full")

        bot.on_event = fail
        await slack.human.post(SALES, "hello")
        (envelope,) = await slack.wait(lambda s: [e for e in s.envelopes if e.acked])
        numbers = [(attempt.number, attempt.reason) for attempt in envelope.attempts]
        assert numbers == [(0, ""), (1, "timeout"), (2, "timeout")]
        assert len({attempt.envelope_id for attempt in envelope.attempts}) == 3
        assert len({payload["event_id"] for payload in bot.payloads}) == 1


@pytest.mark.thorough
async def test_without_an_app_an_event_is_dropped_in_the_end(slack: LocalSlack) -> None:
    await slack.human.post(SALES, "anybody?")
    (envelope,) = await slack.wait(lambda s: [e for e in s.envelopes if e.state == "dropped"])
    assert [attempt.number for attempt in envelope.attempts] == [0, 1, 2, 3]


async def test_an_app_that_comes_late_gets_the_repetition() -> None:
    async with running(events=("message.channels",), ack_timeout=0.05) as slack:
        await slack.human.post(SALES, "anybody?")
        await slack.wait(lambda s: len(s.envelopes[0].attempts) == 2)
        async with bot_of(slack) as bot:
            slack.faults.retry_now()
            await slack.wait(lambda _: bot.events)
            assert slack.envelopes[0].attempts[-1].number == 2


async def test_lost_acknowledgements_duplicates_and_order(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        slack.faults.drop_acks(1)
        await slack.human.post(SALES, "lost ack")
        await slack.wait(lambda _: len(bot.events) == 2)
        slack.faults.duplicate(1)
        await slack.human.post(SALES, "double")
        await slack.wait(lambda _: len(bot.events) == 4)
        assert slack.faults.redeliver(slack.envelopes[-1].event_id) == 1
        await slack.wait(lambda _: len(bot.events) == 5)
        slack.faults.reorder(3)
        for number in range(3):
            await slack.human.post(SALES, str(number))
        await slack.wait(lambda _: len(bot.events) == 8)
        texts = [event["text"] for event in bot.events]
        assert texts == ["lost ack", "lost ack", "double", "double", "double", "2", "1", "0"]


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_the_client_comes_back_after_a_disconnect(slack: LocalSlack, reason: str) -> None:
    async with bot_of(slack) as bot:
        slack.faults.disconnect(reason)
        await slack.wait(lambda s: len(s.called("apps.connections.open")) == 2)
        await slack.wait_connected()
        await slack.human.post(SALES, "still there?")
        await slack.wait(lambda _: bot.events)


async def test_the_client_comes_back_after_a_cut(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        slack.faults.kill_sockets()
        await slack.wait(lambda s: s.connections == 0)
        await slack.wait_connected()
        await slack.human.post(SALES, "still there?")
        await slack.wait(lambda _: bot.events)


@pytest.mark.thorough
async def test_the_client_notices_silence(slack: LocalSlack) -> None:
    async with bot_of(slack):
        slack.faults.stop_pongs()
        await slack.wait(lambda s: s.connections == 0)
        slack.faults.stop_pongs(silent=False)
        await slack.wait_connected()


async def test_refused_upgrades_burn_the_ticket(slack: LocalSlack) -> None:
    slack.faults.refuse_upgrades(1)
    url = await ticket(slack)
    async with aiohttp.ClientSession() as session:
        for status in (503, 403):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(url)
            assert refused.value.status == status


async def test_a_restarted_bot_goes_on(slack: LocalSlack) -> None:
    for text in ("first", "second"):
        async with bot_of(slack) as bot:
            await slack.human.post(SALES, text)
            await slack.wait(lambda s: s.envelopes[-1].acked)
            assert [event["text"] for event in bot.events] == [text]
        await slack.wait(lambda s: s.connections == 0)
