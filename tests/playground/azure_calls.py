"""Calls that several tests of the local Azure make."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiohttp
from openai import AsyncOpenAI
from openai.types.responses import Response

from playground.azure.server import LocalAzure

OUTPUTS: Any = ["code_interpreter_call.outputs"]
MODEL = "analyst-model"
Json = dict[str, Any]


async def container(client: AsyncOpenAI, *file_ids: str) -> str:
    """A new container."""
    return (await client.containers.create(name="test", file_ids=list(file_ids))).id


def tool(identifier: str) -> Any:
    """The code interpreter with that container."""
    return [{"type": "code_interpreter", "container": identifier}]


async def ask(client: AsyncOpenAI, text: str, box: str | None = None, **more: Any) -> Response:
    """One run without streaming, outputs included."""
    tools = tool(box) if box else []
    response: Response = await client.responses.create(
        **{"model": MODEL, "input": text, "tools": tools, "include": OUTPUTS} | more
    )
    return response


async def events(client: AsyncOpenAI, text: str, box: str | None = None, **more: Any) -> AsyncIterator[Any]:
    """The events of one streamed run."""
    tools = tool(box) if box else []
    arguments = {"model": MODEL, "input": text, "tools": tools, "include": OUTPUTS, "stream": True} | more
    stream: Any = await client.responses.create(**arguments)
    async for event in stream:
        yield event


async def upload(client: AsyncOpenAI, name: str = "sales.csv", data: bytes = b"a,b\n1,2\n") -> str:
    """A file of the resource."""
    return (await client.files.create(file=(name, data), purpose="assistants")).id


def squeeze(names: Iterable[str]) -> list[str]:
    """Neighbours that are alike, once."""
    return [name for name, _ in itertools.groupby(names)]


async def raw(azure: LocalAzure, method: str, path: str, **options: Any) -> tuple[int, Any, bytes]:
    """A request without the SDK: status, headers, body."""
    headers = {"api-key": azure.api_key} | options.pop("headers", {})
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, azure.endpoint + path, headers=headers, **options) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


def parse_sse(body: bytes) -> list[tuple[str | None, Any]]:
    """Events as (name, data); data that is no JSON stays text."""
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        text = lines["data"]
        found.append((lines.get("event"), json.loads(text) if text.startswith("{") else text))
    return found
