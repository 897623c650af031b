"""The Responses backend when things break: every fault ends in an answer or in one error that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest

from azure_assistant import AssistantConfig, errors, open_assistant
from azure_assistant.assistant import Assistant, Prompt, Thread
from azure_assistant.events import CodeFinished, Failed, Finished, Gone, RunEvent, RunStarted, TextDelta, Waiting
from playground.azure.server import LocalAzure
from playground.ports import ModelRequest
from tests.azure.support import Cell, Step, TestModel, ask, attach

pytestmark = pytest.mark.thorough

CSV = b"a,b\n1,2\n"


def text_of(events: list[RunEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def failure(events: list[RunEvent]) -> errors.AssistantError:
    last = events[-1]
    assert isinstance(last, Failed), last
    return last.error


def ended(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    assert last.text == text_of(events)
    return last


def working(_: ModelRequest) -> list[Step]:
    return ["Let me see. ", Cell("print(1)", "1"), "The sum ", "is ", "42."]


ANSWER = "Let me see. \n\nThe sum is 42."


@pytest.mark.parametrize(
    ("fault", "options", "expected"),
    [
        ("unauthorized", {"times": None}, errors.WrongKey),
        ("unauthorized", {"times": None, "flat": True}, errors.WrongKey),
        ("no_deployment", {}, errors.DeploymentNotFound),
        ("quota", {}, errors.QuotaExhausted),
        ("content_filter_input", {}, errors.QuestionFiltered),
        ("content_filter_output", {}, errors.AnswerFiltered),
        ("context_too_long", {}, errors.ContextTooLong),
        ("rate_limit", {"path": "/responses", "retry_after": 86400}, errors.RateLimitedLong),
        ("server_error", {"path": "/responses", "times": None}, errors.AzureDown),
        ("timeout", {"path": "/responses", "times": None}, errors.AzureTimeout),
        ("http", {"path": "/responses", "status": 404, "message": "Resource not found"}, errors.EndpointWrong),
        ("http", {"path": "/responses", "status": 403, "message": "no"}, errors.RoleMissing),
    ],
)
async def test_final_errors(
    azure: LocalAzure, assistant: Assistant, thread: Thread, fault: str, options: Mapping[str, Any], expected: type
) -> None:
    armed = azure.faults.add(fault, **options)
    events = await ask(assistant, thread, "x")
    assert armed.hits
    assert type(failure(events)) is expected
    assert "{" not in str(failure(events))


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("conversation_locked", {"times": 3}, "busy"),
        ("rate_limit", {"path": "/responses", "retry_after": 0.02, "times": 2}, "rate_limit"),
        ("server_error", {"path": "/responses", "times": 2}, "retry"),
        ("timeout", {"path": "/responses"}, "retry"),
        ("drop_request", {"path": "/responses"}, "retry"),
    ],
)
async def test_passing_troubles_are_waited_out_and_shown(
    azure: LocalAzure, assistant: Assistant, thread: Thread, fault: str, options: Mapping[str, Any], reason: str
) -> None:
    armed = azure.faults.add(fault, **options)
    events = await ask(assistant, thread, "x")
    assert ended(events).text == "You asked: x"
    waits = [event for event in events if isinstance(event, Waiting)]
    assert [event.reason for event in waits] == [reason] * armed.hits


@pytest.mark.parametrize("fault", ["server_error", "timeout", "drop_request"])
@pytest.mark.parametrize("path", ["/conversations", "/files", "/containers", "/containers/*/files"])
async def test_other_calls_are_repeated_quietly(azure: LocalAzure, assistant: Assistant, fault: str, path: str) -> None:
    armed = azure.faults.add(fault, path=path, method="POST", times=2)
    thread = await assistant.create_thread({})
    file = await attach(assistant, thread, "a.csv", CSV)
    assert azure.files[file.file.id].data == CSV
    assert ended(await ask(assistant, thread, Prompt("x", files=[file])))
    assert armed.hits == 2


@pytest.mark.one_in(5)
@pytest.mark.parametrize("fault", ["silent_eof", "drop_socket", "bad_json"])
@pytest.mark.parametrize("after", [1, 4, 12, 20])
async def test_a_broken_stream_is_completed_from_the_stored_response(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, fault: str, after: int
) -> None:
    model.answers = working
    armed = azure.faults.add(fault, after=after)
    events = await ask(assistant, thread, "x")
    assert armed.hits == 1
    assert ended(events).text.endswith("The sum is 42.")
    assert sum(isinstance(event, CodeFinished) for event in events) == 1
    assert len(azure.requests.of("POST", "/responses")) == 1


async def test_a_stream_that_breaks_before_it_began_is_asked_again(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("silent_eof", after=0)
    assert ended(await ask(assistant, thread, "x")).text == "You asked: x"


@pytest.mark.parametrize("fault", ["keepalive", "comment"])
async def test_odd_events_do_no_harm(azure: LocalAzure, assistant: Assistant, thread: Thread, fault: str) -> None:
    armed = azure.faults.add(fault, times=None)
    assert ended(await ask(assistant, thread, "x")).text == "You asked: x"
    assert armed.hits


@pytest.mark.parametrize("fault", ["stream_error_nested", "stream_error_flat", "stream_error_azure"])
async def test_an_error_in_the_stream_is_an_error(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread, fault: str
) -> None:
    model.answers = lambda _: ["Half of ", "the answer"]
    azure.faults.add(fault, after=8, times=None, code="insufficient_quota", message="You exceeded your quota.")
    assert isinstance(failure(await ask(assistant, thread, "x")), errors.QuotaExhausted)


async def test_a_run_that_died_with_its_connection_is_an_error_with_the_text_so_far(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [Cell("print(1)", "1"), *("word " for _ in range(50))]
    azure.faults.add("cancel_on_drop")
    azure.faults.add("drop_socket", after=20)
    events = await ask(assistant, thread, "x")
    assert isinstance(failure(events), errors.StreamCut)
    assert cast("Failed", events[-1]).text == text_of(events) != ""


async def test_an_expired_container_is_replaced_silently(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    azure.faults.add("container_expired")
    events = await ask(assistant, thread, Prompt("two", files=[file]))
    assert ended(events).notes == []
    assert not [event for event in events if isinstance(event, Waiting | Failed)]
    old, new = azure.containers.values()
    assert (old.status, new.status) == ("expired", "running")
    assert ["chart-style-" in given.path for given in new.files.values()] == [True, False]
    assert "restarted" in model.requests[-1].user_parts[0]
    await ask(assistant, thread, Prompt("three", files=[file]))
    assert "restarted" not in model.requests[-1].user_parts[0]


async def test_a_container_that_was_idle_is_looked_at_before_it_is_used(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    (container,) = azure.containers.values()
    thread.state["container"]["used"] -= 16 * 60
    await ask(assistant, thread, "two")
    assert len(azure.containers) == 1
    await container.expire()
    thread.state["container"]["used"] -= 16 * 60
    await ask(assistant, thread, "three")
    assert len(azure.containers) == 2
    thread.state["container"]["used"] -= 16 * 60
    azure.faults.add("server_error", path="/containers/*", method="GET")
    await ask(assistant, thread, "four")
    assert len(azure.containers) == 2
    assert len(azure.requests.of("POST", "/responses")) == 4


async def test_a_container_that_was_idle_for_longer_than_it_is_kept_is_not_looked_at(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    thread.state["container"]["used"] -= 21 * 60
    azure.requests.clear()
    await ask(assistant, thread, "two")
    made, asked, *_ = [entry.path for entry in azure.requests]
    assert (made, asked) == ("/containers", "/responses")


async def test_how_long_a_container_was_idle_is_not_known_while_a_run_has_no_end(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    thread.state["container"]["used"] -= 21 * 60
    thread.state["run"] = "resp_1"
    await ask(assistant, thread, "two")
    assert len(azure.requests.of("GET", "/containers/*")) == 1
    assert len(azure.containers) == 1


async def test_a_poisoned_conversation_is_replaced_and_told_what_was_said(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    azure.faults.add("container_poisoned")
    events = await ask(assistant, thread, Prompt("two", transcript="Ann: one\nanalyst: You asked: one"))
    assert ended(events).notes == ["new_thread"]
    assert "Ann: one" in model.requests[-1].user_parts[0]
    assert len(azure.conversations) == 2
    assert thread.state["conversation"] == azure.requests.of("POST", "/responses")[-1].body["conversation"]


async def test_a_lost_conversation_is_replaced(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    thread.state["conversation"] = "conv_gone"
    assert ended(await ask(assistant, thread, "x")).notes == ["new_thread"]


@pytest.mark.parametrize("status", [404, 405])
async def test_without_conversations_the_thread_is_a_chain(
    azure: LocalAzure, model: TestModel, assistant: Assistant, status: int
) -> None:
    azure.faults.add("conversations_unsupported", times=None, status=status)
    thread = await assistant.create_thread({"slack_thread": "1"})
    await ask(assistant, thread, "one")
    await ask(assistant, thread, "two")
    bodies = [entry.body for entry in azure.requests.of("POST", "/responses")]
    assert "previous_response_id" not in bodies[0]
    assert bodies[1]["previous_response_id"] in azure.responses
    assert bodies[1]["metadata"] == {"slack_thread": "1"}
    assert [past.text for past in model.requests[1].history if past.role == "assistant"] == ["You asked: one"]
    assert len(azure.requests.of("POST", "/conversations")) == 1
    thread.state["previous"] = "resp_gone"
    assert ended(await ask(assistant, thread, "three")).notes == ["new_thread"]


async def test_parameters_that_a_service_does_not_know_are_left_out(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    error = {"message": "Unknown parameter", "code": "unknown_parameter", "param": "safety_identifier"}
    azure.faults.add(
        "http",
        path="/responses",
        times=None,
        status=400,
        body={"error": error},
        where=lambda body: "safety_identifier" in (body or {}),
    )
    for question in ("one", "two"):
        assert ended(await ask(assistant, thread, Prompt(question, asker="abc")))
    bodies = [entry.body or {} for entry in azure.requests.of("POST", "/responses")]
    assert ["safety_identifier" in body for body in bodies] == [True, False, False]


async def test_links_without_a_citation_are_found_by_listing(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    cell = Cell("plt.savefig('/mnt/data/a.png')", "", [], {"a.png": b"\x89PNG"})
    model.answers = lambda _: [cell, "[A](sandbox:/mnt/data/a.png)"]
    azure.faults.add("no_citation")
    events = await ask(assistant, thread, "x")
    assert ended(events).missing == []
    assert [type(event).__name__ for event in events].count("ChartReady") == 1


async def test_a_run_has_an_end(azure: LocalAzure, config: AssistantConfig) -> None:
    assistant = open_assistant(replace(config, run_seconds=0.3))
    azure.faults.add("hold", after=2)
    thread = await assistant.create_thread({})
    assert isinstance(failure(await ask(assistant, thread, "x")), errors.RunTimedOut)
    await assistant.close()
    azure.faults.clear()


async def test_closing_the_iterator_ends_the_run(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: ["word " for _ in range(2000)]
    azure.faults.add("cancel_on_drop")
    run_id = ""
    async with aclosing(cast("Any", assistant.run(thread, Prompt("x")))) as events:
        async for event in events:
            if isinstance(event, RunStarted):
                run_id = event.run_id
            if isinstance(event, TextDelta):
                break
    await assistant.cancel(thread, run_id)
    assert azure.responses[run_id].json["status"] == "cancelled"
    model.answers = lambda _: ["free"]
    assert ended(await ask(assistant, thread, "next")).text == "free"


async def resumed(assistant: Assistant, thread: Thread, run_id: str) -> list[RunEvent]:
    return [event async for event in assistant.resume(thread, run_id)]


async def started(assistant: Assistant, thread: Thread, question: str) -> str:
    """Begin a run and lose sight of it, as a process does that is killed."""
    async with aclosing(cast("Any", assistant.run(thread, Prompt(question)))) as events:
        async for event in events:
            if isinstance(event, RunStarted):
                return event.run_id
    raise AssertionError


async def test_a_run_that_went_on_alone_is_resumed_with_all_its_events(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [
        Cell("plt.savefig('/mnt/data/a.png')", "ok", [], {"a.png": b"\x89PNG"}),
        "[A](sandbox:/mnt/data/a.png)",
    ]
    hold = azure.faults.add("hold", after=2)
    run_id = await started(assistant, thread, "x")
    hold.gate.set()
    events = await resumed(assistant, thread, run_id)
    assert [type(event).__name__ for event in events] == [
        "RunStarted",
        "CodeStarted",
        "CodeFinished",
        "TextDelta",
        "ChartReady",
        "Finished",
    ]
    assert ended(events).text == "[A](sandbox:/mnt/data/a.png)"


async def test_a_run_that_is_gone_leaves_no_unanswered_question(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, "one")
    conversation = azure.conversations[thread.state["conversation"]]
    before = len(conversation.items)
    azure.faults.add("orphan_user_item")
    azure.faults.add("cancel_on_drop")
    azure.faults.add("hold", after=2)
    run_id = await started(assistant, thread, "two")
    await azure.wait(lambda _: azure.responses[run_id].json["status"] == "cancelled")
    assert len(conversation.items) == before + 1
    assert await resumed(assistant, thread, run_id) == [Gone()]
    assert len(conversation.items) == before
    assert await resumed(assistant, thread, "resp_never") == [Gone()]
    assert await resumed(assistant, thread, "") == [Gone()]
    assert len(conversation.items) == before


async def test_a_failed_run_is_resumed_as_its_failure(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    await ask(assistant, thread, "one")
    azure.faults.add("content_filter_output")
    run_id = next(event.run_id for event in await ask(assistant, thread, "two") if isinstance(event, RunStarted))
    assert isinstance(failure(await resumed(assistant, thread, run_id)), errors.AnswerFiltered)
