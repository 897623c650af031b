"""Files that lie nearby: which one a question speaks of without naming it, and what the bot's functions made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.analyst.files import DataFile, described
from playground.analyst.sentences import say
from playground.ports import Call, ModelRequest

OPEN_FILES, ASK = "open_files", "ask"
_LINE = re.compile(r'^\{"id": .*\}$', re.MULTILINE)
_QUOTED = re.compile(r"\n\n(?:> .*\n)+(?P<answer>[^\n]*)\s*\Z")
_THING = r"(?:files?|data|csv|table|one)"
_WHERE = r"(?:\b(?:in|from|of|for|with|using|on)\s+)?"
_OTHER = re.compile(
    rf"{_WHERE}(?:the\s+)?(?:other|previous|older|earlier)\s+{_THING}\b"
    r"|(?:もう一つの|別の|前の)(?:ファイル|データ|表)[のでを]?",
    re.IGNORECASE,
)
_SHARED = (
    rf"{_WHERE}(?:the\s+)?{{name}}['’]s\s+{_THING}\b"
    rf"|{_WHERE}(?:the\s+)?{_THING}\s+(?:(?:from|by|of)\s+{{name}}(?:['’]s)?|(?:that\s+)?{{name}}\s+shared)\b"
    r"|{name}(?:さん)?の(?:ファイル|データ|表)[のでを]?"
)
"""A pattern in which the name of a person is put."""


@dataclass(frozen=True)
class Nearby:
    """A file that is not attached, as the message tells of it."""

    id: str
    name: str
    by: str


@dataclass(frozen=True)
class Spoken:
    """A question without the words that only say which file is meant, and the files nearby that they fit."""

    question: str
    files: Sequence[Nearby] = ()


def spoken_of(question: str, request: ModelRequest) -> Spoken:
    """What a question says about files nearby."""
    files = _listed(request.user_parts[:-1]) if request.functions else []
    for by in dict.fromkeys(file.by for file in files if file.by.strip()):
        name = f"(?:{re.escape(by)}|{re.escape(by.split()[0])})"
        if meant := re.search(_SHARED.format(name=name), question, re.IGNORECASE):
            return Spoken(_without(question, meant), [file for file in files if file.by == by])
    if meant := _OTHER.search(question):
        return Spoken(_without(question, meant), files)
    return Spoken(question)


def settled(question: str) -> tuple[str, str]:
    """A question, and what was answered when it was asked back; "" when it was not."""
    asked = _QUOTED.search(question)
    return (question[: asked.start()], asked["answer"].strip()) if asked else (question, "")


def opened(request: ModelRequest) -> list[DataFile]:
    """The files that a call for this question has brought."""
    return [file for past in request.since if past.made for file in described(past.made.output or "")]


def call(spoken: Spoken, language: str) -> Call:
    """Open the one file that is meant, or ask which one."""
    ids = [file.id for file in spoken.files]
    if len(ids) == 1:
        return Call(json.dumps({"ids": ids}), OPEN_FILES)
    return Call(json.dumps({"question": say("which_file", language), "choices": ids}, ensure_ascii=False), ASK)


def _listed(parts: Sequence[str]) -> list[Nearby]:
    found = []
    for line in _LINE.findall("\n".join(parts)):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        found.append(Nearby(str(told["id"]), str(told.get("name", "")), str(told.get("shared_by", ""))))
    return found


def _without(question: str, words: re.Match[str]) -> str:
    return " ".join(f"{question[: words.start()]} {question[words.end() :]}".split())
