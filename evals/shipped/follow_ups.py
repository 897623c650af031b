"""Questions that go on from the one before."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import Case
from evals.shipped.reading import by, case, mean, number, once, table, total, turn, where

_KIND = "follow-ups"


def english() -> Iterator[Case]:
    """What "it", "the same" and "without" mean."""
    rows = [row for row in table("regions.csv") if row["quarter"].startswith("Q")]
    sums = by(rows, "region", "amount")
    first, second = list(sums)[:2]
    yield case(
        "next-region", "regions.csv",
        turn("Which region has the highest total amount?", sums[first], words=[first]),
        turn("And which one is second?", sums[second], words=[second]),
        turn("How much more does the first one have than the second?", sums[first] - sums[second]),
        kind=_KIND,
    )  # fmt: skip
    visits = by(table("visits.csv"), "shop", "sales")
    yield case(
        "next-shop", "visits.csv",
        turn("What are the total sales?", sum(visits.values())),
        turn("Only for shop S2, please.", visits["S2"]),
        turn("Now as a bar chart for all shops.", chart="bar"),
        kind=_KIND,
    )  # fmt: skip
    orders = once(table("orders.csv"))
    paid, opened = where(orders, status="paid"), where(orders, status="open")
    yield case(
        "next-status", "orders.csv",
        turn("From now on, count each order id once. How many orders are paid?", len(paid)),
        turn("What is their total amount?", total(paid, "amount")),
        turn("And the same for the open ones?", total(opened, "amount")),
        kind=_KIND,
    )  # fmt: skip
    salaries = table("salaries.csv")
    sales = [number(row["salary"]) for row in where(salaries, department="Sales")]
    yield case(
        "next-salary", "salaries.csv",
        turn("What is the mean salary of each department?", mean(sales)),
        turn("Who earns the most in Sales, and how much?", max(sales)),
        kind=_KIND,
    )  # fmt: skip


def japanese() -> Iterator[Case]:
    """The same, in Japanese."""
    shops = by(table("売上.csv", "cp932"), "店舗", "売上")
    first = next(iter(shops))
    yield case(
        "next-ja", "売上.csv",
        turn("店舗別の売上合計を教えてください。", *shops.values(), language="ja"),
        turn("一番多い店舗は全体の何パーセントですか?", shops[first] / sum(shops.values()), language="ja"),
        turn("それを円グラフにしてください。", chart="pie", language="ja"),
        kind=_KIND, locale="ja-JP", timezone="Asia/Tokyo",
    )  # fmt: skip


PARTS = (english, japanese)
