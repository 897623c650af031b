"""The results of a set, without its words: what is counted, and compared with other results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from errors import CannotStart
from evals.answers import Judged

VERSION = 1
"""Of ``report.json``."""


@dataclass(frozen=True)
class About:
    """What was measured: the set, the deployment and its wire, the version of the instructions, and when (ISO)."""

    questions: str = ""
    deployment: str = ""
    api: str = ""
    instructions: str = ""
    at: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Row:
    """A question's verdicts, and amounts as far as they are known, by the names of ``measures.py``."""

    id: str
    kind: str
    verdicts: Mapping[str, bool] = field(default_factory=dict)
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """All of a set."""

    about: About
    rows: Sequence[Row]


def row_of(judged: Judged) -> Row:
    """What is counted of a question."""
    given = judged.given
    amounts = {"seconds": given.seconds, "tokens": given.tokens}
    if given.cost is not None:
        amounts["cost"] = given.cost
    return Row(judged.id, judged.case.kind, judged.verdicts, amounts)


def read_results(path: Path) -> Results:
    """The results in a ``report.json``.

    Raises:
        CannotStart: It is none, or of a newer version.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(told, dict) or told["version"] != VERSION:
            raise CannotStart(f"{path} is a report of another version; make it again.")
        about = About(**{one.name: str(told["about"].get(one.name, "")) for one in fields(About)})
        return Results(about, [_row(one) for one in told["questions"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CannotStart(f"{path} is no report.json of `python bot.py eval`.") from error


def _row(told: Mapping[str, Any]) -> Row:
    verdicts = {str(name): bool(value) for name, value in told["verdicts"].items()}
    amounts = {str(name): float(value) for name, value in told["amounts"].items()}
    return Row(str(told["id"]), str(told["kind"]), verdicts, amounts)
