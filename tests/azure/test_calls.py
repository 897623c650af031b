"""Functions that the model calls, on every wire: with conversations, with chains, with neither, and on Assistants."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest

from azure_assistant import AssistantConfig, errors, open_assistant
from azure_assistant.assistant import Assistant, CallOutput, Prompt, Thread, Tool
from azure_assistant.calls import MOST_CALLS
from azure_assistant.events import (
    LONGEST_ARGUMENTS,
    CallsMade,
    ChartReady,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    FunctionCall,
    Gone,
    RunEvent,
    RunStarted,
    TextDelta,
    Waiting,
)
from playground.azure.server import LocalAzure
from playground.azure.service.clock import ManualClock
from playground.azure.service.settings import Settings
from playground.ports import Call, ModelRequest
from tests.azure.conftest import QUICK
from tests.azure.support import Answers, Cell, Step, TestInterpreter, TestModel, attach, png

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")]

SCHEMA = {"type": "object", "properties": {"ids": {"type": "array", "items": {"type": "string"}}}, "required": ["ids"]}
OPEN = Tool("open_files", "Opens files that lie nearby.", SCHEMA)
ASK = Tool("ask", "Asks the person.", {"type": "object", "properties": {"question": {"type": "string"}}})
PROMPT = Prompt("Compare it with Ann's.", tools=[OPEN, ASK], nearby="- F1: ann.csv, shared by Ann", compute=False)
ARGUMENTS = '{"ids": ["F1"]}'
CSV = b"region,sales\nnorth,10\n"
OPENS = Call(ARGUMENTS, "open_files")
WIRES = ["conversation", "chain", "neither", "assistants"]


@dataclass
class Wire:
    """An assistant on one wire, and what stands behind it."""

    name: str
    config: AssistantConfig
    azure: LocalAzure
    model: TestModel
    clock: ManualClock
    opened: list[Assistant]

    @property
    def assistant(self) -> Assistant:
        return self.opened[-1]

    def restart(self) -> None:
        """Another process from here on."""
        self.opened.append(open_assistant(self.config))

    async def thread(self) -> Thread:
        return await self.assistant.create_thread({"slack_thread": "T1:C1:1.2"})

    async def ask(self, thread: Thread, prompt: Prompt | str = PROMPT) -> list[RunEvent]:
        asked = prompt if isinstance(prompt, Prompt) else Prompt(prompt)
        return [event async for event in self.assistant.run(thread, asked)]

    async def go_on(
        self, thread: Thread, run: str, outputs: Sequence[CallOutput], prompt: Prompt = PROMPT
    ) -> list[RunEvent]:
        return [event async for event in self.assistant.go_on(thread, prompt, run, outputs)]

    async def resume(self, thread: Thread, run: str) -> list[RunEvent]:
        return [event async for event in self.assistant.resume(thread, run)]


@pytest.fixture(params=WIRES)
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    interpreter, clock = TestInterpreter(), ManualClock()
    model = TestModel(interpreter)
    model.answers = opens_then("Ann has 10.")
    azure = LocalAzure(model, interpreter, Settings(clock=clock))
    await azure.start()
    api: Literal["assistants", "responses"] = "assistants" if request.param == "assistants" else "responses"
    config = AssistantConfig(azure.endpoint, azure.api_key, deployment=azure.deployment, api=api, retries=QUICK)
    if request.param in ("chain", "neither"):
        azure.faults.add("conversations_unsupported", times=None)
    if request.param == "neither":
        azure.faults.add("parameter_refused", times=None, parameter="previous_response_id")
    made = Wire(request.param, config, azure, model, clock, [open_assistant(config)])
    yield made
    for assistant in made.opened:
        await assistant.close()
    await azure.stop()


def called(request: ModelRequest) -> bool:
    """Whether the calls for the question were made and answered, as the model sees it."""
    return bool(request.since) or any("came to" in part for part in request.user_parts)


def opens_then(*steps: Step, calls: Sequence[Call] = (OPENS,), says: str = "Let me see.") -> Answers:
    """A model that says something and calls, and then does the rest."""
    return lambda request: list(steps) if called(request) else [says, *calls] if says else list(calls)


def stored(thread: Thread) -> Thread:
    """A thread as another process reads it from the database."""
    return Thread(thread.id, json.loads(json.dumps(thread.state)))


def waiting(events: Sequence[RunEvent]) -> tuple[str, Sequence[FunctionCall]]:
    """The run's id and its calls."""
    started, last = events[0], events[-1]
    assert isinstance(started, RunStarted), events
    assert isinstance(last, CallsMade), last
    assert last.text == text_of(events)
    return started.run_id, last.calls


