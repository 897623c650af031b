"""The bytes of charts and files, in spite of a content endpoint that answers 404 or 500 now and then."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import httpx2

from azure_assistant.assistant import Json
from azure_assistant.errors import AssistantError, FileGone
from azure_assistant.responses.artifacts import decode_data_uri
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.download import download
from azure_assistant.transport.wire_json import WireObject, each, text

log = logging.getLogger(__name__)

INCLUDE = "code_interpreter_call.outputs"
"""Without it ``outputs`` is null (https://community.openai.com/t/1270838)."""


async def artifact_bytes(
    api: ServiceApi, http: httpx2.AsyncClient, ref: Mapping[str, Json]
) -> AsyncGenerator[bytes, None]:
    """The bytes behind an artifact's ``ref``, in chunks.

    A saved chart that cannot be fetched is replaced by the same chart as it was displayed, if the run displayed it.

    Raises:
        AssistantError: The service no longer has it.
    """
    if ref["type"] == "output_image":
        yield await _displayed(api, ref)
        return
    delivered = False
    try:
        async with aclosing(_downloaded(api, http, ref)) as chunks:
            async for chunk in chunks:
                delivered = True
                yield chunk
    except AssistantError:
        if delivered or "image" not in ref:
            raise
        log.warning("File %s cannot be fetched: taking the displayed chart", ref["file"])
        yield await _displayed(api, ref)


async def stored_response(api: ServiceApi, response: str) -> WireObject:
    """A response with what its code printed and displayed. Raises ``LostError`` when there is none."""
    return await api.get("responses", response, include=[INCLUDE])


def _downloaded(api: ServiceApi, http: httpx2.AsyncClient, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
    name = str(ref.get("name", ""))
    if ref["type"] == "url":
        return download(lambda: http.stream("GET", ref["url"]), api.config.retries, name)
    return api.download("containers", ref["container"], "files", ref["file"], "content", name=name)


async def _displayed(api: ServiceApi, ref: Mapping[str, Json]) -> bytes:
    found = await stored_response(api, ref["response"])
    calls = (item for item in each(found.output) if item.type == "code_interpreter_call")
    urls = [text(output.url) for item in calls for output in each(item.outputs) if output.type == "image"]
    decoded = decode_data_uri(urls[ref["image"]]) if ref["image"] < len(urls) else None
    if decoded is None:
        raise FileGone(f"image {ref['image']} of {ref['response']}")
    return decoded[1]
