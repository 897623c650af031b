"""What a file card says of a file: found in its first bytes, by the helper."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from conversations.errors import FileError
from conversations.files.known_columns import KnownColumns
from conversations.files.spool import Spool
from conversations.ports.inspector import Inspector
from conversations.ports.replies import CardFile
from conversations.ports.workplace import SharedFile
from conversations.ports.workspaces import WorkplaceOf
from tables import COUNTED_BYTES, FileFacts, is_counted, is_data, is_workbook

log = logging.getLogger(__name__)


class CardLooks:
    """Looks at dropped files."""

    def __init__(self, workplace: WorkplaceOf, spool: Spool, inspector: Inspector, columns: KnownColumns) -> None:
        self._workplace = workplace
        self._spool = spool
        self._inspector = inspector
        self._columns = columns

    async def at(self, team: str, channel: str, file: SharedFile, *, look: bool) -> CardFile | None:
        """What a data file holds, or only its name; None for what is no data file, or cannot be had."""
        try:
            fresh = await self._workplace(team).resolve(channel, file)
            if not is_data(fresh.name, fresh.mimetype, fresh.filetype):
                return None
            return CardFile(fresh.name, fresh.size, await self._facts(team, channel, fresh) if look else None)
        except FileError as error:
            log.info("No card for a file: %s", type(error).__name__)
            return None

    async def _facts(self, team: str, channel: str, file: SharedFile) -> FileFacts | None:
        """Look into the first bytes; None for kinds that are not counted here."""
        kind = (file.name, file.mimetype, file.filetype)
        if not is_counted(*kind) or (is_workbook(*kind) and file.size > COUNTED_BYTES):
            return None
        self._inspector.expect()
        most = COUNTED_BYTES + 1
        async with (
            self._spool.reserve(file.name, min(file.size, most)) as place,
            self._workplace(team).open_file(channel, file) as chunks,
        ):
            spooled = await place.write(_first(chunks, most))
            facts = await self._inspector.inspect(spooled.path, file.name, urgent=False)
        self._columns.note(team, file, facts)
        return facts


async def _first(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield chunk[:most]
        most -= len(chunk)
        if most <= 0:
            return