def finished(events: Sequence[RunEvent]) -> str:
    last = events[-1]
    assert isinstance(last, Finished), last
    assert last.text == text_of(events)
    return last.text


def text_of(events: Sequence[RunEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def opened(calls: Sequence[FunctionCall], text: str = "F1 is open.") -> list[CallOutput]:
    return [CallOutput(call.id, text) for call in calls]


def outputs_seen(request: ModelRequest) -> str:
    """What the model was told that calls came to."""
    told = [past.made.output or "" for past in request.since if past.made]
    return "\n".join([*told, *(part for part in request.user_parts if "came to" in part)])


# ── the way it should go ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_ends_in_calls_and_goes_on_with_what_they_came_to(wire: Wire) -> None:
    thread = await wire.thread()
    events = await wire.ask(thread)
    run, calls = waiting(events)
    assert text_of(events) == "Let me see."
    assert [(call.name, call.arguments) for call in calls] == [("open_files", ARGUMENTS)]
    first = wire.model.requests[-1]
    assert [function.name for function in first.functions] == ["open_files", "ask"]
    assert first.functions[0].parameters == SCHEMA
    assert "- F1: ann.csv" in "\n".join(first.user_parts)
    assert "your functions" in first.instructions
    assert finished(await wire.go_on(thread, run, opened(calls))) == "Ann has 10."
    assert "F1 is open." in outputs_seen(wire.model.requests[-1])
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(thread, "And now?"))
    if wire.name != "neither":
        before = wire.model.requests[-1].history
        assert "Ann has 10." in [past.text for past in before]


async def test_another_process_goes_on(wire: Wire) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    wire.restart()
    read = stored(thread)
    assert waiting(await wire.resume(read, run)) == (run, calls)
    wire.restart()
    read = stored(read)
    assert finished(await wire.go_on(read, run, opened(calls))) == "Ann has 10."


async def test_calls_after_calls(wire: Wire) -> None:
    def answers(request: ModelRequest) -> list[Step]:
        told = outputs_seen(request)
        return ["Done."] if "second" in told else [Call("{}", "ask")] if "first" in told else ["Hm.", Call("{}", "ask")]

    wire.model.answers = answers
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    again = await wire.go_on(thread, run, opened(calls, "first"))
    second, more = waiting(again)
    assert text_of(again) == ""
    assert {call.id for call in more}.isdisjoint(call.id for call in calls)
    read = stored(thread)
    assert waiting(await wire.resume(read, second)) == (second, more)
    assert finished(await wire.go_on(read, second, opened(more, "second"))) == "Done."


async def test_files_of_an_output_lie_where_the_model_is_told(wire: Wire) -> None:
    def answers(request: ModelRequest) -> list[Step]:
        return [Cell("read()", "ok"), "10."] if called(request) else [Call(ARGUMENTS, "open_files")]

    wire.model.answers = answers
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    file = await attach(wire.assistant, thread, "ann.csv", CSV)
    events = await wire.go_on(thread, run, [CallOutput(calls[0].id, "Opened.", [file])])
    assert finished(events) == "10."
    assert any(isinstance(event, CodeStarted) for event in events)
    told = "\n".join([outputs_seen(wire.model.requests[-1]), *wire.model.requests[-1].user_parts])
    assert f"/mnt/data/{file.file.id}" in told
    assert "original name: ann.csv" in told


async def test_what_was_made_before_and_after_calls_comes_once_each(wire: Wire) -> None:
    link = "[{0}](sandbox:/mnt/data/{0})".format
    before = Cell("before()", "x", [], {"before.csv": b"1", "before.png": png(1)})
    after = Cell("after()", "x", [], {"after.csv": b"2"})

    def answers(request: ModelRequest) -> list[Step]:
        if called(request):
            return [after, f"{link('after.csv')} {link('before.csv')}"]
        return [before, f"{link('before.csv')} {link('before.png')}", Call("{}", "ask")]

    wire.model.answers = answers
    thread = await wire.thread()
    first = await wire.ask(thread, replace(PROMPT, compute=True))
    run, calls = waiting(first)
    second = await wire.go_on(stored(thread), run, opened(calls), replace(PROMPT, compute=True))
    finished(second)
    assert names_of(first) == ["before.png", "before.csv"] or sorted(names_of(first)) == ["before.csv", "before.png"]
    if wire.name != "neither":
        assert "after.csv" in names_of(second)
    if wire.name in ("conversation", "chain"):
        assert names_of(second) == ["after.csv"]


def names_of(events: Sequence[RunEvent]) -> list[str]:
    return [event.artifact.name for event in events if isinstance(event, ChartReady | FileReady)]


async def test_a_hundred_parallel_calls_are_all_answered(wire: Wire) -> None:
    wire.model.answers = opens_then("Done.", calls=[Call(ARGUMENTS, "open_files") for _ in range(100)])
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    assert len({call.id for call in calls}) == 100
    assert finished(await wire.go_on(thread, run, opened(calls[:3]))) == "Done.", "the backend answers the others"
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(thread, "And now?")), "nothing waits any more"


