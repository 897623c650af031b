"""Which figure is meant: missing values, weights, medians, deviations, growth; and charts."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import correlation, median, stdev

from evals.cases import Case
from evals.shipped.reading import by, case, mean, number, table, total, turn, where


def missing() -> Iterator[Case]:
    """Scores that are not there, and weights."""
    file, kind = "survey.csv", "missing values"
    rows = [row for row in table(file) if row["score"] not in {"", "n/a"}]
    yield case("na-mean", file, turn("What is the mean score?", mean(number(r["score"]) for r in rows)), kind=kind)
    none = len(table(file)) - len(rows)
    yield case("na-count", file, turn("How many respondents gave no score?", none), kind=kind)
    weighted = sum(number(r["score"]) * number(r["weight"]) for r in rows) / total(rows, "weight")
    ask = "What is the mean score weighted by weight, among those with a score?"
    yield case("na-weighted", file, turn(ask, weighted, tolerance=0.002), kind=kind)
    alpha = mean(number(r["score"]) for r in where(rows, team="Alpha"))
    yield case("na-alpha", file, turn("What is the mean score of team Alpha?", alpha), kind=kind)


def statistics() -> Iterator[Case]:
    """Salaries, some without a bonus."""
    file, kind = "salaries.csv", "statistics"
    rows = table(file)
    salaries = [number(row["salary"]) for row in rows]
    yield case("stat-median", file, turn("What is the median salary?", median(salaries)), kind=kind)
    yield case("stat-mean", file, turn("What is the mean salary in Research?", mean(
        number(row["salary"]) for row in where(rows, department="Research"))), kind=kind)  # fmt: skip
    deviation = stdev(salaries)
    yield case("stat-std", file, turn("What is the sample standard deviation of salary?", deviation), kind=kind)
    bonus = [number(row["bonus"]) for row in rows if row["bonus"]]
    ask = "What is the average bonus of those who got one?"
    yield case("stat-bonus", file, turn(ask, mean(bonus)), kind=kind)
    top = sum(sorted(salaries)[-3:])
    yield case("stat-top", file, turn("What do the three best paid earn together?", top), kind=kind)


def growth() -> Iterator[Case]:
    """Users and revenue by month."""
    file, kind = "monthly.csv", "growth"
    rows = table(file)
    users = {row["month"][:7]: number(row["users"]) for row in rows}
    ask = "By how many percent did users grow from December 2024 to December 2025?"
    yield case("grow-year", file, turn(ask, users["2025-12"] / users["2024-12"] - 1), kind=kind)
    revenue = total([row for row in rows if row["month"].startswith("2025")], "revenue")
    yield case("grow-2025", file, turn("What was the revenue in 2025?", revenue), kind=kind)
    pairs = [(number(row["users"]), number(row["revenue"])) for row in rows]
    ask = "What is the correlation of users and revenue?"
    yield case("grow-corr", file, turn(ask, correlation(*zip(*pairs, strict=True)), tolerance=0.01), kind=kind)
    churned = max(rows, key=lambda row: number(row["churned"]))
    ask = "How many users churned in the worst month?"
    yield case("grow-churn", file, turn(ask, number(churned["churned"])), kind=kind)


def charts() -> Iterator[Case]:
    """The right kind of picture."""
    kind = "charts"
    yield case("chart-trend", "monthly.csv", turn("Show me the trend of revenue over time.", chart="line"), kind=kind)
    ask = "Show how the salaries are distributed."
    yield case("chart-hist", "salaries.csv", turn(ask, chart="histogram|box"), kind=kind)
    ask = "Make a scatter plot of users against revenue."
    yield case("chart-scatter", "monthly.csv", turn(ask, chart="scatter"), kind=kind)
    ask = "Make a pie chart of sales by shop."
    yield case("chart-pie", "visits.csv", turn(ask, chart="pie"), kind=kind)
    visits = by(table("visits.csv"), "shop", "sales")
    ask = "Compare the sales of the shops in a bar chart, and tell me the best shop's sales."
    yield case("chart-bar", "visits.csv", turn(ask, max(visits.values()), chart="bar"), kind=kind)
    ask = "Plot the temperature of each city from January to June."
    yield case("chart-wide", "temperatures.csv", turn(ask, chart="line"), kind=kind)


PARTS = (missing, statistics, growth, charts)
