"""What the model is told of files that lie near a question and are not attached: a line of JSON for each. Pure.

Names, titles and columns are other people's words; as JSON they stay on their line, and between their quotes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from conversations.ports.workplace import SharedFile
from untrusted.characters import visible

_LONGEST_NAME = 150
_LONGEST_COLUMN = 40
_MOST_COLUMNS = 30


def as_told(
    files: Sequence[SharedFile],
    names: Mapping[str, str],
    columns: Mapping[str, Sequence[str]],
    asked_at: float,
    timezone: str,
) -> str:
    """The text about files nearby; "" when there are none.

    Args:
        files: The files.
        names: Of the people who have shared them, by their ids.
        columns: Of tables that were looked into, by the files' ids.
        asked_at: When the question was asked, as epoch seconds: "yesterday" is the day before.
        timezone: The asker's, an IANA name.
    """
    if not files:
        return ""
    zone = _zone(timezone)
    lines = [_line(file, names.get(file.user, ""), columns.get(file.id, ()), zone) for file in files]
    return "\n".join([f"(The question was asked {_moment(asked_at, zone)}, {zone}.)", *lines])


def _line(file: SharedFile, by: str, columns: Sequence[str], zone: tzinfo) -> str:
    facts = {
        "id": file.id,
        "name": _short(file.name, _LONGEST_NAME),
        "title": _short(file.title, _LONGEST_NAME),
        "shared_by": "you" if file.is_own else _short(by, _LONGEST_NAME),
        "shared_at": _moment(file.created, zone) if file.created else "",
        "bytes": file.size,
        "columns": [_short(column, _LONGEST_COLUMN) for column in columns[:_MOST_COLUMNS]],
    }
    return json.dumps({key: value for key, value in facts.items() if value}, ensure_ascii=False)


def _moment(epoch: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(epoch, zone).strftime("%a %Y-%m-%d %H:%M")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # also one that this machine does not know
        return UTC


def _short(text: str, longest: int) -> str:
    return " ".join(visible(text).split())[:longest]
