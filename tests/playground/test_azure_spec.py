"""Every answer and event of the local Azure against OpenAI's published description."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from openai import AsyncOpenAI

from playground.azure.server import LocalAzure
from tests.playground.azure_calls import MODEL, OUTPUTS, container, parse_sse, raw, tool, upload
from tests.support.openapi import OpenApi, openapi

__all__ = ["openapi"]

pytestmark = pytest.mark.thorough  # reading the specification takes a second

BETA = {"OpenAI-Beta": "assistants=v2"}
Json = dict[str, Any]

RESPONSE_EVENTS = {
    "response.function_call_arguments.delta": "ResponseFunctionCallArgumentsDeltaEvent",
    "response.function_call_arguments.done": "ResponseFunctionCallArgumentsDoneEvent",
    "response.created": "ResponseCreatedEvent",
    "response.in_progress": "ResponseInProgressEvent",
    "response.queued": "ResponseQueuedEvent",
    "response.completed": "ResponseCompletedEvent",
    "response.failed": "ResponseFailedEvent",
    "response.incomplete": "ResponseIncompleteEvent",
    "response.output_item.added": "ResponseOutputItemAddedEvent",
    "response.output_item.done": "ResponseOutputItemDoneEvent",
    "response.code_interpreter_call.in_progress": "ResponseCodeInterpreterCallInProgressEvent",
    "response.code_interpreter_call.interpreting": "ResponseCodeInterpreterCallInterpretingEvent",
    "response.code_interpreter_call.completed": "ResponseCodeInterpreterCallCompletedEvent",
    "response.code_interpreter_call_code.delta": "ResponseCodeInterpreterCallCodeDeltaEvent",
    "response.code_interpreter_call_code.done": "ResponseCodeInterpreterCallCodeDoneEvent",
    "response.content_part.added": "ResponseContentPartAddedEvent",
    "response.content_part.done": "ResponseContentPartDoneEvent",
    "response.output_text.delta": "ResponseTextDeltaEvent",
    "response.output_text.done": "ResponseTextDoneEvent",
    "response.output_text.annotation.added": "ResponseOutputTextAnnotationAddedEvent",
    "response.refusal.delta": "ResponseRefusalDeltaEvent",
    "response.refusal.done": "ResponseRefusalDoneEvent",
    "error": "ResponseErrorEvent",
}
ASSISTANT_EVENTS = {
    "thread.run.step.delta": "RunStepDeltaObject",
    "thread.run.step": "RunStepObject",
    "thread.run": "RunObject",
    "thread.message.delta": "MessageDeltaObject",
    "thread.message": "MessageObject",
}


def check_events(spec: OpenApi, found: Iterable[tuple[str | None, Any]]) -> set[str]:
    """Fail for the first event that is not as described; returns the names."""
    names = set()
    for name, data in found:
        assert name is not None
        problems = spec.of_value(RESPONSE_EVENTS[name], without_recorded_nulls(data))
        assert not problems, (name, problems)
        names.add(name)
    return names


def without_recorded_nulls(data: Json) -> Json:
    """Recordings have null for an unknown user, and for the usage until the end; the description has no null there."""
    if "response" not in data:
        return data
    nulls = {"user", "usage"}
    response = {key: value for key, value in data["response"].items() if value is not None or key not in nulls}
    return data | {"response": response}


async def streamed(azure: LocalAzure, text: str, **more: Any) -> list[tuple[str | None, Any]]:
    body = {"model": MODEL, "input": text, "stream": True, "include": OUTPUTS} | more
    return parse_sse((await raw(azure, "POST", "/openai/v1/responses", json=body))[2])


async def test_events_of_responses(openapi: OpenApi, azure: LocalAzure, client: AsyncOpenAI) -> None:
    tools = tool(await container(client))
    names: set[str] = set()
    text = "[[comment a]][[code]][[both a.png]][[file b.csv]][[refuse c]]"
    names |= check_events(openapi, await streamed(azure, text, tools=tools))
    functions = [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}]
    names |= check_events(openapi, await streamed(azure, "[[call f {}]]", tools=functions))
    names |= check_events(openapi, await streamed(azure, "x", background=True))
    azure.faults.add("stream_error_flat", after=3)
    names |= check_events(openapi, await streamed(azure, "x"))
    azure.faults.add("content_filter_output", after=7)
    names |= check_events(openapi, await streamed(azure, "x"))
    assert names == set(RESPONSE_EVENTS)


async def test_objects_of_responses(openapi: OpenApi, azure: LocalAzure, client: AsyncOpenAI) -> None:
    file = await upload(client)
    box = await container(client, file)
    conversation = (await client.conversations.create(metadata={"a": "b"})).id
    body = {"conversation": conversation, "tools": tool(box)}
    functions = [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}]
    calling = (await streamed(azure, "[[call f {}]]", conversation=conversation, tools=functions))[-1][1]["response"]
    output = {"type": "function_call_output", "call_id": calling["output"][-1]["call_id"], "output": "x"}
    await streamed(azure, [output], conversation=conversation)  # type: ignore[arg-type]
    response = (await streamed(azure, "[[both a.png]]", **body))[-1][1]["response"]["id"]
    added = azure.containers[box].named("a.png")
    assert added is not None
    for path, schema in (
        (f"/files/{file}", "OpenAIFile"),
        ("/files", "ListFilesResponse"),
        (f"/containers/{box}", "ContainerResource"),
        ("/containers", "ContainerListResource"),
        (f"/containers/{box}/files", "ContainerFileListResource"),
        (f"/containers/{box}/files/{added.id}", "ContainerFileResource"),
        (f"/conversations/{conversation}", "ConversationResource"),
        (f"/conversations/{conversation}/items?include[]={OUTPUTS[0]}", "ConversationItemList"),
        (f"/conversations/{conversation}/items", "ConversationItemList"),
        (f"/responses/{response}", "Response"),
        (f"/responses/{calling['id']}", "Response"),
        (f"/responses/{response}/input_items", "ResponseItemList"),
    ):
        value = await got(azure, path)
        if schema == "ListFilesResponse":
            value["data"] = [{k: v for k, v in one.items() if v is not None} for one in value["data"]]
        assert not openapi.of_value(schema, value), (path, openapi.of_value(schema, value))


async def got(azure: LocalAzure, path: str, **options: Any) -> Json:
    method = options.pop("method", "GET")
    status, _, body = await raw(azure, method, "/openai/v1" + path, headers=BETA, **options)
    assert status == 200, body
    value: Json = json.loads(body)
    return value


@pytest.mark.parametrize(
    ("fault", "after"), [("", 0), ("run_failed", 8), ("run_expired", 8), ("run_requires_action", 0), ("call", 0)]
)
async def test_assistants(openapi: OpenApi, azure: LocalAzure, client: AsyncOpenAI, fault: str, after: int) -> None:
    file = await upload(client)
    code = [{"type": "code_interpreter"}]
    assistant = await got(azure, "/assistants", method="POST", json={"model": MODEL, "tools": code})
    message = {
        "role": "user",
        "content": "[[say a]][[both a.png]]",
        "attachments": [{"file_id": file, "tools": code}],
    }
    thread = await got(azure, "/threads", method="POST", json={"messages": [message]})
    if fault == "call":
        function = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
        assistant = await got(azure, "/assistants", method="POST", json={"model": MODEL, "tools": [*code, function]})
        question = {"role": "user", "content": "[[say a]][[call f {}]]"}
        await got(azure, f"/threads/{thread['id']}/messages", method="POST", json=question)
    elif fault:
        azure.faults.add(fault, after=after, code="rate_limit_exceeded")
    body = {"assistant_id": assistant["id"], "stream": True}
    path = f"/threads/{thread['id']}/runs"
    _, _, sent = await raw(azure, "POST", "/openai/v1" + path, headers=BETA, json=body)
    *found, done = parse_sse(sent)
    assert done == ("done", "[DONE]")
    for name, data in found:
        schema = next(one for prefix, one in ASSISTANT_EVENTS.items() if (name or "").startswith(prefix))
        assert not openapi.of_value(schema, data), (name, openapi.of_value(schema, data))
    run = found[-1][1]
    for path, schema in (
        (f"/assistants/{assistant['id']}", "AssistantObject"),
        ("/assistants", "ListAssistantsResponse"),
        (f"/threads/{thread['id']}", "ThreadObject"),
        (f"/threads/{thread['id']}/messages", "ListMessagesResponse"),
        (f"/threads/{thread['id']}/runs", "ListRunsResponse"),
        (f"/threads/{thread['id']}/runs/{run['id']}", "RunObject"),
        (f"/threads/{thread['id']}/runs/{run['id']}/steps", "ListRunStepsResponse"),
    ):
        value = await got(azure, path)
        if value.get("object") == "list" and not value["data"]:
            continue
        assert not openapi.of_value(schema, value), (path, openapi.of_value(schema, value))
