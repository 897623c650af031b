"""Runs of the Responses API: what comes over the wire, and in which order."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel, tiny_png
from playground.azure.server import LocalAzure
from playground.azure.service.settings import Settings
from playground.ports import ModelRequest
from tests.playground.azure_calls import MODEL, OUTPUTS, ask, container, events, parse_sse, raw, squeeze, tool, upload
from tests.playground.conftest import connect

# The order of the recorded Azure run (azure-openai-wire.md, B.6), with runs of deltas counted once.
CODE = [
    "response.output_item.added",
    "response.code_interpreter_call.in_progress",
    "response.code_interpreter_call_code.delta",
    "response.code_interpreter_call_code.done",
    "response.code_interpreter_call.interpreting",
    "response.code_interpreter_call.completed",
    "response.output_item.done",
]
TEXT = [
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.annotation.added",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
]
ORDER = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    *CODE,
    *CODE,
    *TEXT,
    "response.completed",
]


async def test_events_come_in_the_recorded_order(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    body = {"model": MODEL, "input": "[[code]][[chart a.png]]", "tools": tool(box), "stream": True, "include": OUTPUTS}
    status, headers, answer = await raw(azure, "POST", "/openai/v1/responses", json=body)
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert b"[DONE]" not in answer
    assert b"\r" not in answer
    found = parse_sse(answer)
    assert squeeze(name or "" for name, _ in found) == ORDER
    assert [data["type"] for _, data in found] == [name for name, _ in found]
    assert [data["sequence_number"] for _, data in found] == list(range(len(found)))
    for name, data in found:
        assert bool(data.get("obfuscation")) == (name or "").endswith(".delta")


async def test_obfuscation_can_be_left_out(client: AsyncOpenAI) -> None:
    more: Any = {"stream_options": {"include_obfuscation": False}}
    found = [event async for event in events(client, "hello", **more)]
    assert [event for event in found if event.type == "response.output_text.delta"]
    assert not [event for event in found if getattr(event, "obfuscation", None)]


async def test_deltas_add_up_to_the_text_and_the_code(client: AsyncOpenAI) -> None:
    found = [event async for event in events(client, "[[code]][[long 400]]", await container(client))]
    final = found[-1].response
    code = "".join(event.delta for event in found if event.type == "response.code_interpreter_call_code.delta")
    text = "".join(event.delta for event in found if event.type == "response.output_text.delta")
    assert code == final.output[1].code == "# step 0\r\nprint(0)"
    assert text == final.output_text
    assert final.output[1].outputs[0].logs == "ran print(0)\n"


@pytest.mark.parametrize("stream", [True, False])
async def test_outputs_come_only_when_asked_for(client: AsyncOpenAI, stream: bool) -> None:
    conversation = await client.conversations.create()
    arguments: Any = {
        "model": MODEL,
        "input": "[[code]]",
        "tools": tool(await container(client)),
        "conversation": conversation.id,
        "stream": stream,
    }
    answer: Any = await client.responses.create(**arguments)
    if stream:
        answer = [event async for event in answer][-1].response
    assert answer.output[1].outputs is None
    assert (await client.responses.retrieve(answer.id)).output[1].outputs is None  # type: ignore[union-attr]
    again = await client.responses.retrieve(answer.id, include=OUTPUTS)
    assert again.output[1].outputs[0].logs == "ran print(0)\n"  # type: ignore[union-attr,index]
    bare = (await client.conversations.items.list(conversation.id)).data[0]
    full = (await client.conversations.items.list(conversation.id, include=OUTPUTS)).data[0]
    assert bare.type == full.type == "code_interpreter_call"
    assert bare.outputs is None
    assert full.outputs


async def test_one_chart_is_found_in_three_places(client: AsyncOpenAI) -> None:
    box = await container(client)
    response = await ask(client, "[[say é ]][[both graph.png]]", box)
    call: Any = response.output[2]
    shown = base64.b64decode(call.outputs[-1].url.removeprefix("data:image/png;base64,"))
    message: Any = response.output[-1]
    zero, named = message.content[0].annotations
    assert (zero.start_index, zero.end_index, zero.filename) == (0, 0, f"{zero.file_id}.png")
    text = message.content[0].text
    assert text[named.start_index : named.end_index] == "sandbox:/mnt/data/graph.png"
    assert (named.filename, named.container_id) == ("graph.png", box)
    content = client.containers.files.content
    displayed = (await content.retrieve(zero.file_id, container_id=box)).content
    saved = (await content.retrieve(named.file_id, container_id=box)).content
    assert displayed == shown
    assert saved != shown
    assert saved.startswith(b"\x89PNG")


async def test_offsets_count_characters(client: AsyncOpenAI) -> None:
    response = await ask(client, "[[say 売上📈 ]][[say éé]][[file 売上 表.csv]]", await container(client))
    message: Any = response.output[-1]
    text, cited = message.content[0].text, message.content[0].annotations[0]
    assert text[cited.start_index : cited.end_index] == "sandbox:/mnt/data/売上 表.csv"


async def test_a_conversation_remembers(client: AsyncOpenAI, model: ScriptedModel) -> None:
    conversation = await client.conversations.create(metadata={"thread": "1.2"})
    box = await container(client)
    await ask(client, "[[code]][[say one]]", box, conversation=conversation.id)
    second = await ask(client, "[[history]]", box, conversation={"id": conversation.id}, instructions="be brief")
    assert second.output_text == "[[code]][[say one]]"
    assert second.conversation is not None
    assert second.conversation.id == conversation.id
    seen = model.requests[-1]
    assert seen.instructions == "be brief"
    assert [past.role for past in seen.history] == ["user", "code", "assistant"]
    assert seen.history[1].call is not None
    assert seen.history[1].call.logs == "ran print(0)\n"
    items = [item async for item in client.conversations.items.list(conversation.id, order="asc", limit=2)]
    assert [item.type for item in items] == [
        "message", "reasoning", "code_interpreter_call", "message", "message", "reasoning", "message"
    ]  # fmt: skip
    await client.conversations.items.delete(items[0].id or "", conversation_id=conversation.id)
    third = await ask(client, "[[history]]", box, conversation=conversation.id)
    assert third.output_text == "[[history]]"


async def test_a_conversation_takes_one_run_at_a_time(
    azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel
) -> None:
    conversation = await client.conversations.create()
    first = asyncio.create_task(ask(client, "[[wait]][[say done]]", conversation=conversation.id))
    await azure.wait(lambda server: server.responses.running)
    with pytest.raises(openai.BadRequestError) as refused:
        await ask(client, "two", conversation=conversation.id)
    assert (refused.value.code, refused.value.param) == ("conversation_locked", "conversation")
    with pytest.raises(openai.BadRequestError, match="Another process"):
        await client.conversations.items.create(conversation.id, items=[{"role": "user", "content": "x"}])
    model.gate().set()
    assert (await first).output_text == "done"
    assert (await ask(client, "[[history]]", conversation=conversation.id)).output_text == "[[wait]][[say done]]"


async def test_the_next_run_may_come_as_soon_as_the_last_event_was_seen(client: AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    for _ in range(5):
        async for event in events(client, "x", conversation=conversation.id):
            if event.type == "response.completed":
                break
        await ask(client, "y", conversation=conversation.id)


async def test_a_chain_remembers_too(client: AsyncOpenAI) -> None:
    first = await ask(client, "one")
    second = await ask(client, "two", previous_response_id=first.id)
    third = await ask(client, "[[history]]", previous_response_id=second.id)
    assert third.output_text == "one / two"
    with pytest.raises(openai.BadRequestError) as unknown:
        await ask(client, "x", previous_response_id="resp_gone")
    assert unknown.value.code == "previous_response_not_found"


async def test_responses_are_kept_unless_told_otherwise(client: AsyncOpenAI) -> None:
    kept = await ask(client, "one")
    assert (await client.responses.retrieve(kept.id)).output_text == "You asked: one"
    assert [item.type for item in (await client.responses.input_items.list(kept.id)).data] == ["message"]
    await client.responses.delete(kept.id)
    unkept = await ask(client, "two", store=False)
    for response in (kept, unkept):
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(response.id)


async def test_a_run_goes_on_without_its_listener(azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel) -> None:
    conversation = await client.conversations.create()
    async for event in events(client, "[[wait]][[say alone]]", conversation=conversation.id):
        if event.type == "response.in_progress":
            break
    identifier = event.response.id
    assert (await client.responses.retrieve(identifier)).status == "in_progress"
    with pytest.raises(openai.BadRequestError, match="Another process"):
        await ask(client, "x", conversation=conversation.id)
    model.gate().set()
    await azure.wait(lambda server: not server.responses.running)
    answer = await client.responses.retrieve(identifier)
    assert (answer.status, answer.output_text) == ("completed", "alone")
    assert azure.conversations[conversation.id].items[-1]["content"][0]["text"] == "alone"


async def test_or_it_is_cancelled(model: ScriptedModel, interpreter: ScriptedInterpreter) -> None:
    async with LocalAzure(model, interpreter, Settings(on_drop="cancel")) as azure, connect(azure) as client:
        conversation = await client.conversations.create()
        stream: Any = await client.responses.create(
            model=MODEL, input="[[wait]]", conversation=conversation.id, stream=True
        )
        event = await anext(aiter(stream))
        await stream.close()
        await azure.wait(lambda server: not server.responses.running)
        assert (await client.responses.retrieve(event.response.id)).status == "cancelled"
        assert azure.conversations[conversation.id].items == []
        assert (await ask(client, "free", conversation=conversation.id)).output_text == "You asked: free"


async def test_background_runs_are_polled_cancelled_and_heard_again(
    azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel
) -> None:
    first = await ask(client, "[[wait a]][[say later]]", background=True)
    assert first.status == "queued"
    model.gate("a").set()
    await azure.wait(lambda server: not server.responses.running)
    assert (await client.responses.retrieve(first.id)).output_text == "later"
    second = await ask(client, "[[wait b]]", background=True)
    assert (await client.responses.cancel(second.id)).status == "cancelled"
    assert (await client.responses.cancel(second.id)).status == "cancelled"
    third = [event async for event in events(client, "[[say streamed]]", background=True)]
    assert [event.type for event in third[:3]] == ["response.created", "response.queued", "response.in_progress"]
    again: Any = await client.responses.retrieve(third[0].response.id, stream=True, starting_after=2)
    assert [event.sequence_number async for event in again] == list(range(3, len(third)))
    foreground = await ask(client, "x")
    with pytest.raises(openai.BadRequestError):
        await client.responses.cancel(foreground.id)


async def test_remarks_and_refusals_have_their_own_forms(client: AsyncOpenAI) -> None:
    response = await ask(client, "[[comment looking]][[say well]][[refuse no]]")
    messages: Any = [item for item in response.output if item.type == "message"]
    assert [(one.phase, one.content[0].type) for one in messages] == [
        ("commentary", "output_text"),
        ("final_answer", "output_text"),
        ("final_answer", "refusal"),
    ]
    assert messages[2].content[0].refusal == "no"


async def test_text_before_code_is_a_message_of_its_own(client: AsyncOpenAI) -> None:
    response = await ask(client, "[[say before]][[code]][[say after]]", await container(client))
    assert [item.type for item in response.output] == ["reasoning", "message", "code_interpreter_call", "message"]


async def test_limits_cut_short(client: AsyncOpenAI) -> None:
    cut = await ask(client, "[[long 4000]]", max_output_tokens=50)
    assert cut.status == "incomplete"
    assert cut.incomplete_details is not None
    assert cut.incomplete_details.reason == "max_output_tokens"
    assert len(cut.output_text) > 100
    few = await ask(client, "[[code 5]][[say end]]", await container(client), max_tool_calls=2)
    assert [item.type for item in few.output].count("code_interpreter_call") == 2
    assert few.output_text == "end"
    none = await ask(client, "[[code]]", await container(client), tool_choice="none")
    assert [item.type for item in none.output] == ["reasoning"]


async def test_usage_adds_up(client: AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    await ask(client, "[[long 9000]]", conversation=conversation.id)
    usage = (await ask(client, "hi", conversation=conversation.id)).usage
    assert usage is not None
    assert usage.input_tokens > 2000
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


async def test_a_long_conversation_overflows_or_is_truncated(
    model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    async with LocalAzure(model, interpreter, Settings(context_tokens=500)) as azure, connect(azure) as client:
        conversation = await client.conversations.create()
        await ask(client, "[[long 4000]]", conversation=conversation.id)
        with pytest.raises(openai.BadRequestError) as full:
            await ask(client, "more", conversation=conversation.id)
        assert full.value.code == "context_length_exceeded"
        kept = await ask(client, "[[history]]", conversation=conversation.id, truncation="auto")
        assert kept.output_text == "(nothing before)"


async def test_the_model_breaks_down(client: AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    found = [event async for event in events(client, "[[say so far]][[fail]]", conversation=conversation.id)]
    assert found[-1].type == "response.failed"
    assert found[-1].response.error.code == "server_error"
    assert (await ask(client, "[[history]]", conversation=conversation.id)).output_text == "(nothing before)"


class Stranger(ScriptedModel):
    """A model whose code is not ours."""

    trusted = False


class Open(ScriptedInterpreter):
    """An interpreter without walls."""

    isolated = False


@pytest.mark.parametrize(
    ("who", "where", "allow", "runs"),
    [
        (Stranger, Open, "", False),
        (Stranger, Open, "1", True),
        (ScriptedModel, Open, "", True),
        (Stranger, ScriptedInterpreter, "", True),
    ],
)
async def test_code_of_strangers_runs_only_behind_walls(
    monkeypatch: pytest.MonkeyPatch,
    who: type[ScriptedModel],
    where: type[ScriptedInterpreter],
    allow: str,
    runs: bool,
) -> None:
    monkeypatch.setenv("ALLOW_UNSAFE_CODE", allow)
    interpreter = where()
    async with LocalAzure(who(), interpreter) as azure, connect(azure) as client:
        response = await ask(client, "[[code]]", await container(client))
        call: Any = response.output[1]
        assert ("cannot isolate" in call.outputs[0].logs) is not runs
        assert bool(interpreter.sessions) is runs


async def test_only_the_last_message_is_the_question(client: AsyncOpenAI, model: ScriptedModel) -> None:
    given: Any = [
        {"role": "developer", "content": "be kind"},
        {"role": "user", "content": "earlier"},
        {"role": "assistant", "content": "so"},
        {"role": "user", "content": [{"type": "input_text", "text": part} for part in ("file list", "question")]},
    ]
    await client.responses.create(model=MODEL, input=given, instructions="be brief")
    seen = model.requests[-1]
    assert seen == ModelRequest("be brief\n\nbe kind", ["file list", "question"], seen.history, can_run_code=False)
    assert [(past.role, past.text) for past in seen.history] == [("user", "earlier"), ("assistant", "so")]


async def test_auto_containers_are_made_reused_and_announced(
    azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel
) -> None:
    file = await upload(client, "売上.csv", b"x")
    auto: Any = [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": [file]}}]
    conversation = await client.conversations.create()
    first = await ask(client, "[[files]]", conversation=conversation.id, tools=auto)
    name = f"{file}-売上.csv"
    assert first.output_text == f"{name} 1\n"
    assert f"`/mnt/data/{name}`" in model.requests[-1].user_parts[0]
    await ask(client, "[[code]]", conversation=conversation.id, tools=auto)
    assert len(azure.containers) == 1
    await next(iter(azure.containers.values())).expire()
    await ask(client, "[[code]]", conversation=conversation.id, tools=auto)
    assert len(azure.containers) == 2


def test_tiny_pngs_differ() -> None:
    assert len({tiny_png(seed) for seed in range(2000)}) == 2000
