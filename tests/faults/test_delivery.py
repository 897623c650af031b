"""Promises 1 and 2: the ack says "on disk"; deliveries repeated, twinned, late and out of order make one turn."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.faults.bench import Bench
from tests.faults.rows import pass_time
from tests.support import proof
from tests.support.world import BOB, KENJI, MENTION, turn_of, words_of

SLACK_WAITS = 3.0
CSV = [("sales.csv", b"city,revenue\nOsaka,3\n")]


async def test_promise_2_redelivered_at_once_and_across_a_restart(bench: Bench) -> None:
    bench.slack.faults.duplicate(2)
    ts = await bench.ask("[[say done]]")
    await bench.proven(ts)
    bench.slack.faults.redeliver()
    await bench.proven_again(ts, 2)
    await bench.kill_all()
    await bench.start_bot()
    assert bench.slack.faults.redeliver() > 0
    await bench.proven_again(ts, 3)


async def test_promise_2_redelivered_while_it_runs(bench: Bench) -> None:
    gate = bench.gate()
    ts = await bench.ask(f"[[wait {gate}]] [[say while running]]")
    await bench.running(gate)
    for envelope in bench.deliveries(ts):
        bench.slack.faults.redeliver(envelope.event_id)
    bench.open(gate)
    await bench.proven(ts)
    assert sum(gate in request.user_parts[-1] for request in bench.model.requests) == 1


async def test_promise_2_twins_and_repetitions_show_one_sign(bench: Bench) -> None:
    def signs() -> int:
        return sum(call.method == "assistant.threads.setStatus" for call in bench.calls_in(ts))

    gate = bench.gate()
    ts = await bench.ask(f"[[wait {gate}]] [[say once]]")
    await bench.running(gate)
    await bench.acked(ts)
    for envelope in bench.deliveries(ts):
        bench.slack.faults.redeliver(envelope.event_id)
    await bench.acked(ts)
    await bench.proven(await bench.ask("[[say meanwhile]]"))
    assert signs() == 1
    bench.open(gate)
    await bench.proven(ts)


async def test_promise_2_lost_acks(bench: Bench) -> None:
    bench.slack.faults.drop_acks(2)
    ts = await bench.ask("[[say done]]")
    await bench.acked(ts)
    await bench.proven(ts)


@pytest.mark.parametrize("order", ["message_first", "mention_first"])
@pytest.mark.parametrize("with_files", [True, False], ids=["files on both", "files on the message only"])
async def test_promise_2_twins_in_any_order(bench: Bench, order: str, with_files: bool) -> None:
    bench.habits(twins=order, mention_files=with_files)
    ts = await bench.ask("[[say done]]", files=CSV)
    said = await bench.proven(ts)
    assert "sales.csv" in said, "the file of the second twin is used"


async def test_promise_2_one_twin_missing(bench: Bench) -> None:
    bench.habits(mention_on_upload=False)
    ts = await bench.ask("[[say done]]", files=CSV)
    assert "sales.csv" in await bench.proven(ts)


async def test_promise_2_old_question_gets_one_apology_and_can_be_tried_again(bench: Bench) -> None:
    old = f"{time.time() - 45 * 60:.6f}"
    text = f"{MENTION} [[say still good]]"
    await bench.slack.human.post(bench.channel, text, ts=old)
    found = await bench.outcomes(bench.channel, old)
    assert len(found) == 1
    assert "still good" not in words_of(found[0])
    bench.slack.faults.redeliver()
    pressed = await bench.slack.human.press(found[0]["ts"], "try_again", channel=bench.channel)
    assert pressed.acked
    await bench.outcomes(bench.channel, old, 2)
    said = "\n".join(map(words_of, bench.slack.bot_messages(bench.channel, old)))
    assert "still good" in said


async def test_promise_1_no_ack_while_the_disk_refuses(fresh: Bench) -> None:
    """The tables cannot be written: no ack; when they can, Slack's retry is answered."""
    await fresh.start_bot()
    async with disk_refuses(fresh):
        ts = await fresh.ask("[[say written down]]")
        await fresh.slack.wait(lambda _: all(len(e.attempts) > 1 for e in fresh.deliveries(ts)), 15)
        assert not any(envelope.acked for envelope in fresh.deliveries(ts))
    fresh.slack.faults.retry_now()
    assert "written down" in await fresh.proven(ts)


