"""Promise 2: 429, 5xx and resets on every method of Slack's and Azure's, lost sockets, cut streams, lost sandboxes.

All on SQLite, as they do not touch the database; on PostgreSQL the soak makes the same troubles.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.slack.server.server import LocalSlack
from tests.faults.bench import Bench
from tests.support.trouble import AZURE_TROUBLE, OTHER_METHODS, SLACK_TROUBLE, STREAM_METHODS, broken_after, reset_after
from tests.support.world import BOB, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")

CSV = [("sales.csv", b"city,revenue\nOsaka,3\nKyoto,4\n")]


@pytest.mark.parametrize("trouble", SLACK_TROUBLE)
async def test_promise_2_every_method_of_slack_in_trouble(bench: Bench, trouble: Any) -> None:
    """As many questions as methods, all at once, in threads of their own; each is answered, once, with its chart."""
    before = len(bench.slack.calls)
    for method in OTHER_METHODS:
        trouble(bench.slack.faults, method)
    asked = await asyncio.gather(*(asked_by_somebody_new(bench) for _ in OTHER_METHODS))
    for channel, thread, ts in asked:
        await bench.outcomes(channel, thread, files=1)
        said = bench.one_outcome(ts, thread=thread, channel=channel, charts=1)
        assert "the end" in said
        assert "warning" not in said
    expected = set(OTHER_METHODS) - ({"download"} if trouble in (reset_after, broken_after) else set())
    assert failed_since(bench.slack, before) >= expected


async def asked_by_somebody_new(bench: Bench) -> tuple[str, str, str]:
    """A question of somebody new, in a thread that another began: nothing of it is known already."""
    channel = bench.new_channel()
    guest = bench.new_person(channel)
    thread = await bench.slack.human.post(channel, "The figures of this year.", user=BOB)
    question = "[[say the end]] [[chart sales.png]]"
    return channel, thread, await bench.ask(question, channel=channel, thread=thread, user=guest, files=CSV)


@pytest.mark.parametrize("trouble", SLACK_TROUBLE)
async def test_promise_2_every_stream_method_in_trouble(bench: Bench, trouble: Any) -> None:
    before = len(bench.slack.calls)
    for method in STREAM_METHODS:
        bench.slack.faults.clear()
        bench.channel = bench.new_channel()
        first, second = bench.gate(), bench.gate()
        ts = await bench.ask(f"[[long 600]] [[wait {first}]] [[long 400]] [[wait {second}]] [[say the end]]")
        trouble(bench.slack.faults, method)
        if method == "chat.startStream":
            await bench.running(first)
        else:
            await bench.streaming(ts)
        bench.open(first)
        await bench.running(second)
        if method == "chat.appendStream":
            await bench.slack.wait(lambda slack: "chat.appendStream" in failed_since(slack, before), 20)
        bench.open(second)
        said = await bench.proven(ts)
        ends = [m for m in bench.slack.bot_messages(bench.channel, ts) if "the end" in words_of(m)]
        assert len(ends) == 1, method
        assert "warning" not in said, method
    assert failed_since(bench.slack, before) >= set(STREAM_METHODS)


def failed_since(slack: LocalSlack, before: int) -> set[str]:
    """Methods that have failed since so many calls were made."""
    return {call.method for call in list(slack.calls)[before:] if not call.ok}


@pytest.mark.parametrize("trouble", list(AZURE_TROUBLE), ids=str)
async def test_promise_2_azure_in_trouble(bench: Bench, trouble: str) -> None:
    fault = bench.azure.faults.add(**AZURE_TROUBLE[trouble])
    ts = await bench.ask("[[say begin]] [[code 1]] [[say the end]] [[chart sales.png]]", files=CSV)
    said = await bench.proven(ts, charts=1)
    assert fault.hits > 0, "the fault has struck"
    assert "the end" in said
    assert "warning" not in said


async def test_promise_2_container_expires_between_questions(bench: Bench) -> None:
    ts = await bench.ask("[[say one]] [[code 1]]", files=CSV)
    await bench.outcomes(bench.channel, ts)
    bench.azure.faults.add("container_expired")
    second = await bench.ask("[[say two]] [[code 1]] [[chart two.png]]", thread=ts)
    await bench.outcomes(bench.channel, ts, 2, files=1)
    assert "two" in bench.one_outcome(second, thread=ts, charts=1)


FATAL: dict[str, tuple[dict[str, Any], str]] = {
    "content filter": ({"name": "content_filter_input"}, "content filter"),
    "filter on the answer": ({"name": "content_filter_output", "after": 8}, "content filter"),
    "quota": ({"name": "quota"}, "quota"),
    "key": ({"name": "unauthorized", "path": "/responses", "method": "POST"}, "AZURE_OPENAI_API_KEY"),
    "deployment": ({"name": "no_deployment"}, "AZURE_OPENAI_DEPLOYMENT"),
    "failed run": ({"name": "run_failed", "times": None, "after": 4}, "again"),
    "down": ({"name": "server_error", "path": "/responses", "method": "POST", "times": None}, "Azure OpenAI"),
    "too long": ({"name": "context_too_long"}, "new thread"),
}


@pytest.mark.parametrize("reason", list(FATAL), ids=str)
async def test_promise_2_one_clear_error(bench: Bench, reason: str) -> None:
    """What cannot be helped is one sentence with a way out; the next question of the thread is answered."""
    options, words = FATAL[reason]
    bench.azure.faults.add(**options)
    ts = await bench.ask("[[long 200]] [[say the end]]")
    await bench.outcomes(bench.channel, ts)
    bench.azure.faults.clear()
    said = await bench.proven(ts)
    assert "⚠" in said or ":warning:" in said
    assert words in said


async def test_promise_2_try_again_works(bench: Bench) -> None:
    bench.azure.faults.add("content_filter_input")
    ts = await bench.ask("[[say second time lucky]]", files=CSV)
    failed = await bench.outcomes(bench.channel, ts)
    pressed = await bench.slack.human.press(failed[-1]["ts"], "try_again", channel=bench.channel)
    assert pressed.acked
    await bench.outcomes(bench.channel, ts, 2)
    said = "\n".join(map(words_of, bench.slack.bot_messages(bench.channel, ts)))
    assert said.count("second time lucky") >= 1
    assert "sales.csv" in said
    bench.one_outcome(ts)


@pytest.mark.parametrize("how", ["refresh", "kill", "refused upgrade", "warning"])
async def test_promise_2_sockets_lost(bench: Bench, how: str) -> None:
    """A turn goes on while the sockets are replaced; what Slack sent in between comes as a retry."""
    gate = bench.gate()
    ts = await bench.ask(f"[[wait {gate}]] [[say went on]]")
    await bench.running(gate)
    bench.habits(warning_seconds=0.2)
    if how == "refused upgrade":
        bench.slack.faults.refuse_upgrades(1)
    if how == "kill":
        bench.slack.faults.kill_sockets()
    else:
        bench.slack.faults.disconnect("warning" if how == "warning" else "refresh_requested")
    queued = await bench.ask("[[say in between]]", thread=ts)
    bench.open(gate)
    await bench.delivered(queued)
    await bench.settled(ts, 2)
    assert "went on" in bench.one_outcome(ts)
    assert "in between" in bench.one_outcome(queued, thread=ts)
