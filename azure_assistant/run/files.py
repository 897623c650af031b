"""Uploading: safe names, kinds that Code Interpreter takes, and the upload itself."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from shutil import copyfileobj
from typing import BinaryIO, cast

from azure_assistant.assistant import AssistantFile, Json
from azure_assistant.errors import (
    AssistantError,
    ContextTooLong,
    NotSupported,
    ParameterRefused,
    TooManyFiles,
    UnknownError,
    UploadRejected,
    UploadTooLarge,
)
from azure_assistant.transport.api import ServiceApi

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
_LOOKED_AT = 400
"""Characters at both ends of a name that one of 80 is made of; normalising takes the square of a run of marks."""
_ENDING = re.compile(r"\w{1,10}")
_REFUSALS = (NotSupported, ContextTooLong, UnknownError)
"""What a refusal of a file looks like: its kind, its length, or words that nobody knows."""


def safe_name(name: str, taken: Collection[str] = ()) -> str:
    """A name without separators, spaces and control characters that is not in ``taken``.

    Letters of any script stay. The ending becomes lower case, since the service knows no other; a name of which nothing
    else is left becomes ``file``.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = unicodedata.normalize("NFC", last[:_LOOKED_AT] + last[_LOOKED_AT:][-_LOOKED_AT:])
    stem, dot, ending = plain.rpartition(".")
    if not _ENDING.fullmatch(ending) or not dot:
        stem, dot, ending = plain, "", ""
    stem = re.sub(r"[^\w.\-+()]+", "_", stem).strip("._")[: LONGEST_NAME - len(ending)] or "file"
    ending = ending.lower()
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


class Traffic:
    """A thread's files on their way: several at once, but no two with one name, and no more than it takes.

    ``out`` is for taking a file out of its sandbox: some services know only the list of all that is in it.
    """

    def __init__(self) -> None:
        self.out = asyncio.Lock()
        self._names: dict[object, set[str]] = {}
        self._ended = asyncio.Event()

    @asynccontextmanager
    async def admit(
        self, known: Mapping[str, Json], most: int | None, name: str
    ) -> AsyncIterator[Callable[[str], str]]:
        """Let one more file come; yields what chooses its name. Waits for others if their failing would make room.

        Args:
            known: The thread's files, by id.
            most: How many it takes.
            name: The file's name, for the error's sentence only.

        Raises:
            TooManyFiles: The thread has as many as it takes.
        """
        while most is not None and len(known) + len(self._names) >= most:
            if not self._names:
                raise TooManyFiles(limit=most, name=name)
            await self._ended.wait()
        key, own = object(), set[str]()
        self._names[key] = own

        def choose(wanted: str) -> str:
            others = {str(entry["name"]) for entry in known.values()}.union(*self._names.values())
            own.add(chosen := safe_name(wanted, others - own))
            return chosen

        try:
            yield choose
        finally:
            del self._names[key]
            self._ended.set()
            self._ended.clear()  # who waits at present has been woken


class Uploads:
    """Puts files into the service, and takes them out of it."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api

    async def upload(
        self, name: str, stream: BinaryIO, size: int, choose: Callable[[str], str] = safe_name
    ) -> AssistantFile:
        """Upload a file that deletes itself after ``config.file_days``, where the service offers that.

        A kind that the service turns out not to take is packed into an archive.

        Args:
            name: The wanted name; the returned one is safe, unique and of an accepted kind.
            stream: An open, seekable handle.
            size: Bytes.
            choose: Makes a name safe, and unique in the thread.

        Raises:
            UploadTooLarge: The file has more than 512 MB.
            UploadRejected: The service does not take it, packed or not.
        """
        if size > LARGEST:
            raise UploadTooLarge(name=name, limit=LARGEST // 2**20)
        safe = safe_name(name)
        final, packed = accepted_name(safe)
        ways = [(final, packed)] if packed or final.endswith(".zip") else [(final, False), (f"{final}.zip", True)]
        refusal = UploadRejected()
        for candidate, as_archive in ways:
            try:
                made_name = choose(candidate)
                async with _archive(stream, safe) if as_archive else _as_is(stream) as handle:
                    file_id = await self._send(made_name, handle)
            except UploadRejected as error:
                refusal = error
                log.info("A %s file is not taken: %s", PurePosixPath(candidate).suffix, error.detail)
            except UploadTooLarge as error:
                raise UploadTooLarge(error.detail, name=name, limit=LARGEST // 2**20) from error
            else:
                log.info("Uploaded %s: %d bytes", file_id, size)
                return AssistantFile(id=file_id, name=made_name, size=size)
        raise UploadRejected(refusal.detail, name=name, reason=refusal.words)

    async def delete(self, file_id: str) -> None:
        """Delete an uploaded file; one that is gone already is fine."""
        await self._api.remove("files", file_id)

    async def _send(self, name: str, handle: BinaryIO) -> str:
        """Id of the uploaded file; an expiry that is refused, by name or in words that nobody knows, is left out."""
        wanted: dict[str, Json] = {"expires_after": self._api.config.file_days * DAY}
        optional = self._api.parameters.of("files", wanted)
        try:
            return await self._post(name, handle, optional)
        except _REFUSALS as error:
            names = error.names if isinstance(error, ParameterRefused) else ()
            named = self._api.parameters.leave_out("files", wanted, names)
            if not named and not (optional and isinstance(error, UnknownError)):
                raise _rejected(error) from error
        try:
            file_id = await self._post(name, handle, {})
        except _REFUSALS as error:
            raise _rejected(error) from error
        self._api.parameters.leave_all_out("files", wanted)
        return file_id

    async def _post(self, name: str, handle: BinaryIO, optional: Mapping[str, Json]) -> str:
        media = mimetypes.guess_type(name)[0] or "application/octet-stream"
        seconds = optional.get("expires_after")
        expiry = {"expires_after": {"anchor": "created_at", "seconds": seconds}} if seconds else {}
        return await self._api.upload(name, handle, media, **expiry)


def _rejected(error: AssistantError) -> UploadRejected:
    rejected = UploadRejected(error.detail)
    rejected.words = error.words
    return rejected


@asynccontextmanager
async def _as_is(stream: BinaryIO) -> AsyncIterator[BinaryIO]:
    yield stream


@asynccontextmanager
async def _archive(stream: BinaryIO, inner: str) -> AsyncIterator[BinaryIO]:
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