async def test_promise_1_no_ack_of_a_press_while_the_disk_refuses(fresh: Bench) -> None:
    """A button and a shortcut: Slack tells the person, who presses again; each press is answered once at most."""
    await fresh.start_bot()
    fresh.azure.faults.add("content_filter_input")
    ts = await fresh.ask("[[say pressed again]]", files=CSV)
    failed = await fresh.outcomes(fresh.channel, ts)

    async def press() -> list[bool]:
        button = await fresh.slack.human.press(failed[-1]["ts"], "try_again", channel=fresh.channel)
        shortcut = await fresh.slack.human.shortcut("analyze_message", ts, channel=fresh.channel)
        return [button.acked, shortcut.acked]

    async with disk_refuses(fresh):
        assert await press() == [False, False]
    assert await press() == [True, True]
    await fresh.settled(ts, 3)
    found = proof.outcomes(fresh.slack.bot_messages(fresh.channel, ts))
    assert len({turn_of(message) for message in found}) == len(found)
    assert any("pressed again" in words_of(message) for message in found)


@asynccontextmanager
async def disk_refuses(bench: Bench) -> AsyncIterator[None]:
    """Somebody else holds the database file's lock."""
    blocker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BLOCK, str(bench.folder / "analyst.db"), stdin=-1, stdout=-1
    )
    assert blocker.stdout
    assert blocker.stdin
    assert await blocker.stdout.readline() == b"locked\n"
    try:
        yield
    finally:
        blocker.stdin.close()
        await blocker.wait()


BLOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin immediate")
print("locked", flush=True)
sys.stdin.read()
"""


async def test_promise_1_killed_in_the_accept(bench: Bench) -> None:
    """Whatever is acked is on disk: kill -9 amid a burst, and each acked or repeated question is answered."""
    channels = [bench.new_channel() for _ in range(12)]
    asked = [await bench.ask(f"[[say in {channel}]]", channel=channel) for channel in channels]
    await bench.acked(asked[0])
    bench.kill_now()
    await bench.restart()
    bench.slack.faults.retry_now()
    for channel, ts in zip(channels, asked, strict=True):
        await bench.outcomes(channel, ts)
        assert f"in {channel}" in bench.one_outcome(ts, channel=channel)


async def test_promise_1_killed_right_after_the_ack_of_a_press(bench: Bench) -> None:
    bench.azure.faults.add("content_filter_input")
    ts = await bench.ask("[[say on disk before]]")
    failed = await bench.outcomes(bench.channel, ts)
    pressed = await bench.slack.human.press(failed[-1]["ts"], "try_again", channel=bench.channel)
    bench.kill_now()
    assert pressed.acked
    await bench.restart()
    await bench.settled(ts, 2)
    found = proof.outcomes(bench.slack.bot_messages(bench.channel, ts))
    assert sum("on disk before" in words_of(message) for message in found) == 1
    bench.one_outcome(ts)


async def test_promise_1_acks_are_quick(bench: Bench) -> None:
    """20 questions (40 envelopes) a second. The bound is Slack's: the promise's figures need a machine of their own."""
    channels = [bench.new_channel() for _ in range(30)]
    asked = []
    for channel in channels:
        asked.append(await bench.ask("[[say quick]]", channel=channel))
        await asyncio.sleep(0.05)  # the rate is what is tested
    for channel, ts in zip(channels, asked, strict=True):
        await bench.outcomes(channel, ts)
    waits = sorted(e.ack_seconds or 9 for ts in asked for e in bench.deliveries(ts))
    assert waits[int(len(waits) * 0.9)] < SLACK_WAITS


async def test_promise_2_the_same_question_twice_is_answered_once(bench: Bench) -> None:
    gate = bench.gate()
    first = await bench.ask(f"[[wait {gate}]] [[say once]]")
    await bench.running(gate)
    second = await bench.ask(f"[[wait {gate}]] [[say once]]", thread=first)
    await bench.slack.wait(lambda slack: (slack.message(bench.channel, second) or {}).get("reactions"))
    bench.open(gate)
    await bench.settled(first, 1)
    bench.slack.faults.redeliver()
    await bench.ask("[[say really settled]]", thread=first)
    await bench.outcomes(bench.channel, first, 3)
    assert not [m for m in bench.slack.bot_messages(bench.channel, first) if second in str(m.get("metadata"))]


async def test_promise_2_missed_for_longer_than_slack_retries(bench: Bench) -> None:
    """Nobody listened, and Slack has given up: active threads are read again at the start."""
    ts = await bench.ask("[[say before]]")
    await bench.outcomes(bench.channel, ts)
    direct = bench.slack.direct(KENJI)
    hello = await bench.slack.human.post(direct, "[[say hello]]", user=KENJI)
    await bench.outcomes(direct, hello)
    await bench.kill_all()
    bench.habits(retry_delays=(0.0, 0.1, 0.1))
    missed = await bench.slack.human.post(bench.channel, "[[say found in the thread]]", thread=ts)
    missed_direct = await bench.slack.human.post(direct, "[[say found in the DM]]", user=KENJI)
    missed_channel = await bench.ask("[[say found in the channel]]", user=BOB)
    await bench.slack.wait(lambda _: all(e.state == "dropped" for e in bench.deliveries(missed_channel)), 20)
    await asyncio.to_thread(pass_time, bench.database_url, 120)
    await bench.start_bot()
    await bench.outcomes(bench.channel, ts, 2)
    assert "found in the thread" in bench.one_outcome(missed, thread=ts)
    await bench.outcomes(direct, missed_direct)
    assert "found in the DM" in bench.one_outcome(missed_direct, channel=direct)
    await bench.outcomes(bench.channel, missed_channel)
    assert "found in the channel" in bench.one_outcome(missed_channel)


async def test_a_short_gap_reads_nothing_again(bench: Bench) -> None:
    """Slack's retries cover it; reading each active thread at each restart would use up what answers need to read."""
    ts = await bench.ask("[[say before]]")
    await bench.outcomes(bench.channel, ts)
    await bench.kill_all()
    before = len(bench.slack.called("conversations.history"))
    await bench.start_bot()
    later = await bench.ask("[[say after]]")
    await bench.outcomes(bench.channel, later)
    assert len(bench.slack.called("conversations.history")) == before


