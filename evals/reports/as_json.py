"""The report for programs, with each transcript."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evals.answers import Judged
from evals.results import VERSION, About, row_of
from untrusted.characters import all_whole


def as_json(about: About, judged: Sequence[Judged]) -> str:
    """``report.json``: what ``read_results`` reads, and transcripts beside it."""
    told = {"version": VERSION, "about": asdict(about), "questions": [_question(one) for one in judged]}
    return json.dumps(all_whole(told), ensure_ascii=False, indent=1)


def _question(judged: Judged) -> dict[str, Any]:
    row, given, expected = row_of(judged), judged.given, judged.turn.expected
    return {
        "id": row.id,
        "kind": row.kind,
        "verdicts": dict(row.verdicts),
        "amounts": dict(row.amounts),
        "ask": judged.turn.ask,
        "files": [path.name for path in judged.case.files] if judged.number == 0 else [],
        "expected": {name: value for name, value in asdict(expected).items() if value not in ("", (), [], None)},
        "outcome": given.outcome,
        "answer": given.text,
        "error": given.error,
        "code": [{"code": code, "output": output} for code, output in given.code],
        "charts": [chart.name for chart in given.charts],
        "made": list(given.files),
        "checked": asdict(given.checked) if given.checked else {},
        "usage": dict(given.usage),
    }
