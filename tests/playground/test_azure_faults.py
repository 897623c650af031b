"""Every fault switch does what it says, as the SDK sees it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI

from playground.azure.model.scripted import ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.faults import catalogue
from tests.playground.azure_calls import MODEL, ask, container, events, parse_sse, raw, upload


async def seen(client: AsyncOpenAI, text: str = "[[say a]][[say b]]", **more: Any) -> list[str]:
    """The types of a run's events."""
    return [event.type async for event in events(client, text, **more)]


@pytest.mark.parametrize(
    ("name", "options", "error", "code"),
    [
        ("http", {"status": 503, "code": "busy"}, openai.InternalServerError, "busy"),
        ("rate_limit", {"retry_after": 86400}, openai.RateLimitError, "429"),
        ("quota", {}, openai.RateLimitError, "insufficient_quota"),
        ("server_error", {}, openai.InternalServerError, None),
        ("timeout", {}, openai.APIStatusError, "Timeout"),
        ("unauthorized", {}, openai.AuthenticationError, "401"),
        ("unauthorized", {"flat": True}, openai.AuthenticationError, None),
        ("no_deployment", {}, openai.NotFoundError, "DeploymentNotFound"),
        ("content_filter_input", {}, openai.BadRequestError, "content_filter"),
        ("context_too_long", {}, openai.BadRequestError, "context_length_exceeded"),
        ("conversation_locked", {}, openai.BadRequestError, "conversation_locked"),
        ("drop_request", {}, openai.APIConnectionError, None),
        ("drop_answer", {}, openai.APIConnectionError, None),
        ("container_poisoned", {}, openai.BadRequestError, None),
    ],
)
async def test_a_run_is_refused_once(
    azure: LocalAzure, client: AsyncOpenAI, name: str, options: dict[str, Any], error: type[openai.APIError], code: Any
) -> None:
    fault = azure.faults.add(name, **options)
    with pytest.raises(error) as refused:
        await ask(client, "x")
    assert refused.value.code == code
    assert fault.hits == 1
    assert (await ask(client, "x")).output_text == "You asked: x"