async def test_promise_1_no_ack_while_the_database_is_down(replicas: Bench, postgres: str) -> None:
    """PostgreSQL takes no connection for a while: nothing is lost, nothing comes twice."""
    running = replicas.gate()
    open_turn = await replicas.ask(f"[[wait {running}]] [[say went through it]]")
    await replicas.running(running)
    name = replicas.database_url.rpartition("/")[2]
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{name}" allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        ts = await replicas.ask("[[say after the outage]]")
        replicas.open(running)
        await replicas.slack.wait(lambda _: all(len(e.attempts) > 1 for e in replicas.deliveries(ts)), 20)
        assert not any(envelope.acked for envelope in replicas.deliveries(ts))
        admin.execute(f'alter database "{name}" allow_connections true')
    replicas.slack.faults.retry_now()
    assert "after the outage" in await replicas.proven(ts, timeout=60)
    assert "went through it" in await replicas.proven(open_turn, timeout=60)


async def test_second_bot_on_one_file_exits_with_one_sentence(fresh: Bench) -> None:
    await fresh.start_bot()
    second = await fresh.start_bot(wait=False)
    assert await asyncio.wait_for(second.wait(), 30) == 1
    assert "Another bot is running on this database file." in fresh.log
    assert "Traceback" not in fresh.log


async def test_auth_test_fails(fresh: Bench) -> None:
    """A passing failure is waited out; a refusal is one sentence that names the setting."""
    fresh.slack.faults.http_error("auth.test", 503, times=2)
    fresh.slack.faults.rate_limit("apps.connections.open")
    bot = await fresh.start_bot()
    ts = await fresh.ask("[[say up]]")
    await fresh.proven(ts)
    assert await fresh.terminate(bot) == 0
    fresh.slack.faults.slack_error("auth.test", "invalid_auth")
    refused = await fresh.start_bot(wait=False)
    assert await asyncio.wait_for(refused.wait(), 30) == 1
    assert fresh.log.splitlines()[-1].startswith("SLACK_BOT_TOKEN: Slack refuses it (invalid_auth).")