# ── calls that end the turn ─────────────────────────────────────────────────────────────────────────────────────────


async def test_closed_calls_leave_a_thread_that_takes_questions(wire: Wire) -> None:
    wire.model.answers = opens_then("Ann has 10.", calls=[Call("{}", "ask")], says="")
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    for _ in range(2):
        await wire.assistant.close_calls(thread, run, opened(calls, "Asked; the choice comes as the next message."))
    wire.restart()
    read = stored(thread)
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(read, "The first one")) == "Thanks."
    history = wire.model.requests[-1].history
    if wire.name in ("conversation", "chain"):
        assert [past.made.output for past in history if past.made] == ["Asked; the choice comes as the next message."]
    assert finished(await wire.ask(read, "And now?")) == "Thanks."


async def test_a_question_after_a_close_is_withdrawn_without_the_one_before_it(wire: Wire) -> None:
    wire.model.answers = opens_then("x", calls=[Call("{}", "ask")])
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    await wire.assistant.close_calls(thread, run, opened(calls, "asked"))
    if wire.name == "conversation":
        assert await wire.resume(thread, "") == [Gone()]
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(thread, "The first one")) == "Thanks."
    if wire.name in ("conversation", "chain"):
        assert any(past.made for past in wire.model.requests[-1].history)


async def test_a_hundred_calls_are_closed(wire: Wire) -> None:
    wire.model.answers = opens_then("x", calls=[Call("{}", "ask") for _ in range(40)])
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    await wire.assistant.close_calls(thread, run, opened(calls[:1], "asked"))
    wire.model.answers = lambda _: ["Thanks."]
    events = await wire.ask(thread, "The first one")
    assert finished(events) == "Thanks."
    assert isinstance(events[-1], Finished)
    assert "new_thread" not in events[-1].notes


# ── what was left behind ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("knows", [True, False])
async def test_a_call_that_nobody_answered_is_mended_before_the_next_question(wire: Wire, knows: bool) -> None:
    thread = await wire.thread()
    waiting(await wire.ask(thread))
    read = stored(thread)
    if not knows:
        del read.state["calls"]
    wire.restart()
    wire.model.answers = lambda _: ["Thanks."]
    events = await wire.ask(read, "Something else")
    assert finished(events) == "Thanks."
    assert not_anew(events)
    assert not any(isinstance(event, Waiting) for event in events), "nobody waits for what waits for us"
    refused = [entry for entry in wire.azure.requests if entry.status == 400]
    assert not (knows and refused), "known before the service says so"
    assert finished(await wire.ask(read, "And now?")) == "Thanks."


