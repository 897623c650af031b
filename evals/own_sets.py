"""Sets of one's own: a folder with data files and ``questions.jsonl`` (docs/evals.md)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from errors import CannotStart
from evals.cases import Case, Expected, Turn
from evals.judging.chart_kinds import KINDS

QUESTIONS = "questions.jsonl"
_EXPECTED = {one.name for one in fields(Expected)}
_TURN = _EXPECTED | {"ask"}
_CASE = _TURN | {"id", "files", "kind", "locale", "timezone", "then"}


class _Wrong(ValueError):
    """What is wrong with a line."""


def read_set(folder: Path, name: str = QUESTIONS) -> list[Case]:
    """The questions of a folder, in order; ``name`` is the file that holds them.

    Raises:
        CannotStart: Names the first line that is wrong, and what is wrong with it.
    """
    path = folder / name
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} cannot be read as UTF-8 text; docs/evals.md says what it holds.") from error
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line), folder, number))
            except (_Wrong, RecursionError, json.JSONDecodeError) as error:
                told = error if isinstance(error, _Wrong) else "this is no JSON"
                raise CannotStart(f"{path}, line {number}: {told}.") from error
    if not cases:
        raise CannotStart(f"{path} holds no question; docs/evals.md says what it holds.")
    twice, number = Counter(case.id for case in cases).most_common(1)[0]
    if number > 1:
        raise CannotStart(f"{path}: the id {twice!r} is there twice.")
    return cases


def _case(value: Any, folder: Path, number: int) -> Case:
    told = _object(value, _CASE)
    then = told.get("then", [])
    if not isinstance(then, list):
        raise _Wrong("then must be a list of questions")
    first = {name: one for name, one in told.items() if name in _TURN}
    return Case(
        id=_text(told, "id") or str(number),
        files=[_file(folder, name) for name in _texts(told, "files")],
        turns=[_turn(first), *(_turn(_object(one, _TURN)) for one in then)],
        kind=_text(told, "kind") or "other",
        locale=_text(told, "locale") or "en-US",
        timezone=_text(told, "timezone") or "UTC",
    )


def _turn(told: Mapping[str, Any]) -> Turn:
    ask, chart, tolerance = _text(told, "ask"), _text(told, "chart"), told.get("tolerance", Expected.tolerance)
    if not ask.strip():
        raise _Wrong("ask is missing: the words of the question")
    if unknown := set(filter(None, chart.split("|"))) - KINDS:
        raise _Wrong(f"chart must be one of {', '.join(sorted(KINDS))} (it is {min(unknown)!r})")
    if not _is_number(tolerance) or not 0 <= tolerance < 1:
        raise _Wrong("tolerance must be a share from 0 to 1")
    values = told.get("values", [])
    if not isinstance(values, list) or not all(map(_is_number, values)):
        raise _Wrong("values must be a list of numbers")
    return Turn(
        ask,
        Expected(
            values=[float(one) for one in values],
            words=_texts(told, "words"),
            tolerance=float(tolerance),
            chart=chart,
            unanswerable=_flag(told, "unanswerable") or False,
            forbidden=_texts(told, "forbidden"),
            language=_text(told, "language"),
            ambiguous=_flag(told, "ambiguous"),
        ),
    )


def _object(value: Any, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("a question must be an object")
    if unknown := value.keys() - known:
        raise _Wrong(f"{min(unknown)!r} is not known (known are {', '.join(sorted(known))})")
    return value


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise _Wrong(f"the file {name!r} is not in the folder")
    return path


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise _Wrong(f"{name} must be a text")
    return value


def _texts(told: Mapping[str, Any], name: str) -> Sequence[str]:
    value = told.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _Wrong(f"{name} must be a list of texts")
    return value


def _flag(told: Mapping[str, Any], name: str) -> bool | None:
    value = told.get(name)
    if value is not None and not isinstance(value, bool):
        raise _Wrong(f"{name} must be true or false")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
