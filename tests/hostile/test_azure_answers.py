"""Whatever Azure, or what stands in its place, answers: it is judged, and never breaks the bot."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_assistant.assistant import Thread
from azure_assistant.assistants.artifacts import collect as collect_of_run
from azure_assistant.assistants.outcome import AssistantsOutcome
from azure_assistant.assistants.state import AssistantsState
from azure_assistant.assistants.stream import AssistantsReader
from azure_assistant.errors import AssistantError, Decision
from azure_assistant.responses.outcome import ResponsesOutcome
from azure_assistant.responses.state import ResponsesState
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.run.links import sandbox_links
from azure_assistant.transport.error_mapping import from_wire
from azure_assistant.transport.wire_json import as_objects
from conversations.store.prices import Prices
from tests.support.budgets import examples

SAYINGS = "error code message type param detail innererror container rate_limit_exceeded model truncation rs_ item ' ["
WORDS = st.sampled_from([*SAYINGS.split(), "not found", "after", "sandbox:/", "\ud800", "\0", "1e999", "<html>"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4)
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "retry-after-ms", "content-type", "x-request-id", "x-ratelimit-remaining-tokens"]),
    st.text(max_size=20) | st.sampled_from(["0", "nan", "inf", "-1", "1e400", "02:20:30", "text/html"]),
    max_size=3,
)


@examples(100)
@given(
    JSON, st.none() | st.integers(100, 599), HEADERS, st.sampled_from(["", "/v1/responses", "/v1/containers/c/files"])
)
def test_any_answer_is_judged(body: Any, status: int | None, headers: dict[str, str], path: str) -> None:
    error = from_wire(body, status=status, headers=headers, path=path)
    assert isinstance(error, AssistantError)
    assert isinstance(error.decision, Decision)
    assert error.retry_after is None or 0 <= error.retry_after < 1e12
    assert str(error)
    assert len(error.words) <= 200


CALL = {
    "id": "ci_1",
    "type": "code_interpreter_call",
    "code": "plt.savefig('a.png')",
    "container_id": "cntr_1",
    "outputs": [{"type": "logs", "logs": "1"}, {"type": "image", "url": "data:image/png;base64,AAAA"}],
}
NOTE = {"type": "container_file_citation", "container_id": "c", "file_id": "f", "filename": "a.png", "start_index": 0}
SAID = {"id": "msg_1", "type": "message", "content": [{"type": "output_text", "text": "42", "annotations": [NOTE]}]}
WHOLE = {
    "id": "resp_1",
    "created_at": 1,
    "status": "completed",
    "output": [CALL, SAID],
    "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1},
}
RESPONSES = [
    {"type": "response.created", "sequence_number": 0, "response": WHOLE | {"output": []}},
    {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": CALL},
    {"type": "response.output_item.done", "sequence_number": 2, "output_index": 0, "item": CALL},
    {"type": "response.output_text.delta", "sequence_number": 3, "output_index": 1, "content_index": 0, "delta": "4"},
    {"type": "response.output_item.done", "sequence_number": 4, "output_index": 1, "item": SAID},
    {"type": "response.completed", "sequence_number": 5, "response": WHOLE},
]
STEP = {
    "id": "step_1",
    "status": "completed",
    "step_details": {
        "tool_calls": [
            {
                "index": 0,
                "type": "code_interpreter",
                "code_interpreter": {
                    "input": "x",
                    "outputs": [{"type": "logs", "logs": "1"}, {"type": "image", "image": {"file_id": "f"}}],
                },
            }
        ]
    },
}
PATH = {"type": "file_path", "text": "sandbox:/mnt/data/a.csv", "file_path": {"file_id": "f"}}
TEXT = {"index": 0, "type": "text", "text": {"value": "42", "annotations": [PATH]}}
PICTURE = {"type": "image_file", "image_file": {"file_id": "g"}}
RUNS = [
    {"event": "thread.run.created", "data": {"id": "run_1", "status": "queued"}},
    {"event": "thread.run.step.delta", "data": {"id": "step_1", "delta": STEP}},
    {"event": "thread.run.step.completed", "data": STEP},
    {"event": "thread.message.delta", "data": {"id": "msg_1", "delta": {"content": [TEXT]}}},
    {
        "event": "thread.message.completed",
        "data": {"id": "msg_1", "content": [PICTURE, TEXT], "incomplete_details": None},
    },
    {"event": "thread.run.completed", "data": {"id": "run_1", "status": "completed", "usage": {"prompt_tokens": 1}}},
]


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every member of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*above, key)
        yield from places(inner, (*above, key))


def broken(events: list[dict[str, Any]], place: tuple[Any, ...], value: Any) -> list[dict[str, Any]]:
    changed: Any = copy.deepcopy(events)
    parent = changed
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    return changed  # type: ignore[no-any-return]


ODD: list[Any] = [None, 0, -1, 1.5, True, "", "x", [], [None], ["x", 1], {}, {"type": None}, [[]]]


@pytest.mark.parametrize("wire", ["responses", "assistants"])
def test_a15_any_member_may_be_anything(wire: str, quick: bool) -> None:
    events = RESPONSES if wire == "responses" else RUNS
    for number, place in enumerate(places(events)):
        for value in ODD[number % 4 :: 4] if quick else ODD:
            read(wire, broken(events, place, value))


@pytest.mark.parametrize("value", [-1, -(2**80), 2**63, 10**400, 1e300, float("nan"), float("inf"), "7"], ids=repr)
def test_no_budget_is_filled_up_or_broken_by_what_a_run_says_it_used(value: Any) -> None:
    nowhere: Any = SimpleNamespace(api=None, threads=None)
    used = {"input_tokens": 1, "output_tokens": value, "prompt_tokens": value, "completion_tokens": value}
    used |= {"input_tokens_details": {"cached_tokens": 9}}
    run = as_objects({"usage": used, "created_at": value, "started_at": value, "completed_at": value})
    thread = Thread("thread_1")
    outcomes: list[Any] = [
        ResponsesOutcome(nowhere, ResponsesState(thread)),
        AssistantsOutcome(nowhere, AssistantsState(thread)),
    ]
    for outcome in outcomes:
        outcome.reader.final = run
        usage = outcome.usage(0.0)
        assert all(0 <= number <= 10**12 for number in astuple(usage))
        assert (Prices(input=2.0, cached_input=1.0).cost(usage) or 0.0) >= 0
        assert outcome.minutes() >= 0


def read(wire: str, events: list[Any]) -> None:
    """Read a stream to its end; only errors of ours may come of it."""
    last = events[-1] if isinstance(events[-1], dict) else {}
    with suppress(AssistantError):
        if wire == "responses":
            reader = ResponsesReader()
            for event in events:
                list(reader.read(as_objects(event)))
            list(reader.catch_up(as_objects(last.get("response"))))
            reader.failure()
            assert [reader.citations(), reader.cells(), reader.containers()]
            list(reader.read_whole(as_objects(events[-1])))
        else:
            run = AssistantsReader()
            for event in events:
                list(run.read(as_objects(event)))
            list(run.catch_up(as_objects(events[-1]), as_objects([STEP, None, 1]), as_objects([last.get("data"), []])))
            run.failure()
            collect_of_run(run.evidence([]))
            list(run.read_whole(as_objects(last.get("data"))))


@examples(100)
@given(st.text(alphabet=st.sampled_from("[]()<>`'\":/ \nab.sandbox:/mnt/data/%20&#"), max_size=300))
def test_links_of_any_text_are_read(text: str) -> None:
    for link in sandbox_links(text):
        assert 0 <= link.start <= len(text)
        assert link.name
        assert "/" not in link.name


@pytest.mark.parametrize(
    "piece", ["input[0] item ", "model ", "'a' ", "container ", "limit 1 ", "retry ", "a_b.", "sk-", "a@"]
)
def test_the_time_for_a_message_does_not_grow_without_end(piece: str) -> None:
    def seconds(times: int) -> float:
        best = 1e9
        for _ in range(3):
            began = time.thread_time()
            from_wire({"error": {"message": piece * times}}, status=400)
            best = min(best, time.thread_time() - began)
        return best

    assert seconds(100_000) < 5 * max(seconds(2_000), 0.002)
