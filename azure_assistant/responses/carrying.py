"""What runs made in a sandbox, brought into the one that replaces it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from typing import BinaryIO, cast

from azure_assistant.errors import AssistantError
from azure_assistant.responses.sandbox_files import Listed, is_aside, newest
from azure_assistant.run.links import ROOT, sandbox_path
from azure_assistant.transport.api import ServiceApi, each_done
from azure_assistant.transport.wire_json import text

log = logging.getLogger(__name__)

MOST = 20
"""Files that come along, the latest ones."""
LARGEST = 64 * 2**20
"""Bytes that such a file may have."""
AT_ONCE = 2

_ANY = "application/octet-stream"


class _TooLarge(Exception):
    """It has more bytes than are carried."""


async def carry_over(
    api: ServiceApi, listing: Sequence[Listed], target: str, before: Mapping[str, str]
) -> dict[str, str]:
    """Copy what runs made from one container into another; what cannot be had is left behind.

    Args:
        api: The service.
        listing: What lies in the old container.
        target: Id of the new one.
        before: What had been brought into the old one: first paths by paths there.

    Returns:
        The paths under which runs made the files, by their paths in the new container.
    """
    came = {sandbox_path(path): first for path, first in before.items()}
    made = [item for item in newest(listing).values() if _is_wanted(item, came)][-MOST:]
    by_id = {item.file: item for item in made}

    async def carry(file: str) -> tuple[str, str] | None:
        item = by_id[file]
        first = came.get(item.path, ROOT + item.path)
        try:
            path = await _copy(api, item, first.rpartition("/")[2], target)
        except (AssistantError, _TooLarge, OSError) as error:
            log.warning("%s does not come along into container %s: %s", file, target, type(error).__name__)
            return None
        return path, first

    return dict(pair for pair in await each_done(carry, by_id, AT_ONCE) if pair is not None)


def _is_wanted(item: Listed, came: Mapping[str, str]) -> bool:
    is_made = item.by_model or item.path in came
    return is_made and item.size <= LARGEST and not (item.is_figure or is_aside(item.path))


async def _copy(api: ServiceApi, item: Listed, name: str, target: str) -> str:
    """Copy one file, by way of the disk, under its own name; returns its new path."""
    with tempfile.TemporaryFile() as spool:
        size = 0
        async for chunk in api.download("containers", item.container, "files", item.file, "content"):
            size += len(chunk)
            if size > LARGEST:
                raise _TooLarge
            await asyncio.to_thread(spool.write, chunk)
        handle = cast("BinaryIO", spool)
        placed = await api.put_file("containers", target, "files", name=name, stream=handle, media_type=_ANY)
    return text(placed.path) or ROOT + name
