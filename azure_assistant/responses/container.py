"""The sandbox of a thread: made when first needed, used while it lives, replaced with its files when it has ended."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from time import time

from azure_assistant.assistant import Json, PromptFile
from azure_assistant.errors import (
    AssistantError,
    ContainerLost,
    FileLost,
    LostError,
    NotFound,
    NotSupported,
    UnknownError,
)
from azure_assistant.responses.carrying import carry_over
from azure_assistant.responses.sandbox_files import Listed
from azure_assistant.responses.state import ContainerFile, ResponsesState
from azure_assistant.run.fonts import ChartKit
from azure_assistant.run.links import sandbox_path
from azure_assistant.sandbox_memory import SMALLEST, Tier, fitting, gigabytes, told
from azure_assistant.transport.api import PAGE, ServiceApi, all_done, each_done
from azure_assistant.transport.wire_json import WireObject, each, integer, number, text
from untrusted.side_by_side import side_by_side

log = logging.getLogger(__name__)

ALIVE = frozenset(("running", "active"))
TRUSTED = 0.75
"""Share of the idle time during which a container is taken to live without asking."""


class Containers:
    """Keeps the container of each thread fit for use."""

    def __init__(self, api: ServiceApi, charts: ChartKit) -> None:
        self._api = api
        self._charts = charts

    async def ensure(self, state: ResponsesState, files: Sequence[PromptFile], *, font: bool) -> None:
        """Make sure that the thread has a live container with these files, room for them, and what charts need.

        Raises:
            FileLost: The service no longer has some of the files.
            ContainerLost: A new container ended at once.
        """
        wanted = [item.file.id for item in files]
        memory = await self.open(state, sum(item.file.size for item in files))
        try:
            await self.fill(state, wanted, font=font)
        except ContainerLost:
            await self._make(state, memory)
            await self.fill(state, wanted, font=font)
        state.container_used = time()

    async def open(self, state: ResponsesState, size: int) -> Tier:
        """Make sure that the thread has a live container with room for data of so many bytes; returns what that takes.

        One that has become too small is replaced; what runs made in it comes along. What charts need is brought to the
        service meanwhile, if it is not there.
        """
        memory, _ = await side_by_side(self._open(state, size), self._charts.file_id(font=False))
        return memory

    async def _open(self, state: ResponsesState, size: int) -> Tier:
        memory = fitting(size, self._api.config.largest_sandbox)
        if not await self._alive(state):
            await self._make(state, memory)
        elif self._outgrown(state, memory):
            await self._enlarge(state, memory)
        return memory

    async def fill(self, state: ResponsesState, files: Sequence[str], *, font: bool) -> None:
        """Put files, by their ids, and what charts need into the container; what is there is left alone.

        ``font``: the archive with the font is wanted; else the one without will do, if neither is there.

        Raises:
            FileLost: The service no longer has some of the files.
            ContainerLost: The container has ended.
        """
        missing = dict.fromkeys(file for file in files if state.container_file(file) is None)
        lost, _ = await all_done(each_done(partial(self._put, state), missing), self._equip(state, font=font))
        if gone := [file_id for file_id in lost or () if file_id]:
            raise FileLost(file_ids=gone)

    async def listing(self, container: str) -> list[Listed] | None:
        """The newest files of a container; None when it cannot be listed (a known gap on some Azure regions)."""
        try:
            page = await self._api.get("containers", container, "files", limit=PAGE, order="desc")
        except AssistantError as error:
            log.warning("Container %s cannot be listed: %s", container, type(error).__name__)
            return None
        return [
            Listed(
                container,
                text(file.id),
                sandbox_path(text(file.path)),
                file.source == "assistant",
                number(file.created_at),
                integer(file.bytes, -1),
            )
            for file in each(page.data)
            if text(file.id) and text(file.path)
        ]

    async def remove_file(self, state: ResponsesState, file_id: str) -> None:
        """Take an uploaded file out of the container, if it is there."""
        placed = state.pop_container_file(file_id)
        if placed is not None and state.container:
            await self._api.remove("containers", state.container, "files", placed.id)

    async def discard(self, state: ResponsesState) -> None:
        """End a container that no run has been given."""
        if state.is_container_unused:
            await self.delete(state)

    async def delete(self, state: ResponsesState) -> None:
        """End the container."""
        if state.container:
            await self._api.remove("containers", state.container)
            state.drop_container()

    async def _alive(self, state: ResponsesState) -> bool:
        """Whether the container can be used. A server that does not say counts as yes: containers cost money."""
        if not state.container:
            return False
        idle, kept = time() - state.container_used, self._api.config.idle_minutes * 60
        if idle < kept * TRUSTED:
            return True
        if idle > kept and not state.run:  # of a run whose end is not known, nobody knows how long it took
            return False
        try:
            found = await self._api.get("containers", state.container, retried=False)
        except AssistantError as error:
            return not isinstance(error, LostError)
        if text(found.status) not in ALIVE:
            return False
        state.container_used = time()  # to be asked for counts as use
        return True

    async def _make(self, state: ResponsesState, memory: Tier) -> None:
        """Make a container, with what charts need if that is at the service already."""
        style = self._charts.ready(font=False)
        opened = await self._create(state, memory, style)
        given = told(text(opened.memory_limit))
        log.info("Container %s (%s) for thread %s", opened.id, given, state.thread_id)
        state.open_container(text(opened.id), time(), asked=memory, memory=given)
        if style and style == self._charts.ready(font=False):
            state.container_style = style

    async def _create(self, state: ResponsesState, memory: Tier, style: str) -> WireObject:
        """Ask for a container. Where its memory cannot be chosen, it is what the service gives."""
        body: dict[str, Json] = {"name": f"slack {state.thread_id}"[:60]} | ({"file_ids": [style]} if style else {})
        wanted = _limit(memory)
        try:
            return await self._api.create("containers", body=body, optional=wanted)
        except (LostError, NotSupported, UnknownError):
            if style:  # which the service may have lost
                self._charts.forget(style)
                return await self._create(state, memory, "")
            if not self._api.parameters.of("containers", wanted):
                raise
            opened = await self._api.create("containers", body=body)
            self._api.parameters.leave_all_out("containers", wanted)
            return opened

    def _outgrown(self, state: ResponsesState, memory: Tier) -> bool:
        """Whether the container was made for less data, and the service may make a larger one."""
        is_larger = gigabytes(memory) > gigabytes(state.asked_memory)
        return is_larger and bool(self._api.parameters.of("containers", _limit(memory)))

    async def _enlarge(self, state: ResponsesState, memory: Tier) -> None:
        old, was_used = state.container, not state.is_container_unused
        made, carried = await self.listing(old) or [] if was_used else [], state.carried
        await self._make(state, memory)
        log.info("Container %s replaces %s, which was too small", state.container, old)
        if was_used:
            state.carried.update(await carry_over(self._api, made, state.container, carried))
            state.enlarged = True
            state.give_container()  # it stands for one that a run was given
        try:
            await self._api.remove("containers", old)
        except AssistantError as error:
            log.info("Container %s stays until it is unused for long: %s", old, error.detail)

    async def _put(self, state: ResponsesState, file_id: str) -> str:
        """Copy an uploaded file into the container; returns its id when the service no longer has it, else ""."""
        try:
            placed = await self._api.create("containers", state.container, "files", body={"file_id": file_id})
        except NotFound:
            return file_id
        path = text(placed.path) or f"/mnt/data/{file_id}-{(state.files.get(file_id) or {}).get('name', '')}"
        state.put_container_file(file_id, ContainerFile(text(placed.id), path, integer(placed.bytes, -1)))
        return ""

    async def _equip(self, state: ResponsesState, *, font: bool) -> None:
        if font and not state.container_font:
            state.container_font = await self._put_archive(state, font=True)
        if not (state.container_font or state.container_style):
            state.container_style = await self._put_archive(state, font=False)

    async def _put_archive(self, state: ResponsesState, *, font: bool) -> str:
        """The id of an archive for charts that is in the container; charts are worth having without, so "" if not."""
        for _ in range(2):
            archive = await self._charts.file_id(font=font)
            if not archive:
                break
            try:
                lost = await self._put(state, archive)
            except AssistantError as error:
                log.warning("What charts need did not reach the container: %s", type(error).__name__)
                break
            if not lost:
                return archive
            self._charts.forget(archive)
        return ""


def _limit(memory: Tier) -> dict[str, Json]:
    return {} if memory == SMALLEST else {"memory_limit": memory}
