"""Functions that the model may call, on both wires of the local Azure."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from playground.azure.model.scripted import ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.clock import ManualClock
from tests.playground.azure_calls import MODEL, ask, events, parse_sse, raw, squeeze

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

SCHEMA = {"type": "object", "properties": {"ids": {"type": "array", "items": {"type": "string"}}}, "required": ["ids"]}
FUNCTION: dict[str, Any] = {"name": "open_files", "description": "Opens files.", "parameters": SCHEMA}
TOOLS: Any = [{"type": "function", **FUNCTION, "strict": False}]
NESTED: Any = [{"type": "function", "function": FUNCTION}]
TWO = '[[say Let me see.]][[call open_files {"ids": ["F1"]}]][[call ask {"a": [1]}]][[say Got: ]][[outputs]]'


def output(call_id: str, text: str = "opened") -> Any:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def calls(response: Any) -> list[Any]:
    return [item for item in response.output if item.type == "function_call"]


# ── Responses ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_response_ends_in_calls_after_its_text_and_goes_on_with_their_outputs(
    client: AsyncOpenAI, model: ScriptedModel
) -> None:
    first = await ask(client, TWO, tools=TOOLS)
    assert [item.type for item in first.output if item.type != "reasoning"] == [
        "message",
        "function_call",
        "function_call",
    ]
    assert first.status == "completed"
    assert [(call.name, call.arguments) for call in calls(first)] == [
        ("open_files", '{"ids": ["F1"]}'),
        ("ask", '{"a": [1]}'),
    ]
    assert model.requests[-1].functions[0].parameters == SCHEMA
    given = [output(call.call_id, call.name) for call in calls(first)]
    second = await ask(client, given, previous_response_id=first.id, tools=TOOLS)  # type: ignore[arg-type]
    assert second.output_text == "Got: open_files / ask"
    (said, *made) = model.requests[-1].since
    assert (said.role, said.text) == ("assistant", "Let me see.")
    assert [past.made and past.made.output for past in made] == ["open_files", "ask"]
    assert model.requests[-1].user_parts == [TWO]


async def test_the_events_of_a_call_come_in_order(client: AsyncOpenAI) -> None:
    text = '[[call open_files {"ids": ["F1", "F2"]}]]'
    found = [event async for event in events(client, text, tools=TOOLS)]
    names = squeeze(event.type for event in found)
    begin = names.index("response.function_call_arguments.delta")
    assert names[begin - 1 :] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    deltas = [event.delta for event in found if event.type == "response.function_call_arguments.delta"]
    assert json.loads("".join(deltas)) == {"ids": ["F1", "F2"]}


async def test_without_functions_nothing_is_called(client: AsyncOpenAI) -> None:
    assert (await ask(client, "[[call open_files {}]]")).output_text == "(no functions)"


async def test_a_conversation_with_a_call_takes_only_its_output(client: AsyncOpenAI) -> None:
    conversation = (await client.conversations.create()).id
    (call,) = calls(await ask(client, "[[call open_files {}]][[outputs]]", conversation=conversation, tools=TOOLS))
    waits = f"No tool output found for function call {call.call_id}."
    for refused, words in (
        ("hello", waits),
        ([output("call_other")], "No tool call found for function call output with call_id call_other."),
        ([output(call.call_id), output(call.call_id)], "No tool call found"),
    ):
        with pytest.raises(openai.BadRequestError) as refusal:
            await ask(client, refused, conversation=conversation)  # type: ignore[arg-type]
        assert words in str(refusal.value)
        assert (refusal.value.param, refusal.value.code) == ("input", None)
    answered = await ask(client, [output(call.call_id)], conversation=conversation)  # type: ignore[arg-type]
    assert answered.output_text == "opened"
    kinds = [item.type async for item in client.conversations.items.list(conversation, order="asc")]
    assert [kind for kind in kinds if kind != "reasoning"] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]
    assert (await ask(client, "hello", conversation=conversation)).status == "completed"


async def test_an_output_can_be_added_to_a_conversation_as_an_item(client: AsyncOpenAI, model: ScriptedModel) -> None:
    conversation = (await client.conversations.create()).id
    (call,) = calls(await ask(client, "[[call open_files {}]]", conversation=conversation, tools=TOOLS))
    added = await client.conversations.items.create(conversation, items=[output(call.call_id, "closed")])
    assert [item.type for item in added.data] == ["function_call_output"]
    assert (await ask(client, "hello", conversation=conversation)).output_text == "You asked: hello"
    assert [past.made.output for past in model.requests[-1].history if past.made] == ["closed"]
    assert not model.requests[-1].since
    await client.conversations.items.create(conversation, items=[output("call_nobody")])
    with pytest.raises(openai.BadRequestError, match="No tool call found"):
        await ask(client, "hello", conversation=conversation)


async def test_a_deleted_call_waits_no_more(client: AsyncOpenAI) -> None:
    conversation = (await client.conversations.create()).id
    (call,) = calls(await ask(client, "[[call open_files {}]]", conversation=conversation, tools=TOOLS))
    await client.conversations.items.delete(call.id, conversation_id=conversation)
    assert (await ask(client, "hello", conversation=conversation)).status == "completed"


STRICT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ({"name": ""}, "tools[0].name"),
        ({"name": "open files"}, "tools[0].name"),
        ({"name": "a" * 65}, "tools[0].name"),
        ({"function": FUNCTION}, "tools[0].function"),
        ({"name": "a", "parameters": {"type": "array"}}, "JSON Schema of 'type: \"object\"'"),
        ({"name": "a", "parameters": SCHEMA, "strict": True}, "'additionalProperties' is required"),
        ({"name": "a", "parameters": STRICT | {"required": []}, "strict": True}, "'required' is required"),
        ({"name": "a", "parameters": "x"}, "tools[0].parameters"),
        ({"name": "a", "strict": "yes"}, "tools[0].strict"),
        ({"name": "a", "colour": "red"}, "tools[0].colour"),
    ],
)
async def test_a_wrong_function_is_refused(client: AsyncOpenAI, tool: dict[str, Any], words: str) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        await ask(client, "hi", tools=[{"type": "function", **tool}])
    assert words in str(refusal.value)


async def test_right_functions_are_taken(client: AsyncOpenAI) -> None:
    tools: Any = [{"type": "function", "name": "a", "parameters": STRICT, "strict": True}, *TOOLS]
    assert (await ask(client, "hi", tools=tools)).status == "completed"
    with pytest.raises(openai.BadRequestError, match="tools"):
        await ask(client, "hi", tools=tools * 65)


@pytest.mark.parametrize(
    "given", [{"output": "x"}, {"call_id": "c" * 65, "output": "x"}, {"call_id": "c", "output": 1}]
)
async def test_a_wrong_output_is_refused(client: AsyncOpenAI, given: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        await ask(client, [{"type": "function_call_output"} | given])  # type: ignore[arg-type]


# ── Assistants ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def thread(sdk: AsyncAzureOpenAI) -> str:
    return (await sdk.beta.threads.create()).id


async def waiting(sdk: AsyncAzureOpenAI, thread: str, text: str = TWO) -> Any:
    """A run that waits for outputs."""
    assistant = (await sdk.beta.assistants.create(model=MODEL, tools=NESTED)).id
    await sdk.beta.threads.messages.create(thread, role="user", content=text)
    made: Any = await sdk.beta.threads.runs.create(thread, assistant_id=assistant, stream=True)
    *_, last = [event async for event in made]
    assert last.event == "thread.run.requires_action"
    return last.data


def asked(run: Any) -> list[Any]:
    return list(run.required_action.submit_tool_outputs.tool_calls)


def answers(run: Any, text: str = "opened") -> Any:
    return [{"tool_call_id": call.id, "output": text} for call in asked(run)]


async def test_a_run_waits_for_outputs_and_goes_on(
    azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, model: ScriptedModel
) -> None:
    run = await waiting(sdk, thread)
    assert [(call.function.name, call.function.arguments) for call in asked(run)] == [
        ("open_files", '{"ids": ["F1"]}'),
        ("ask", '{"a": [1]}'),
    ]
    path = f"/openai/threads/{thread}/runs/{run.id}/submit_tool_outputs?api-version=v"
    body = {"tool_outputs": answers(run), "stream": True}
    _, _, sent = await raw(azure, "POST", path, headers={"OpenAI-Beta": "assistants=v2"}, json=body)
    found = parse_sse(sent)
    assert squeeze(name or "" for name, _ in found)[:4] == [
        "thread.run.step.completed",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
    ]
    assert [name for name, _ in found[-2:]] == ["thread.run.completed", "done"]
    newest = (await sdk.beta.threads.messages.list(thread)).data[0]
    assert newest.content[0].text.value == "Got: opened / opened"  # type: ignore[union-attr]
    assert [past.role for past in model.requests[-1].since] == ["assistant", "function", "function"]
    steps = (await sdk.beta.threads.runs.steps.list(run.id, thread_id=thread, order="asc")).data
    assert [(step.type, step.status) for step in steps] == [
        ("message_creation", "completed"),
        ("tool_calls", "completed"),
        ("message_creation", "completed"),
    ]


@pytest.mark.parametrize("wrong", ["none", "one", "other", "twice"])
async def test_partial_and_wrong_outputs_are_refused(sdk: AsyncAzureOpenAI, thread: str, wrong: str) -> None:
    run = await waiting(sdk, thread)
    right = answers(run)
    outputs: Any = {
        "none": [],
        "one": right[:1],
        "other": [right[0], {"tool_call_id": "call_other", "output": "x"}],
        "twice": [*right, right[0]],
    }[wrong]
    with pytest.raises(openai.BadRequestError, match="Expected tool outputs for call_ids"):
        await sdk.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=outputs)
    gone_on = await sdk.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=right)
    assert gone_on.status in ("queued", "in_progress")


async def test_a_waiting_run_locks_its_thread_until_it_is_cancelled(sdk: AsyncAzureOpenAI, thread: str) -> None:
    run = await waiting(sdk, thread)
    with pytest.raises(openai.BadRequestError, match="while a run"):
        await sdk.beta.threads.messages.create(thread, role="user", content="hello")
    assert (await sdk.beta.threads.runs.cancel(run.id, thread_id=thread)).status == "cancelled"
    steps = (await sdk.beta.threads.runs.steps.list(run.id, thread_id=thread)).data
    assert {step.status for step in steps} == {"cancelled", "completed"}
    with pytest.raises(openai.BadRequestError, match="do not accept tool outputs"):
        await sdk.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=answers(run))
    await sdk.beta.threads.messages.create(thread, role="user", content="hello")


async def test_a_waiting_run_expires_after_ten_minutes(sdk: AsyncAzureOpenAI, thread: str, clock: ManualClock) -> None:
    run = await waiting(sdk, thread)
    clock.advance(seconds=599)
    assert (await sdk.beta.threads.runs.retrieve(run.id, thread_id=thread)).status == "requires_action"
    clock.advance(seconds=2)
    stored = await sdk.beta.threads.runs.retrieve(run.id, thread_id=thread)
    assert (stored.status, stored.required_action) == ("expired", None)
    with pytest.raises(openai.BadRequestError, match='"expired"'):
        await sdk.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=answers(run))


@pytest.mark.parametrize("tool", [{"name": "a"}, {"function": {}}, {"function": {"name": "a b"}}])
async def test_a_wrong_function_is_refused_there_too(sdk: AsyncAzureOpenAI, tool: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError, match="tools"):
        await sdk.beta.assistants.create(model=MODEL, tools=[{"type": "function", **tool}])  # type: ignore[list-item]
