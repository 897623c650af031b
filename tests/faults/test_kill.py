"""Promise 2, kill -9 at every step: each accepted question still ends in exactly one visible outcome."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest
import pytest_asyncio
from sqlalchemy import select

from conversations.database.inspection import transact
from conversations.database.models import AuditRow, Question
from tests.faults.bench import Bench
from tests.faults.rows import forget_turn
from tests.support.world import BOB, words_of

CSV = [("sales.csv", b"city,revenue\nOsaka,3\nKyoto,4\n")]
MARCH = b"city,revenue\nOsaka,5\n"
ASK = '[[call ask {"question": "Which year?", "choices": ["2024", "2025"]}]]'
KillPoint = Callable[[Bench], Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session")
async def assistants(bench: Bench) -> Bench:
    """The bench with a bot that speaks the Assistants API."""
    await bench.kill_all()
    bench.settings = {"AZURE_OPENAI_API": "assistants"}
    await bench.start_bot()
    return bench


async def after_ack(bench: Bench) -> None:
    ts = await bench.ask("[[say It is]] [[say done]]", files=CSV)
    await bench.acked(ts)
    bench.kill_now()
    await finishes(bench, ts, "done")


async def after_file_fetch(bench: Bench) -> None:
    fault = bench.azure.faults.add("hang", path="/files", method="POST")
    ts = await bench.ask("[[say done]]", files=CSV)
    await bench.struck(fault)
    bench.kill_now()
    await finishes(bench, ts, "done")


async def after_upload(bench: Bench) -> None:
    fault = bench.azure.faults.add("kill_request", path="/files", method="POST", callback=bench.kill_now)
    ts = await bench.ask("[[say done]]", files=CSV)
    await bench.struck(fault)
    await finishes(bench, ts, "done")


async def run_started_but_not_known(bench: Bench) -> None:
    gate = bench.gate()
    fault = bench.azure.faults.add("hang", path="/responses", method="POST")
    ts = await bench.ask(f"[[wait {gate}]] [[say done]]", files=CSV)
    await bench.struck(fault)
    fault.gate.set()
    bench.kill_now()
    bench.open(gate)
    await finishes(bench, ts, "done")


async def run_started_but_not_recorded(bench: Bench) -> None:
    gate = bench.gate()
    fault = bench.azure.faults.add("kill", after=1, callback=bench.kill_now)
    ts = await bench.ask(f"[[wait {gate}]] [[say done]]", files=CSV)
    await bench.struck(fault)
    bench.open(gate)
    await finishes(bench, ts, "done")


async def run_started(bench: Bench) -> None:
    gate = bench.gate()
    held = bench.slack.faults.hold("chat.startStream", when="before")
    ts = await bench.ask(f"[[long 600]] [[wait {gate}]] [[say done]]")
    await bench.reached(held)
    bench.kill_now()
    bench.open(gate)
    await finishes(bench, ts, "done")


async def stream_opened_but_not_recorded(bench: Bench) -> None:
    gate = bench.gate()
    bench.slack.faults.on_processed("chat.startStream", bench.kill_now)
    ts = await bench.ask(f"[[long 600]] [[wait {gate}]] [[say done]]")
    await bench.streaming(ts)
    bench.open(gate)
    await finishes(bench, ts, "done")


async def mid_stream(bench: Bench) -> None:
    first, second = bench.gate(), bench.gate()
    bench.slack.faults.on_processed("chat.appendStream", bench.kill_now)
    ts = await bench.ask(f"[[long 600]] [[wait {first}]] [[say more]] [[wait {second}]] [[say done]]")
    await bench.streaming(ts)
    bench.open(first)
    await bench.streaming(ts, "more")
    bench.open(second)
    await finishes(bench, ts, "done")


async def stream_completed_but_not_recorded(bench: Bench) -> None:
    gate = bench.gate()
    bench.slack.faults.on_processed("chat.stopStream", bench.kill_now)
    ts = await bench.ask(f"[[long 600]] [[wait {gate}]] [[say done]]")
    await bench.streaming(ts)
    bench.open(gate)
    await bench.slack.wait(lambda slack: slack.called("chat.stopStream")[-1:] and not bench.alive)
    await finishes(bench, ts, "done")


async def answer_posted_but_not_recorded(bench: Bench) -> None:
    bench.slack.faults.on_processed("chat.postMessage", bench.kill_now)
    ts = await bench.ask("[[say done]]")
    await bench.slack.wait(lambda slack: slack.bot_messages(bench.channel, ts))
    await finishes(bench, ts, "done")


async def answer_done_but_chart_not_posted(bench: Bench) -> None:
    held = bench.slack.faults.hold("files.completeUploadExternal", when="before")
    ts = await bench.ask("[[say done]] [[chart sales.png]]", files=CSV)
    await bench.reached(held)
    bench.kill_now()
    await finishes(bench, ts, "done", charts=1)


async def chart_posted_but_not_recorded(bench: Bench) -> None:
    bench.slack.faults.on_processed("files.completeUploadExternal", bench.kill_now)
    ts = await bench.ask("[[say done]] [[chart sales.png]] [[file]]", files=CSV)
    await bench.slack.wait(lambda slack: any(m.get("files") for m in slack.bot_messages(bench.channel, ts)))
    await finishes(bench, ts, "done", charts=2)


async def nearby(bench: Bench) -> str:
    """A question with a file of its own, which waits at a gate before it opens one that lies nearby."""
    ts = await bench.slack.human.post(bench.channel, files=[("march.csv", MARCH)], user=BOB)
    message = bench.slack.message(bench.channel, ts)
    assert message is not None
    return f'[[call open_files {{"ids": ["{message["files"][0]["id"]}"]}}]]'


async def called_but_not_carried_out(bench: Bench) -> None:
    gate, call = bench.gate(), await nearby(bench)
    ts = await bench.ask(f"[[wait {gate}]] {call} [[outputs]] [[chart a.png]] [[say done]]", files=CSV)
    await bench.running(gate)
    fault = bench.azure.faults.add("kill_request", path="/files", method="POST", callback=bench.kill_now)
    bench.open(gate)
    await bench.struck(fault)
    await finishes(bench, ts, "Opened.", charts=1)


async def outputs_given_but_not_recorded(bench: Bench) -> None:
    gate, call = bench.gate(), await nearby(bench)
    ts = await bench.ask(f"[[wait {gate}]] {call} [[outputs]] [[chart a.png]] [[say done]]", files=CSV)
    await bench.running(gate)
    fault = bench.azure.faults.add("kill", after=1, callback=bench.kill_now)
    bench.open(gate)
    await bench.struck(fault)
    await finishes(bench, ts, "Opened.", charts=1)


async def amid_what_follows_a_call(bench: Bench) -> None:
    gate, call = bench.gate(), await nearby(bench)
    ts = await bench.ask(f"[[long 600]] {call} [[outputs]] [[wait {gate}]] [[chart a.png]] [[say done]]", files=CSV)
    await bench.running(gate)
    bench.kill_now()
    bench.open(gate)
    await finishes(bench, ts, "Opened.", charts=1)


async def asked_but_not_told_to_the_model(bench: Bench) -> None:
    gate = bench.gate()
    ts = await bench.ask(f"[[wait {gate}]] {ASK}", files=CSV)
    await bench.running(gate)
    path = "/threads/*/runs/*/cancel" if "AZURE_OPENAI_API" in bench.settings else "/conversations/*/items"
    fault = bench.azure.faults.add("kill_request", path=path, method="POST", callback=bench.kill_now)
    bench.open(gate)
    await bench.struck(fault)
    await finishes(bench, ts, "Which year?")


async def question_posted_but_not_recorded(bench: Bench) -> None:
    bench.slack.faults.on_processed("chat.postMessage", bench.kill_now)
    ts = await bench.ask(ASK, files=CSV)
    await bench.slack.wait(lambda slack: slack.bot_messages(bench.channel, ts))
    await finishes(bench, ts, "Which year?")


async def finishes(bench: Bench, ts: str, text: str, charts: int = 0) -> None:
    await bench.restart()
    said = await bench.proven(ts, charts=charts)
    assert text in said
    assert "⚠" not in said, "an error instead of an answer"
    assert ":warning:" not in said, "an error instead of an answer"


@pytest.mark.parametrize(
    "point",
    [
        after_ack,
        after_file_fetch,
        after_upload,
        run_started_but_not_known,
        run_started_but_not_recorded,
        run_started,
        stream_opened_but_not_recorded,
        mid_stream,
        stream_completed_but_not_recorded,
        answer_posted_but_not_recorded,
        answer_done_but_chart_not_posted,
        chart_posted_but_not_recorded,
        called_but_not_carried_out,
        outputs_given_but_not_recorded,
        amid_what_follows_a_call,
        asked_but_not_told_to_the_model,
        question_posted_but_not_recorded,
    ],
    ids=lambda point: point.__name__,
)
async def test_promise_2_one_outcome_after_kill(bench: Bench, point: KillPoint) -> None:
    await point(bench)
    noted = select(AuditRow.id).where(AuditRow.what.in_(("question", "command", "refusal")))
    closed = select(Question.id).where(Question.state == "done")
    unnoted = closed.where(Question.id.not_in(noted))
    url = bench.database_url
    assert await asyncio.to_thread(transact, url, lambda session: session.scalars(unnoted).all()) == []
    assert await asyncio.to_thread(transact, url, lambda session: session.scalars(closed.limit(1)).all())


@pytest.mark.parametrize(
    "point",
    [
        after_ack,
        run_started,
        mid_stream,
        chart_posted_but_not_recorded,
        called_but_not_carried_out,
        outputs_given_but_not_recorded,
        amid_what_follows_a_call,
        asked_but_not_told_to_the_model,
    ],
)
async def test_promise_2_one_outcome_after_kill_with_assistants(assistants: Bench, point: KillPoint) -> None:
    """The same on the other wire, where the points do not depend on Azure's paths."""
    await point(assistants)


