"""The Assistants v2 backend against the local Azure: threads, messages, runs in every status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest

from azure_assistant import AssistantConfig, errors, open_assistant
from azure_assistant.assistant import Assistant, Prompt, Thread
from azure_assistant.events import (
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    Gone,
    RunEvent,
    RunStarted,
    TextDelta,
    Waiting,
)
from playground.azure.server import LocalAzure
from tests.azure.support import Cell, TestInterpreter, TestModel, add, ask, attach, content, png, shared

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")]

CSV = "region,sales\n東京,10\n".encode()
SHOWN = Cell("plt.show()", "drawn\r\n", [png(1)])
WRITTEN = Cell("df.to_csv('/mnt/data/clean.csv')", "", [], {"clean.csv": b"a,b\n1,2\n"})


@pytest.fixture
def config(config: AssistantConfig) -> AssistantConfig:
    return replace(config, api="assistants")


@pytest.fixture
async def assistant(config: AssistantConfig) -> AsyncIterator[Assistant]:
    opened = open_assistant(config)
    yield opened
    await opened.close()


def text_of(events: list[RunEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def ended(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    assert last.text == text_of(events)
    return last


def failure(events: list[RunEvent]) -> errors.AssistantError:
    last = events[-1]
    assert isinstance(last, Failed), last
    return last.error


async def test_a_file_a_chart_and_a_table(
    azure: LocalAzure, model: TestModel, interpreter: TestInterpreter, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [SHOWN, WRITTEN, "Tokyo leads, see [data](sandbox:/mnt/data/clean.csv)."]
    file = await attach(assistant, thread, "売上.csv", CSV)
    events = await ask(assistant, thread, Prompt("Who leads?", files=[file]))
    assert isinstance(events[0], RunStarted)
    assert ended(events).text == "Tokyo leads, see [data](sandbox:/mnt/data/clean.csv)."
    assert ended(events).usage.input_tokens > 0
    parts = model.requests[0].user_parts
    assert f"- `/mnt/data/{file.file.id}` (original name: 売上.csv; newest)" in parts[1]
    assert parts[-1] == "Who leads?"
    (session,) = interpreter.sessions.values()
    assert session.stored[file.file.id] == CSV
    assert [event for event in events if isinstance(event, CodeStarted | CodeFinished)] == [
        CodeStarted(0),
        CodeFinished(0, SHOWN.code, "drawn\n"),
        CodeStarted(1),
        CodeFinished(1, WRITTEN.code, ""),
    ]
    (chart,) = [event for event in events if isinstance(event, ChartReady)]
    assert await content(assistant, chart.artifact.ref) == png(1)
    (table,) = [event for event in events if isinstance(event, FileReady)]
    assert (table.artifact.name, table.artifact.alt) == ("clean.csv", "data")
    assert await content(assistant, table.artifact.ref) == b"a,b\n1,2\n"


async def test_one_assistant_serves_all_threads_and_processes(
    azure: LocalAzure, config: AssistantConfig, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    await ask(assistant, await assistant.create_thread({}), "two")
    other = open_assistant(config)
    await ask(other, thread, "three")
    await other.close()
    assert len(azure.requests.of("POST", "/assistants")) == 1


async def test_a_follow_up_attaches_only_new_files(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    first = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[first]))
    second = await attach(assistant, thread, "b.csv", CSV)
    await ask(assistant, thread, Prompt("two", files=[first, second]))
    attached = [[given["file_id"] for given in entry.body["attachments"]] for entry in posted(azure)]
    assert attached == [[first.file.id], [second.file.id]]
    assert first.file.id in "\n".join(model.requests[1].user_parts[:-1])


def posted(azure: LocalAzure) -> list[Any]:
    return azure.requests.of("POST", "/threads/*/messages")


async def test_small_talk_is_offered_no_tool(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, Prompt("thanks", compute=False, asker="u1"))
    assert azure.requests.of("POST", "/threads/*/runs")[0].body["tools"] == []
    assert not model.requests[0].can_run_code


async def test_the_twenty_first_file_is_refused(assistant: Assistant, thread: Thread) -> None:
    for number in range(20):
        await add(assistant, thread, f"{number}.csv", CSV)
    with pytest.raises(errors.TooManyFiles, match="20 files"):
        await add(assistant, thread, "one_more.csv", CSV)


async def test_of_files_that_come_side_by_side_so_many_are_taken_as_there_is_room(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    """One that fails makes room for another that waits for it."""
    for number in range(18):
        await add(assistant, thread, f"{number}.csv", CSV)
    azure.faults.add("unauthorized", path="/files", method="POST")
    more = [add(assistant, thread, f"more{number}.csv", CSV) for number in range(4)]
    came = await asyncio.gather(*more, return_exceptions=True)
    kinds = [type(one).__name__ for one in came]
    assert sorted(kinds) == ["AssistantFile", "AssistantFile", "TooManyFiles", "WrongKey"]
    assert len(azure.files) == 20


async def test_files_that_leave_side_by_side_are_all_gone_from_the_sandbox(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    """The service knows only the list of all that is left in it."""
    files = [await attach(assistant, thread, f"{number}.csv", CSV) for number in range(4)]
    await ask(assistant, thread, Prompt("one", files=files))
    await asyncio.gather(*(assistant.remove_file(thread, file.file.id) for file in files[:3]))
    update = azure.requests.of("POST", f"/threads/{thread.state['thread']}")[-1].body
    assert update["tool_resources"]["code_interpreter"]["file_ids"] == [files[3].file.id]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_service_without_assistants_names_the_setting(
    azure: LocalAzure, assistant: Assistant, thread: Thread, status: int
) -> None:
    azure.faults.add("assistants_retired", times=None, status=status)
    with pytest.raises(errors.ServiceRetired, match="AZURE_OPENAI_API=responses"):
        await assistant.open_thread(thread)
    assert isinstance(failure(await ask(assistant, thread, "x")), errors.ServiceRetired)


@pytest.mark.parametrize(
    ("fault", "options", "expected"),
    [
        ("unauthorized", {"times": None}, errors.WrongKey),
        ("run_failed", {"times": None, "code": "server_error"}, errors.AzureDown),
        ("run_expired", {}, errors.RunExpired),
        ("run_requires_action", {}, errors.RunRequiresAction),
        ("content_filter_output", {"after": 6}, errors.AnswerFiltered),
        ("no_deployment", {}, errors.DeploymentNotFound),
        ("server_error", {"path": "/threads/*/runs", "times": None}, errors.AzureDown),
    ],
)
async def test_every_bad_end_has_its_error(
    azure: LocalAzure, assistant: Assistant, thread: Thread, fault: str, options: Mapping[str, Any], expected: type
) -> None:
    armed = azure.faults.add(fault, **options)
    assert type(failure(await ask(assistant, thread, "x"))) is expected
    assert armed.hits
    azure.faults.clear()
    assert ended(await ask(assistant, thread, "and now?"))


async def test_a_rate_limit_inside_the_run_is_waited_out(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("run_failed", code="rate_limit_exceeded", message="Rate limit reached. Try again in 20ms.")
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    assert [event.reason for event in events if isinstance(event, Waiting)] == ["rate_limit"]
    assert len(posted(azure)) == 1


async def test_an_answer_at_the_length_limit_says_so(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    azure.faults.add("run_incomplete", after=8)
    last = (await ask(assistant, thread, "x"))[-1]
    assert isinstance(last, Finished)
    assert last.notes == ["cut_short"]


@pytest.mark.one_in(3)
@pytest.mark.one_in(4)
@pytest.mark.parametrize("fault", ["silent_eof", "drop_socket", "bad_json"])
@pytest.mark.parametrize("after", [1, 5, 10])
async def test_a_broken_stream_is_completed(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, fault: str, after: int
) -> None:
    model.answers = lambda _: [Cell("print(1)", "1"), "The sum ", "is ", "42."]
    armed = azure.faults.add(fault, after=after)
    events = await ask(assistant, thread, "x")
    assert armed.hits == 1
    assert ended(events).text == "The sum is 42."
    assert sum(isinstance(event, CodeFinished) for event in events) == 1
    assert len(azure.requests.of("POST", "/threads/*/runs")) == 1


async def test_a_run_that_blocks_the_thread_is_waited_for_then_cancelled(
    azure: LocalAzure, config: AssistantConfig, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("hold", after=2)
    blocking = await started(assistant, thread, "first")
    impatient = open_assistant(replace(config, retries=replace(config.retries, patience=0.1)))
    events = await ask(impatient, thread, "second")
    assert ended(events).text == "You asked: second"
    assert "busy" in [event.reason for event in events if isinstance(event, Waiting)]
    assert azure.requests.of("POST", f"/threads/*/runs/{blocking}/cancel")
    await impatient.close()


async def started(assistant: Assistant, thread: Thread, question: str) -> str:
    """Begin a run and lose sight of it."""
    async with aclosing(cast("Any", assistant.run(thread, Prompt(question)))) as events:
        async for event in events:
            if isinstance(event, RunStarted):
                return event.run_id
    raise AssertionError


async def test_cancel_frees_the_thread(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    azure.faults.add("hold", after=2)
    await assistant.cancel(thread, await started(assistant, thread, "first"))
    assert ended(await ask(assistant, thread, "second"))
    await assistant.cancel(thread, "run_unknown")


async def resumed(assistant: Assistant, thread: Thread, run_id: str) -> list[RunEvent]:
    return [event async for event in assistant.resume(thread, run_id)]


async def test_resume(azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread) -> None:
    model.answers = lambda _: [SHOWN, "Done."]
    hold = azure.faults.add("hold", after=2)
    run_id = await started(assistant, thread, "x")
    waiting = asyncio.ensure_future(resumed(assistant, thread, run_id))
    await azure.wait(lambda _: azure.requests.of("GET", "/threads/*/runs/*"))
    hold.gate.set()
    events = await waiting
    assert [type(event).__name__ for event in events] == [
        "RunStarted",
        "CodeStarted",
        "CodeFinished",
        "TextDelta",
        "ChartReady",
        "Finished",
    ]
    assert await resumed(assistant, thread, "run_unknown") == [Gone()]
    assert await resumed(assistant, thread, "") == [Gone()]


async def test_a_lost_thread_is_replaced_and_told_what_was_said(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    thread.state["thread"] = "thread_gone"
    events = await ask(assistant, thread, Prompt("two", files=[file], transcript="Ann: one"))
    assert ended(events).notes == ["new_thread"]
    assert any("Ann: one" in part for part in model.requests[-1].user_parts)
    assert posted(azure)[-1].body["attachments"][0]["file_id"] == file.file.id


async def test_a_lost_file_is_named(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    kept, lost = await attach(assistant, thread, "a.csv", CSV), await attach(assistant, thread, "b.csv", CSV)
    await assistant.remove_file(thread, lost.file.id)
    error = failure(await ask(assistant, thread, Prompt("x", files=[kept, lost])))
    assert isinstance(error, errors.FileLost)
    assert error.file_ids == (lost.file.id,)


async def test_a_removed_file_leaves_the_thread(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    await assistant.remove_file(thread, file.file.id)
    assert file.file.id not in azure.files
    update = azure.requests.of("POST", f"/threads/{thread.state['thread']}")[-1].body
    assert update["tool_resources"]["code_interpreter"]["file_ids"] == []


async def test_a_deleted_thread_leaves_nothing(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [SHOWN, WRITTEN, "[data](sandbox:/mnt/data/clean.csv)"]
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    nameless = await assistant.without_names(thread)
    assert "a.csv" not in str(nameless.state)
    await assistant.delete_thread(nameless)
    assert not shared(azure.files)
    assert not azure.threads
    await assistant.delete_thread(Thread("thread_gone"))


async def test_the_font_belongs_to_an_assistant_of_its_own(
    azure: LocalAzure, model: TestModel, interpreter: TestInterpreter, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [Cell("pass"), "x"]
    await ask(assistant, thread, Prompt("図", cjk_font=True))
    await ask(assistant, thread, "no chart")
    with_font, without = (entry.body for entry in azure.requests.of("POST", "/assistants"))
    (font,) = with_font["tool_resources"]["code_interpreter"]["file_ids"]
    (style,) = without["tool_resources"]["code_interpreter"]["file_ids"]
    assert azure.files[style].filename.startswith("chart-style-")
    assert f"/mnt/data/{font}" in model.requests[0].instructions
    assert f"/mnt/data/{style}" in model.requests[1].instructions
    assert "chart_font" not in model.requests[1].instructions
    (session,) = interpreter.sessions.values()
    assert font in session.stored


async def test_a_run_that_takes_too_long_is_ended_at_the_service(azure: LocalAzure, config: AssistantConfig) -> None:
    assistant = open_assistant(replace(config, run_seconds=0.5))
    thread = await assistant.create_thread({})
    azure.faults.add("hold", after=2)
    assert isinstance(failure(await ask(assistant, thread, "x")), errors.RunTimedOut)
    assert azure.requests.of("POST", "/threads/*/runs/*/cancel")
    await assistant.close()
