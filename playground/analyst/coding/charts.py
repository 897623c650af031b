"""Writes the code that draws: one finding per chart, labelled axes, readable numbers."""

from __future__ import annotations

from typing import Literal

from playground.analyst.coding.naming import Naming, heading
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.reading.spans import is_year

Kind = Literal["none", "bar", "line", "pie", "stacked"]
BARS_SHOWN = 25
FIRST = "C0"
"""The first colour of the style."""
NUMBERS = "'{x:,.0f}' if largest >= 10 else '{x:,.2f}'"


def chart_kind(plan: Plan, profile: Profile) -> Kind:
    """What suits the question; what it asks for goes first."""
    if plan.chart == "none" or plan.method == "top of each":
        return "none"
    timed = plan.grain not in {"", "weekday", "h"} or is_year(profile, plan.by[0])
    if len(plan.by) == 2:
        if timed and plan.chart not in {"bar", "stacked"}:
            return "line"
        additive = plan.aggregates in (("sum",), ("count",))
        return "stacked" if plan.chart == "stacked" or additive else "bar"
    if plan.chart == "pie" or (plan.share and plan.chart in {"", "any"} and not timed):
        return "pie"
    if plan.chart == "line" or (timed and plan.chart not in {"bar", "stacked", "hist"}):
        return "line"
    return "bar"


def chart_code(plan: Plan, kind: Kind, names: list[str], naming: Naming) -> list[str]:
    """Lines that draw ``table`` (group columns first, then values) and save the picture."""
    drawn = {"line": _lines, "pie": _pie}.get(kind, _bars)(plan, kind, names, naming)
    return [*drawn, *finish(naming)]


def finish(naming: Naming) -> list[str]:
    """Title, saving, closing."""
    return [
        f"ax.set_title({naming.title!r}, pad=12)",
        f"plt.savefig('/mnt/data/{naming.file}', dpi=150, bbox_inches='tight', pad_inches=0.2)",
        "plt.close()",
    ]


def _wide(plan: Plan, names: list[str]) -> list[str]:
    """The table with a column for each bar or line of a group."""
    if len(names) == 2:
        return [
            f"wide = table.pivot(index={names[0]!r}, columns={names[1]!r}, values=table.columns[2])",
            "wide = wide[wide.sum().sort_values(ascending=False).index[:10]]",
        ]
    drawn = max(len(plan.measures), len(plan.aggregates), 1)
    return [f"wide = table.set_index({names[0]!r}).iloc[:, :{drawn}]"]


def _legend(names: list[str]) -> list[str]:
    if len(names) == 2:
        return [f"ax.legend(title={heading(names[1])!r}, frameon=False, bbox_to_anchor=(1, 1), loc='upper left')"]
    return ["if len(wide.columns) > 1:", "    ax.legend(frameon=False)"]


def _bars(plan: Plan, kind: Kind, names: list[str], naming: Naming) -> list[str]:
    return [
        *_wide(plan, names),
        f"wide = wide.loc[table[{names[0]!r}].drop_duplicates()].head({BARS_SHOWN})",
        "largest = wide.abs().max().max()",
        "across = len(wide) > 8 or wide.index.astype(str).str.len().max() > 12",
        "fig, ax = plt.subplots(figsize=(9, max(4, 0.36 * len(wide) + 1)) if across else (9, 5))",
        f"wide.iloc[::-1 if across else 1].plot(kind='barh' if across else 'bar', stacked={kind == 'stacked'}, "
        f"ax=ax, legend=False, width=0.75)",
        f"(ax.xaxis if across else ax.yaxis).set_major_formatter({NUMBERS})",
        "ax.grid(axis='x' if across else 'y')",
        f"ax.set_xlabel({naming.value!r} if across else {naming.label!r})",
        f"ax.set_ylabel({naming.label!r} if across else {naming.value!r})",
        "ax.tick_params(axis='x', rotation=0)",
        *_legend(names),
        "if len(wide.columns) == 1 and len(wide) <= 15:",
        "    whole = largest >= 100 or (wide % 1 == 0).all().all()",
        "    ax.bar_label(ax.containers[0], fmt='{:,.0f}' if whole else '{:,.2f}', padding=3, fontsize=8)",
        "    ax.margins(**{'x' if across else 'y': 0.1})",
    ]


def _lines(plan: Plan, kind: Kind, names: list[str], naming: Naming) -> list[str]:
    return [
        *_wide(plan, names),
        *([] if plan.grain == "weekday" else ["wide = wide.sort_index()"]),
        "largest = wide.abs().max().max()",
        "fig, ax = plt.subplots(figsize=(9, 5))",
        "for column in wide:",
        "    marker = 'o' if len(wide.columns) == 1 and len(wide) <= 40 else None",
        "    ax.plot(wide.index.astype(str), wide[column], label=str(column), linewidth=2, marker=marker)",
        f"ax.yaxis.set_major_formatter({NUMBERS})",
        "ax.set_xticks(range(0, len(wide), max(1, len(wide) // 12)))",
        "ax.tick_params(axis='x', rotation=45 if len(wide) > 8 else 0)",
        "ax.grid(axis='y')",
        f"ax.set_xlabel({naming.label!r})",
        f"ax.set_ylabel({naming.value!r})",
        *_legend(names),
    ]


def _pie(plan: Plan, kind: Kind, names: list[str], naming: Naming) -> list[str]:
    other = "その他" if naming.language == "ja" else "Other"
    return [
        f"slices = table.set_index({names[0]!r}).iloc[:, 0].sort_values(ascending=False)",
        "if len(slices) > 8:",
        f"    slices = pd.concat([slices.iloc[:7], pd.Series({{{other!r}: slices.iloc[7:].sum()}})])",
        "fig, ax = plt.subplots(figsize=(6.5, 4.8))",
        "parts = ax.pie(slices.clip(lower=0), labels=slices.index.astype(str), autopct='%.1f%%', startangle=90, "
        "counterclock=False, radius=1.15, wedgeprops={'edgecolor': 'white'}, pctdistance=0.75)",
        "plt.setp(parts[2], color='white', weight='bold')",
    ]
