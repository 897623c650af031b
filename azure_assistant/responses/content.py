"""The bytes of charts and files, in spite of a content endpoint that answers 404 or 500 now and then."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import httpx2
from openai import AsyncOpenAI

from azure_assistant.assistant import Json
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, FileGone
from azure_assistant.responses.artifacts import decode_data_uri
from azure_assistant.transport.download import Open, download
from azure_assistant.transport.sending import persistent
from azure_assistant.transport.wire_json import as_objects, each, text, thing

log = logging.getLogger(__name__)
CHUNK = 1 << 16


async def read(
    client: AsyncOpenAI, http: httpx2.AsyncClient, config: AssistantConfig, ref: Mapping[str, Json]
) -> AsyncGenerator[bytes, None]:
    """The bytes behind an artifact's ``ref``, in chunks.

    A saved chart that cannot be fetched is replaced by the same chart as it was displayed, if the run displayed it.

    Raises:
        FileGone: The service no longer has it.
    """
    if ref["type"] == "output_image":
        yield await _displayed(client, config, ref)
        return
    delivered = False
    try:
        async with aclosing(download(_opener(client, http, ref), config.retries, str(ref.get("name", "")))) as chunks:
            async for chunk in chunks:
                delivered = True
                yield chunk
    except AssistantError as error:
        if delivered or "image" not in ref:
            raise FileGone(error.detail, name=ref.get("name", "")) from error
        log.warning("file %s cannot be fetched: taking the displayed chart", ref["file"])
        yield await _displayed(client, config, ref)


def _opener(client: AsyncOpenAI, http: httpx2.AsyncClient, ref: Mapping[str, Json]) -> Open:
    if ref["type"] == "url":
        return lambda: http.stream("GET", ref["url"])
    content = client.containers.files.content.with_streaming_response
    return lambda: content.retrieve(ref["file"], container_id=ref["container"])


async def _displayed(client: AsyncOpenAI, config: AssistantConfig, ref: Mapping[str, Json]) -> bytes:
    name = str(ref.get("name", ""))
    try:
        found = await persistent(
            lambda: client.responses.retrieve(ref["response"], include=["code_interpreter_call.outputs"]),
            config.retries,
        )
    except AssistantError as error:
        raise FileGone(error.detail, name=name) from error
    calls = (item for item in each(thing(as_objects(found)).output) if item.type == "code_interpreter_call")
    urls = [text(output.url) for item in calls for output in each(item.outputs) if output.type == "image"]
    decoded = decode_data_uri(urls[ref["image"]]) if ref["image"] < len(urls) else None
    if decoded is None:
        raise FileGone(f"image {ref['image']} of {ref['response']}", name=name)
    return decoded[1]
