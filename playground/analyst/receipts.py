"""Writes the receipt of an answer: how its numbers come from the file, as queries that another engine can run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playground.analyst.coding.naming import capital, function_name, readable
from playground.analyst.plan import MARK, Condition, Plan
from playground.analyst.profile import Profile
from playground.analyst.wording.markdown import Outcome
from playground.analyst.wording.numbers import exact, in_table, is_number, largest_of

ASKED = "/mnt/data/receipt.json"
PRINTED = "print('receipt.json:'"
"""What the instructions say where a receipt is wanted, and where it has to be printed."""

MOST = 30
_TOLD = re.compile(r"for a receipt: table (\w{1,200})\([^;\n]*\)\)?(?:\n|$)")
_FUNCTIONS = {
    "sum": "sum({})",
    "mean": "avg({})",
    "median": "median({})",
    "min": "min({})",
    "max": "max({})",
    "count": "count({})",
    "nunique": "count(DISTINCT {})",
    "std": "stddev_samp({})",
}
_PARTS = ("year", "month", "quarter")
_OPERATORS = {"from": ">=", "until": "<=", "==": "="}
_COMPARED = ("<", "<=", ">", ">=", "=")


def table_told(text: str, path: str) -> str:
    """What the table of a file is called in a receipt; "" when it has none, or several."""
    lines = [line for line in text.splitlines() if f"`{path}`" in line]
    found = _TOLD.search(f"{lines[-1]}\n") if lines else None
    return found[1] if found else ""


def receipt_code(outcome: Outcome, table: str, text: str, purpose: str, *, prints: bool) -> str:
    """The Python that leaves a receipt of the numbers in ``text``; "" for none."""
    claims = list(_claims(outcome, table, text))[:MOST]
    if not claims:
        return ""
    receipt = {"version": 1, "numbers": claims}
    shown = f"\n{PRINTED}, json.dumps(receipt, ensure_ascii=False))" if prints else ""
    return (
        f"# {purpose}\nimport json\n\nreceipt = json.loads({json.dumps(receipt, ensure_ascii=False)!r})\n"
        f"with open({ASKED!r}, 'w', encoding='utf-8') as file:\n    json.dump(receipt, file, ensure_ascii=False)"
        f"{shown}\n\n{MARK}{outcome.plan.to_json()}"
    )


def _claims(outcome: Outcome, table: str, text: str) -> Iterator[Mapping[str, Any]]:
    plan, profile, result = outcome.plan, outcome.profile, outcome.result
    where = _where(plan.filters, profile)
    names = (*plan.measures, *plan.by)
    if plan.task != "aggregate" or plan.method or plan.having or where is None:
        return
    if any(profile[name].formula for name in names) or not set(plan.aggregates) <= _FUNCTIONS.keys():
        return
    if not plan.by:
        yield from _scalars(plan, result["values"], table, where, text)
    elif (
        len(plan.by) == 1 and len(plan.measures) <= 1 and len(plan.aggregates) <= 1 and not profile[plan.by[0]].is_date
    ):
        yield from _groups(plan, result, table, where, text)


def _scalars(
    plan: Plan, values: Mapping[str, Mapping[str, Any]], table: str, where: Sequence[str], text: str
) -> Iterator[Mapping[str, Any]]:
    for name, entry in values.items():
        for function, value in entry.items():
            computed = "count(*)" if not plan.measures else _FUNCTIONS[function].format(_quoted(name))
            label = "Rows" if not plan.measures else function_name(function, readable(name), plan.language)
            if is_number(value) and exact(value) in text:
                yield _claim(capital(label, plan.language), value, exact(value), _query(computed, table, where))


def _groups(
    plan: Plan, result: Mapping[str, Any], table: str, where: Sequence[str], text: str
) -> Iterator[Mapping[str, Any]]:
    function = plan.aggregates[0] if plan.measures else ""
    computed = _FUNCTIONS[function].format(_quoted(plan.measures[0])) if plan.measures else "count(*)"
    measured = function_name(function, readable(plan.measures[0]), plan.language) if plan.measures else "Rows"
    label = capital(measured, plan.language)
    total = result.get("total")
    if total is not None and is_number(total) and exact(total) in text:
        grouped = f"{_quoted(plan.by[0])} IS NOT NULL"
        yield _claim(label, total, exact(total), _query(computed, table, [*where, grouped]))
    largest = largest_of([row[1] for row in result["rows"]])
    for group, value, *_ in result["rows"]:
        stated = next((one for one in (exact(value), in_table(value, largest)) if is_number(value) and one in text), "")
        if stated:
            same = f"{_quoted(plan.by[0])} = {_literal(group)}"
            yield _claim(f"{label}, {group}", value, stated, _query(computed, table, [*where, same]))


def _claim(label: str, value: float, stated: str, query: str) -> Mapping[str, Any]:
    return {"label": label, "value": value, "stated": stated, "query": query}


def _query(computed: str, table: str, where: Sequence[str]) -> str:
    return f"SELECT {computed} FROM {table}" + (f" WHERE {' AND '.join(where)}" if where else "")  # noqa: S608 - quoted


def _where(filters: Sequence[Condition], profile: Profile) -> list[str] | None:
    """The filters as conditions; None when one of them has no such form."""
    found = [_condition(one, profile) for one in filters]
    return None if "" in found else found


def _condition(one: Condition, profile: Profile) -> str:
    column, known = _quoted(one.column), profile[one.column]
    op = _OPERATORS.get(one.op, one.op)
    if one.op == "missing" and not known.formula:
        return f"{column} IS NULL"
    if one.op in {"in", "not in"} and not known.formula:
        values = ", ".join(_literal(float(value) if known.is_number else value) for value in one.values)
        left = column if known.is_number else f"trim({column})"
        return f"{left} IN ({values})" if one.op == "in" else f"({column} IS NULL OR {left} NOT IN ({values}))"
    if one.op in _PARTS and not known.formula:
        return f"{one.op}({column}) IN ({', '.join(str(int(value)) for value in one.values)})"
    if op not in _COMPARED or known.formula or not (known.is_date or known.is_number):
        return ""
    return (
        f"CAST({column} AS DATE) {op} {_literal(one.values[0])}" if known.is_date else f"{column} {op} {one.values[0]}"
    )


def _quoted(name: str) -> str:
    return '"' + " ".join(name.split()).replace('"', '""') + '"'


def _literal(value: object) -> str:
    return repr(value) if is_number(value) else "'" + str(value).replace("'", "''") + "'"
