"""Columns of tables that were looked into lately: in memory, because knowing them is a help, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conversations.ports.workplace import SharedFile
from tables import FileFacts

MOST_FILES = 2000
_MOST_COLUMNS = 50


class KnownColumns:
    """Remembers the columns of the files that were looked at last, until the process ends."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str, str], list[str]] = {}

    def note(self, team: str, file: SharedFile, facts: FileFacts) -> None:
        """Take note of what is known of a file of a workspace."""
        columns = next(filter(None, [facts.columns, *(sheet.columns for sheet in facts.sheets)]), ())
        if names := [column.name for column in columns[:_MOST_COLUMNS] if column.name]:
            self._of.pop(key := (team, file.id, file.version), None)
            self._of[key] = names
            if len(self._of) > MOST_FILES:
                del self._of[next(iter(self._of))]

    def of(self, team: str, files: Iterable[SharedFile]) -> Mapping[str, Sequence[str]]:
        """What is known of these versions of some files, by their ids."""
        return {file.id: names for file in files if (names := self._of.get((team, file.id, file.version)))}
