"""What a step came to, as JSON between processes: errors and plans."""

from __future__ import annotations

import json
from collections.abc import Iterable

from conversations.ports.workplace import Person, SharedFile
from conversations.store.plan import Plan
from errors import AnalystError, error_from_json, error_to_json
from replies.views.wording import Wording
from tests.fuzz.source import Source, bytes_of
from tests.hostile.names import FILE_NAMES

FIELDS = (
    "name",
    "size",
    "limit",
    "seconds",
    "minutes",
    "deployment",
    "setting",
    "kind",
    "parameter",
    "categories",
    "run",
)
WORDINGS = (Wording("en"), Wording("ja"))


def seeds() -> Iterable[bytes]:
    """Names."""
    return [bytes((place, 3)) + bytes_of(name) for place, name in enumerate(FILE_NAMES)]


def one(data: bytes) -> None:
    """Every error and plan comes back as it was, and every error can be said."""
    source = Source(data)
    kind = source.choice(sorted(_kinds(AnalystError), key=lambda kind: kind.__name__))
    count = source.below(4)
    text = source.text()
    told: dict[str, object] = dict.fromkeys(FIELDS[: count * 4], text)
    error = kind(text, **told)
    recorded = json.loads(json.dumps(error_to_json(error)))
    again = error_from_json(recorded)
    assert (type(again), again.fields, again.detail) == (type(error), error.fields, error.detail)
    assert type(error_from_json(recorded | {"kind": text})).__name__ in {"AnalystError", text}
    for wording in WORDINGS:
        assert wording.error(error)
    assert str(error)
    plan = Plan(
        "ask",
        question=text,
        context=text,
        files=[_file(text)],
        nearby=[_file(text)],
        asker=Person(text, text),
        missing=[text],
        offered=[_file(text)],
    )
    assert Plan.from_rows("plan", json.loads(json.dumps(plan.rows("plan")))) == plan


def _file(text: str) -> SharedFile:
    return SharedFile(text, text, 7, text, text, text, text, text, 7, text, text)


def _kinds(root: type[AnalystError]) -> Iterable[type[AnalystError]]:
    yield root
    for child in root.__subclasses__():
        yield from _kinds(child)