async def test_promise_2_of_five_files_only_those_are_uploaded_again_that_were_not(botless: Bench) -> None:
    """Two are at Azure and in the sandbox, three on their way. Nobody else asks Azure for anything."""
    await botless.start_bot()
    await botless.answer("[[say what charts need is there]]", channel=botless.new_channel())
    botless.azure.requests.clear()
    botless.azure.faults.add("hang", path="/files", method="POST", times=3)
    names = [f"{number}.csv" for number in range(5)]
    ts = await botless.ask("[[say done]]", files=[(name, b"a\n1\n") for name in names])
    placed = "/containers/*/files"
    await botless.azure.wait(
        lambda azure: sum(one.status == HTTPStatus.OK for one in azure.requests.of("POST", placed)) == 2
    )
    botless.kill_now()
    await finishes(botless, ts, "done")
    uploads = botless.azure.requests.of("POST", "/files")
    assert sorted(one.body["file"]["filename"] for one in uploads if one.status == HTTPStatus.OK) == names
    assert len(uploads) == len(names) + 3
    assert len(botless.azure.requests.of("POST", "/containers")) == 1


async def test_promise_2_killed_between_the_ack_and_the_turn(bench: Bench) -> None:
    """The row is there, and no turn; it gets one at the start, behind the turns that were there before."""
    gate = bench.gate()
    first, second = await bench.ask_in_line(gate, 2)
    await bench.kill_all()
    assert forget_turn(bench.database_url, second) <= 1
    bench.open(gate)
    await bench.start_bot()
    await bench.outcomes(bench.channel, first, 2)
    bench.in_order(bench.channel, first, [first, second])


