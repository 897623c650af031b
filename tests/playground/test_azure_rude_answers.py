"""Answers and streams as servers, gateways and proxies give them besides the documented ones."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.settings import Settings
from playground.ports import ModelRequest, RunCode
from tests.playground.azure_calls import MODEL, ask, container, events, parse_sse, raw, upload
from tests.playground.conftest import connect

Json = dict[str, Any]
STREAMED: Json = {"model": MODEL, "input": "[[say a]][[say b]]", "stream": True}


async def stream_of(azure: LocalAzure, **more: Any) -> list[tuple[str | None, Any]]:
    return parse_sse((await raw(azure, "POST", "/openai/v1/responses", json=STREAMED | more))[2])


@pytest.mark.parametrize(
    ("spelling", "status", "code", "param"),
    [
        ("unsupported", 400, "unsupported_parameter", "truncation"),
        ("unknown", 400, "unknown_parameter", "truncation"),
        ("no_param", 400, "unsupported_parameter", None),
        ("bad_request", 400, "bad_request", None),
        ("json_field", 400, "InvalidParameter", ""),
        ("unrecognized", 400, None, None),
        ("extra", 422, None, None),
    ],
)
async def test_a_parameter_is_refused_in_many_spellings(
    azure: LocalAzure, client: AsyncOpenAI, spelling: str, status: int, code: str | None, param: str | None
) -> None:
    azure.faults.add("parameter_refused", times=None, parameter="truncation", spelling=spelling)
    with pytest.raises(openai.APIStatusError) as refused:
        await ask(client, "x", truncation="auto")
    assert (refused.value.status_code, refused.value.code, refused.value.param) == (status, code, param)
    assert "truncation" in str(refused.value.body)
    assert (await ask(client, "x")).status == "completed"


async def test_forms_are_refused_by_field_and_by_extension(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("parameter_refused", times=None, parameter="expires_after")
    azure.faults.add("extension_refused", times=None, extensions=["sh", "CSV"])
    expires: Any = {"anchor": "created_at", "seconds": 3600}
    with pytest.raises(openai.BadRequestError, match="expires_after"):
        await client.files.create(file=("a.csv", b"1"), purpose="assistants", expires_after=expires)
    for name, extension in (("job.sh", "sh"), ("REPORT.CSV", "CSV")):
        with pytest.raises(openai.BadRequestError, match=f"Invalid extension {extension}. Supported formats"):
            await upload(client, name)
    await upload(client, "report.csv")


async def test_gateways_and_pages(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("gateway_quota", retry_after=8430)
    with pytest.raises(openai.PermissionDeniedError, match="replenished in 02:20:30") as refused:
        await ask(client, "x")
    assert refused.value.response.headers["retry-after"] == "8430"
    azure.faults.add("sign_in_page")
    status, headers, page = await raw(azure, "POST", "/openai/v1/responses", json=STREAMED)
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert b"Sign in" in page
    bodies: tuple[Any, ...] = (None, [], {"error": None}, {"error": "words"}, {"detail": "words"}, 7)
    for body in bodies:
        azure.faults.add("http", status=400, body=body)
        status, _, answer = await raw(azure, "POST", "/openai/v1/responses", json=STREAMED)
        assert status == 400
        assert answer
    azure.faults.add("http", status=502, text="<html>Bad gateway</html>", headers={"Retry-After": "7"})
    with pytest.raises(openai.InternalServerError) as page_error:
        await ask(client, "x")
    assert page_error.value.response.headers["retry-after"] == "7"


async def test_an_error_may_come_after_the_failure(azure: LocalAzure) -> None:
    for after in (0, 3):
        azure.faults.add("stream_error_last", after=after, code="rate_limit_exceeded", message="Slow down")
        told = await stream_of(azure)
        assert [name for name, _ in told][-2:] == ["response.failed", "error"]
        assert (told[-2][1]["response"]["error"], told[-1][1]["error"]["code"]) == (None, "rate_limit_exceeded")
        assert (told[0][0] == "response.created") == (after > 0)
    azure.faults.add("stream_error_nested", after=3, code=None, type="model_error")
    (error,) = [data["error"] for name, data in await stream_of(azure) if name == "error"]
    assert (error["type"], error["code"]) == ("model_error", None)


async def test_events_may_come_twice_changed_halved_or_from_nowhere(azure: LocalAzure) -> None:
    azure.faults.add("repeat_event", event="response.output_text.delta")
    deltas = [data for name, data in await stream_of(azure) if name == "response.output_text.delta"]
    assert [data["delta"] for data in deltas] == ["a", "a", "b", "b"]
    assert deltas[0]["sequence_number"] == deltas[1]["sequence_number"]
    azure.faults.add("repeat_event", after=1)
    assert [name for name, _ in await stream_of(azure)][:2] == ["response.created"] * 2
    azure.faults.add("alter_event", event="*.content_part.done", changes={"part": None, "part.text": "not there"})
    assert all("part" in data for name, data in await stream_of(azure) if str(name).endswith("part.done"))
    azure.faults.add("alter_event", event="response.completed", changes={"response.output.0": None})
    assert (await stream_of(azure))[-1][1]["response"]["output"][0] is None
    azure.faults.add("alter_event", event="response.output_item.done", without=["item.content"])
    assert not any("content" in data["item"] for name, data in await stream_of(azure) if name and "item.done" in name)
    azure.faults.add("extra_event", after=2, event="response.novelty", data={"type": "response.novelty"})
    assert (await stream_of(azure))[2] == ("response.novelty", {"type": "response.novelty"})
    azure.faults.add("extra_event", after=1, raw=": padding\r\n\r\n")
    assert b": padding" in (await raw(azure, "POST", "/openai/v1/responses", json=STREAMED))[2]
    azure.faults.add("half_event", after=1)
    body = (await raw(azure, "POST", "/openai/v1/responses", json=STREAMED))[2]
    assert body.startswith(b"event: response.created")
    assert not body.endswith(b"\n\n")


async def test_a_stream_may_be_a_plain_answer(azure: LocalAzure) -> None:
    azure.faults.add("not_streamed")
    status, headers, body = await raw(azure, "POST", "/openai/v1/responses", json=STREAMED)
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/json")
    assert b'"completed"' in body


async def test_answers_may_have_nulls(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    azure.faults.add("alter_answer", path="/containers/*/files", changes={"data": None})
    azure.faults.add("alter_answer", path="/responses", changes={"output.0.content": None, "nowhere.at.all": 1})
    assert b'"data": null' in (await raw(azure, "GET", f"/openai/v1/containers/{box}/files"))[2]
    assert (await ask(client, "x")).output_text == "You asked: x"  # a path that is not there: nothing is changed
    azure.faults.add("alter_answer", path="/responses", without=["output"])
    assert b'"output"' not in (await raw(azure, "POST", "/openai/v1/responses", json=STREAMED | {"stream": False}))[2]


async def test_a_conversation_breaks_for_good(azure: LocalAzure, client: AsyncOpenAI) -> None:
    conversation = (await client.conversations.create()).id
    await ask(client, "x", conversation=conversation)
    fault = azure.faults.add("conversation_broken")
    for _ in range(2):
        with pytest.raises(openai.BadRequestError, match="without its required following item") as refused:
            await ask(client, "x", conversation=conversation)
        assert (refused.value.param, refused.value.code) == ("input", None)
    with pytest.raises(openai.BadRequestError):
        await client.conversations.items.create(conversation, items=[{"role": "user", "content": "x"}])
    assert fault.hits == 1
    await ask(client, "x", conversation=(await client.conversations.create()).id)


class Surrogates:
    trusted = True

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        del request, run_code
        yield "a \ud83d b"
        yield "\x00\u202e" + "x" * 1_000_000


async def test_h17_lone_surrogates_and_megabytes_pass(interpreter: ScriptedInterpreter) -> None:
    async with LocalAzure(Surrogates(), interpreter) as server, connect(server) as client:
        streamed = [event async for event in events(client, "x")]
        assert next(event.delta for event in streamed if event.type == "response.output_text.delta") == "a \ud83d b"
        assert len((await ask(client, "x")).output_text) > 1_000_000
        question = STREAMED | {"input": "\udc00", "stream": False}
        assert (await raw(server, "POST", "/openai/v1/responses", json=question))[0] == 200
        form = b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--b\r\n'
        form += b'content-disposition: form-data; name="file"; filename="a\xff.csv"\r\n\r\n1\r\n--b--\r\n'
        sent = {"content-type": "multipart/form-data; boundary=b"}
        status, _, told = await raw(server, "POST", "/openai/v1/files", data=form, headers=sent)
        assert status == 200
        # A name that is no UTF-8 comes into the sandbox all the same.
        box = (await client.containers.create(name="x", file_ids=[json.loads(told)["id"]])).id
        assert (await ask(client, "[[files]]", box)).status == "completed"


async def test_a_gateways_prefix_and_few_attachments(model: ScriptedModel, interpreter: ScriptedInterpreter) -> None:
    settings = Settings(prefix="/openai-prod", message_attachments=10)
    async with LocalAzure(model, interpreter, settings) as server, connect(server) as client:
        assert server.endpoint.endswith("/openai-prod")
        assert (await ask(client, "x")).status == "completed"
        ids = [await upload(client, f"{number}.csv") for number in range(11)]
        beta = {"OpenAI-Beta": "assistants=v2"}
        thread = "/openai/threads?api-version=2024-05-01-preview"
        attachments = [{"file_id": one, "tools": [{"type": "code_interpreter"}]} for one in ids]
        message = {"role": "user", "content": "x", "attachments": attachments}
        status, _, body = await raw(server, "POST", thread, json={"messages": [message]}, headers=beta)
        assert (status, b"array_above_max_length" in body) == (400, True)
        message["attachments"] = attachments[:10]
        assert (await raw(server, "POST", thread, json={"messages": [message]}, headers=beta))[0] == 200
