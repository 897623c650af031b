"""A line of the audit: who had what done, where and when, in ids, numbers and words of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

What = Literal["question", "correction", "command", "refusal", "file", "card", "deletion", "setting"]

LONGEST = 128
LONGEST_KEY = 400
_BESIDE_LETTERS = frozenset("_.:-")


@dataclass(frozen=True)
class Entry:
    """What is noted once.

    Args:
        key: Under which it is noted; what is noted again under it, after a crash, is the same line.
        what: Its kind. ``question`` and ``command`` (a word to the bot) have their outcome, ``correction`` is what the
            model was asked about an answer later, ``refusal`` says what was not done for somebody, ``file`` went to the
            model's service, ``card`` was shown under a shared file, ``deletion`` and ``setting`` say what was deleted
            or changed.
        team: The workspace's id.
        channel: The channel's id; "" for none.
        user: The person's id; "" when the bot did it by itself, or somebody at the command line.
        about: The id of what it is about: a turn, a conversation, a file, a job.
        facts: More of it: ids, numbers, names of our own. Never a text or name that anybody has chosen.
        at: Epoch seconds.
    """

    key: str
    what: What
    team: str = ""
    channel: str = ""
    user: str = ""
    about: str = ""
    facts: Mapping[str, str | float] = field(default_factory=dict)
    at: float = field(default_factory=time.time)

    def row(self) -> dict[str, Any]:
        """For the database. What is not shaped like an id is left out, because payloads name what they like."""
        names = {name: as_id(getattr(self, name)) for name in ("team", "channel", "user", "about")}
        facts = {name: as_id(fact) if isinstance(fact, str) else fact for name, fact in self.facts.items() if fact}
        key = self.key if _is_id(self.key, LONGEST_KEY) else sha256(self.key.encode(errors="replace")).hexdigest()
        return names | {"id": key, "what": self.what, "facts": facts, "at": self.at}


def as_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON, in ASCII; what is empty is left out."""
    names = {name: row[name] for name in ("what", "team", "channel", "user", "about") if row[name]}
    return json.dumps({"at": as_time(row["at"]), **names, **row["facts"], "id": row["id"]})


def as_time(at: float) -> str:
    """Epoch seconds as ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_id(text: str) -> str:
    """A text if it may be an id or a name of our own, else ``?``."""
    return text if _is_id(text, LONGEST) else "?"


def _is_id(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isascii() and all(one.isalnum() or one in _BESIDE_LETTERS for one in text)
