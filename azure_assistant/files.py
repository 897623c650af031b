"""Uploading: safe names, kinds that Code Interpreter takes, and the upload itself."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from shutil import copyfileobj
from typing import BinaryIO, cast

from openai import AsyncOpenAI

from azure_assistant.assistant import AssistantFile
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, EndpointWrong, NotFound, UploadRefused, UploadTooLarge
from azure_assistant.sending import persistent

log = logging.getLogger(__name__)

LARGEST = 512 * 1024 * 1024
"""Bytes a file may have (https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits)."""
LONGEST_NAME = 80
TAKEN_AS_IT_IS = frozenset(
    re.findall(
        r"\w+",
        "c cs cpp csv doc docx html java json md pdf php pptx py rb tex txt css js sh ts"
        " jpeg jpg gif pkl png tar xlsx xml zip",
    )
)
"""Extensions that Code Interpreter takes (https://developers.openai.com/api/docs/guides/tools-code-interpreter)."""
TEXT = frozenset(re.findall(r"\w+", "tsv tab psv jsonl ndjson log dat sql yaml yml toml ini geojson ipynb r"))
"""Text that is taken when it is called ``.txt``."""
DAY = 24 * 3600


def safe_name(name: str, taken: Collection[str] = ()) -> str:
    """A name without separators, spaces and control characters that is not in ``taken``. Letters of any script stay."""
    plain = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    kept = re.sub(r"[^\w.\-+()]+", "_", plain).strip("._") or "file"
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = kept, ""
    stem = stem[: LONGEST_NAME - len(ending)]
    candidate, number = f"{stem}{dot}{ending}", 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}{dot}{ending}"
    return candidate


def accepted_name(name: str) -> tuple[str, bool]:
    """The name under which the service takes the file, and whether it has to be zipped for that."""
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    if ending in TAKEN_AS_IT_IS:
        return name, False
    return (f"{name}.txt", False) if ending in TEXT else (f"{name}.zip", True)


async def upload(
    client: AsyncOpenAI, config: AssistantConfig, name: str, stream: BinaryIO, size: int, taken: Collection[str]
) -> AssistantFile:
    """Upload a file that deletes itself after ``config.file_days``.

    Args:
        client: The SDK's client.
        config: For the expiry and the retries.
        name: The wanted name; the returned one is safe, unique and of an accepted kind.
        stream: An open, seekable handle.
        size: Bytes.
        taken: Names already in use.

    Raises:
        UploadTooLarge: The file has more than 512 MB.
        UploadRefused: The service does not take it.
    """
    if size > LARGEST:
        raise UploadTooLarge(name=name, limit=LARGEST // 2**20)
    final, zipped = accepted_name(safe_name(name))
    final = safe_name(final, taken)
    async with _packed(stream, safe_name(name)) if zipped else _as_is(stream) as handle:
        file_id = await _send(client, config, final, handle)
    log.info("uploaded %s: %d bytes", file_id, size)
    return AssistantFile(id=file_id, name=final, size=size)


async def delete(client: AsyncOpenAI, config: AssistantConfig, file_id: str) -> None:
    """Delete an uploaded file; one that is gone already is fine."""
    try:
        await persistent(lambda: client.files.delete(file_id), config.retries)
    except NotFound:
        log.info("file %s was gone already", file_id)


async def _send(client: AsyncOpenAI, config: AssistantConfig, name: str, handle: BinaryIO) -> str:
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"

    async def attempt() -> str:
        handle.seek(0)
        made = await client.files.create(
            file=(name, handle, media),
            purpose="assistants",
            expires_after={"anchor": "created_at", "seconds": config.file_days * DAY},
        )
        return made.id

    try:
        return await persistent(attempt, config.retries)
    except NotFound as error:
        raise EndpointWrong(error.detail) from error
    except UploadRefused as error:
        raise UploadTooLarge(error.detail, name=name, limit=LARGEST // 2**20) from error
    except AssistantError as error:
        if type(error) is AssistantError:
            raise UploadRefused(error.detail, name=name) from error
        raise


@asynccontextmanager
async def _as_is(stream: BinaryIO) -> AsyncIterator[BinaryIO]:
    yield stream


@asynccontextmanager
async def _packed(stream: BinaryIO, inner: str) -> AsyncIterator[BinaryIO]:
    """The stream as a zip archive on disk."""

    def pack(target: BinaryIO) -> None:
        stream.seek(0)
        with (
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(inner, "w", force_zip64=True) as entry,
        ):
            copyfileobj(stream, entry, 1 << 20)

    with tempfile.TemporaryFile() as spool:
        handle = cast("BinaryIO", spool)
        await asyncio.to_thread(pack, handle)
        yield handle
