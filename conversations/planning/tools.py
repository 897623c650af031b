"""The functions that the model may call, and what its calls say. Pure; a call is a stranger's word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure_assistant.assistant import Tool
from conversations.ports.replies import Option
from conversations.ports.workplace import SharedFile
from conversations.store.choices import LONGEST_CHOICE, on_button
from untrusted.characters import visible, whole

OPEN_FILES = "open_files"
ASK = "ask"

MOST_OPENED = 5
"""Files that a call may open."""

MOST_CHOICES = 10
"""Buttons below a question: as many as are read; Slack takes 25
(https://docs.slack.dev/reference/block-kit/blocks/actions-block)."""

LONGEST_QUESTION = 600

ASKED = "Asked. What the person chooses or writes comes as the next message; nothing more is to be said now."
ASKED_FIRST = "Not done: your question to the person comes first, and their answer as the next message."
NO_MORE = "Not done: no more functions can be called for this question. Answer with what is there."

_OPEN = Tool(
    OPEN_FILES,
    "Attach files that were listed as nearby, by their ids, so that Python can read them: when the question needs "
    "them, and it is certain which ones are meant. At most five at a time.",
    {
        "type": "object",
        "properties": {"ids": {"type": "array", "items": {"type": "string"}, "description": "Ids from the list."}},
        "required": ["ids"],
        "additionalProperties": False,
    },
)
_ASK = Tool(
    ASK,
    "Ask the person one short question, with buttons to press, and end your turn. Only when several files or readings "
    "are as likely, and the wrong one would give a wrong answer. Their answer comes as the next message.",
    {
        "type": "object",
        "properties": {
            "question": {"type": "string", "description": "One or two plain sentences, in the person's language."},
            "choices": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Up to ten short answers. For a file listed as nearby, its id: its name is shown.",
            },
        },
        "required": ["question", "choices"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Opening:
    """The call wants files: those of the list, and how many of its ids are not on it."""

    files: Sequence[SharedFile]
    unknown: int = 0


@dataclass(frozen=True)
class Asking:
    """The call asks the person something; ``files`` are those that may be chosen, by their ids."""

    words: str
    choices: Sequence[Option] = ()
    files: Sequence[SharedFile] = ()


@dataclass(frozen=True)
class Misused:
    """The call can mean nothing; what the model is told of it."""

    text: str


def tools(nearby: Sequence[SharedFile]) -> Sequence[Tool]:
    """What the model may call, when these files lie nearby."""
    return [_OPEN, _ASK] if any(file.id for file in nearby) else [_ASK]


def read_call(name: str, arguments: str, nearby: Sequence[SharedFile]) -> Opening | Asking | Misused:
    """What a call says.

    Args:
        name: Of the function, as the model calls it.
        arguments: The model's text, which should be JSON.
        nearby: The files that the model was told of.
    """
    if name not in (OPEN_FILES, ASK):
        return Misused(f"There is no such function. You can call {OPEN_FILES} and {ASK}.")
    try:
        said = json.loads(arguments)
    except (ValueError, RecursionError):
        return Misused("Not done: the arguments are no JSON.")
    if not isinstance(said, dict):
        return Misused("Not done: the arguments are no JSON object.")
    return _opening(said, nearby) if name == OPEN_FILES else _asking(said, nearby)


def _opening(said: dict[str, Any], nearby: Sequence[SharedFile]) -> Opening | Misused:
    ids = list(dict.fromkeys(_texts(said.get("ids"))))
    if not ids:
        return Misused(f"Not done: {OPEN_FILES} needs the ids of files that were listed as nearby.")
    if len(ids) > MOST_OPENED:
        return Misused(f"Not done: at most {MOST_OPENED} files can be opened at a time.")
    known = _known(nearby)
    found = list({known[one].id: known[one] for one in ids if one in known}.values())
    return Opening(found, sum(one not in known for one in ids))


def _asking(said: dict[str, Any], nearby: Sequence[SharedFile]) -> Asking | Misused:
    words = _lines(said.get("question"))
    if not words:
        return Misused(f"Not done: {ASK} needs a question.")
    texts, known = _texts(said.get("choices")), _known(nearby)
    files = list({known[one].id: known[one] for one in texts if one in known}.values())
    options: dict[str, Option] = {}
    for position, one in enumerate(texts):
        file = known.get(one)
        name = _label(file, files) if file else on_button(one)
        if name and len(options) < MOST_CHOICES:
            options.setdefault(name, Option(file.id if file else str(position), name))
    keys = {option.key for option in options.values()}
    return Asking(words, list(options.values()), [file for file in files if file.id in keys])


def _label(file: SharedFile, files: Sequence[SharedFile]) -> str:
    """A file's name; and when it was shared, where another one is called so."""
    if sum(other.name == file.name for other in files) == 1:
        return on_button(file.name)
    moment = datetime.fromtimestamp(file.created, UTC).strftime(" (%Y-%m-%d %H:%M)")
    return on_button(file.name)[: LONGEST_CHOICE - len(moment)] + moment


def _known(nearby: Sequence[SharedFile]) -> dict[str, SharedFile]:
    """The files by what a model may call them: their ids, and their names if need be."""
    files = [file for file in nearby if file.id]
    return {file.name: file for file in files} | {file.id: file for file in files}


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _lines(value: Any) -> str:
    """A text without what nobody sees, blank lines, and what is over the limit."""
    text = visible(whole(value))[:LONGEST_QUESTION] if isinstance(value, str) else ""
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
