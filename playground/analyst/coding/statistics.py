"""Writes code for the shape of data: overview, distribution, correlation, outliers, missing values, cleaning."""

from __future__ import annotations

from playground.analyst.coding.charts import FIRST, finish
from playground.analyst.coding.coding import opening, program, rows_of, typed
from playground.analyst.coding.naming import Naming, heading
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile


def overview_code(plan: Plan, profile: Profile) -> str:
    """Code that describes all columns."""
    lines = opening(plan, profile, (), chart=False)
    for column in profile.columns:
        lines[-2:-2] = typed(column)
    numbers = [column.name for column in profile.of_kind("number")][:20]
    lines += ["print(len(data), 'rows,', data.duplicated().sum(), 'duplicates')", "print(data.isna().sum())"]
    if numbers:
        lines += [
            f"table = data[{numbers!r}].describe().T.reset_index(names='column')",
            "print(table.to_string(index=False))",
        ]
        kept = "table[['column', 'count', 'mean', '50%', 'min', 'max']]"
    categories = [column.name for column in profile.of_kind("category", "flag")][:8]
    tops = ", ".join(f"{name!r}: data[{name!r}].value_counts().head(3).to_dict()" for name in categories)
    return program(
        lines,
        columns="['column', 'count', 'mean', 'median', 'min', 'max']" if numbers else "",
        rows=rows_of(kept) if numbers else "",
        frequent=f"{{{tops}}}",
    )


def distribution_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code for the distribution of one column: key figures, and a histogram or box plot."""
    name = plan.measures[0]
    drawn = plan.chart != "none"
    lines = opening(plan, profile, [name, *plan.by], chart=drawn)
    lines += [
        f"values = data[{name!r}].dropna()",
        "figures = {name: float(value) for name, value in values.describe().items()}",
        "figures |= {'skew': float(values.skew()), 'kurtosis': float(values.kurt())}",
    ]
    if plan.task == "normality":
        lines += [
            "n, skew, kurtosis = len(values), values.skew(), values.kurt()",
            "jarque_bera = n / 6 * (skew ** 2 + kurtosis ** 2 / 4)",
            "figures['p'] = float(2.718281828459045 ** (-jarque_bera / 2))  # chi-squared with 2 degrees of freedom",
        ]
    lines += ["print(figures)", ""]
    if drawn:
        lines += [*(_box(plan, name) if plan.chart == "box" else _histogram(naming, name)), *finish(naming), ""]
    missing = f"int(data[{name!r}].isna().sum())"
    chart = repr(naming.file) if drawn else ""
    return program(lines, figures="figures", missing=missing, chart=chart)


def _histogram(naming: Naming, name: str) -> list[str]:
    count, mean, median = (
        ("件数", "平均", "中央値") if naming.language == "ja" else ("Number of rows", "mean", "median")
    )
    return [
        "fig, ax = plt.subplots(figsize=(8, 4.5))",
        "scores = (values % 1 == 0).all() and values.max() - values.min() <= 20",
        "bins = min(40, max(10, int(len(values) ** 0.5)))",
        "if scores:  # a bar for each whole number",
        "    bins = [score - 0.5 for score in range(int(values.min()), int(values.max()) + 2)]",
        f"ax.hist(values, bins=bins, rwidth=0.8 if scores else 1, color={FIRST!r}, edgecolor='white')",
        f"ax.axvline(values.mean(), color='#D1495B', linestyle='--', label=f'{mean} {{values.mean():,.2f}}')",
        f"ax.axvline(values.median(), color='#333333', linestyle=':', label=f'{median} {{values.median():,.2f}}')",
        "ax.xaxis.set_major_formatter('{x:,.0f}' if scores or values.abs().max() >= 10 else '{x:,.2f}')",
        "ax.grid(axis='y')",
        "ax.legend(frameon=False)",
        f"ax.set_xlabel({heading(name)!r})",
        f"ax.set_ylabel({count!r})",
    ]


def _box(plan: Plan, name: str) -> list[str]:
    if not plan.by:
        return [
            "fig, ax = plt.subplots(figsize=(8, 3.5))",
            "ax.boxplot(values, orientation='horizontal', tick_labels=[''])",
            f"ax.set_xlabel({heading(name)!r})",
        ]
    by = plan.by[0]
    return [
        f"order = data.groupby({by!r})[{name!r}].median().sort_values(ascending=False).index[:15]",
        "fig, ax = plt.subplots(figsize=(9, 5))",
        f"ax.boxplot([data.loc[data[{by!r}] == group, {name!r}].dropna() for group in order], "
        f"tick_labels=order.astype(str))",
        "ax.grid(axis='y')",
        f"ax.set_xlabel({heading(by)!r})",
        f"ax.set_ylabel({heading(name)!r})",
    ]


def correlation_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code for two columns (r and a scatter plot), or for one or all against the others (a ranked list)."""
    if len(plan.measures) < 2:
        return _correlations(plan, profile)
    first, second = plan.measures[:2]
    drawn = plan.chart != "none"
    lines = opening(plan, profile, [first, second], chart=drawn)
    lines += [
        f"pairs = data[[{first!r}, {second!r}]].dropna()",
        f"r = float(pairs[{first!r}].corr(pairs[{second!r}]))",
        f"rank = float(pairs[{first!r}].rank().corr(pairs[{second!r}].rank()))  # Spearman",
        "print(r, rank)",
        "",
    ]
    if drawn:
        lines += [
            "fig, ax = plt.subplots(figsize=(7, 5))",
            f"ax.scatter(pairs[{first!r}], pairs[{second!r}], s=18, alpha=0.5, color={FIRST!r}, edgecolors='none')",
            "ax.grid()",
            "for axis, column in zip((ax.xaxis, ax.yaxis), pairs):",
            "    axis.set_major_formatter('{x:,.0f}' if pairs[column].abs().max() >= 10 else '{x:,.2f}')",
            f"ax.set_xlabel({heading(first)!r})",
            f"ax.set_ylabel({heading(second)!r})",
            *finish(naming),
            "",
        ]
    chart = repr(naming.file) if drawn else ""
    return program(lines, r="r", rank="rank", used="len(pairs)", chart=chart)