def not_anew(events: Sequence[RunEvent]) -> bool:
    """Whether the conversation is still the same at the service."""
    last = events[-1]
    return isinstance(last, Finished) and "new_thread" not in last.notes


async def test_what_follows_calls_is_withdrawn_without_them(wire: Wire) -> None:
    """As when the run that goes on is lost with its process."""
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    if wire.name != "assistants":  # there the run itself goes on
        assert await wire.resume(thread, "") == [Gone()]
    events = await wire.go_on(thread, run, opened(calls))
    assert finished(events) == "Ann has 10."
    assert not_anew(events)


async def test_a_cancelled_call_locks_nothing(wire: Wire) -> None:
    thread = await wire.thread()
    run, _ = waiting(await wire.ask(thread))
    await wire.assistant.cancel(thread, run)
    wire.model.answers = lambda _: ["Thanks."]
    seen = len(wire.model.requests)
    assert finished(await wire.ask(thread, "Something else")) == "Thanks."
    assert len(wire.model.requests) == seen + 1


@pytest.mark.parametrize("knows", [True, False])
async def test_a_process_that_dies_after_the_outputs_gets_one_answer(wire: Wire, knows: bool) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    read = stored(thread)
    assert finished(await wire.go_on(thread, run, opened(calls))) == "Ann has 10."
    wire.restart()
    if not knows:
        read.state.pop("calls", None)
    events = await wire.go_on(read, run, opened(calls))
    assert finished(events) == "Ann has 10."
    assert not_anew(events)
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(read, "And now?")) == "Thanks."
    if wire.name in ("conversation", "chain") or (wire.name == "assistants" and knows):
        said = [past.text for past in wire.model.requests[-1].history if past.role == "assistant"]
        assert said.count("Ann has 10.") == 1


async def test_a_process_that_dies_while_it_goes_on_gets_one_answer(wire: Wire) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    read = stored(thread)
    wire.azure.faults.add("drop_socket", after=2)
    wire.azure.faults.add("hold", after=6)
    events = wire.assistant.go_on(thread, PROMPT, run, opened(calls))
    async for event in events:
        if isinstance(event, RunStarted):
            break
    await events.aclose()
    wire.azure.faults.clear()
    wire.restart()
    assert finished(await wire.go_on(read, run, opened(calls))) == "Ann has 10."


async def test_a_run_that_expired_is_asked_anew_with_what_its_calls_came_to(wire: Wire) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    wire.clock.advance(seconds=601)
    assert finished(await wire.go_on(thread, run, opened(calls))) == "Ann has 10."
    assert "F1 is open." in outputs_seen(wire.model.requests[-1])
    if wire.name == "assistants":
        said = [past.text for past in wire.model.requests[-1].history]
        assert not said, "neither the question nor what was said to it stands there twice"


async def test_a_run_that_is_lost_is_asked_anew(wire: Wire) -> None:
    thread = await wire.thread()
    _, calls = waiting(await wire.ask(thread))
    lost = Thread("thread_lost", {**stored(thread).state, **LOST})
    assert finished(await wire.go_on(lost, "run_lost", opened(calls))) == "Ann has 10."
    assert "F1 is open." in outputs_seen(wire.model.requests[-1])
    assert PROMPT.question in wire.model.requests[-1].user_parts


LOST = {"conversation": "", "previous": "", "thread": "thread_lost"}


async def test_a_run_resumed_after_its_calls_says_only_what_came_after_them(wire: Wire) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    events = await wire.go_on(thread, run, opened(calls))
    (started,) = [event for event in events if isinstance(event, RunStarted)]
    assert finished(await wire.resume(stored(thread), started.run_id))
    read = stored(thread)
    if wire.name == "assistants":
        read.state["told"] = list((await told_ids(wire, read))[:2])
        assert finished(await wire.resume(read, started.run_id)) == "Ann has 10."


