"""Which files an answer cites, and where (reference: azure-openai-wire.md, B.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import quote

from playground.azure.service.wire import Json

LINK = "sandbox:/mnt/data/"


class Named(Protocol):
    """Anything with an id and a name below /mnt/data."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def links(text: str, names: Iterable[str]) -> list[tuple[int, int, str]]:
    """The ``sandbox:`` links in a text: start and end in characters, and the name, in the order of the text.

    A name that is the beginning of another does not count there.
    """
    found: dict[int, tuple[int, int, str]] = {}
    for name in sorted(set(names), key=len, reverse=True):
        for written in {name, quote(name, errors="replace")}:
            start = text.find(LINK + written)
            while start >= 0:
                end = start + len(LINK + written)
                if start not in found:
                    found[start] = (start, end, name)
                start = text.find(LINK + written, end)
    return [found[start] for start in sorted(found)]


def container_citations(text: str, container_id: str, displayed: Sequence[Named], files: Sequence[Named]) -> list[Json]:
    """Zero-width citations of the displayed figures, then one for every link to a file that exists."""

    def cite(file: Named, start: int, end: int) -> Json:
        return {
            "type": "container_file_citation",
            "container_id": container_id,
            "file_id": file.id,
            "filename": file.name,
            "start_index": start,
            "end_index": end,
        }

    by_name = {file.name: file for file in files}
    cited = [cite(file, 0, 0) for file in displayed]
    return cited + [cite(by_name[name], start, end) for start, end, name in links(text, by_name)]


def file_paths(text: str, file_ids: dict[str, str]) -> list[Json]:
    """Assistants v2: a ``file_path`` annotation for every link; ``file_ids`` maps names to ids."""
    return [
        {
            "type": "file_path",
            "text": text[start:end],
            "start_index": start,
            "end_index": end,
            "file_path": {"file_id": file_ids[name]},
        }
        for start, end, name in links(text, file_ids)
    ]