def _correlations(plan: Plan, profile: Profile) -> str:
    numbers = [column.name for column in profile.of_kind("number") if not column.name.lower().endswith("id")][:30]
    lines = opening(plan, profile, numbers, chart=False)
    lines.append(f"matrix = data[{numbers!r}].corr()")
    if plan.measures:
        name = plan.measures[0]
        lines += [
            f"r = matrix[{name!r}].drop({name!r}).dropna()",
            "table = r.rename('r').rename_axis('with').reset_index()",
            f"table.insert(0, 'column', {name!r})",
        ]
    else:
        lines += [
            "names = list(matrix)",
            "pairs = [(a, b, matrix.loc[a, b]) for i, a in enumerate(names) for b in names[i + 1:]]",
            "table = pd.DataFrame(pairs, columns=['column', 'with', 'r']).dropna()",
        ]
    lines += [
        "table = table.sort_values('r', key=abs, ascending=False)",
        "print(table.head(20).to_string(index=False))",
    ]
    return program(lines, columns="list(table.columns)", rows=rows_of("table"), groups="len(table)")


def outliers_code(plan: Plan, profile: Profile, naming: Naming) -> str:
    """Code that counts values far outside: beyond 1.5 interquartile ranges."""
    name = plan.measures[0]
    drawn = plan.chart != "none"
    lines = opening(plan, profile, [name], chart=drawn)
    lines += [
        f"values = data[{name!r}].dropna()",
        "q1, q3 = values.quantile(0.25), values.quantile(0.75)",
        "low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)",
        "outliers = values[(values < low) | (values > high)].sort_values()",
        "print(len(outliers), low, high)",
        "",
    ]
    if drawn:
        lines += [*_box(plan, name)[:3], *finish(naming), ""]
    return program(
        lines,
        outliers="len(outliers)",
        low="float(low)",
        high="float(high)",
        examples="outliers.iloc[[*range(min(3, len(outliers)))]].tolist() + outliers.iloc[3:].tail(3).tolist()",
        used="len(values)",
        chart=repr(naming.file) if drawn else "",
    )
