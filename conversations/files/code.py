"""The Python that ran for an answer: what is kept of it, and all of it as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.files.answer_budget import KEPT_CODE, MOST_CODE
from untrusted.characters import spelled, whole

CODE_FILE = "analysis.py"


class CodeKept:
    """Takes pieces of code with what they printed.

    ``kept`` is what the Code button shows: as much as ``KEPT_CODE``, the last piece cut if need be.
    """

    def __init__(self) -> None:
        self.kept: list[dict[str, str]] = []
        self._all: list[dict[str, str]] = []
        self._room = KEPT_CODE
        self._file_room = MOST_CODE

    @property
    def is_cut(self) -> bool:
        """Whether there was more than is kept."""
        return self._room < 0

    def add(self, code: str, output: str) -> None:
        """Take a piece."""
        if (step := _cut(code, output, self._file_room)) is not None:
            self._all.append(step)
        if (step := _cut(code, output, self._room)) is not None:
            self.kept.append(step)
        self._room -= len(code) + len(output)
        self._file_room -= len(code) + len(output)

    def file(self) -> bytes:
        """All of it, as one Python file."""
        return python_file(self._all)


def python_file(steps: Sequence[Mapping[str, str]]) -> bytes:
    """Pieces of code (``code`` and ``output``) as one Python file; what was printed stands in comments."""
    parts = []
    for number, step in enumerate(steps, 1):
        printed = "".join(f"#   {line}\n" for line in step["output"].rstrip().splitlines())
        parts.append(f"# --- {number} ---\n{step['code'].rstrip()}\n" + (f"# Output:\n{printed}" if printed else ""))
    return spelled(whole("\n".join(parts))).encode()


def _cut(code: str, output: str, room: int) -> dict[str, str] | None:
    """A piece of code and its output within some characters; None when there is no room for any."""
    if room <= 0:
        return None
    return {"code": code[:room], "output": output[: max(0, room - len(code))]}
