"""Writes code for tables: totals and averages, with or without groups, and single rows."""

from __future__ import annotations

from playground.analyst.coding.charts import chart_code, chart_kind
from playground.analyst.coding.coding import key, key_name, opening, program, rows_of, saved
from playground.analyst.coding.naming import Naming
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.reading.language import name_words

WEEKDAYS = "['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']"


def aggregation_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code for a plan of the task ``aggregate``."""
    if not plan.by:
        return scalar_code(plan, profile, naming)
    kind = chart_kind(plan, profile)
    lines = opening(plan, profile, [*plan.measures, *plan.by], chart=kind != "none")
    names = [key_name(plan, profile, name) for name in plan.by]
    lines += _grouped(plan, profile)
    lines += [f"table = table[table[{one.column!r}] {one.op} {one.values[0]}]" for one in plan.having]
    lines += _sorted(plan, profile, names)
    if plan.method == "top of each":
        lines.append(f"table = table.groupby({names[0]!r}, sort=False).head(1)")
    if plan.share:
        lines.append("table['share'] = table.iloc[:, -1] / table.iloc[:, -1].sum()")
    follow = {"growth": "pct_change", "cumulative": "cumsum"}.get(plan.method)
    lines += [f"table[{plan.method!r}] = table.iloc[:, -1].{follow}()"] if follow else []
    groups = "groups = len(table)"
    lines += [f"total = float(table[table.columns[{len(names)}]].sum())"] if _adds_up(plan) else []
    lines += [groups, f"table = table.head({plan.top})"] if plan.top and len(plan.by) == 1 else [groups]
    lines += [f"table[{name!r}] = table[{name!r}].astype(str)" for name in names if _as_text(plan, profile, name)]
    file = naming.file_of(plan)
    lines += [*saved(plan, file), "print(table.head(20).to_string(index=False))", ""]
    if kind != "none":
        lines += [*chart_code(plan, kind, names, naming), ""]
    measured = plan.measures[0] if plan.measures else ""
    timed = bool(plan.grain) and plan.sort_by == "label" and bool(plan.ascending)
    return program(
        lines,
        columns="list(table.columns)",
        rows=rows_of("table.tail(120)" if timed else "table"),
        groups="groups",
        edges=_edges(len(names)),
        total="total" if _adds_up(plan) else "",
        missing=f"int(data[{measured!r}].isna().sum())" if measured else "",
        unlabelled=f"int(data[{list(plan.by)!r}].isna().any(axis=1).sum())",
        chart=repr(naming.file) if kind != "none" else "",
        file=repr(file) if plan.file else "",
    )


def _as_text(plan: Plan, profile: Profile, name: str) -> bool:
    return any(key_name(plan, profile, by) == name and profile[by].is_date for by in plan.by) and plan.grain != "h"


def _adds_up(plan: Plan) -> bool:
    """Whether the groups' values add up to a whole."""
    return plan.aggregates in (("sum",), ("count",)) and len(plan.measures) <= 1


def _edges(groups: int) -> str:
    """The expression for the rows with the highest, lowest, first and last value."""
    value = f"table[table.columns[{groups}]]"
    rows = f"table.loc[[{value}.idxmax(), {value}.idxmin()]], table.iloc[[0, -1]]"
    return f"json.loads(pd.concat([{rows}]).to_json(orient='values', double_precision=10)) if len(table) else []"


def _grouped(plan: Plan, profile: Profile) -> list[str]:
    keys = [key(plan, profile, name) for name in plan.by]
    by = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]"
    if not plan.measures:
        return [f"table = data.groupby({by}).size().rename('count').reset_index()"]
    if len(plan.measures) == 1:
        selected = f"data.groupby({by})[{plan.measures[0]!r}]"
        if len(plan.aggregates) == 1:
            return [f"table = {selected}.{plan.aggregates[0]}().dropna().reset_index(name={value_name(plan)!r})"]
        return [f"table = {selected}.agg({list(plan.aggregates)!r}).dropna(how='all').reset_index()"]
    selected = f"data.groupby({by})[{list(plan.measures)!r}]"
    return [f"table = {selected}.{plan.aggregates[0]}().dropna(how='all').reset_index()"]


def value_name(plan: Plan) -> str:
    """What the result's value column is called."""
    measure = plan.measures[0]
    return f"{plan.aggregates[0]} {measure}" if measure in plan.by else measure


