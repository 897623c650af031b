"""Writes the answers about the shape of data: overview, distribution, correlation, outliers, gaps, cleaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playground.analyst.coding.naming import capital, readable
from playground.analyst.plan import Plan, Task
from playground.analyst.profile import Profile
from playground.analyst.sentences import say, strength
from playground.analyst.wording.numbers import exact, percent, whole
from playground.analyst.wording.suggestions import examples

Result = Mapping[str, Any]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: int = 1) -> str:
    """A Markdown table whose last columns (from ``numeric`` on) are numbers."""
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("|" + "|".join(" --- " if index < numeric else " ---: " for index in range(len(heads))) + "|")
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def describe(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """What the file holds."""
    language = plan.language
    parts = [_headline(plan, profile, file_name, "overview")]
    gaps = [f"{readable(column.name)} {whole(column.missing)}" for column in profile.columns if column.missing]
    facts = [say("gaps", language, listed=", ".join(gaps[:8])) if gaps else say("no_gaps", language)]
    if profile.duplicates:
        facts.append(say("duplicates", language, n=whole(profile.duplicates)))
    parts.append(_gap(language).join(facts))
    if result.get("rows"):
        heads = say("heads_describe", language).split("|")
        rows = [[readable(str(row[0])), *(exact(value) for value in row[1:])] for row in result["rows"][:10]]
        parts.append(table(heads, rows))
    frequent = [
        f"- {readable(name)}: " + ", ".join(f"{value} ({whole(count)})" for value, count in counts.items())
        for name, counts in (result.get("frequent") or {}).items()
        if counts
    ]
    if frequent:
        parts.append(say("frequent", language) + "\n" + "\n".join(frequent[:6]))
    suggested = examples(profile, language)
    if suggested:
        parts.append(say("examples", language) + "\n" + "\n".join(f"- {question}" for question in suggested))
    return parts


def columns(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """The columns, with kind and range."""
    heads = say("heads_columns", plan.language).split("|")
    rows = []
    for column in profile.columns[:40]:
        low, high = (value[:10] if column.is_date else value for value in (column.low, column.high))
        shown = f"{low} – {high}" if low else ", ".join(column.values[:3])
        kind = say(f"kind_{column.kind}", plan.language)
        rows.append([readable(column.name), kind, whole(column.unique), whole(column.missing), shown[:50]])
    return [_headline(plan, profile, file_name, "columns"), table(heads, rows, 9)]


def _headline(plan: Plan, profile: Profile, file_name: str, key: str) -> str:
    span = ""
    for column in profile.of_kind("date")[:1]:
        span = say("span", plan.language, low=column.low[:10], high=column.high[:10], column=readable(column.name))
    sizes = {"rows": whole(profile.rows), "columns": len(profile.columns)}
    return say(key, plan.language, name=file_name, span=span, **sizes)


def distribution(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """Key figures and shape."""
    figures = result["figures"]
    skew = figures["skew"] or 0.0
    shape = "right" if skew > 0.5 else "left" if skew < -0.5 else "even"
    names = {"q1": "25%", "median": "50%", "q3": "75%"}
    values = {key: exact(figures[names.get(key, key)]) for key in ("mean", "median", "std", "min", "max", "q1", "q3")}
    said = say(shape, plan.language, skew=exact(skew))
    return [say("distribution", plan.language, name=capital(_measure(plan), plan.language), shape=said, **values)]


def normality(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """Whether the values look normal."""
    figures = result["figures"]
    key = "normal" if figures["p"] >= 0.05 else "not_normal"
    values = {name: exact(figures[name]) for name in ("skew", "kurtosis")}
    small = "< 0.0001" if figures["p"] < 0.0001 else exact(figures["p"])
    return [say(key, plan.language, name=_measure(plan), p=small, **values).replace("= <", "<")]


def correlation(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """One r, or the strongest ones."""
    language = plan.language
    if "r" in result:
        r = result["r"]
        if not isinstance(r, int | float) or r != r:  # noqa: PLR0124 - NaN
            return [say("constant", language)]
        first, second = map(readable, plan.measures[:2])
        said = {"first": capital(first, language), "second": second, "strength": strength(r, language), "r": f"{r:.3f}"}
        sentence = say("correlation", language, **said, rank=f"{result['rank']:.3f}", n=whole(result["used"]))
        return [sentence + _gap(language) + say("causation", language)]
    if not result["rows"]:
        return [say("no_pairs", language)]
    best = result["rows"][0]
    heads = say("heads_correlations", language).split("|")
    rows = [[readable(row[0]), readable(row[1]), f"{row[2]:.3f}"] for row in result["rows"][:10]]
    headline = say("correlations", language, first=readable(best[0]), second=readable(best[1]), r=f"{best[2]:.3f}")
    return [headline + _gap(language) + say("causation", language), table(heads, rows, 2)]


def outliers(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """How many, and the most extreme ones."""
    language = plan.language
    found, every = result["outliers"], max(result["used"], 1)
    shown = say("extremes", language, listed=", ".join(map(exact, result["examples"]))) if found else ""
    method = say("iqr", language)
    bounds = {"low": exact(result["low"]), "high": exact(result["high"])}
    sizes = {"n": whole(found), "percent": percent(found / every), "all": whole(every)}
    return [say("outliers", language, name=_measure(plan), method=method, examples=shown, **sizes, **bounds)]


def missing(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """Counts by column."""
    language, every = plan.language, whole(result["all"])
    if len(plan.measures) == 1:
        name, count, share = result["rows"][0]
        return [say("missing_one", language, n=whole(count), name=readable(name), percent=percent(share), all=every)]
    if not result["total"]:
        return [say("missing_none", language, all=every)]
    most = result["rows"][0]
    said = {"n": whole(result["total"]), "name": readable(most[0]), "most": whole(most[1])}
    headline = say("missing_all", language, **said, complete=whole(result["complete"]), all=every)
    if result["duplicates"]:
        headline += _gap(language) + say("duplicates", language, n=whole(result["duplicates"]))
    heads = say("heads_missing", language).split("|")
    rows = [[readable(row[0]), whole(row[1]), percent(row[2])] for row in result["rows"][:10] if row[1]]
    return [headline, table(heads, rows)]


def clean(plan: Plan, profile: Profile, result: Result, file_name: str) -> list[str]:
    """What was done, and what was left alone."""
    language = plan.language
    headline = say("cleaned", language, used=whole(result["used"]), all=whole(result["all"]), file=result["file"])
    steps = [say("clean_steps", language, doubles=whole(result["doubles"]), empty=whole(result["empty"]))]
    for name, entry in (result.get("filled") or {}).items():
        steps.append(
            say("clean_filled", language, n=whole(entry["rows"]), name=readable(name), value=exact(entry["value"]))
        )
    left = [f"{readable(name)} ({whole(count)})" for name, count in (result.get("left") or {}).items()]
    if left:
        steps.append(say("clean_left", language, listed=", ".join(left[:8])))
    return [headline, "\n".join(f"- {step}" for step in steps)]


def _gap(language: str) -> str:
    return "" if language == "ja" else " "


def _measure(plan: Plan) -> str:
    return readable(plan.measures[0])


REPORTS: dict[Task, Callable[[Plan, Profile, Result, str], list[str]]] = {
    "describe": describe,
    "columns": columns,
    "distribution": distribution,
    "normality": normality,
    "correlation": correlation,
    "outliers": outliers,
    "missing": missing,
    "duplicates": lambda plan, profile, *_: [say("duplicates", plan.language, n=whole(profile.duplicates))],
    "clean": clean,
}
