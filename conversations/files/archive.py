"""Many files as one ZIP archive, made piece by piece: memory holds a piece, and the spool a file."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Collection, Sequence
from pathlib import PurePosixPath

from conversations.ports.replies import Deliverable
from errors import AnalystError

_PIECE = 1024 * 1024
_LONGEST_NAME = 200


async def zipped(entries: Sequence[Deliverable], most: int, left_out: list[str]) -> AsyncGenerator[bytes, None]:
    """The archive's bytes, of entries up to ``most`` bytes together; ``left_out`` takes the names of the others.

    Nothing is compressed: charts and workbooks are already, and it would hold others up.
    """
    sink, taken = _Sink(), set[str]()
    with zipfile.ZipFile(sink, "w") as archive:
        for entry in entries:
            try:
                async with entry.content.fetch() as stored:
                    if stored.size > most:
                        left_out.append(entry.name)
                        continue
                    most -= stored.size
                    name = entry_name(entry.name, taken)
                    taken.add(name)
                    with archive.open(name, "w", force_zip64=True) as target, stored.open() as source:
                        while piece := await asyncio.to_thread(source.read, _PIECE):
                            target.write(piece)
                            yield sink.take()
            except AnalystError:
                left_out.append(entry.name)
    yield sink.take()


def entry_name(name: str, taken: Collection[str]) -> str:
    """A name that leads nowhere else when the archive is unpacked, and that is not taken."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(character for character in plain if character.isprintable() and character not in '<>:"|?*')
    path = PurePosixPath(plain.strip(" .")[-_LONGEST_NAME:] or "file")
    candidate, number = path.name, 1
    while candidate in taken:
        number += 1
        candidate = f"{path.stem}-{number}{path.suffix}"
    return candidate


class _Sink:
    """Where the archive is written to, and taken from; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to close."""

    def take(self) -> bytes:
        """What was written since."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