async def told_ids(wire: Wire, thread: Thread) -> list[str]:
    """Ids of the first message and step of the thread's runs."""
    stored_thread: Any = wire.azure.threads[thread.state["thread"]]
    steps = [step for steps in stored_thread.steps.values() for step in steps]
    return [steps[0]["step_details"]["message_creation"]["message_id"], steps[0]["id"]]


# ── services that know no functions ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("Invalid value: 'function'. Supported values are: 'code_interpreter'.", "tools[0].type"),
        ("Unsupported tool type: function", None),
        ("Tool type 'function' is not supported by this server.", "tools"),
        ("Unknown parameter: 'tools[1].parameters'.", "tools[1].parameters"),
    ],
)
async def test_without_functions_there_is_an_answer(wire: Wire, message: str, param: str | None) -> None:
    error = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}
    path = "/threads/*/runs" if wire.name == "assistants" else "/responses"
    wire.azure.faults.add("http", path=path, status=400, body=error)
    wire.model.answers = lambda request: ["x" if request.functions else "No functions here."]
    thread = await wire.thread()
    for _ in range(2):
        assert finished(await wire.ask(thread)) == "No functions here."
        assert "your functions" not in wire.model.requests[-1].instructions


# ── hostile calls ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    ["", "no JSON", "[]", "null", "7", '"ids"', '{"ids": 7}', "\0{\0}", "\ud800", "{" * 5000, "x" * 1_000_000],
    ids=["empty", "words", "list", "null", "number", "string", "type", "nul", "half", "deep", "megabyte"],
)
@pytest.mark.parametrize("name", ["open_files", "nobody", "a\0b", "n" * 5000])
async def test_whatever_is_called_gets_its_output(wire: Wire, arguments: str, name: str) -> None:
    wire.model.answers = opens_then("Done.", calls=[Call(arguments, name)])
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    (call,) = calls
    assert len(call.arguments) <= LONGEST_ARGUMENTS
    assert "\0" not in call.arguments + call.name
    json.dumps([call.arguments, call.name]).encode()
    call.arguments.encode()
    assert finished(await wire.go_on(stored(thread), run, opened(calls))) == "Done."


@pytest.mark.parametrize("call_id", ["", "\0", "c" * 5000, "a\nb"])
async def test_a_call_that_cannot_be_answered_is_no_call(wire: Wire, call_id: str) -> None:
    wire.model.answers = opens_then("Done.", calls=[Call(ARGUMENTS, "open_files", call_id)])
    thread = await wire.thread()
    last = (await wire.ask(thread))[-1]
    assert isinstance(last, Finished | Failed)
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(thread, "And now?")) == "Thanks.", "the thread goes on"


async def test_one_id_twice_is_one_call(wire: Wire) -> None:
    same = [Call(ARGUMENTS, "open_files", "call_same"), Call("{}", "ask", "call_same")]
    wire.model.answers = opens_then("Done.", calls=same)
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    assert [(call.id, call.name) for call in calls] == [("call_same", "open_files")]
    assert finished(await wire.go_on(thread, run, opened(calls))) == "Done."


async def test_outputs_of_other_calls_are_not_passed_on(wire: Wire) -> None:
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    given = [*opened(calls), CallOutput("call_other", "x"), *opened(calls, "twice")]
    assert finished(await wire.go_on(thread, run, given)) == "Ann has 10."


async def test_more_calls_than_anybody_answers_do_not_end_the_conversation(wire: Wire) -> None:
    wire.model.answers = opens_then("Done.", calls=[Call("{}", "ask") for _ in range(MOST_CALLS + 20)])
    thread = await wire.thread()
    run, calls = waiting(await wire.ask(thread))
    assert len(calls) == MOST_CALLS
    assert finished(await wire.go_on(thread, run, opened(calls))) == "Done."


async def test_a_call_that_was_not_offered_is_one_clear_error_and_locks_nothing(wire: Wire) -> None:
    thread = await wire.thread()
    last = (await wire.ask(thread, "hello"))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.RunRequiresAction)
    wire.model.answers = lambda _: ["Thanks."]
    assert finished(await wire.ask(thread, "And now?")) == "Thanks."
