"""Writes code that counts missing values, and code that writes a cleaned copy."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from playground.analyst.coding.coding import opening, program, rows_of, typed
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile


def missing_code(plan: Plan, profile: Profile) -> str:
    """Code that counts missing values by column."""
    lines = opening(plan, profile, (), chart=False)
    chosen = f"[{list(plan.measures)!r}]" if plan.measures else ""
    lines += [
        f"missing = data{chosen}.isna().sum().sort_values(ascending=False)",
        "table = missing.rename('missing').rename_axis('column').reset_index()",
        "table['share'] = table['missing'] / max(len(data), 1)",
        "print(table.to_string(index=False))",
    ]
    return program(
        lines,
        columns="list(table.columns)",
        rows=rows_of("table"),
        total="int(missing.sum())",
        complete="int(data.notna().all(axis=1).sum())",
        duplicates="int(data.astype(str).duplicated().sum())",
    )


def cleaning_code(plan: Plan, profile: Profile, name: str) -> str:
    """Code that writes a cleaned copy: blanks trimmed, types settled, doubles and empty rows out, gaps filled.

    Numbers get their column's median, categories stay empty: a guess there would be an invention.
    """
    lines = opening(plan, profile, (), chart=False)
    numbers = [column.name for column in profile.of_kind("number") if column.missing or column.unreadable]
    lines += ["clean = df.copy()", "before = int(clean.isna().sum().sum())"]
    lines += [
        "for column in clean.select_dtypes(include=['object', 'string']):",
        "    clean[column] = clean[column].map(lambda value: value.strip() if isinstance(value, str) else value)",
    ]
    for column in profile.columns:
        lines += [line.replace("df[", "clean[") for line in typed(column)]
    lines += [
        "empty = int(clean.isna().all(axis=1).sum())",
        "clean = clean.dropna(how='all')",
        "doubles = int(clean.astype(str).duplicated().sum())",
        "clean = clean[~clean.astype(str).duplicated()]",
        "filled = {}",
    ]
    if numbers:
        lines += [
            f"for column in {numbers!r}:",
            "    gaps = int(clean[column].isna().sum())",
            "    if gaps:",
            "        filled[column] = {'rows': gaps, 'value': float(clean[column].median())}",
            "        clean[column] = clean[column].fillna(clean[column].median())",
        ]
    lines += [
        "left = {column: int(count) for column, count in clean.isna().sum().items() if count}",
        f"clean.to_csv('/mnt/data/{name}', index=False, encoding='utf-8-sig')",
        "print(len(clean), 'rows written')",
    ]
    return program(
        lines, used="len(clean)", empty="empty", doubles="doubles", filled="filled", left="left", file=repr(name)
    )


def cleaned_name(original: str) -> str:
    """The name of the cleaned copy, in ASCII."""
    stem = re.sub(r"[^A-Za-z0-9]+", "_", PurePosixPath(original).stem).strip("_") or "data"
    return f"{stem}_cleaned.csv" if re.search(r"[A-Za-z]{2}", stem) else "cleaned_data.csv"
