"""``/containers``: sandboxes with a life of 20 unused minutes, and their files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from playground.azure.containers.container import Container, ContainerFile, add_stored
from playground.azure.containers.files import Files
from playground.azure.containers.sandbox import Sandbox
from playground.azure.service import errors, ids
from playground.azure.service.blobs import Blob
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import MOUNT, Route, check_members, json_body, page, read_form, send_bytes
from playground.ports import SessionLost

MEMBERS = {"name", "file_ids", "expires_after", "memory_limit", "network_policy", "skills"}
MEMORY = {"1g": 1, "4g": 4, "16g": 16, "64g": 64}
"""Gigabytes by the name of a tier; the first is the default."""
LONGEST_ID = 64


class Containers(Store[Container]):
    """All containers, by id."""

    def __init__(self, settings: Settings, files: Files, make_sandbox: Callable[[str, int], Sandbox]) -> None:
        self._settings = settings
        self._files = files
        self._make_sandbox = make_sandbox
        super().__init__()
        self._swept_at = 0

    def routes(self) -> list[Route]:
        one, files = "/containers/{container}", "/containers/{container}/files"
        return [
            ("POST", "/containers", self._create),
            ("GET", "/containers", self._list),
            ("GET", one, self._retrieve),
            ("DELETE", one, self._delete),
            ("POST", files, self._add_file),
            ("GET", files, self._list_files),
            ("GET", files + "/{file}", self._retrieve_file),
            ("DELETE", files + "/{file}", self._delete_file),
            ("GET", files + "/{file}/content", self._content),
        ]

    async def create(
        self, name: str, file_ids: Sequence[str], *, minutes: int | None = None, memory: str | None = None
    ) -> Container:
        """A new container with files of the resource in it."""
        limit = memory or next(iter(MEMORY))
        given = [self._files.find(file_id) for file_id in file_ids]
        identifier = ids.hex_id("cntr_")
        container = Container(
            name,
            self._make_sandbox(identifier, MEMORY[limit]),
            self._settings.now,
            identifier,
            minutes or self._settings.idle_minutes,
            limit,
        )
        for file in given:
            await add_stored(container, file)
        self._items[identifier] = container
        return container

    async def find(self, identifier: str) -> Container:
        """A container, whatever its status, with that status brought up to date.

        Raises:
            ApiError: 404.
        """
        container = self._items.get(identifier)
        if container is None:
            raise errors.no_container(identifier)
        if container.status == "running" and (container.overdue or not await container.sandbox.alive()):
            await container.expire()
        return container

    async def use(self, identifier: str, *, expired_status: int = 400) -> Container:
        """A running container, which counts as used now.

        Raises:
            ApiError: 404 unknown, 400 (``expired_status``) expired, 400 with an id that is too long.
        """
        if len(identifier) > LONGEST_ID:
            raise errors.too_long("tools[0].container", len(identifier), LONGEST_ID)
        container = await self.find(identifier)
        if container.status != "running":
            raise errors.container_expired(expired_status)
        container.touch()
        return container

    async def sweep(self) -> None:
        """End the sessions of containers that nobody asks for any more; looks at most twice a minute."""
        if self._settings.now() < self._swept_at + 30:
            return
        self._swept_at = self._settings.now()
        for container in list(self._items.values()):
            if container.status == "running" and container.overdue:
                await container.expire()

    async def close(self) -> None:
        """End all sessions."""
        for container in self._items.values():
            await container.sandbox.close()

    async def _create(self, request: web.Request) -> web.Response:
        body = await json_body(request, MEMBERS, ["name"])
        memory = body.get("memory_limit")
        if memory is not None and memory not in MEMORY:
            raise errors.invalid_value("memory_limit", f"Supported values are: {', '.join(MEMORY)}.")
        container = await self.create(
            body["name"], body.get("file_ids") or [], minutes=_minutes(body.get("expires_after")), memory=memory
        )
        return web.json_response(container.json())

    async def _list(self, request: web.Request) -> web.Response:
        name = request.query.get("name")
        found = [await self.find(identifier) for identifier in list(self._items)]
        return page(request, [container.json() for container in found if name in (None, container.name)])

    async def _retrieve(self, request: web.Request) -> web.Response:
        container = await self.find(request.match_info["container"])
        container.touch()
        return web.json_response(container.json())

    async def _delete(self, request: web.Request) -> web.Response:
        container = await self.find(request.match_info["container"])
        await container.expire()
        del self._items[container.id]
        return web.json_response({"id": container.id, "object": "container.deleted", "deleted": True})

    async def _add_file(self, request: web.Request) -> web.Response:
        container = await self.use(request.match_info["container"])
        if request.content_type == "application/json":
            body = await json_body(request, {"file_id"}, ["file_id"])
            file = await add_stored(container, self._files.find(body["file_id"]))
        else:
            upload = (await read_form(request, self._settings.file_bytes)).file()
            file = await container.add(upload.filename, upload.blob)
        return web.json_response(file.json())

    async def _list_files(self, request: web.Request) -> web.Response:
        container = await self.use(request.match_info["container"])
        return page(request, [file.json() for file in container.files.values()])

    async def _file(self, request: web.Request) -> tuple[Container, ContainerFile]:
        container = await self.use(request.match_info["container"], expired_status=404)
        file = container.files.get(request.match_info["file"])
        if file is None:
            raise errors.no_container_file()
        return container, file

    async def _retrieve_file(self, request: web.Request) -> web.Response:
        _, file = await self._file(request)
        return web.json_response(file.json())

    async def _delete_file(self, request: web.Request) -> web.Response:
        container, file = await self._file(request)
        await container.sandbox.remove(file.name)
        del container.files[file.id]
        return web.json_response({"id": file.id, "object": "container.file.deleted", "deleted": True})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        container, file = await self._file(request)
        if request[MOUNT].project:
            # https://github.com/Azure/azure-sdk-for-net/issues/61869
            raise errors.server_error()
        blob = file.blob
        if blob is None:
            try:
                blob = Blob(await container.sandbox.read(file.name))
            except SessionLost:
                await container.expire()
                raise errors.container_expired(404) from None
            except FileNotFoundError:
                raise errors.no_container_file() from None
        return await send_bytes(request, blob.chunks(), blob.size)


def _minutes(expires_after: Any) -> int | None:
    if expires_after is None:
        return None
    check_members(expires_after, {"anchor", "minutes"}, ["anchor", "minutes"], "expires_after")
    if expires_after["anchor"] != "last_active_at":
        raise errors.invalid_value("expires_after.anchor", "Supported values are: 'last_active_at'.")
    return int(expires_after["minutes"])
