"""Fuzzes one target in this process: ``python -m tests.fuzz.run TARGET FINDS [libFuzzer's arguments]``.

A find does not end the run, so that a shallow one does not hide the others: each kind (the exception and where it was
raised) is written into the folder FINDS once, as its input and its traceback.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

import atheris

from tests.fuzz.targets import Target, load

ROOT = str(Path(__file__).resolve().parents[2])
INSTRUMENTED = [
    "azure_assistant",
    "conversations",
    "errors",
    "handlers",
    "helper",
    "replies",
    "slack_api",
    "tables",
    "untrusted",
    "workplace",
]


class Finds:
    """Writes each kind of find once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = {path.stem for path in folder.glob("*.txt")}

    def note(self, data: bytes, error: BaseException) -> None:
        """Write an input and what it led to, unless its kind is known."""
        kind = signature(error)
        if kind in self._known:
            return
        self._known.add(kind)
        (self._folder / f"{kind}.bin").write_bytes(data)
        (self._folder / f"{kind}.txt").write_text("".join(traceback.format_exception(error)), errors="replace")


def signature(error: BaseException) -> str:
    """What tells kinds of finds apart: the exception, and the innermost place of ours in its traceback."""
    place, found = error.__traceback__, ""
    while place is not None:
        found = _place(place) or found
        place = place.tb_next
    digest = hashlib.blake2s(f"{type(error).__name__} {found}".encode(), digest_size=4).hexdigest()
    return f"{type(error).__name__}-{digest}"


def _place(place: TracebackType) -> str:
    code = place.tb_frame.f_code
    ours = code.co_filename.startswith(ROOT) and "site-packages" not in code.co_filename
    return f"{code.co_filename}:{place.tb_lineno}" if ours else ""


def main() -> None:
    """Fuzz until libFuzzer's limits end it."""
    name, finds = sys.argv[1], Finds(Path(sys.argv[2]))
    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        target: Target = load(name)

    def one(data: bytes) -> None:
        try:
            target.one(data)
        except Exception as error:
            finds.note(data, error)

    atheris.Setup([sys.argv[0], *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
