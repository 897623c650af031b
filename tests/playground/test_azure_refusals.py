"""What the local Azure refuses, and with which words."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from playground.azure.server import LocalAzure
from tests.playground.azure_calls import MODEL, ask, raw
from tests.playground.conftest import connect

BASE: dict[str, Any] = {"model": MODEL, "input": "x"}
CODE = {"type": "code_interpreter"}


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"colour": 1}, "unknown_parameter", "colour"),
        ({"model": None}, "missing_required_parameter", "model"),
        ({"temperature": 0.2}, "unsupported_parameter", "temperature"),
        ({"include": ["code"]}, "invalid_value", "include"),
        ({"include": "x"}, "invalid_type", "include"),
        ({"truncation": "yes"}, "invalid_value", "truncation"),
        ({"conversation": "conv_1", "previous_response_id": "resp_1"}, "mutually_exclusive_parameters", "conversation"),
        ({"conversation": {"name": "x"}}, "unknown_parameter", "conversation.name"),
        ({"background": True, "store": False}, "invalid_value", "background"),
        ({"stream_options": {"include_obfuscation": False}}, "invalid_value", "stream_options"),
        ({"tools": [CODE]}, "missing_required_parameter", "tools[0].container"),
        ({"tools": [CODE | {"container": {"type": "auto", "files": []}}]}, "unknown_parameter", None),
        ({"tools": [CODE | {"container": {"type": "new"}}]}, "invalid_value", "tools[0].container.type"),
        ({"tools": [{"type": "telepathy"}]}, "invalid_value", "tools[0].type"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "invalid_value", "metadata"),
        ({"metadata": {"a": "x" * 513}}, "string_above_max_length", "metadata.a"),
        ({"metadata": {"a" * 65: "x"}}, "string_above_max_length", "metadata"),
        ({"safety_identifier": "x" * 65}, "string_above_max_length", "safety_identifier"),
        ({"input": [{"role": "robot", "content": "x"}]}, "invalid_value", "input[0].role"),
        ({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "invalid_value", None),
        ({"input": [{"role": "user", "content": "x", "name": "y"}]}, "unknown_parameter", "input[0].name"),
        ({"input": 5}, "invalid_type", "input"),
        ({"max_output_tokens": 1}, "invalid_value", "max_output_tokens"),
        ({"previous_response_id": "resp_1"}, "previous_response_not_found", "previous_response_id"),
    ],
)
async def test_misshapen_runs(client: AsyncOpenAI, more: dict[str, Any], code: str, param: str | None) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.post("/responses", body=BASE | more, cast_to=object)
    assert refused.value.code == code
    if param:
        assert refused.value.param == param


async def test_json_must_be_json(azure: LocalAzure) -> None:
    for body in (b"{", b"[]", b'"x"', b""):
        status, _, answer = await raw(
            azure, "POST", "/openai/v1/responses", data=body, headers={"Content-Type": "application/json"}
        )
        assert status == 400, answer


async def test_keys(azure: LocalAzure) -> None:
    for prefix in ("/openai/v1/", "/v1/"):
        async with connect(azure, prefix, "wrong") as client:
            with pytest.raises(openai.AuthenticationError):
                await ask(client, "x")
    status, _, _ = await raw(azure, "POST", "/openai/v1/conversations", headers={"api-key": "wrong"})
    assert status == 401
    bearer = {"api-key": "", "Authorization": f"Bearer {azure.api_key}"}
    for path in ("/openai/v1/conversations", "/v1/conversations"):
        assert (await raw(azure, "POST", path, headers=bearer))[0] == 200
    # OpenAI knows no such header.
    assert (await raw(azure, "POST", "/v1/conversations"))[0] == 401
    azure.tokens.add("entra-token")
    async with connect(azure, key="entra-token") as client:
        assert (await client.conversations.create()).id.startswith("conv_")
    assert all("api-key" not in entry.headers and "authorization" not in entry.headers for entry in azure.requests)


async def test_unknown_paths_and_methods(azure: LocalAzure) -> None:
    for method, path in (("GET", "/openai/v1/nothing"), ("PUT", "/openai/v1/responses"), ("GET", "/elsewhere")):
        status, _, body = await raw(azure, method, path)
        assert (status, json.loads(body)["error"]["code"]) == (404, "404"), path


async def test_deployments(azure: LocalAzure, client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await ask(client, "x", model="gpt-none")
    assert unknown.value.code == "DeploymentNotFound"
    async with connect(azure, "/v1/") as other:
        with pytest.raises(openai.NotFoundError) as missing:
            await ask(other, "x", model="gpt-none")
        assert missing.value.code == "model_not_found"


async def test_the_versioned_mount_wants_a_version(azure: LocalAzure) -> None:
    assert (await raw(azure, "POST", "/openai/threads", headers={"OpenAI-Beta": "assistants=v2"}))[0] == 404
    versioned = "/openai/threads?api-version=2025-04-01-preview"
    assert (await raw(azure, "POST", versioned, headers={"OpenAI-Beta": "assistants=v2"}))[0] == 200
    assert (await raw(azure, "POST", versioned))[0] == 400
    async with AsyncAzureOpenAI(
        azure_endpoint=azure.endpoint, api_version="2025-04-01-preview", api_key=azure.api_key
    ) as client:
        assert (await ask(client, "hello")).output_text == "You asked: hello"


async def test_every_answer_carries_its_id(azure: LocalAzure) -> None:
    _, azure_headers, _ = await raw(azure, "GET", "/openai/v1/files")
    assert azure_headers["apim-request-id"]
    assert azure_headers["x-ms-region"] == "Local"
    bearer = {"Authorization": f"Bearer {azure.api_key}"}
    _, openai_headers, _ = await raw(azure, "GET", "/v1/files", headers=bearer)
    assert openai_headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/conversations/conv_gone/items", {"items": []}, 404),
        ("/conversations", {"name": "x"}, 400),
        ("/conversations", {"items": [{"role": "user", "content": "x"}] * 21}, 400),
        ("/conversations", {"metadata": {"a": 1}}, 400),
        ("/responses/resp_gone/cancel", {}, 404),
    ],
)
async def test_other_refusals(client: AsyncOpenAI, path: str, body: Any, status: int) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        await client.post(path, body=body, cast_to=object)
    assert refused.value.status_code == status


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "lunch"},
        {},
        {"purpose": "assistants", "colour": "red"},
        {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "10"},
        {"purpose": "assistants", "expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
    ],
)
async def test_misshapen_uploads(client: AsyncOpenAI, fields: dict[str, str]) -> None:
    with pytest.raises(openai.BadRequestError):
        await client.post(
            "/files",
            cast_to=object,
            body=fields,
            files={"file": ("a.csv", b"x")},
            options={"headers": {"Content-Type": "multipart/form-data"}},
        )
