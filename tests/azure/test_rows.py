"""What Azure and gateways answer, row by row, on both wires against the local Azure: the next act is the right one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from azure_assistant import AssistantConfig, errors, open_assistant
from azure_assistant.assistant import Assistant, Prompt, PromptFile, Thread
from azure_assistant.events import ChartReady, CodeFinished, Failed, FileReady, Finished, RunEvent, TextDelta, Waiting
from playground.azure.server import LocalAzure
from playground.azure.service.settings import Settings
from playground.ports import ModelRequest
from tests.azure.support import Cell, Step, TestInterpreter, TestModel, add, ask, attach, content, png

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")]

CSV = b"a,b\n1,2\n"
WIRES = ("responses", "assistants")
BOTH = pytest.mark.parametrize("wire", WIRES)
RESPONSES = pytest.mark.parametrize("wire", ["responses"])
ASSISTANTS = pytest.mark.parametrize("wire", ["assistants"])
RUNS = {"responses": "/responses", "assistants": "/threads/*/runs"}
SPELLINGS = ["unsupported", "unknown", "no_param", "bad_request", "json_field", "unrecognized", "extra"]


@pytest.fixture
def wire() -> str:
    return "responses"


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
async def azure(model: TestModel, interpreter: TestInterpreter, settings: Settings) -> AsyncIterator[LocalAzure]:
    server = LocalAzure(model, interpreter, settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def config(config: AssistantConfig, wire: Any) -> AssistantConfig:
    return replace(config, api=wire)


@pytest.fixture
async def assistant(config: AssistantConfig) -> AsyncIterator[Assistant]:
    opened = open_assistant(config)
    yield opened
    await opened.close()


def ended(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    return last


def failure(events: list[RunEvent]) -> errors.AssistantError:
    last = events[-1]
    assert isinstance(last, Failed), last
    return last.error


def waits(events: list[RunEvent]) -> list[str]:
    return [event.reason for event in events if isinstance(event, Waiting)]


def made(events: list[RunEvent]) -> list[str]:
    return [event.artifact.name for event in events if isinstance(event, ChartReady | FileReady)]


def asked(azure: LocalAzure, wire: str) -> int:
    return len(azure.requests.of("POST", RUNS[wire]))


# ── A1, A7, A12: errors in the stream ────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize(
    "fault", ["stream_error_last", "stream_error_nested", "stream_error_flat", "stream_error_azure"]
)
async def test_a1_a_rate_limit_in_the_stream_is_waited_for_in_whatever_order_it_is_told(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str, fault: str
) -> None:
    armed = azure.faults.add(fault, code="rate_limit_exceeded", message="Please try again in 10ms.")
    events = await ask(assistant, thread, "x")
    assert armed.hits == 1
    assert ended(events).text == "You asked: x"
    assert waits(events) == ["rate_limit"]


@RESPONSES
async def test_a1_a_question_that_a_limited_run_left_behind_is_not_asked_twice(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("orphan_user_item")
    azure.faults.add("stream_error_last", code="rate_limit_exceeded", message="Please try again in 10ms.")
    assert ended(await ask(assistant, thread, "one"))
    await ask(assistant, thread, "two")
    assert [past.text.splitlines()[-1] for past in model.requests[-1].history if past.role == "user"] == ["one"]


@RESPONSES
async def test_a1_without_a_beginning_as_well(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    raw = 'event: error\ndata: {"error":{"code":"rate_limit_exceeded","message":"Try again in 5ms."}}\n\n'
    azure.faults.add("extra_event", after=0, raw=raw)
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    assert waits(events) == ["rate_limit"]


@BOTH
async def test_a1_a_failure_of_which_nothing_is_told_is_tried_again(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("run_failed", code=None, message="?")
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    assert waits(events) == ["retry"]


TPM = "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 35364. The input must be reduced."


@BOTH
async def test_a7_what_is_too_large_for_the_deployment_is_said_at_once(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("run_failed", times=None, code="rate_limit_exceeded", message=TPM)
    events = await ask(assistant, thread, "x")
    assert type(failure(events)) is errors.RequestTooLarge
    assert "new thread" in str(failure(events))
    assert asked(azure, wire) == 1


@BOTH
async def test_a12_a_model_error_and_a_failed_dependency_are_tried_again(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("http", path=RUNS[wire], status=424, body={"error": {"message": "Failed dependency"}})
    azure.faults.add("stream_error_nested", code=None, type="model_error", message="The model has failed.")
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    assert waits(events) == ["retry", "retry"]


# ── A2, A21, A23: uploads ────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_a2_a_refused_kind_is_packed_and_an_ending_is_lower_case(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("extension_refused", times=None, extensions=["sh", "doc", "CSV"])
    names = [(await add(assistant, thread, name, CSV)).name for name in ("job.sh", "old.doc", "REPORT.CSV")]
    assert names == ["job.sh.zip", "old.doc.zip", "REPORT.csv"]
    assert [file.filename for file in azure.files.values()] == names


@BOTH
async def test_a2_what_is_refused_packed_as_well_is_told_in_the_services_words(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("extension_refused", times=None, extensions=["sh", "zip"])
    with pytest.raises(errors.UploadRejected) as raised:
        await add(assistant, thread, "job.sh", CSV)
    assert "*job.sh* (Invalid extension zip. Supported formats:" in str(raised.value)
    assert (await add(assistant, thread, "b.csv", CSV)).name == "b.csv"


@pytest.mark.parametrize(
    ("wire", "spelling"), [("assistants", "json_field"), *(("responses", spelling) for spelling in SPELLINGS)]
)
async def test_a23_an_expiry_that_is_refused_is_left_out_and_the_file_deleted_with_its_thread(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str, spelling: str
) -> None:
    armed = azure.faults.add(
        "parameter_refused", path="/files", times=None, parameter="expires_after", spelling=spelling
    )
    for name in ("a.csv", "b.csv"):
        await add(assistant, thread, name, CSV)
    assert armed.hits == 1
    assert [file.expires_at for file in azure.files.values()] == [None, None]
    await assistant.delete_thread(thread)
    assert not azure.files


@RESPONSES
async def test_a23_an_expiry_that_is_refused_in_words_that_nobody_knows(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("http", path="/files", method="POST", times=2, status=400, body={"error": "gremlins"})
    assert (await add(assistant, thread, "a.csv", CSV)).name == "a.csv"
    assert [file.expires_at for file in azure.files.values()] == [None]


@BOTH
async def test_a21_a_name_of_emoji_only_keeps_its_kind(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    assert (await add(assistant, thread, "🎉🎉.csv", CSV)).name == "file.csv"
    assert (await add(assistant, thread, "🎉.xlsx", CSV)).name == "file.xlsx"


@BOTH
async def test_a21_a_file_written_in_place_of_an_upload_comes_under_its_own_name(
    model: TestModel, assistant: Assistant, thread: Thread, wire: str
) -> None:
    file = await attach(assistant, thread, "sales.csv", CSV)
    path = f"{file.file.id}-sales.csv" if wire == "responses" else file.file.id

    def clean(_: ModelRequest) -> list[Step]:
        cell = Cell("df.to_csv(path)", "", (), {path: b"a,b\n1,2\n3,4\n"})
        return [cell, f"Cleaned: [sales.csv](sandbox:/mnt/data/{path})"]

    model.answers = clean
    events = await ask(assistant, thread, Prompt("Clean it", files=[file]))
    assert made(events) == ["sales.csv"]
    assert not ended(events).missing
    model.answers = lambda _: [Cell("pass"), "Nothing new."]
    assert made(await ask(assistant, thread, Prompt("And?", files=[file]))) == []


# ── A3, A4, A18: what is left out, renewed, shortened ────────────────────────────────────────────────────────────────

BROKEN = [
    {},
    {"message": "No tool output found for function call call_0a1b2c3d4e.", "param": None},
    {"message": "Duplicate item found with id msg_1. Remove duplicate items from your input."},
    {"message": "Items of this conversation are malformed.", "param": None, "code": "gremlins"},
]


@RESPONSES
@pytest.mark.parametrize("options", BROKEN)
async def test_a3_a_conversation_that_does_not_fit_together_any_more_is_replaced(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, options: dict[str, Any]
) -> None:
    await ask(assistant, thread, "one")
    azure.faults.add("conversation_broken", **options)
    events = await ask(assistant, thread, Prompt("two", transcript="User: one\nAssistant: You asked: one"))
    assert ended(events).text == "You asked: two"
    assert ended(events).notes == ["new_thread"]
    assert "User: one" in model.requests[-1].user_parts[0]
    events = await ask(assistant, thread, Prompt("three", transcript="User: one"))
    assert ended(events).notes == []
    assert "User: one" not in model.requests[-1].user_parts[0]


@RESPONSES
async def test_a3_a_new_conversation_is_told_what_was_said_even_if_its_first_question_failed(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    azure.faults.add("conversation_broken")
    azure.faults.add("quota", where=lambda body: body["conversation"] != thread.state["conversation"])
    kept = thread.state["conversation"]
    armed = azure.faults.armed[-1]
    armed.where = lambda body: body["conversation"] != kept
    assert type(failure(await ask(assistant, thread, Prompt("two", transcript="User: one")))) is errors.QuotaExhausted
    assert ended(await ask(assistant, thread, Prompt("three", transcript="User: one")))
    assert "User: one" in model.requests[-1].user_parts[0]


OPTIONAL = {
    "responses": [
        "context_management",
        "stream_options",
        "safety_identifier",
        "prompt_cache_key",
        "include",
        "store",
        "reasoning",
    ],
    "assistants": ["truncation_strategy", "metadata", "reasoning_effort"],
}


EVERY_SPELLING = [(wire, names[0], spelling) for wire, names in OPTIONAL.items() for spelling in SPELLINGS]
EVERY_PARAMETER = [(wire, name, "bad_request") for wire, names in OPTIONAL.items() for name in names[1:]]


@pytest.mark.one_in(5)
@pytest.mark.parametrize(("wire", "parameter", "spelling"), EVERY_SPELLING + EVERY_PARAMETER)
async def test_a4_a_refused_parameter_is_left_out_from_then_on(
    azure: LocalAzure, config: AssistantConfig, wire: str, parameter: str, spelling: str
) -> None:
    armed = azure.faults.add("parameter_refused", path=RUNS[wire], times=None, parameter=parameter, spelling=spelling)
    assistant = open_assistant(replace(config, reasoning_effort="low"))
    thread = await assistant.create_thread({})
    for question in ("one", "two"):
        events = await ask(assistant, thread, Prompt(question, asker="a"))
        assert ended(events).text == f"You asked: {question}"
        assert waits(events) == []
    assert armed.hits == 1
    sent = azure.requests.of("POST", RUNS[wire])[-1].body
    assert parameter not in sent
    assert len(set(OPTIONAL[wire]) & set(sent)) == len(OPTIONAL[wire]) - 1
    await assistant.close()


@RESPONSES
async def test_a4_a_part_of_a_parameter_is_left_out_alone(
    azure: LocalAzure, config: AssistantConfig, assistant: Assistant, thread: Thread
) -> None:
    body = {"error": {"message": "Unknown parameter: 'stream_options.include_obfuscation'.", "param": None}}

    def obfuscates(given: Any) -> bool:
        return "include_obfuscation" in (given.get("stream_options") or {})

    azure.faults.add("http", path="/responses", times=None, status=400, body=body, where=obfuscates)
    assert ended(await ask(assistant, thread, "x"))
    assert "context_management" in azure.requests.of("POST", "/responses")[-1].body


@RESPONSES
async def test_a4_metadata_of_a_conversation_and_conversations_themselves_can_be_done_without(
    azure: LocalAzure, model: TestModel, config: AssistantConfig
) -> None:
    azure.faults.add(
        "parameter_refused", path="/conversations", times=None, parameter="metadata", spelling="json_field"
    )
    armed = azure.faults.add(
        "parameter_refused", path="/responses", times=None, parameter="conversation", spelling="extra"
    )
    assistant = open_assistant(config)
    thread = await assistant.create_thread({"slack_thread": "1"})
    for question in ("one", "two"):
        assert ended(await ask(assistant, thread, question)).text == f"You asked: {question}"
    assert armed.hits == 1
    assert azure.requests.of("POST", "/responses")[-1].body["previous_response_id"]
    assert [past.text.splitlines()[-1] for past in model.requests[-1].history if past.role == "user"] == ["one"]
    await assistant.close()


@BOTH
async def test_a4_a_refusal_that_names_nothing_is_met_with_less(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    name = {"responses": "truncation", "assistants": "truncation_strategy"}[wire]
    body = {"error": {"message": "Request not understood.", "code": "bad"}}
    azure.faults.add("http", path=RUNS[wire], times=None, status=400, body=body, where=lambda given: name in given)
    events = await ask(assistant, thread, "one")
    assert ended(events).text == "You asked: one"
    before = asked(azure, wire)
    assert ended(await ask(assistant, thread, "two")).text == "You asked: two"
    assert asked(azure, wire) == before + 1


@BOTH
async def test_an_unknown_refusal_is_never_final_at_the_first_try(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("http", path=RUNS[wire], status=418, body={"error": {"message": "odd"}})
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    assert waits(events) == ["retry"]


@BOTH
async def test_an_unknown_refusal_that_stays_is_said_after_all_that_may_help(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    await ask(assistant, thread, "one")
    armed = azure.faults.add("http", path=RUNS[wire], times=None, status=418, body={"error": {"message": "odd"}})
    assert type(failure(await ask(assistant, thread, "two"))) is errors.UnknownError
    assert armed.hits == 4  # as it is, again, with less, in a new thread


LONG = [
    {"message": "Your input exceeds the context window of this model.", "code": "context_length_exceeded"},
    {"message": "Invalid 'input': string too long.", "code": "string_above_max_length", "param": "input"},
    {"message": "This model's maximum context length is 8192 tokens, however you requested 9000 tokens."},
]


@BOTH
@pytest.mark.parametrize("told", LONG)
async def test_a18_what_is_too_long_goes_on_from_the_transcript_and_then_from_its_ends(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, wire: str, told: dict[str, Any]
) -> None:
    await ask(assistant, thread, "one")
    azure.faults.add("http", path=RUNS[wire], status=400, body={"error": told})
    transcript = "begin " + "x" * 11_000 + " User: one"
    events = await ask(assistant, thread, Prompt("two", transcript=transcript))
    assert ended(events).text == "You asked: two"
    assert ended(events).notes == ["condensed"]
    assert transcript in "\n".join(model.requests[-1].user_parts)
    azure.faults.add("http", path=RUNS[wire], times=2, status=400, body={"error": told})
    events = await ask(assistant, thread, Prompt("three", transcript=transcript))
    assert ended(events).notes == ["shortened"]
    told_again = "\n".join(model.requests[-1].user_parts)
    assert "begin" in told_again
    assert "User: one" in told_again
    assert len(told_again) < 5000


@BOTH
async def test_a18_what_is_too_long_by_itself_is_said(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("run_failed", times=None, code="context_length_exceeded", message="too long")
    assert type(failure(await ask(assistant, thread, "x"))) is errors.ContextTooLong
    assert asked(azure, wire) == 1


# ── A5, A6, A19, A20: what was made, what was said ───────────────────────────────────────────────────────────────────


@RESPONSES
@pytest.mark.parametrize("fault", [None, "no_citation"])
async def test_a5_what_is_new_in_the_sandbox_is_handed_over_however_it_was_written(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, fault: str | None
) -> None:
    if fault:
        azure.faults.add(fault, times=None)
    written = {"report.pdf": b"%PDF", "all.zip": b"PK", ".cache/x": b"x", "north/r.csv": b"n", "south/r.csv": b"s"}
    model.answers = lambda _: [Cell("c.save()", "", (), written), "Done, see [all](/mnt/data/all.zip)."]
    file = await attach(assistant, thread, "a.csv", CSV)
    events = await ask(assistant, thread, Prompt("make it", files=[file]))
    assert sorted(made(events)) == ["all.zip", "north-r.csv", "report.pdf", "south-r.csv"]
    assert len(azure.requests.of("GET", "/containers/*/files")) == 1
    model.answers = lambda _: [Cell("pass", "1"), "Nothing new."]
    assert made(await ask(assistant, thread, Prompt("and?", files=[file]))) == []


@RESPONSES
async def test_a5_a_turn_without_code_lists_nothing(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    await ask(assistant, thread, "x")
    assert not azure.requests.of("GET", "/containers/*/files")


@RESPONSES
async def test_a5_a_refused_listing_leaves_what_is_cited(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("http", path="/containers/*/files", method="GET", times=None, status=404, message="Not Found")
    model.answers = lambda _: [Cell("x", "", [png(1)], {"a.csv": b"1"}), "[a](sandbox:/mnt/data/a.csv)"]
    assert made(await ask(assistant, thread, "x")) == ["chart-1.png", "a.csv"]


@BOTH
async def test_a6_a_displayed_figure_and_a_saved_one_are_both_handed_over(
    model: TestModel, assistant: Assistant, thread: Thread, wire: str
) -> None:
    shown = Cell("plt.plot(a); plt.show()", "", [png(1)])
    saved = Cell("plt.bar(x, y); plt.savefig('/mnt/data/b.png'); plt.show()", "", [png(2)], {"b.png": png(3)})
    model.answers = lambda _: [shown, saved, "[B](sandbox:/mnt/data/b.png)"]
    events = await ask(assistant, thread, "x")
    assert made(events) == ["chart-1.png", "b.png"]
    charts = [event.artifact for event in events if isinstance(event, ChartReady)]
    assert [await content(assistant, chart.ref) for chart in charts] == [png(1), png(3)]


@BOTH
async def test_a13_an_encoded_name_is_one_file(
    model: TestModel, assistant: Assistant, thread: Thread, wire: str
) -> None:
    cell = Cell("save", "", (), {"爱 1.csv": b"1"})
    model.answers = lambda _: [cell, "See sandbox:/mnt/data/%E7%88%B1%201.csv"]
    events = await ask(assistant, thread, "x")
    assert made(events) == ["爱 1.csv"]
    assert not ended(events).missing


@ASSISTANTS
async def test_a5_assistants_a_link_without_an_annotation_is_asked_for_once(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("no_citation")

    def write(request: ModelRequest) -> list[Step]:
        if "did not reach" in request.user_parts[-1]:
            return ["[a b.csv](sandbox:/mnt/data/a b.csv)"]
        return [Cell("save", "", (), {"a b.csv": b"1"}), "Here: [Table](sandbox:/mnt/data/a b.csv)"]

    model.answers = write
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "Here: [Table](sandbox:/mnt/data/a b.csv)"
    assert [event.text for event in events if isinstance(event, TextDelta)] == [ended(events).text]
    assert made(events) == ["a b.csv"]
    assert not ended(events).missing
    assert asked(azure, "assistants") == 2


@ASSISTANTS
async def test_a5_assistants_what_does_not_come_then_is_named(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [Cell("save"), "Here: [Table](sandbox:/mnt/data/none.csv)"]
    events = await ask(assistant, thread, "x")
    assert ended(events).missing == ["none.csv"]
    assert asked(azure, "assistants") == 2
    azure.faults.add("server_error", path="/threads/*/runs", times=None, where=lambda _: asked(azure, "assistants") > 3)
    assert ended(await ask(assistant, thread, "y")).missing == ["none.csv"]


@ASSISTANTS
@pytest.mark.parametrize("settings", [Settings(message_attachments=10)])
async def test_a19_more_files_than_a_message_takes_come_in_several(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    files: list[PromptFile] = [await attach(assistant, thread, f"{number}.csv", CSV) for number in range(12)]
    assert ended(await ask(assistant, thread, Prompt("x", files=files)))
    posted = azure.requests.of("POST", "/threads/*/messages")
    assert [len(entry.body["attachments"]) for entry in posted] == [10, 2]
    assert model.requests[-1].user_parts[-1] == "x"
    assert ended(await ask(assistant, thread, Prompt("y", files=files)))
    assert len(azure.requests.of("POST", "/threads/*/messages")) == 3


@RESPONSES
@pytest.mark.parametrize(
    "event", ["response.output_text.delta", "response.*", "response.code_interpreter_call_code.delta"]
)
async def test_a20_what_is_delivered_twice_is_said_once(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, event: str
) -> None:
    model.answers = lambda _: [Cell("print(1)", "1"), "The the sum ", "is ", "is 42."]
    azure.faults.add("repeat_event", event=event)
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "The the sum is is 42."
    assert sum(isinstance(event, CodeFinished) for event in events) == 1


@RESPONSES
async def test_a20_numbers_that_say_nothing_drop_nothing(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: ["ha ", "ha ", "ha"]
    azure.faults.add("alter_event", event="*", changes={"sequence_number": 0})
    assert ended(await ask(assistant, thread, "x")).text == "ha ha ha"


# ── A15: nulls ───────────────────────────────────────────────────────────────────────────────────────────────────────

NULLS = {
    "responses": [
        ("response.created", "response"),
        ("response.created", "response.created_at"),
        ("response.output_item.added", "item"),
        ("response.output_item.added", "output_index"),
        ("response.output_item.done", "item.content"),
        ("response.output_item.done", "item.content.0"),
        ("response.output_item.done", "item.content.0.annotations"),
        ("response.output_item.done", "item.content.0.text"),
        ("response.output_item.done", "item.outputs"),
        ("response.output_item.done", "item.outputs.0"),
        ("response.output_item.done", "item.outputs.0.logs"),
        ("response.output_item.done", "item.outputs.1.url"),
        ("response.output_item.done", "item.code"),
        ("response.output_item.done", "item.type"),
        ("response.output_text.delta", "delta"),
        ("response.output_text.delta", "content_index"),
        ("response.completed", "response"),
        ("response.completed", "response.output"),
        ("response.completed", "response.output.0"),
        ("response.completed", "response.status"),
        ("response.completed", "response.usage"),
        ("response.completed", "response.usage.input_tokens"),
        ("response.completed", "response.usage.input_tokens_details"),
        ("response.completed", "response.incomplete_details"),
    ],
    "assistants": [
        ("thread.run.created", "id"),
        ("thread.run.step.delta", "delta"),
        ("thread.run.step.delta", "delta.step_details"),
        ("thread.run.step.delta", "delta.step_details.tool_calls"),
        ("thread.run.step.completed", "step_details"),
        ("thread.run.step.completed", "step_details.tool_calls.0.code_interpreter"),
        ("thread.run.step.completed", "step_details.tool_calls.0.code_interpreter.outputs"),
        ("thread.run.step.completed", "step_details.tool_calls.0.code_interpreter.outputs.0.logs"),
        ("thread.run.step.completed", "step_details.tool_calls.0.code_interpreter.outputs.1.image"),
        ("thread.message.delta", "delta.content"),
        ("thread.message.delta", "delta.content.0.text"),
        ("thread.message.delta", "delta.content.0.text.value"),
        ("thread.message.completed", "content"),
        ("thread.message.completed", "content.0"),
        ("thread.run.completed", "usage"),
        ("thread.run.completed", "status"),
    ],
}


@pytest.mark.thorough
@pytest.mark.parametrize(("wire", "event", "path"), [(wire, *null) for wire, nulls in NULLS.items() for null in nulls])
async def test_a15_a_null_anywhere_is_survived(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, wire: str, event: str, path: str
) -> None:
    model.answers = lambda _: [Cell("plt.show()", "1", [png(1)]), "The sum ", "is 42."]
    azure.faults.add("alter_event", event=event, changes={path: None})
    events = await ask(assistant, thread, "x")
    assert ended(events).text.endswith("The sum is 42.")
    assert sum(isinstance(event, CodeFinished) for event in events) == (0 if path == "step_details" else 1)


@RESPONSES
@pytest.mark.parametrize("path", ["data", "data.0", "data.0.path", "data.0.id", "data.0.created_at", "data.0.source"])
async def test_a15_a_null_in_a_listing_is_survived(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, path: str
) -> None:
    azure.faults.add("alter_answer", path="/containers/*/files", method="GET", changes={path: None})
    model.answers = lambda _: [Cell("x", "", (), {"a.csv": b"1"}), "[a](sandbox:/mnt/data/a.csv)"]
    assert made(await ask(assistant, thread, "x")) == ["a.csv"]


@RESPONSES
@pytest.mark.parametrize("path", ["/conversations", "/files", "/containers", "/containers/*/files"])
async def test_a15_an_answer_without_an_id_is_asked_for_again(
    azure: LocalAzure, assistant: Assistant, path: str
) -> None:
    azure.faults.add("alter_answer", path=path, method="POST", changes={"id": None})
    thread = await assistant.create_thread({})
    file = await attach(assistant, thread, "a.csv", CSV)
    assert ended(await ask(assistant, thread, Prompt("x", files=[file])))


# ── A8, A9, A10, A11, A16, A17: what stands between ──────────────────────────────────────────────────────────────────

SAID = [
    ({"status": 400, "message": "API version not supported"}, errors.ApiVersionWrong, "`AZURE_OPENAI_API_VERSION`"),
    ({"status": 404, "message": "Resource not found", "code": "404"}, errors.EndpointWrong, "`AZURE_OPENAI_ENDPOINT`"),
    (
        {"status": 401, "body": {"statusCode": 401, "message": "Principal does not have access to API/Operation."}},
        errors.RoleMissing,
        "*Cognitive Services OpenAI User*",
    ),
]


@RESPONSES
@pytest.mark.parametrize(("options", "kind", "named"), SAID, ids=["a8", "a10", "a16"])
async def test_a8_a10_a16_the_setting_or_the_role_is_named_at_once(
    azure: LocalAzure,
    assistant: Assistant,
    thread: Thread,
    options: dict[str, Any],
    kind: type[errors.AssistantError],
    named: str,
) -> None:
    azure.faults.add("http", path="/responses", times=None, **options)
    error = failure(await ask(assistant, thread, "x"))
    assert type(error) is kind
    assert named in str(error)
    assert asked(azure, "responses") == 1


PREFIXED = [
    ("responses", ""),
    ("responses", "/openai/deployments/d"),
    ("responses", "/openai/v1/"),
    ("responses", "/openai/responses?api-version=x"),
    ("assistants", ""),
    ("assistants", "/openai/deployments/d"),
]


@pytest.mark.parametrize("settings", [Settings(prefix="/openai2"), Settings(prefix="/ai/openai-prod")])
@pytest.mark.parametrize(("wire", "behind"), PREFIXED)
async def test_a9_a_gateways_prefix_is_kept(azure: LocalAzure, config: AssistantConfig, wire: str, behind: str) -> None:
    assistant = open_assistant(replace(config, endpoint=azure.endpoint + behind))
    assert ended(await ask(assistant, await assistant.create_thread({}), "x"))
    await assistant.close()


@BOTH
async def test_a11_a_gateways_quota_says_how_long(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    azure.faults.add("gateway_quota", path=RUNS[wire], times=None)
    error = failure(await ask(assistant, thread, "x"))
    assert type(error) is errors.QuotaPaused
    assert "141 minutes" in str(error)
    assert asked(azure, wire) == 1


@BOTH
async def test_a17_plain_json_in_place_of_a_stream_is_the_answer(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, wire: str
) -> None:
    model.answers = lambda _: [Cell("x", "1", (), {"a.csv": b"1"}), "See [a](sandbox:/mnt/data/a.csv)."]
    azure.faults.add("not_streamed")
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "See [a](sandbox:/mnt/data/a.csv)."
    assert made(events) == ["a.csv"]
    assert asked(azure, wire) == 1


@BOTH
async def test_a17_a_sign_in_page_says_that_the_address_is_wrong_at_once(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    armed = azure.faults.add("sign_in_page", path=RUNS[wire], times=None)
    assert type(failure(await ask(assistant, thread, "x"))) is errors.WebPageAnswered
    assert armed.hits == 1


@BOTH
async def test_a17_whatever_kind_the_page_says_that_it_is(
    azure: LocalAzure, assistant: Assistant, thread: Thread, wire: str
) -> None:
    headers = {"content-type": "text/plain"}
    armed = azure.faults.add("http", path=RUNS[wire], times=None, status=200, text="Welcome. Sign in.", headers=headers)
    assert type(failure(await ask(assistant, thread, "x"))) is errors.WebPageAnswered
    assert armed.hits == 1


@BOTH
@pytest.mark.parametrize("name", ["a.csv", "a.html"])
async def test_a17_in_place_of_a_file_as_well(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, wire: str, name: str
) -> None:
    model.answers = lambda _: [Cell("save", "", (), {name: b"<html>"}), f"[a](sandbox:/mnt/data/{name})"]
    (event,) = [event for event in await ask(assistant, thread, "x") if isinstance(event, FileReady)]
    azure.faults.add("sign_in_page", path="*/content", times=None)
    if name.endswith("html"):
        assert await content(assistant, event.artifact.ref)
    else:
        with pytest.raises(errors.FileGone):
            await content(assistant, event.artifact.ref)


@pytest.mark.parametrize(("wire", "path"), [("responses", "/conversations"), ("assistants", "/threads")])
async def test_a17_wherever_it_comes(azure: LocalAzure, config: AssistantConfig, wire: str, path: str) -> None:
    azure.faults.add("sign_in_page", path="/files", method="POST", times=None)
    assistant = open_assistant(config)
    thread = await assistant.create_thread({})
    with pytest.raises(errors.WebPageAnswered, match="AZURE_OPENAI_ENDPOINT"):
        await add(assistant, thread, "a.csv", CSV)
    azure.faults.add("sign_in_page", path=path, method="POST", times=None)
    with pytest.raises(errors.WebPageAnswered):
        await assistant.open_thread(thread)
    assert [fault.hits for fault in azure.faults.armed] == [1, 1]
    await assistant.close()
