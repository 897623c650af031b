"""What every assistant does, whatever the wire: ``responses`` and ``assistants`` against the local Azure, and the
scripted one that stands in for them in the heart's tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Assistant, AssistantFile, CallOutput, Prompt, PromptFile, Thread, Tool
from azure_assistant.errors import FileGone, FileLost
from azure_assistant.events import (
    Artifact,
    CallsMade,
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    FunctionCall,
    Gone,
    RunEvent,
    RunStarted,
    TextDelta,
)
from azure_assistant.testing import ScriptedAssistant, calls, says
from playground.azure.server import LocalAzure
from playground.ports import Call
from tests.azure.support import Cell, TestInterpreter, TestModel, add, ask, content, png

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

CSV = b"region,sales\nnorth,10\n"
CODE = Cell("draw()", "drawn\n", [png(1)], {"clean.csv": b"a,b\n1,2\n"})
TOLD = ["It is ", "here: ", "[data](sandbox:/mnt/data/clean.csv)"]


@dataclass
class Wire:
    """An assistant, and another process's, over the same service.

    ``next`` opens another one; ``works`` lets the model run code that makes a chart and a file; ``calls`` lets it call
    something, and then say that it has the answer.
    """

    assistant: Assistant
    next: Callable[[], Assistant]
    works: Callable[[], None]
    calls: Callable[[], None]


@pytest.fixture(params=["scripted", "responses", "assistants"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    if request.param == "scripted":
        scripted = ScriptedAssistant(says("It is ", "here."))
        yield Wire(scripted, lambda: scripted, lambda: _scripted_work(scripted), lambda: _scripted_calls(scripted))
        return
    interpreter = TestInterpreter()
    model = TestModel(interpreter)
    model.answers = lambda _: ["It is ", "here."]
    azure = LocalAzure(model, interpreter)
    await azure.start()
    config = AssistantConfig(azure.endpoint, azure.api_key, deployment=azure.deployment)
    opened = list[Assistant]()

    def another() -> Assistant:
        opened.append(open_assistant(replace(config, api=request.param)))
        return opened[-1]

    def works() -> None:
        model.answers = lambda _: [CODE, *TOLD]

    def calling() -> None:
        model.answers = lambda request: ["I have it."] if request.since else ["Hm.", Call("{}", "ask")]

    yield Wire(another(), another, works, calling)
    for assistant in opened:
        await assistant.close()
    await azure.stop()


def _scripted_work(scripted: ScriptedAssistant) -> None:
    scripted.made |= {"chart": png(1), "file": CODE.writes["clean.csv"]}
    scripted.script = lambda _: [
        CodeStarted(0),
        CodeFinished(0, CODE.code, CODE.prints),
        *map(TextDelta, TOLD),
        ChartReady(Artifact("chart", "chart.png", "image/png", {"id": "chart"})),
        FileReady(Artifact("file", "clean.csv", "text/csv", {"id": "file"})),
        Finished("".join(TOLD)),
    ]


def _scripted_calls(scripted: ScriptedAssistant) -> None:
    scripted.script = lambda _: calls(FunctionCall("call_1", "ask", "{}"), text="Hm.")
    scripted.then = lambda _, __: [TextDelta("I have it."), Finished("I have it.")]


async def opened(wire: Wire) -> Thread:
    return await wire.assistant.create_thread({"slack_thread": "T1:C1:1.2"})


def ended(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    return last


def stored(thread: Thread) -> Thread:
    """A thread as another process reads it from the database."""
    return Thread(thread.id, json.loads(json.dumps(thread.state)))


async def test_a_run_begins_with_its_id_and_ends_with_its_whole_text(wire: Wire) -> None:
    events = await ask(wire.assistant, await opened(wire), "where is it?")
    assert isinstance(events[0], RunStarted)
    assert events[0].run_id
    assert [type(event) for event in events].count(Finished) == 1
    assert ended(events).text == "".join(event.text for event in events if isinstance(event, TextDelta))
    assert ended(events).text == "It is here."


async def test_charts_and_files_come_once_after_the_text_and_can_be_read(wire: Wire) -> None:
    wire.works()
    file = await add(wire.assistant, thread := await opened(wire), "a.csv", CSV)
    events = await ask(wire.assistant, thread, Prompt("draw it", files=[_of(file)]))
    made = [event for event in events if isinstance(event, ChartReady | FileReady)]
    assert [type(event) for event in made] == [ChartReady, FileReady]
    last_text = max(position for position, event in enumerate(events) if isinstance(event, TextDelta))
    assert all(position > last_text for position, event in enumerate(events) if event in made)
    chart, table = (event.artifact for event in made)
    assert (table.name, table.kind, chart.kind) == ("clean.csv", "file", "chart")
    assert (chart.data or await content(wire.assistant, chart.ref)) == png(1)
    assert (table.data or await content(wire.assistant, table.ref)) == CODE.writes["clean.csv"]
    (began,) = [event for event in events if isinstance(event, CodeStarted)]
    (ran,) = [event for event in events if isinstance(event, CodeFinished)]
    assert (began.index, ran.index, ran.code, ran.output.strip()) == (0, 0, "draw()", "drawn")


def _of(file: AssistantFile) -> PromptFile:
    return PromptFile(file, file.name)


async def test_another_process_goes_on_with_what_was_stored(wire: Wire) -> None:
    thread = await opened(wire)
    first = await ask(wire.assistant, thread, "where is it?")
    other, read = wire.next(), stored(thread)
    assert ended(await ask(other, read, "and now?")).text == "It is here."
    assert isinstance(first[0], RunStarted)


async def test_the_outcome_of_a_run_is_found_again_and_of_no_other(wire: Wire) -> None:
    thread = await opened(wire)
    events = await ask(wire.assistant, thread, "where is it?")
    assert isinstance(events[0], RunStarted)
    other, read = wire.next(), stored(thread)
    again = [event async for event in other.resume(read, events[0].run_id)]
    assert ended(again).text == "It is here."
    for unknown in ("", "run_unknown"):
        assert [event async for event in other.resume(read, unknown)] == [Gone()]


async def test_files_of_one_name_are_two_and_a_removed_one_may_be_removed_again(wire: Wire) -> None:
    thread = await opened(wire)
    first, second = [await add(wire.assistant, thread, "a.csv", CSV) for _ in range(2)]
    assert first.id != second.id
    assert first.name != second.name
    assert (first.size, second.size) == (len(CSV), len(CSV))
    for _ in range(2):
        await wire.assistant.remove_file(thread, first.id)
    await wire.assistant.remove_file(thread, "file_unknown")


async def test_files_that_come_side_by_side_lose_neither_name_nor_place(wire: Wire) -> None:
    thread = await opened(wire)
    came = await asyncio.gather(*(add(wire.assistant, thread, "a.csv", CSV) for _ in range(4)))
    assert len({file.id for file in came}) == len({file.name for file in came}) == 4
    await asyncio.gather(*(wire.assistant.remove_file(thread, file.id) for file in came[2:]))
    prompt = Prompt("x", files=[_of(file) for file in came[:2]])
    assert ended(await ask(wire.next(), stored(thread), prompt))
    last = (await ask(wire.assistant, thread, replace(prompt, files=[_of(file) for file in came[1:]])))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, FileLost)


async def test_what_a_run_needs_can_be_brought_before_it_in_any_order_and_again(wire: Wire) -> None:
    wire.works()
    thread = await opened(wire)
    for _ in range(2):
        await asyncio.gather(wire.assistant.open_sandbox(thread, 0), wire.assistant.open_thread(thread))
    file = await add(wire.assistant, thread, "a.csv", CSV)
    for _ in range(2):
        await wire.assistant.fill_sandbox(thread, [file.id])
    events = await ask(wire.next(), stored(thread), Prompt("draw it", files=[_of(file)]))
    assert [event.artifact.name for event in events if isinstance(event, FileReady)] == ["clean.csv"]


async def test_a_sandbox_is_discarded_only_as_long_as_no_run_was_given_it(wire: Wire) -> None:
    thread = await opened(wire)
    await wire.assistant.discard_sandbox(thread)
    await wire.assistant.open_sandbox(thread, 0)
    await wire.assistant.discard_sandbox(thread)
    file = await add(wire.assistant, thread, "a.csv", CSV)
    await wire.assistant.fill_sandbox(thread, [file.id])
    assert ended(await ask(wire.assistant, thread, Prompt("x", files=[_of(file)])))
    await wire.assistant.discard_sandbox(thread)
    before = json.dumps(thread.state)
    await wire.assistant.open_sandbox(thread, 0)
    assert json.dumps(thread.state) == before


async def test_a_file_that_is_no_longer_there_is_named(wire: Wire) -> None:
    thread = await opened(wire)
    kept, lost = [await add(wire.assistant, thread, name, CSV) for name in ("a.csv", "b.csv")]
    await wire.assistant.remove_file(thread, lost.id)
    last = (await ask(wire.assistant, thread, Prompt("x", files=[_of(kept), _of(lost)])))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, FileLost)
    assert last.error.file_ids == (lost.id,)


async def test_a_cancel_leaves_a_thread_that_takes_questions(wire: Wire) -> None:
    thread = await opened(wire)
    events = await ask(wire.assistant, thread, "where is it?")
    assert isinstance(events[0], RunStarted)
    for run in (events[0].run_id, "run_unknown"):
        await wire.assistant.cancel(thread, run)
    assert ended(await ask(wire.assistant, thread, "and now?"))


@pytest.mark.thorough
async def test_a_file_that_was_made_and_is_gone_is_named(wire: Wire) -> None:
    wire.works()
    thread = await opened(wire)
    file = await add(wire.assistant, thread, "a.csv", CSV)
    events = await ask(wire.assistant, thread, Prompt("draw it", files=[_of(file)]))
    (table,) = [event.artifact for event in events if isinstance(event, FileReady)]
    await wire.assistant.delete_thread(thread)
    if isinstance(wire.assistant, ScriptedAssistant):
        wire.assistant.made.clear()
    with pytest.raises(FileGone):
        await content(wire.assistant, table.ref)


async def test_a_thread_is_deleted_without_names_and_again(wire: Wire) -> None:
    thread = await opened(wire)
    await add(wire.assistant, thread, "secret.csv", CSV)
    nameless = await wire.assistant.without_names(thread)
    assert "secret" not in json.dumps(nameless.state)
    for _ in range(2):
        await wire.assistant.delete_thread(stored(nameless))


CALLING = Prompt("where is it?", tools=[Tool("ask", "Asks.", {"type": "object"})])


async def called(wire: Wire, thread: Thread) -> tuple[str, list[CallOutput]]:
    """A run that waits: its id, and outputs for its calls."""
    events = await ask(wire.assistant, thread, CALLING)
    started, last = events[0], events[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(last, CallsMade)
    assert last.text == "Hm."
    return started.run_id, [CallOutput(call.id, "done") for call in last.calls]


async def test_a_run_that_calls_waits_and_goes_on_in_another_process(wire: Wire) -> None:
    wire.calls()
    thread = await opened(wire)
    run, outputs = await called(wire, thread)
    other, read = wire.next(), stored(thread)
    again = [event async for event in other.resume(read, run)]
    assert isinstance(again[-1], CallsMade)
    assert [call.id for call in again[-1].calls] == [output.id for output in outputs]
    events = [event async for event in other.go_on(read, CALLING, run, outputs)]
    assert isinstance(events[0], RunStarted)
    assert ended(events).text == "I have it."
    read = stored(read)
    assert ended([event async for event in other.resume(read, events[0].run_id)]).text


async def test_calls_that_are_closed_leave_a_thread_that_takes_questions(wire: Wire) -> None:
    wire.calls()
    thread = await opened(wire)
    run, outputs = await called(wire, thread)
    for _ in range(2):
        await wire.assistant.close_calls(thread, run, outputs)
    run, outputs = await called(wire, thread)
    assert ended([event async for event in wire.assistant.go_on(thread, CALLING, run, outputs)]).text == "I have it."


async def test_a_cancelled_run_that_waits_leaves_a_thread_that_takes_questions(wire: Wire) -> None:
    wire.calls()
    thread = await opened(wire)
    run, _ = await called(wire, thread)
    await wire.assistant.cancel(thread, run)
    assert await called(wire, thread)
