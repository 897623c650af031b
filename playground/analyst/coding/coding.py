"""Writes the beginning that every analysis shares: imports, reading, types, filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from playground.analyst.plan import Condition, Plan
from playground.analyst.profile import Column, Profile

PERIODS = {"D": "D", "W": "W", "ME": "M", "QE": "Q", "YE": "Y"}
GRAIN_NAMES = {"D": "day", "W": "week", "ME": "month", "QE": "quarter", "YE": "year", "weekday": "weekday", "h": "hour"}
ROWS_SHOWN = 120
"""Rows of a result that are printed for the answer."""


def opening(plan: Plan, profile: Profile, used: Iterable[str], *, chart: bool) -> list[str]:
    """Imports, the file as ``df`` with the types of the ``used`` columns settled, and the filtered rows as ``data``."""
    lines = ["import json"]
    lines += ["import matplotlib.pyplot as plt"] if chart else []
    lines += ["import pandas as pd", "", f"df = {profile.reader}", "df.columns = df.columns.map(str).str.strip()"]
    names = dict.fromkeys([*used, *(condition.column for condition in plan.filters)])
    for part in dict.fromkeys(part for name in names for part in (*profile[name].parts, name)):
        lines += typed(profile[part])
    return [*lines, "data = df", *(filtered(condition, profile) for condition in plan.filters), ""]


def typed(column: Column) -> list[str]:
    """The line that turns a column's text into numbers or dates, if it needs one."""
    name = f"df[{column.name!r}]"
    if column.formula:
        return [f"{name} = {column.formula}"]
    if column.is_number and column.clean:
        comma = ".str.replace(',', '.', regex=False)" if column.decimal_comma else ""
        cleaned = f"{name}.astype(str).str.replace(r{column.clean!r}, '', regex=True){comma}".replace("\\\\", "\\")
        return [f"{name} = pd.to_numeric({cleaned}, errors='coerce')"]
    if column.is_date:
        text = f"{name}.astype('Int64').astype(str)" if column.whole else name
        text = f"{text}.str.strip()" if column.format and not column.whole else text
        read = f", format={column.format!r}" if column.format else ""
        zone = ".dt.tz_localize(None)" if re.search(r"[+-]\d\d:\d\d$", column.low) else ""
        return [f"{name} = pd.to_datetime({text}{read}, errors='coerce'){zone}"]
    return []


def filtered(condition: Condition, profile: Profile) -> str:
    """The line that keeps the rows for which a condition holds."""
    column = f"data[{condition.column!r}]"
    known = profile[condition.column]
    values = list(condition.values)
    if condition.op == "missing":
        return f"data = data[{column}.isna()]"
    if condition.op in {"in", "not in"}:
        left = column if known.is_number else f"{column}.astype(str).str.strip()"
        listed: Sequence[object] = [float(value) for value in values] if known.is_number else values
        return f"data = data[{'~' if condition.op == 'not in' else ''}{left}.isin({listed!r})]"
    if condition.op in {"year", "month", "quarter", "weekday"}:
        numbers = [int(value) for value in values]
        test = f" == {numbers[0]}" if len(numbers) == 1 else f".isin({numbers!r})"
        return f"data = data[{column}.dt.{condition.op.replace('weekday', 'day_of_week')}{test}]"
    if known.is_date:
        op = {"from": ">=", "until": "<="}.get(condition.op, condition.op)
        return f"data = data[{column}.dt.normalize() {op} {values[0]!r}]"
    return f"data = data[{column} {condition.op} {values[0]}]"


def key(plan: Plan, profile: Profile, name: str) -> str:
    """The expression to group by: the column's name, or the calendar period of a date."""
    if not profile[name].is_date:
        return repr(name)
    column = f"data[{name!r}]"
    grain = plan.grain or "D"
    if grain == "weekday":
        if plan.language == "ja":
            return f"{column}.dt.day_of_week.map(dict(enumerate('月火水木金土日'))).rename('weekday')"
        return f"{column}.dt.day_name().rename('weekday')"
    if grain == "h":
        return f"{column}.dt.hour.rename('hour')"
    if grain == "W":
        return f"{column}.dt.to_period('W').dt.start_time.dt.date.rename('week')"
    return f"{column}.dt.to_period({PERIODS[grain]!r}).rename({GRAIN_NAMES[grain]!r})"


def key_name(plan: Plan, profile: Profile, name: str) -> str:
    """What the group column of the result is called."""
    return GRAIN_NAMES[plan.grain or "D"] if profile[name].is_date else name


def program(lines: Sequence[str], **entries: str) -> str:
    """Lines and the line after them that prints the outcome as JSON; each entry is an expression."""
    sizes = {"used": "len(data)", "all": "len(df)"}
    inner = ", ".join(f"{name!r}: {expression}" for name, expression in (sizes | entries).items() if expression)
    return "\n".join([*lines, f"print(json.dumps({{{inner}}}, ensure_ascii=False, default=str))"])


def saved(plan: Plan, file: str) -> list[str]:
    """The line that writes ``table`` into the file that is wanted."""
    write = {"xlsx": "to_excel({!r}, index=False)", "csv": "to_csv({!r}, index=False, encoding='utf-8-sig')"}
    return [f"table.{write[plan.file].format(f'/mnt/data/{file}')}"] if plan.file else []


def rows_of(table: str) -> str:
    """The expression for a data frame's rows as plain lists."""
    return f"json.loads({table}.head({ROWS_SHOWN}).to_json(orient='values', date_format='iso', double_precision=10))"
