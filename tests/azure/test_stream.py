"""Readers of event streams: recorded orders, odd events, and completion of what a broken stream left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from azure_assistant.assistants.artifacts import collect
from azure_assistant.assistants.stream import AssistantsReader
from azure_assistant.errors import AnswerFiltered, RateLimited, RunCancelled, RunExpired, RunRequiresAction
from azure_assistant.events import CodeFinished, CodeStarted, FunctionCall, RunEvent, RunStarted, TextDelta
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.transport.wire_json import as_objects

PNG = "data:image/png;base64,iVBORw0KGgo="


wire = as_objects


def message(text: str, *, phase: str | None = None, annotations: Iterable[Any] = ()) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": list(annotations)}]
    return {"id": "msg", "type": "message", "role": "assistant", "content": content, "phase": phase}


CALL = {
    "id": "ci_1",
    "type": "code_interpreter_call",
    "code": "x = 1\r\nprint(x)",
    "container_id": "cntr_1",
    "outputs": [{"type": "logs", "logs": "1\r\n"}, {"type": "image", "url": PNG}],
}


def response(*output: dict[str, Any], status: str = "completed", reason: str = "", error: Any = None) -> Any:
    return {
        "id": "resp_1",
        "created_at": 1000,
        "status": status,
        "output": list(output),
        "error": error,
        "incomplete_details": {"reason": reason} if reason else None,
    }


def recorded() -> list[dict[str, Any]]:
    """A run in the order of the wire: thought, commentary, code, answer in two messages."""
    empty = {"id": "resp_1", "created_at": 1000, "status": "in_progress", "output": []}
    first, second = message("The total is 42."), message("See the chart.")
    return [
        {"type": "response.created", "response": empty},
        {"type": "response.in_progress", "response": empty},
        {"type": "keepalive", "sequence_number": 2},
        {"type": "response.output_item.added", "output_index": 0, "item": {"id": "rs", "type": "reasoning"}},
        {"type": "response.output_item.done", "output_index": 0, "item": {"id": "rs", "type": "reasoning"}},
        {"type": "response.output_item.added", "output_index": 1, "item": message("", phase="commentary")},
        {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "I look at it."},
        {"type": "response.output_item.done", "output_index": 1, "item": message("I look at it.", phase="commentary")},
        {"type": "response.output_item.added", "output_index": 2, "item": CALL | {"code": "", "outputs": []}},
        {"type": "response.code_interpreter_call_code.delta", "output_index": 2, "delta": "x"},
        {"type": "response.code_interpreter_call.interpreting", "output_index": 2},
        {"type": "response.output_item.done", "output_index": 2, "item": CALL},
        {"type": "response.output_item.added", "output_index": 3, "item": message("")},
        {"type": "response.output_text.delta", "output_index": 3, "content_index": 0, "delta": "The total "},
        {"type": "response.output_text.delta", "output_index": 3, "content_index": 0, "delta": "is 42."},
        {"type": "response.output_item.done", "output_index": 3, "item": first},
        {"type": "response.output_item.added", "output_index": 4, "item": message("")},
        {"type": "response.output_text.delta", "output_index": 4, "content_index": 0, "delta": "See the chart."},
        {"type": "response.output_item.done", "output_index": 4, "item": second},
        {"type": "response.completed", "response": complete()},
    ]


def complete() -> Any:
    commentary = message("I look at it.", phase="commentary")
    reasoning = {"id": "rs", "type": "reasoning"}
    return response(reasoning, commentary, CALL, message("The total is 42."), message("See the chart."))


WHOLE: list[RunEvent] = [
    RunStarted("resp_1"),
    CodeStarted(0),
    CodeFinished(0, "x = 1\nprint(x)", "1\n"),
    TextDelta("The total "),
    TextDelta("is 42."),
    TextDelta("\n\nSee the chart."),
]


def test_a_recorded_run() -> None:
    reader = ResponsesReader()
    events = [event for item in recorded() for event in reader.read(wire(item))]
    assert events == WHOLE
    assert reader.text == "The total is 42.\n\nSee the chart."
    assert [(cell.code, cell.images) for cell in reader.cells()] == [(CALL["code"], [PNG])]
    assert reader.containers() == ["cntr_1"]
    assert reader.final is not None


def joined(events: Iterable[RunEvent]) -> list[RunEvent]:
    """Events with neighbouring pieces of text put together."""
    made: list[RunEvent] = []
    for event in events:
        if isinstance(event, TextDelta) and made and isinstance(made[-1], TextDelta):
            made[-1] = TextDelta(made[-1].text + event.text)
        else:
            made.append(event)
    return made


@pytest.mark.parametrize("cut", range(1, len(recorded())))
def test_wherever_the_stream_breaks_the_stored_response_completes_it_without_repeating(cut: int) -> None:
    reader = ResponsesReader()
    events = [event for item in recorded()[:cut] for event in reader.read(wire(item))]
    events += reader.catch_up(wire(complete()))
    assert joined(events) == joined(WHOLE)


def test_citations_count_from_the_start_of_the_whole_text() -> None:
    note = {
        "type": "container_file_citation",
        "container_id": "cntr_1",
        "file_id": "cfile_1",
        "filename": "a.png",
        "start_index": 4,
    }
    reader = ResponsesReader()
    list(reader.catch_up(wire(response(message("One."), message("See it", annotations=[note])))))
    (cited,) = reader.citations()
    assert cited.start == len("One.\n\n") + 4


def test_a_failed_response_raises_its_reason() -> None:
    reader = ResponsesReader()
    error = {"code": "rate_limit_exceeded", "message": "Try again in 3 seconds."}
    with pytest.raises(RateLimited):
        list(reader.read(wire({"type": "response.failed", "response": response(status="failed", error=error)})))


def test_a_flat_error_event_raises() -> None:
    with pytest.raises(RateLimited):
        list(ResponsesReader().read(wire({"type": "error", "code": "rate_limit_exceeded", "message": "m"})))


def test_a_filtered_answer_keeps_its_beginning() -> None:
    reader = ResponsesReader()
    stopped = response(message("Half of"), status="incomplete", reason="content_filter")
    list(reader.read(wire({"type": "response.incomplete", "response": stopped})))
    assert isinstance(reader.failure(), AnswerFiltered)
    assert reader.text == "Half of"


def test_an_answer_at_the_length_limit_is_an_answer() -> None:
    reader = ResponsesReader()
    list(reader.catch_up(wire(response(message("Half of"), status="incomplete", reason="max_output_tokens"))))
    assert reader.cut_short


def run(status: str, **members: Any) -> dict[str, Any]:
    return {"id": "run_1", "status": status, "last_error": None, "incomplete_details": None, **members}


def step(status: str) -> dict[str, Any]:
    outputs = [{"type": "logs", "logs": "1\r\n"}, {"type": "image", "image": {"file_id": "file-9"}}]
    call = {"id": "call_1", "type": "code_interpreter", "code_interpreter": {"input": "x = 1", "outputs": outputs}}
    return {"id": "step_1", "status": status, "step_details": {"type": "tool_calls", "tool_calls": [call]}}


LINK = "sandbox:/mnt/data/x.csv"


def thread_message() -> dict[str, Any]:
    note = {"type": "file_path", "text": LINK, "file_path": {"file_id": "file-10"}}
    picture = {"type": "image_file", "image_file": {"file_id": "file-9"}}
    text = {"type": "text", "text": {"value": f"Here: [x]({LINK})", "annotations": [note]}}
    return {"id": "msg_1", "incomplete_details": None, "content": [picture, text]}


def thread_events() -> list[dict[str, Any]]:
    call = {"index": 0, "type": "code_interpreter", "code_interpreter": {"input": "x"}}
    delta = {"id": "step_1", "delta": {"step_details": {"type": "tool_calls", "tool_calls": [call]}}}
    pieces = ["Here: ", f"[x]({LINK})"]
    return [
        {"event": "thread.run.created", "data": run("queued")},
        {"event": "thread.run.in_progress", "data": run("in_progress")},
        {"event": "thread.run.step.delta", "data": delta},
        {"event": "thread.run.step.completed", "data": step("completed")},
        *(
            {
                "event": "thread.message.delta",
                "data": {
                    "id": "msg_1",
                    "delta": {"content": [{"index": 1, "type": "text", "text": {"value": piece, "annotations": None}}]},
                },
            }
            for piece in pieces
        ),
        {"event": "thread.message.completed", "data": thread_message()},
        {"event": "thread.run.completed", "data": run("completed")},
    ]


def test_a_run_of_the_assistants_wire() -> None:
    reader = AssistantsReader()
    events = [event for item in thread_events() for event in reader.read(wire(item))]
    assert joined(events) == [
        RunStarted("run_1"),
        CodeStarted(0),
        CodeFinished(0, "x = 1", "1\n"),
        TextDelta(f"Here: [x]({LINK})"),
    ]
    assert reader.failure() is None
    findings = collect(reader.evidence([]))
    assert [(item.kind, item.name, item.ref["file"]) for item in findings.artifacts] == [
        ("chart", "chart-1.png", "file-9"),
        ("file", "x.csv", "file-10"),
    ]
    assert not findings.missing


@pytest.mark.parametrize("cut", range(len(thread_events())))
def test_a_broken_assistants_stream_is_completed(cut: int) -> None:
    reader = AssistantsReader()
    events = [event for item in thread_events()[:cut] for event in reader.read(wire(item))]
    events += reader.catch_up(wire(run("completed")), [wire(step("completed"))], [wire(thread_message())])
    assert [event for event in joined(events) if isinstance(event, TextDelta)] == [TextDelta(f"Here: [x]({LINK})")]
    assert sum(isinstance(event, CodeFinished) for event in events) == 1
    assert sum(isinstance(event, RunStarted) for event in events) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [("expired", RunExpired), ("cancelled", RunCancelled), ("requires_action", RunRequiresAction)],
)
def test_every_status_has_its_error(status: str, expected: type[Exception]) -> None:
    reader = AssistantsReader()
    list(reader.read(wire({"event": f"thread.run.{status}", "data": run(status)})))
    assert isinstance(reader.failure(), expected)


def test_a_failed_run_tells_its_reason() -> None:
    reader = AssistantsReader()
    error = {"code": "rate_limit_exceeded", "message": "Try again in 8 seconds."}
    list(reader.read(wire({"event": "thread.run.failed", "data": run("failed", last_error=error)})))
    failure = reader.failure()
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == 8


# ── calls of functions ──────────────────────────────────────────────────────────────────────────────────────────────

FUNCTION_CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "ask", "arguments": "{}"}
RUDE = [None, 7, True, "", [], {}, ["x"], {"a": 1}]


def read_response(*output: Any, status: str = "completed") -> ResponsesReader:
    reader = ResponsesReader()
    list(reader.catch_up(wire(response(*output, status=status))))
    return reader


def read_run(required: Any, status: str = "requires_action") -> AssistantsReader:
    reader = AssistantsReader()
    run = {"id": "run_1", "status": status, "required_action": required}
    list(reader.read(wire({"event": "thread.run.requires_action", "data": run})))
    return reader


def required(*calls: Any) -> Any:
    return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(calls)}}


def test_a_call_is_read_in_the_stream_and_once() -> None:
    reader = ResponsesReader()
    for name in ("response.output_item.added", "response.output_item.done"):
        list(reader.read(wire({"type": name, "output_index": 0, "item": FUNCTION_CALL})))
    list(reader.catch_up(wire(response(FUNCTION_CALL))))
    assert reader.calls() == [FunctionCall("call_1", "ask", "{}")]
    assert reader.text == ""
    assert reader.failure() is None


@pytest.mark.parametrize("value", RUDE, ids=str)
@pytest.mark.parametrize("member", ["call_id", "name", "arguments", "status", "id", "type"])
def test_rude_calls_of_a_response_break_nothing(member: str, value: Any) -> None:
    calls = read_response(FUNCTION_CALL | {member: value}, FUNCTION_CALL | {"call_id": "call_2"}).calls()
    assert calls[-1].id == "call_2"
    assert all(isinstance(part, str) and part is not None for call in calls for part in (call.name, call.arguments))
    assert len(calls) == (1 if member in ("call_id", "type") else 2)


@pytest.mark.parametrize("value", RUDE, ids=str)
@pytest.mark.parametrize("member", ["id", "function", "type"])
def test_rude_calls_of_a_run_break_nothing(member: str, value: Any) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "ask", "arguments": "{}"}}
    calls = read_run(required(call | {member: value}, call | {"id": "call_2"}, value)).calls()
    assert calls[-1] == FunctionCall("call_2", "ask", "{}")


@pytest.mark.parametrize("value", [*RUDE, required(), required(None), {"submit_tool_outputs": None}], ids=str)
def test_a_run_that_wants_what_nobody_can_do_has_its_error(value: Any) -> None:
    reader = read_run(value)
    assert reader.calls() == []
    assert isinstance(reader.failure(), RunRequiresAction)


def test_a_run_in_another_status_waits_for_nothing() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "ask", "arguments": "{}"}}
    for status in ("completed", "expired", "cancelled"):
        assert read_run(required(call), status).calls() == []


def test_what_was_told_before_calls_is_passed_over() -> None:
    reader = AssistantsReader(0, ["msg_1", "step_1"])
    said = {"type": "text", "text": {"value": "Let me see.", "annotations": []}}
    messages = [{"id": "msg_1", "content": [said]}, {"id": "msg_2", "content": [said]}]
    code = {"type": "code_interpreter", "code_interpreter": {"input": "x", "outputs": []}}
    steps = [
        {"id": name, "status": "completed", "step_details": {"tool_calls": [code]}} for name in ("step_1", "step_2")
    ]
    events = list(reader.catch_up(wire({"id": "run_1", "status": "completed"}), wire(steps), wire(messages)))
    assert [type(event) for event in events] == [RunStarted, CodeStarted, CodeFinished, TextDelta]
    assert list(reader.heard) == ["step_1", "step_2", "msg_1", "msg_2"]
