"""Event streams of both wires, whatever they hold: what can be read is used, and only our errors are raised."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx2
import openai
import pytest

from azure_assistant.assistants.stream import AssistantsReader
from azure_assistant.errors import AssistantError, TemporaryError
from azure_assistant.events import CodeFinished, RunEvent, TextDelta
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.transport.error_mapping import from_sdk, from_wire
from azure_assistant.transport.wire_json import as_objects
from tests.hostile.models import (
    ANSWER,
    ASSISTANTS,
    ERRORS,
    LIMITED,
    RESPONSES,
    RETRY_AFTER,
    TEXTS,
    assistants_stream,
    message_item,
    response,
    responses_stream,
    thread_message,
    thread_run,
    thread_step,
)
from tests.hostile.mutate import REPLACEMENTS, mutations
from untrusted.characters import whole

Reader = ResponsesReader | AssistantsReader
WIRES: Mapping[str, tuple[Callable[[], Reader], Callable[[], list[Any]]]] = {
    "responses": (ResponsesReader, responses_stream),
    "assistants": (AssistantsReader, assistants_stream),
}
either = pytest.mark.parametrize("wire", WIRES)


def read(reader: Reader, stream: Iterable[Any]) -> tuple[list[RunEvent], AssistantError | None]:
    """What a stream means, up to an error of ours; any other exception fails the test."""
    events: list[RunEvent] = []
    try:
        for item in stream:
            events += reader.read(as_objects(item))
    except AssistantError as error:
        return events, error
    return events, None


def look_at(reader: Reader) -> None:
    """Everything that is asked of a reader afterwards."""
    assert isinstance(reader.text, str)
    assert isinstance(reader.cut_short, bool)
    if isinstance(reader, ResponsesReader):
        assert all(isinstance(cell.code, str) for cell in reader.cells())
        assert all(isinstance(container, str) for container in reader.containers())
        reader.citations()
    if reader.final is not None:
        reader.failure()


@pytest.mark.parametrize("name", RESPONSES)
def test_a15_odd_streams_of_responses(name: str) -> None:
    reader = ResponsesReader()
    events, _ = read(reader, RESPONSES[name])
    look_at(reader)
    assert len(events) <= 2 * len(RESPONSES[name]) + 5


@pytest.mark.parametrize("name", ASSISTANTS)
def test_a15_odd_streams_of_assistants(name: str) -> None:
    reader = AssistantsReader()
    events, _ = read(reader, ASSISTANTS[name])
    look_at(reader)
    assert len(events) <= 2 * len(ASSISTANTS[name]) + 5


@pytest.mark.parametrize("name", ["events that nobody knows", "events without a type", "events that are no objects"])
def test_what_is_strange_beside_an_answer_of_responses_leaves_it_whole(name: str) -> None:
    reader = ResponsesReader()
    assert read(reader, RESPONSES[name])[1] is None
    assert reader.text == ANSWER


@pytest.mark.parametrize("name", ["events that nobody knows", "events without a name", "data that are no objects"])
def test_what_is_strange_beside_an_answer_of_assistants_leaves_it_whole(name: str) -> None:
    reader = AssistantsReader()
    assert read(reader, ASSISTANTS[name])[1] is None
    assert reader.text == ANSWER


DECISIVE = {"delta", "data", "type", "event", "output_index", "content_index", "id", "index"}
"""Members without which a piece of text cannot be told to be one, or to be which."""


@pytest.mark.thorough
@either
def test_a15_one_broken_member_loses_nothing_else(wire: str) -> None:
    make, stream = WIRES[wire]
    good = stream()
    for place, event in enumerate(good[:-1]):
        for path, how, broken in mutations(event):
            reader = make()
            _, error = read(reader, [*good[:place], broken, *good[place + 1 :]])
            look_at(reader)
            assert error is None, (place, path, how)
            if not path or DECISIVE.intersection(map(str, path)) or "value" in path or "text" in path:
                continue
            assert reader.text.endswith(ANSWER), (place, path, how)


@either
def test_a_broken_end_is_an_answer_or_an_error_of_ours(wire: str) -> None:
    make, stream = WIRES[wire]
    *good, last = stream()
    for path, how, broken in mutations(last):
        reader = make()
        _, error = read(reader, [*good, broken])
        look_at(reader)
        assert reader.text.startswith(ANSWER), (path, how)
        assert error is None or isinstance(error, AssistantError)


@pytest.mark.parametrize("how", REPLACEMENTS)
def test_a_broken_stored_response_is_caught_up_with(how: str) -> None:
    stored = response(output=[message_item("The total is 42.")])
    for _, name, broken in mutations(stored, {how: REPLACEMENTS[how]}):
        assert name == how
        reader = ResponsesReader()
        events, _ = read(reader, [])
        try:
            events += reader.catch_up(as_objects(broken))
        except AssistantError:
            continue
        look_at(reader)


@pytest.mark.parametrize("how", REPLACEMENTS)
def test_a_broken_stored_run_is_caught_up_with(how: str) -> None:
    parts: list[Any] = [thread_run("completed"), [thread_step()], [thread_message()]]
    for path, _, broken in mutations(parts, {how: REPLACEMENTS[how]}):
        if not path or path in {(1,), (2,)} or (path == (0,) and how == "missing"):
            continue  # steps and messages are lists: pages of the SDK's
        run, steps, messages = map(as_objects, broken)
        reader = AssistantsReader()
        list(reader.catch_up(run, steps, messages))
        look_at(reader)


@pytest.mark.parametrize("name", TEXTS)
@either
def test_what_a_model_says_arrives_in_whole_characters(wire: str, name: str) -> None:
    make, _ = WIRES[wire]
    stream = responses_stream(TEXTS[name]) if wire == "responses" else assistants_stream(TEXTS[name])
    reader = make()
    events, error = read(reader, stream)
    assert error is None
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert reader.text == said == whole(TEXTS[name])
    assert sum(isinstance(event, CodeFinished) for event in events) == 1


@either
def test_what_means_nothing_is_not_kept(wire: str) -> None:
    make, _ = WIRES[wire]
    reader = make()
    padding = "x" * 1_000
    tracemalloc.start()
    try:
        for number in range(5_000):
            event = {"type": "keepalive", "sequence_number": number, "padding": padding}
            read(reader, [event if wire == "responses" else {"event": "keepalive", "data": event}])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000


@pytest.mark.one_in(5)
@pytest.mark.parametrize("body", ERRORS, ids=range(len(ERRORS)))
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_a_every_error_body_becomes_an_error_of_ours(body: Any, status: int) -> None:
    request = httpx2.Request("POST", "http://azure.example/openai/v1/responses")
    for told in RETRY_AFTER[: 3 if status < 429 else None]:
        answer = httpx2.Response(status, headers=[(b"retry-after", told.encode())], request=request)
        inner = body.get("error", body) if isinstance(body, dict) else body
        error = from_sdk(openai.APIStatusError("m", response=answer, body=inner))
        assert len(str(error)) < 2_000
        if isinstance(error, TemporaryError) and error.retry_after is not None:
            assert 0 <= error.retry_after < float("inf")


@pytest.mark.parametrize("path", ["code", "message", "type", "param", "innererror"])
def test_error_objects_with_broken_members(path: str) -> None:
    for status in (None, 400, 404, 429):
        for value in REPLACEMENTS.values():
            assert str(from_wire(LIMITED | {path: value}, status=status))
