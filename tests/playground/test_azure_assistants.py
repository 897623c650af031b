"""The Assistants v2 wire."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import AsyncAzureOpenAI

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.clock import ManualClock
from tests.playground.azure_calls import MODEL, parse_sse, raw, squeeze

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

CI: Any = [{"type": "code_interpreter"}]
BETA = {"OpenAI-Beta": "assistants=v2"}
STEP = ["thread.run.step.created", "thread.run.step.in_progress"]
# The order of the service (azure-openai-wire.md, D.3), with runs of deltas counted once.
ORDER = [
    "thread.run.created",
    "thread.run.queued",
    "thread.run.in_progress",
    *STEP,
    "thread.run.step.delta",
    "thread.run.step.completed",
    *STEP,
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
    "done",
]


@pytest.fixture
async def assistant(sdk: AsyncAzureOpenAI) -> str:
    return (await sdk.beta.assistants.create(model=MODEL, instructions="be brief", tools=CI, name="a")).id


@pytest.fixture
async def thread(sdk: AsyncAzureOpenAI) -> str:
    return (await sdk.beta.threads.create(metadata={"slack": "1.2"})).id


async def say(sdk: AsyncAzureOpenAI, thread: str, text: str, **more: Any) -> str:
    return (await sdk.beta.threads.messages.create(thread, role="user", content=text, **more)).id


async def run(sdk: AsyncAzureOpenAI, thread: str, assistant: str, text: str = "") -> Any:
    """A run to its end."""
    if text:
        await say(sdk, thread, text)
    return (await stream(sdk, thread, assistant))[-1].data


async def stream(sdk: AsyncAzureOpenAI, thread: str, assistant: str, **more: Any) -> list[Any]:
    events: Any = await sdk.beta.threads.runs.create(thread, assistant_id=assistant, stream=True, **more)
    return [event async for event in events]


async def newest(sdk: AsyncAzureOpenAI, thread: str) -> Any:
    return (await sdk.beta.threads.messages.list(thread)).data[0]


async def test_events_come_in_order(azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    await say(sdk, thread, "[[both a.png]][[long 200]]")
    path = f"/openai/threads/{thread}/runs?api-version=v"
    _, headers, body = await raw(azure, "POST", path, headers=BETA, json={"assistant_id": assistant, "stream": True})
    found = parse_sse(body)
    assert headers["content-type"].startswith("text/event-stream")
    assert squeeze(name or "" for name, _ in found) == ORDER
    assert found[-1] == ("done", "[DONE]")
    deltas = [data["delta"]["content"][0] for name, data in found if name == "thread.message.delta"]
    assert (deltas[0]["index"], deltas[0]["type"]) == (0, "image_file")
    assert {delta["index"] for delta in deltas[1:]} == {1}
    assert "annotations" in deltas[-1]["text"]
    assert "value" not in deltas[-1]["text"]


async def test_a_run_makes_pictures_files_and_steps(
    azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str, interpreter: ScriptedInterpreter
) -> None:
    file = await sdk.files.create(file=("売上.csv", b"a,b"), purpose="assistants")
    attached: Any = [{"file_id": file.id, "tools": CI}]
    text = f"[[read {file.id}]][[show]][[file 結果.csv]]"
    await say(sdk, thread, text, attachments=attached)
    done = await run(sdk, thread, assistant)
    assert done.status == "completed"
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens
    first, second = (await sdk.beta.threads.messages.list(thread, run_id=done.id, order="asc")).data
    assert first.content[0].text.value == "a,b\n"  # type: ignore[union-attr]
    # The first text began before the figure was drawn: the figure belongs to the message after it.
    assert [block.type for block in second.content] == ["image_file", "text"]
    steps = (await sdk.beta.threads.runs.steps.list(done.id, thread_id=thread, order="asc")).data
    assert [step.type for step in steps][:2] == ["tool_calls", "message_creation"]
    call: Any = steps[0].step_details
    assert call.tool_calls[0].code_interpreter.input == f"read {file.id}"
    assert call.tool_calls[0].code_interpreter.outputs[0].logs == "a,b\n"
    assert (await sdk.beta.threads.retrieve(thread)).tool_resources.code_interpreter.file_ids == [file.id]  # type: ignore[union-attr]


async def test_blocks_and_annotations(azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    await run(sdk, thread, assistant, "[[both a.png]][[say 終 ]]")
    picture, text = (await newest(sdk, thread)).content
    data = (await sdk.files.content(picture.image_file.file_id)).content
    assert data.startswith(b"\x89PNG")
    [path] = text.text.annotations
    assert text.text.value[path.start_index : path.end_index] == path.text == "sandbox:/mnt/data/a.png"
    saved = await sdk.files.retrieve(path.file_path.file_id)
    assert (saved.purpose, saved.filename) == ("assistants_output", "a.png")
    assert (await sdk.files.content(saved.id)).content != data


async def test_the_model_reads_the_thread(
    sdk: AsyncAzureOpenAI, thread: str, assistant: str, model: ScriptedModel
) -> None:
    await run(sdk, thread, assistant, "[[code]][[say one]]")
    await say(sdk, thread, "[[history]]")
    last = await stream(sdk, thread, assistant, additional_instructions="now")
    assert last[-1].event == "thread.run.completed"
    assert (await newest(sdk, thread)).content[0].text.value == "[[code]][[say one]]"
    seen = model.requests[-1]
    assert seen.instructions == "be brief\n\nnow"
    assert [past.role for past in seen.history] == ["user", "code", "assistant"]


async def test_attached_files_are_named_to_the_model(
    sdk: AsyncAzureOpenAI, thread: str, assistant: str, model: ScriptedModel
) -> None:
    file = (await sdk.files.create(file=("a.csv", b"1"), purpose="assistants")).id
    await say(sdk, thread, "hello", attachments=[{"file_id": file, "tools": CI}])
    await run(sdk, thread, assistant)
    assert f"`/mnt/data/{file}` (original name: a.csv)" in model.requests[-1].user_parts[0]


async def test_one_active_run(
    azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str, model: ScriptedModel
) -> None:
    await say(sdk, thread, "[[wait]][[say done]]")
    active = await sdk.beta.threads.runs.create(thread, assistant_id=assistant)
    assert active.status == "queued"
    with pytest.raises(openai.BadRequestError, match=f"{thread} already has an active run {active.id}"):
        await sdk.beta.threads.runs.create(thread, assistant_id=assistant)
    with pytest.raises(openai.BadRequestError, match=f"Can't add messages to {thread} while a run {active.id} is"):
        await say(sdk, thread, "x")
    model.gate().set()
    await azure.wait(lambda server: server.threads[thread].active is None)
    assert (await sdk.beta.threads.runs.retrieve(active.id, thread_id=thread)).status == "completed"
    await say(sdk, thread, "x")


async def test_cancelling(azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    await say(sdk, thread, "[[say so far]][[wait]]")
    events: Any = await sdk.beta.threads.runs.create(thread, assistant_id=assistant, stream=True)
    names = []
    async for event in events:
        names.append(event.event)
        if event.event == "thread.message.delta":
            cancelled = await sdk.beta.threads.runs.cancel(event_run(azure, thread), thread_id=thread)
            assert cancelled.status == "cancelling"
    assert names[-3:] == ["thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]
    message = await newest(sdk, thread)
    assert (message.status, message.incomplete_details.reason) == ("incomplete", "run_cancelled")
    assert message.content[0].text.value == "so far"
    with pytest.raises(openai.BadRequestError, match="Cannot cancel run"):
        await sdk.beta.threads.runs.cancel(event_run(azure, thread), thread_id=thread)


def event_run(azure: LocalAzure, thread: str) -> str:
    return str(azure.threads[thread].runs[-1]["id"])


@pytest.mark.parametrize(
    ("fault", "options", "status"),
    [
        ("run_failed", {"code": "rate_limit_exceeded", "message": "Try again in 7 seconds"}, "failed"),
        ("run_expired", {}, "expired"),
        ("run_incomplete", {}, "incomplete"),
        ("content_filter_output", {}, "incomplete"),
    ],
)
@pytest.mark.parametrize("after", [0, 8])
async def test_runs_that_end_badly(
    azure: LocalAzure,
    sdk: AsyncAzureOpenAI,
    thread: str,
    assistant: str,
    fault: str,
    options: Any,
    status: str,
    after: int,
) -> None:
    azure.faults.add(fault, after=after, **options)
    ended = await run(sdk, thread, assistant, "[[say a]][[say b]][[say c]]")
    assert ended.status == status
    if status == "failed":
        assert ended.last_error.code == "rate_limit_exceeded"
    stored = await sdk.beta.threads.runs.retrieve(ended.id, thread_id=thread)
    assert stored == ended
    if after:
        message = await newest(sdk, thread)
        assert message.status == "incomplete"
        assert message.content[0].text.value
    assert (await run(sdk, thread, assistant, "again")).status == "completed"


async def test_a_run_wants_tool_outputs(azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    azure.faults.add("run_requires_action")
    waiting = await run(sdk, thread, assistant, "[[say done]]")
    assert waiting.status == "requires_action"
    call = waiting.required_action.submit_tool_outputs.tool_calls[0]
    with pytest.raises(openai.BadRequestError, match="already has an active run"):
        await sdk.beta.threads.runs.create(thread, assistant_id=assistant)
    events: Any = await sdk.beta.threads.runs.submit_tool_outputs(
        waiting.id, thread_id=thread, tool_outputs=[{"tool_call_id": call.id, "output": "42"}], stream=True
    )
    names = [event.event async for event in events]
    assert names[:3] == ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"]
    assert names[-1] == "thread.run.completed"
    azure.faults.add("run_requires_action")
    second = await run(sdk, thread, assistant, "x")
    assert (await sdk.beta.threads.runs.cancel(second.id, thread_id=thread)).status == "cancelled"


async def test_time_is_over(
    azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str, clock: ManualClock
) -> None:
    await say(sdk, thread, "[[wait]]")
    active = await sdk.beta.threads.runs.create(thread, assistant_id=assistant)
    clock.advance(seconds=599)
    assert (await sdk.beta.threads.runs.retrieve(active.id, thread_id=thread)).status != "expired"
    clock.advance(seconds=2)
    assert (await sdk.beta.threads.runs.retrieve(active.id, thread_id=thread)).status == "expired"
    await say(sdk, thread, "again")


async def test_errors_in_a_stream(azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    azure.faults.add("stream_error_nested", after=5, message="broken")
    await say(sdk, thread, "[[say a]]")
    with pytest.raises(openai.APIError, match="broken"):
        await stream(sdk, thread, assistant)
    azure.faults.add("stream_error_flat", after=5, message="flat")
    flat: Any = (await stream(sdk, thread, assistant))[-1]
    assert (flat.event, flat.data.message) == ("error", "flat")
    assert azure.threads[thread].runs[-1]["status"] == "failed"
    azure.faults.add("silent_eof", after=4)
    assert len(await stream(sdk, thread, assistant)) == 4


async def test_a_lost_session_is_replaced_with_its_files(
    azure: LocalAzure, sdk: AsyncAzureOpenAI, thread: str, assistant: str, interpreter: ScriptedInterpreter
) -> None:
    file = (await sdk.files.create(file=("a.csv", b"kept"), purpose="assistants")).id
    await say(sdk, thread, "[[code]]", attachments=[{"file_id": file, "tools": CI}])
    await run(sdk, thread, assistant)
    await interpreter.sessions[thread].close()
    await run(sdk, thread, assistant, f"[[read {file}]]")
    assert (await newest(sdk, thread)).content[0].text.value == "kept\n"


async def test_twenty_files_are_enough(sdk: AsyncAzureOpenAI, thread: str) -> None:
    files = [(await sdk.files.create(file=(f"{n}.csv", b"1"), purpose="assistants")).id for n in range(21)]
    attached: Any = [{"file_id": file, "tools": CI} for file in files]
    with pytest.raises(openai.BadRequestError, match="at most 20"):
        await say(sdk, thread, "x", attachments=attached)
    await say(sdk, thread, "x", attachments=attached[:20])
    with pytest.raises(openai.BadRequestError, match="at most 20"):
        await say(sdk, thread, "x", attachments=attached[20:])


async def test_thread_and_run_in_one_call(sdk: AsyncAzureOpenAI, assistant: str) -> None:
    events: Any = await sdk.beta.threads.create_and_run(
        assistant_id=assistant, thread={"messages": [{"role": "user", "content": "hello"}]}, stream=True
    )
    found = [event async for event in events]
    assert found[-1].data.status == "completed"


async def test_objects_live_and_die(sdk: AsyncAzureOpenAI, thread: str, assistant: str) -> None:
    assert (await sdk.beta.assistants.update(assistant, name="b")).name == "b"
    assert [one.id for one in (await sdk.beta.assistants.list()).data] == [assistant]
    message = await say(sdk, thread, "x")
    changed = await sdk.beta.threads.messages.update(message, thread_id=thread, metadata={"a": "b"})
    assert changed.metadata == {"a": "b"}
    assert (await sdk.beta.threads.messages.delete(message, thread_id=thread)).deleted
    assert (await sdk.beta.threads.update(thread, metadata={"x": "y"})).metadata == {"x": "y"}
    assert (await sdk.beta.threads.delete(thread)).deleted
    assert (await sdk.beta.assistants.delete(assistant)).deleted
    with pytest.raises(openai.NotFoundError, match=f"No thread found with id '{thread}'"):
        await sdk.beta.threads.retrieve(thread)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/assistants", {"model": MODEL, "colour": "red"}),
        ("/assistants", {"model": MODEL, "name": "x" * 257}),
        ("/assistants", {"model": MODEL, "tools": [{"type": "telepathy"}]}),
        ("/assistants", {}),
        ("/threads", {"messages": [{"role": "robot", "content": "x"}]}),
        ("/threads", {"messages": [{"role": "user"}]}),
        ("/threads", {"metadata": {str(n): "x" for n in range(17)}}),
    ],
)
async def test_misshapen_bodies(sdk: AsyncAzureOpenAI, path: str, body: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        await sdk.post(path, body=body, cast_to=object, options={"headers": BETA})


async def test_unknown_things(sdk: AsyncAzureOpenAI, thread: str) -> None:
    with pytest.raises(openai.NotFoundError):
        await sdk.beta.threads.runs.create(thread, assistant_id="asst_gone")
    with pytest.raises(openai.NotFoundError):
        await sdk.beta.assistants.create(model="gpt-none")