def _sorted(plan: Plan, profile: Profile, names: list[str]) -> list[str]:
    if plan.grain == "weekday" and (plan.sort_by == "label" or plan.ascending is None):
        days = "list('月火水木金土日')" if plan.language == "ja" else WEEKDAYS
        return [
            f"order = {days}",
            "table = table.sort_values('weekday', key=lambda day: day.map(order.index), ignore_index=True)",
        ]
    if plan.ascending is None:
        return []
    if plan.method == "top of each":
        columns = f"table.columns[{len(names)}]"
    elif plan.sort_by == "label":
        columns = repr(names) if len(names) > 1 else repr(names[0])
    elif len(names) > 1 and not profile[plan.by[0]].is_date:
        return [
            f"size = table.groupby({names[0]!r})[table.columns[-1]].transform('sum')",
            f"table = table.assign(size=size).sort_values(['size', {names[0]!r}], ascending={plan.ascending})"
            ".drop(columns='size')",
        ]
    else:
        columns = f"table.columns[{len(names)}]"
    return [f"table = table.sort_values({columns}, ascending={plan.ascending}, ignore_index=True)"]


def scalar_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code for numbers without groups: counts, and functions of columns."""
    lines = opening(plan, profile, plan.measures, chart=False)
    file = naming.file_of(plan)
    written = {"file": repr(file)} if plan.file else {}
    if not plan.measures:
        lines += ["rows = len(data)", "table = pd.DataFrame({'rows': [rows]})", *saved(plan, file), "print(rows)"]
        return program(lines, values="{'rows': {'count': rows}}", used="rows", **written)
    lines.append("values = {}")
    for name in plan.measures:
        functions = ", ".join(f"{function!r}: {_function(name, function)}" for function in plan.aggregates)
        lines.append(f"values[{name!r}] = {{{functions}}}")
    where = ""
    if len(plan.measures) == 1 and set(plan.aggregates) <= {"max", "min"} and profile[plan.measures[0]].is_number:
        lines += _where(plan, profile)
        where = "where"
    total = ""
    if plan.share and plan.aggregates == ("sum",) and plan.filters:
        where, total = "", f"float(df[{plan.measures[0]!r}].sum())"
    lines += [*(["table = pd.DataFrame(values).reset_index(names='')"] if plan.file else []), *saved(plan, file)]
    lines.append("print(values)")
    missing = f"int(data[{plan.measures[0]!r}].isna().sum())"
    return program(lines, values="values", missing=missing, where=where, total=total, **written)


def _function(name: str, function: str) -> str:
    column = f"data[{name!r}]"
    if function == "mode":
        return f"{column}.mode().tolist()[:3]"
    if function in {"nunique", "count"}:
        return f"int({column}.{function}())"
    return f"float({column}.{function}())"


def _where(plan: Plan, profile: Profile) -> list[str]:
    """Which row holds the extreme value: its few most telling columns."""
    measure = plan.measures[0]
    kept = labels(profile, measure)
    lines = ["where = {}"]
    for function in plan.aggregates:
        row = f"data.loc[data[{measure!r}].idx{function}(), {kept!r}]"
        lines.append(f"where[{function!r}] = {row}.astype(str).to_dict() if data[{measure!r}].notna().any() else {{}}")
    return lines


def labels(profile: Profile, without: str) -> list[str]:
    """The columns that tell rows apart best, at most three."""

    def telling(name: str) -> tuple[bool, bool]:
        parts = set(name_words(name))
        return (bool(parts & {"name", "title", "名", "商品名", "date", "日付", "country"}), profile.is_unique(name))

    candidates = [column.name for column in profile.of_kind("category", "text", "date") if column.name != without]
    return sorted(candidates, key=telling, reverse=True)[:3]


def rows_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code that shows the rows with the largest or smallest values."""
    measure = plan.measures[0] if plan.measures else ""
    lines = opening(plan, profile, [*plan.measures, *plan.columns], chart=False)
    kept = list(dict.fromkeys([*plan.columns, *labels(profile, measure), *([measure] if measure else [])]))
    picked = f"data.sort_values({measure!r}, ascending={bool(plan.ascending)})" if measure else "data"
    present = f".dropna(subset=[{measure!r}])" if measure else ""
    lines += [
        f"table = {picked}{present}" + (f".head({plan.top})" if plan.top else ""),
        *([f"table = table[{kept!r}]"] if plan.columns else []),
        *saved(plan, naming.file_of(plan)),
        f"table = table[{kept!r}].head({plan.top or 10})",
        "print(table.to_string(index=False))",
    ]
    lines += [f"table[{name!r}] = table[{name!r}].astype(str)" for name in kept if profile[name].is_date]
    return program(
        lines,
        columns="list(table.columns)",
        rows=rows_of("table"),
        groups="len(data)",
        file=repr(naming.file_of(plan)) if plan.file else "",
    )
