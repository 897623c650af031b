"""Reading requests and writing answers: JSON bodies, forms, pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import BodyPartReader, web

from playground.azure.service import errors
from playground.azure.service.blobs import CHUNK, Blob
from playground.azure.service.faults import Faults
from playground.azure.service.ledger import Entry
from playground.azure.service.shapes import check_shapes

Json: TypeAlias = dict[str, Any]
Route: TypeAlias = tuple[str, str, Callable[[web.Request], Any]]
"""Method, path below the mount, handler."""

METADATA_PAIRS = 16
METADATA_KEY = 64
METADATA_VALUE = 512


@dataclass(frozen=True)
class Mount:
    """A base URL: Azure's or OpenAI's habits, with or without a required ``api-version``."""

    prefix: str
    azure: bool = True
    needs_version: bool = False
    project: bool = False


MOUNT = web.RequestKey("mount", Mount)
ENTRY = web.RequestKey("entry", Entry)
FAULTS = web.RequestKey("faults", Faults)


def is_azure(request: web.Request) -> bool:
    """Whether the request came to a mount with Azure's habits."""
    return request[MOUNT].azure


async def json_body(
    request: web.Request, allowed: Collection[str], required: Sequence[str] = (), *, empty: bool = False
) -> Json:
    """The JSON object of a request, checked for unknown and missing members.

    Args:
        request: The request; its entry in the ledger gets the body.
        allowed: The known members.
        required: The members that must be there.
        empty: Whether no body at all is fine.
    """
    raw = await request.read()
    if not raw and empty:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise errors.invalid("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise errors.invalid("The JSON body of your request must be an object.")
    request[ENTRY].body = body
    _refuse(request)
    check_members(body, allowed, required)
    check_shapes(body)
    return body


def _refuse(request: web.Request) -> None:
    """Let faults refuse what the body says."""
    entry = request[ENTRY]
    for fault in request[FAULTS].take("body", entry.method, entry.path, entry.body):
        raise fault.error(azure=is_azure(request), body=entry.body)


def check_members(
    body: Mapping[str, Any], allowed: Collection[str], required: Sequence[str] = (), at: str = ""
) -> None:
    """Refuse unknown and missing members. ``at`` is the place of the object, for example ``tools[0]``."""
    prefix = f"{at}." if at else ""
    for name in body:
        if name not in allowed:
            raise errors.unknown_parameter(prefix + name)
    for name in required:
        if body.get(name) is None:
            raise errors.missing_parameter(prefix + name)


def check_metadata(body: Mapping[str, Any]) -> dict[str, str]:
    """The metadata of a body, within the service's limits."""
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise errors.invalid_type("metadata", "an object")
    if len(metadata) > METADATA_PAIRS:
        raise errors.invalid_value("metadata", f"Too many metadata pairs: at most {METADATA_PAIRS}.")
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise errors.invalid_type(f"metadata.{key}", "a string")
        if len(key) > METADATA_KEY:
            raise errors.too_long("metadata", len(key), METADATA_KEY)
        if len(value) > METADATA_VALUE:
            raise errors.too_long(f"metadata.{key}", len(value), METADATA_VALUE)
    return dict(metadata)


@dataclass(frozen=True)
class Upload:
    """A file of a form."""

    filename: str
    content_type: str
    blob: Blob


@dataclass(frozen=True)
class Form:
    """A multipart form."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload]

    def file(self, name: str = "file") -> Upload:
        """The file of that name, which must be there."""
        try:
            return self.files[name]
        except KeyError:
            raise errors.missing_parameter(name) from None


async def read_form(request: web.Request, limit: int) -> Form:
    """A multipart form, with files of at most ``limit`` bytes."""
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    if not request.content_type.startswith("multipart/"):
        raise errors.invalid("The request must be multipart/form-data.")
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        if part.filename is None:
            fields[part.name] = await part.text()
            continue
        blob = await _read_file(part, limit)
        content_type = part.headers.get("Content-Type", "application/octet-stream")
        files[part.name] = Upload(part.filename, content_type, blob)
    request[ENTRY].body = fields | {
        name: {"filename": file.filename, "content_type": file.content_type, "bytes": file.blob.size}
        for name, file in files.items()
    }
    _refuse(request)
    return Form(fields, files)


async def _read_file(part: BodyPartReader, limit: int) -> Blob:
    blob = Blob()
    while chunk := await part.read_chunk(CHUNK):
        if blob.size + len(chunk) > limit:
            raise errors.file_too_large(limit)
        await blob.write(chunk)
    return blob


def page(request: web.Request, objects: Sequence[Json], *, most: int = 100) -> web.Response:
    """A page of a list, by the query's ``limit``, ``order``, ``after`` and ``before``.

    Args:
        request: The request.
        objects: All objects, oldest first.
        most: The largest page.
    """
    order = request.query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise errors.invalid_value("order", f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'.")
    try:
        limit = int(request.query.get("limit", "20"))
    except ValueError:
        raise errors.invalid_type("limit", "an integer") from None
    if not 1 <= limit <= most:
        raise errors.invalid_value("limit", f"Invalid 'limit': expected 1 to {most}, got {limit}.")
    chosen = list(objects) if order == "asc" else list(reversed(objects))
    ids = [item["id"] for item in chosen]
    if (after := request.query.get("after")) is not None:
        if after not in ids:
            raise errors.invalid_value("after", f"No item with id '{after}'.")
        chosen = chosen[ids.index(after) + 1 :]
    if (before := request.query.get("before")) in ids:
        chosen = chosen[: [item["id"] for item in chosen].index(before)]
    data = chosen[:limit]
    body = {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(chosen) > limit,
    }
    return web.json_response(body)


def included(request: web.Request) -> set[str]:
    """The values of the query's ``include[]`` (or ``include``)."""
    return {value for name in ("include[]", "include") for value in request.query.getall(name, [])}


async def send_bytes(request: web.Request, chunks: AsyncIterator[bytes], size: int) -> web.StreamResponse:
    """Answer with bytes."""
    answer = web.StreamResponse(headers={"Content-Type": "application/octet-stream", "Content-Length": str(size)})
    await answer.prepare(request)
    async for chunk in chunks:
        await answer.write(chunk)
    await answer.write_eof()
    return answer