async def test_rate_limits_tell_how_long(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("rate_limit", retry_after=2.5)
    azure.faults.add("rate_limit", retry_after=None)
    with pytest.raises(openai.RateLimitError, match=r"retry after 2\.5 seconds") as told:
        await ask(client, "x")
    assert told.value.response.headers["retry-after-ms"] == "2500"
    with pytest.raises(openai.RateLimitError) as silent:
        await ask(client, "x")
    assert "retry-after" not in silent.value.response.headers


async def test_faults_choose_their_requests(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("server_error", times=2, path="/files")
    azure.faults.add("server_error", times=None, path="/responses", where=lambda body: "bad" in str(body["input"]))
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            await upload(client)
    await upload(client)
    for _ in range(3):
        with pytest.raises(openai.InternalServerError):
            await ask(client, "bad")
        await ask(client, "good")
    azure.faults.clear()
    await ask(client, "bad")
    azure.faults.add("server_error", times=None, rate=0.5)
    results = await asyncio.gather(*[upload(client) for _ in range(60)], return_exceptions=True)
    assert 10 < sum(isinstance(result, Exception) for result in results) < 50


async def test_an_answer_is_lost_after_the_work_was_done(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("drop_answer", path="/files")
    with pytest.raises(openai.APIConnectionError):
        await upload(client, "lost.csv")
    assert [file.filename for file in azure.files.values()] == ["lost.csv"]


async def test_a_hanging_request_goes_on_when_let(azure: LocalAzure, client: AsyncOpenAI) -> None:
    fault = azure.faults.add("hang", path="/files")
    waiting = asyncio.create_task(upload(client))
    await azure.wait(lambda _: fault.hits)
    assert not waiting.done()
    fault.gate.set()
    assert await waiting in azure.files


async def test_conversations_and_assistants_can_be_missing(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("conversations_unsupported")
    azure.faults.add("conversations_unsupported", status=405)
    for status in (404, 405):
        with pytest.raises(openai.APIStatusError) as refused:
            await client.conversations.create()
        assert refused.value.status_code == status
    beta = {"OpenAI-Beta": "assistants=v2"}
    for status in (404, 410):
        azure.faults.add("assistants_retired", status=status)
        assert (await raw(azure, "POST", "/openai/v1/threads", headers=beta))[0] == status


async def test_downloads_fail(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    file = await client.containers.files.create(box, file=("a.csv", b"1"))
    azure.faults.add("download_missing")
    azure.faults.add("download_error", status=503)
    for error in (openai.NotFoundError, openai.InternalServerError):
        with pytest.raises(error):
            await client.containers.files.content.retrieve(file.id, container_id=box)
    assert (await client.containers.files.content.retrieve(file.id, container_id=box)).content == b"1"


async def test_a_container_is_found_expired(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    azure.faults.add("container_expired")
    with pytest.raises(openai.BadRequestError, match="Container is expired"):
        await ask(client, "x", box)
    assert (await client.containers.retrieve(box)).status == "expired"


async def test_a_poisoned_conversation_stays_so(azure: LocalAzure, client: AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    azure.faults.add("container_poisoned")
    for _ in range(2):
        with pytest.raises(openai.BadRequestError, match="Expected container_id: cntr_"):
            await ask(client, "x", conversation=conversation.id)
    fresh = await client.conversations.create()
    assert (await ask(client, "x", conversation=fresh.id)).status == "completed"


async def test_streams_that_end_without_a_word(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("silent_eof", after=3)
    assert len(await seen(client)) == 3
    azure.faults.add("silent_eof")
    assert await seen(client) == []
    azure.faults.add("drop_socket", after=4)
    found: list[str] = []

    async def listen() -> None:
        async for event in events(client, "x"):
            found.append(event.type)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(openai.APIConnectionError):
        await listen()
    assert len(found) == 4
    await azure.wait(lambda server: not server.responses.running)
    assert {response.json["status"] for response in azure.responses.values()} == {"completed"}


async def test_a_dropped_run_may_be_cancelled_and_leave_its_question(azure: LocalAzure, client: AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    for name in ("cancel_on_drop", "orphan_user_item"):
        azure.faults.add(name)
    azure.faults.add("drop_socket", after=2)
    hold = azure.faults.add("hold", after=2)
    with pytest.raises(openai.APIConnectionError):
        await seen(client, conversation=conversation.id)
    await azure.wait(lambda server: not server.responses.running)
    assert not hold.gate.is_set()
    assert [item["role"] for item in azure.conversations[conversation.id].items] == ["user"]


async def test_noise_in_a_stream(azure: LocalAzure, client: AsyncOpenAI) -> None:
    quiet = await seen(client)
    azure.faults.add("keepalive", after=2)
    azure.faults.add("comment", after=1)
    noisy = await seen(client)
    assert noisy.count("keepalive") > 5
    assert [name for name in noisy if name != "keepalive"] == quiet
    azure.faults.add("bad_json", after=2)
    with pytest.raises(json.JSONDecodeError):
        await seen(client)


async def test_errors_in_a_stream(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("stream_error_nested", after=2, code="insufficient_quota", message="no more")
    with pytest.raises(openai.APIError, match="no more") as nested:
        await seen(client)
    assert nested.value.code == "insufficient_quota"
    azure.faults.add("stream_error_azure", after=2, message="gone")
    with pytest.raises(openai.APIError, match="gone"):
        await seen(client)
    azure.faults.add("stream_error_flat", after=2)
    assert (await seen(client))[2:] == ["error", "response.failed"]
    azure.faults.add("stream_error_nested", after=2, code="rate_limit_exceeded", message="later")
    body = {"model": MODEL, "input": "x", "stream": True}
    wire = parse_sse((await raw(azure, "POST", "/openai/v1/responses", json=body))[2])
    assert [name for name, _ in wire[2:]] == ["error", "response.failed"]
    assert wire[-1][1]["response"]["error"] == {"code": "rate_limit_exceeded", "message": "later"}


async def test_runs_that_end_badly(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("run_failed", after=6, code="rate_limit_exceeded", message="Try again in 5 seconds")
    failed = [event async for event in events(client, "[[say a]][[say b]]")]
    assert failed[-1].type == "response.failed"
    assert failed[-1].response.error.message == "Try again in 5 seconds"
    azure.faults.add("content_filter_output", after=7)
    filtered = [event async for event in events(client, "[[say a]][[say b]]")]
    assert filtered[-1].type == "response.incomplete"
    assert filtered[-1].response.incomplete_details.reason == "content_filter"
    assert filtered[-1].response.output_text == "a"
    azure.faults.add("run_incomplete")
    assert (await ask(client, "x")).status == "incomplete"


async def test_a_run_is_held_at_an_event(azure: LocalAzure, client: AsyncOpenAI) -> None:
    hold = azure.faults.add("hold", after=5)
    heard: list[str] = []

    async def listen() -> None:
        async for event in events(client, "[[say a]]"):
            heard.append(event.type)
            azure.changes.notify()

    listening = asyncio.create_task(listen())
    await azure.wait(lambda _: len(heard) == 5)
    assert azure.responses.running == 1
    hold.gate.set()
    await listening
    assert heard[-1] == "response.completed"


async def test_links_and_citations_go_missing(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    azure.faults.add("dangling_link")
    dangling: Any = (await ask(client, "[[file a.csv]]", box)).output[-1]
    assert "sandbox:/mnt/data/never_made.csv" in dangling.content[0].text
    assert [cited.filename for cited in dangling.content[0].annotations] == ["a.csv"]
    azure.faults.add("no_citation")
    bare: Any = (await ask(client, "[[both a.png]]", box)).output[-1]
    assert bare.content[0].annotations == []


async def test_background_may_lose_outputs(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("background_drops_outputs")
    found = [event async for event in events(client, "[[code]]", await container(client), background=True)]
    assert found[-1].response.output[1].outputs == []


async def test_hooks_are_called_at_the_right_moment(azure: LocalAzure, client: AsyncOpenAI) -> None:
    moments: list[Any] = []

    async def later() -> None:
        moments.append(len(azure.conversations))

    azure.faults.add("kill", after=4, callback=lambda: moments.append("event"))
    azure.faults.add("kill_request", path="/conversations", callback=later)
    await client.conversations.create()
    await seen(client)
    assert moments == [1, "event"]


async def test_faults_over_http(azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel) -> None:
    async with aiohttp.ClientSession(azure.endpoint) as session:
        armed = await session.post("/_ctl/fault", json={"name": "server_error", "times": 2, "path": "/files"})
        assert armed.status == 200
        with pytest.raises(openai.InternalServerError):
            await upload(client)
        listed = await (await session.get("/_ctl/fault")).json()
        assert listed["armed"] == [{"name": "server_error", "times": 1, "hits": 1, "after": 0}]
        assert listed["catalogue"] == catalogue()
        assert (await session.post("/_ctl/fault", json={"name": "earthquake"})).status == 400
        await session.delete("/_ctl/fault")
        await upload(client)
        held = await (await session.post("/_ctl/fault", json={"name": "hold", "after": 1})).json()
        running = asyncio.create_task(ask(client, "x"))
        await azure.wait(lambda server: server.responses.running)
        await session.post("/_ctl/release", json=held)
        assert (await running).status == "completed"


async def test_many_runs_at_once(azure: LocalAzure, client: AsyncOpenAI, model: ScriptedModel, quick: bool) -> None:
    number_of_runs = 20 if quick else 200

    async def one(number: int) -> str:
        conversation = await client.conversations.create()
        return (await ask(client, f"[[wait]][[say {number}]]", conversation=conversation.id)).output_text

    running = [asyncio.create_task(one(number)) for number in range(number_of_runs)]
    await azure.wait(lambda server: server.responses.running == number_of_runs)
    model.gate().set()
    assert await asyncio.gather(*running) == [str(number) for number in range(number_of_runs)]
