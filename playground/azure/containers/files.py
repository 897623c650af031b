"""``/files``: uploads, and what the Assistants' code interpreter made."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from playground.azure.service import errors, ids
from playground.azure.service.blobs import Blob
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Form, Json, Route, is_azure, page, read_form, send_bytes

PURPOSES = {"assistants", "batch", "fine-tune", "vision", "evals"}
FORM_FIELDS = {"purpose", "expires_after[anchor]", "expires_after[seconds]"}
SHORTEST_LIFE, LONGEST_LIFE = 3600, 2_592_000


@dataclass
class StoredFile:
    """A file of the resource."""

    id: str
    filename: str
    purpose: str
    blob: Blob
    created_at: int
    expires_at: int | None = None

    @property
    def data(self) -> bytes:
        """The bytes, exactly as uploaded."""
        return self.blob.data

    def json(self) -> Json:
        """The file object (recorded form: reference B.2)."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.blob.size,
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "expires_at": self.expires_at,
            "status_details": None,
        }


class Files(Store[StoredFile]):
    """All files, by id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def routes(self) -> list[Route]:
        return [
            ("POST", "/files", self._upload),
            ("GET", "/files", self._list),
            ("GET", "/files/{file}", self._retrieve),
            ("DELETE", "/files/{file}", self._delete),
            ("GET", "/files/{file}/content", self._content),
        ]

    def find(self, identifier: str) -> StoredFile:
        """A file that exists and has not expired.

        Raises:
            ApiError: 404.
        """
        file = self._items.get(identifier)
        if file is not None and file.expires_at is not None and file.expires_at <= self._settings.clock():
            del self._items[identifier]
            file = None
        if file is None:
            raise errors.no_file(identifier)
        return file

    def add(self, filename: str, blob: Blob, *, purpose: str, azure: bool, life: int | None = None) -> StoredFile:
        """Store a file. ``life`` is in seconds."""
        now = self._settings.now()
        file = StoredFile(
            ids.file_id(azure=azure), filename, purpose, blob, now, expires_at=now + life if life else None
        )
        self._items[file.id] = file
        return file

    def close(self) -> None:
        """Forget all files."""
        self._items.clear()

    async def _upload(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._settings.file_bytes)
        purpose = self._purpose(form)
        upload = form.file()
        if not upload.filename:
            raise errors.invalid_value("file", "The file must have a name.")
        life = _life(form)
        file = self.add(upload.filename, upload.blob, purpose=purpose, azure=is_azure(request), life=life)
        return web.json_response(file.json())

    def _purpose(self, form: Form) -> str:
        for name in form.fields:
            if name not in FORM_FIELDS:
                raise errors.unknown_parameter(name)
        purpose = form.fields.get("purpose")
        if purpose is None:
            raise errors.missing_parameter("purpose")
        if purpose not in PURPOSES | ({"user_data"} if self._settings.user_data else set()):
            raise errors.invalid_value("purpose", f"'{purpose}' is not one of the supported purposes.")
        return purpose

    async def _list(self, request: web.Request) -> web.Response:
        purpose = request.query.get("purpose")
        files = [file.json() for file in self._items.values() if purpose in (None, file.purpose)]
        return page(request, files, most=10_000)

    async def _retrieve(self, request: web.Request) -> web.Response:
        return web.json_response(self.find(request.match_info["file"]).json())

    async def _delete(self, request: web.Request) -> web.Response:
        file = self.find(request.match_info["file"])
        del self._items[file.id]
        return web.json_response({"id": file.id, "object": "file", "deleted": True})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        file = self.find(request.match_info["file"])
        if file.purpose == "assistants":
            raise errors.invalid("Not allowed to download files of purpose: assistants")
        return await send_bytes(request, file.blob.chunks(), file.blob.size)


def _life(form: Form) -> int | None:
    anchor, seconds = (form.fields.get(f"expires_after[{name}]") for name in ("anchor", "seconds"))
    if anchor is None and seconds is None:
        return None
    if anchor != "created_at":
        raise errors.invalid_value("expires_after[anchor]", "Supported values are: 'created_at'.")
    if seconds is None or not seconds.isdigit() or not SHORTEST_LIFE <= int(seconds) <= LONGEST_LIFE:
        raise errors.invalid_value("expires_after[seconds]", f"Expected {SHORTEST_LIFE} to {LONGEST_LIFE} seconds.")
    return int(seconds)
