"""Ordinary questions about the shipped samples: what each is taken to mean, or that it is refused.

``analyst_questions.tsv`` holds, by row: ``dev`` (looked at while the reader was written) or ``held`` (only measured);
the question; and all its right meanings, separated by `` | ``. ``?`` is a question that the analyst cannot answer.
A refusal is honest for every question, and a meaning that is not listed is wrong.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import pytest_asyncio

from playground.analyst.coding.coding import GRAIN_NAMES
from playground.analyst.coding.look import look_code
from playground.analyst.files import DataFile
from playground.analyst.plan import Condition, Plan
from playground.analyst.profile import Profile, last_json, profile_from_json
from playground.analyst.reading.measures import with_derived
from playground.analyst.understanding import understand
from playground.interpreter import JupyterInterpreter
from playground.samples import ENGLISH, FOLDER, JAPANESE

Samples = dict[str, Profile]
QUESTIONS = [
    row.split("\t")
    for row in Path(__file__).with_name("analyst_questions.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def samples() -> Samples:
    """The profiles of both samples, as the analyst's first look finds them."""
    interpreter = JupyterInterpreter(spare=False)
    session = await interpreter.open("questions")
    found = {}
    for language, name, encoding in (("en", ENGLISH, "utf-8"), ("ja", JAPANESE, "cp932")):
        await session.put(name, (FOLDER / name).read_bytes())
        path = f"/mnt/data/{name}"
        looked = await session.run(look_code(DataFile(path, name, encoding=encoding)))
        printed = last_json(looked.logs)
        assert printed is not None
        found[language] = profile_from_json(path, printed)
    await interpreter.close()
    return found


def meaning(plan: Plan) -> str:
    """A plan in a line, as the table writes it."""
    if plan.task in {"unknown", "columns"} and plan.method:
        return "?"
    said = [_subject(plan)]
    if plan.by and plan.task == "aggregate":
        groups = [GRAIN_NAMES[plan.grain] if at == 0 and plan.grain else name for at, name in enumerate(plan.by)]
        said.append("by " + ", ".join(groups))
    if plan.columns:
        said.append("with " + ", ".join(plan.columns))
    for word, conditions in (("if", plan.filters), ("having", plan.having)):
        said += [f"{word} " + "; ".join(_condition(one) for one in conditions)] if conditions else []
    ranked = plan.method == "ranking" and bool(plan.ascending)
    if plan.top:
        said.append(f"{'bottom' if plan.ascending else 'top'} {plan.top}")
    elif ranked:
        said.append("a-z" if plan.sort_by == "label" else "asc")
    said += [plan.method] if plan.method in {"difference", "growth", "cumulative"} else []
    said += [f"as {plan.chart}"] if plan.chart not in {"", "any"} else []
    said += ["share"] if plan.share else []
    return " ".join(said + ([f"file {plan.file}"] if plan.file else []))


def _subject(plan: Plan) -> str:
    if plan.task == "aggregate":
        return f"{'+'.join(plan.aggregates)}({', '.join(plan.measures)})" if plan.measures else "count"
    return f"{plan.task}({', '.join(plan.measures)})" if plan.measures else plan.task


def _condition(one: Condition) -> str:
    if one.op == "missing":
        return f"{one.column} missing"
    values = "/".join(one.values)
    if one.op in {"year", "quarter", "month", "weekday"}:
        return f"{one.op}={values}"
    if one.op in {"from", "until"}:
        return f"{one.op} {values}"
    return one.column + {"in": "=", "not in": "!="}.get(one.op, one.op) + values


def judged(question: str, meanings: str, samples: Samples) -> tuple[str, str]:
    """``right``, ``honest`` or ``wrong``, and what the question was taken to mean."""
    profile = samples["en" if question.isascii() or "è" in question or "ó" in question else "ja"]
    found = meaning(understand(question, with_derived(question, profile)))
    if found == "?":
        return "honest", found
    return ("right" if found in meanings.split(" | ") else "wrong"), found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("part", ["dev", "held"])
async def test_questions_are_answered_as_asked_or_refused(samples: Samples, part: str) -> None:
    verdicts = {row[1]: judged(row[1], row[2], samples) for row in QUESTIONS if row[0] == part}
    counts = Counter(verdict for verdict, _ in verdicts.values())
    answerable = sum(row[2] != "?" for row in QUESTIONS if row[0] == part)
    assert not {question: found for question, (verdict, found) in verdicts.items() if verdict == "wrong"}
    assert counts["right"] >= 0.6 * len(verdicts)
    assert counts["right"] >= 0.9 * answerable