async def test_promise_2_what_a_replica_left_between_the_ack_and_the_turn(replicas: Bench) -> None:
    """No bot starts here: the other replica finds it."""
    gate = replicas.gate()
    first, second = await replicas.ask_in_line(gate, 2)
    elsewhere = await replicas.ask("[[say three]]")
    await replicas.outcomes(replicas.channel, elsewhere)
    assert forget_turn(replicas.database_url, second) == 1
    replicas.open(gate)
    await replicas.outcomes(replicas.channel, first, 2)
    replicas.in_order(replicas.channel, first, [first, second])


async def test_promise_2_numbers_are_checked_once_after_kill(bench: Bench) -> None:
    """Killed when the footer was changed and that is not recorded: nothing is told twice, and nothing is left out."""
    number = {"label": "Revenue", "value": 9, "stated": "9", "query": "SELECT sum(revenue) FROM sales"}
    receipt = json.dumps({"version": 1, "numbers": [number]})
    bench.slack.faults.on_processed("chat.update", bench.kill_now)
    ts = await bench.ask(f"What is the revenue? [[receipt {receipt}]][[say It is 9.]]", files=CSV)

    def telling(words: str) -> int:
        return sum(words in words_of(message) for message in bench.slack.bot_messages(bench.channel, ts))

    await bench.slack.wait(lambda _: telling("differ from the files"))
    await bench.restart()
    await bench.slack.wait(lambda _: telling("Correction, after"))
    told = ("differ from the files", "the answer says 9, the files give 7", "Correction, after")
    assert [telling(words) for words in told] == [1, 1, 1]
