"""The data files that the message speaks of, and the one that a question means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

LINE = re.compile(r"`(?P<path>/mnt/data/[^`]+)`(?:\s*\((?P<remarks>.*)\))?")
FOR_CHARTS = ("chart-style-", "chart-font-")
"""How archives begin that the bot brings itself."""
READABLE = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".ndjson", ".parquet")


@dataclass(frozen=True)
class DataFile:
    """A file of the conversation, as the message describes it."""

    path: str
    name: str
    newest: bool = True
    encoding: str = ""
    delimiter: str = ""
    zipped: bool = False

    @property
    def suffix(self) -> str:
        """The ending that tells the format, lower case."""
        name = self.name.lower()
        return PurePosixPath(name.removesuffix(".zip") if self.zipped else name).suffix


def described(text: str) -> list[DataFile]:
    """The files that a text part lists, in its order."""
    found = []
    for match in LINE.finditer(text):
        path, remarks = match["path"], match["remarks"] or ""
        name = _remark(r"original name: ([^;]+?)(?:;|$)", remarks) or PurePosixPath(path).name
        found.append(
            DataFile(
                path=path,
                name=name.strip(),
                newest="newest" in remarks or not remarks,
                encoding=_remark(r"encoding ([\w.-]+)", remarks),
                delimiter=_delimiter(_remark(r"delimiter (tab|'.+?'|\".+?\"|\S)", remarks)),
                zipped="zip archive" in remarks or name.lower().endswith(".zip"),
            )
        )
    return found


def known_files(parts: Sequence[str], history: Sequence[str]) -> list[DataFile]:
    """All files, the newest description of each path; the order is that of the latest message that lists it."""
    files: dict[str, DataFile] = {}
    for text in [*history, *parts]:
        for file in described(text):
            files.pop(file.path, None)
            files[file.path] = file
    shared = [file for file in files.values() if not file.name.startswith(FOR_CHARTS)]
    return [file for file in shared if file.suffix in READABLE or not file.suffix]


def chosen_file(question: str, files: Sequence[DataFile], earlier: str = "") -> DataFile | None:
    """The file that the question names; else the one used before (``earlier``); else the newest.

    Of several files with one name, the newest is meant.
    """
    asked = question.lower()
    named = [file for file in files if file.name.lower() in asked]
    if not named and (before := [file for file in files if file.path == earlier]):
        return before[0]
    candidates = named or files
    return next(reversed([file for file in candidates if file.newest] or list(candidates)), None)


def own_words(question: str) -> str:
    """A question without the messages that it quotes: a forwarded one says nothing of what is to be computed."""
    return "\n".join(line for line in question.split("\n") if not line.startswith(">")).strip()


def with_names_joined(question: str, files: Sequence[DataFile]) -> str:
    """A question in which no file's name is taken for several words."""
    for file in files:
        joined = "_".join(file.name.split()).replace("\\", "")
        question = re.sub(re.escape(file.name), joined, question, flags=re.IGNORECASE)
    return question


def _remark(pattern: str, remarks: str) -> str:
    match = re.search(pattern, remarks)
    return match[1] if match else ""


def _delimiter(remark: str) -> str:
    value = remark.strip("'\"") if len(remark) > 1 else remark
    return "\t" if value.lower() in {"tab", "\\t"} else value
