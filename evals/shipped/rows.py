"""Which rows count: subtotals among the data, duplicates, filters, several files."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import Case
from evals.shipped.reading import by, case, mean, number, once, table, total, turn, where


def subtotals() -> Iterator[Case]:
    """Totals stand among the rows."""
    file, kind = "regions.csv", "subtotals"
    rows = [row for row in table(file) if row["quarter"].startswith("Q")]
    sums, quarters = by(rows, "region", "amount"), by(rows, "quarter", "amount")
    yield case("sub-total", file, turn("What is the total amount over all regions?", total(rows, "amount")), kind=kind)
    average = mean(number(row["amount"]) for row in rows)
    yield case("sub-mean", file, turn("What is the average amount of a region's quarter?", average), kind=kind)
    best = max(rows, key=lambda row: number(row["amount"]))
    words = [best["region"], best["quarter"]]
    ask = "Which region had the best single quarter, which one was it, and what was the amount?"
    yield case("sub-best", file, turn(ask, number(best["amount"]), words=words), kind=kind)
    q4 = quarters["Q4"]
    yield case("sub-q4", file, turn("How much did all regions make in Q4 together?", q4), kind=kind)
    top = next(iter(sums))
    share = sums[top] / sum(sums.values())
    ask = "Which region has the largest share of the total, and how many percent is it?"
    yield case("sub-share", file, turn(ask, share, words=[top]), kind=kind)
    ask = "Draw the total amount by region."
    yield case("sub-chart", file, turn(ask, chart="bar|pie"), kind="charts")


def duplicates() -> Iterator[Case]:
    """Lines are there twice, and so is a key."""
    file, kind = "orders.csv", "duplicates"
    rows = once(table(file))
    paid = where(rows, status="paid")
    ask = "How many different orders are in the file?"
    yield case("dup-orders", file, turn(ask, len({row["order_id"] for row in rows})), kind=kind)
    ask = "Some lines were exported twice. What is the total of paid orders, each order counted once?"
    yield case("dup-paid", file, turn(ask, total(paid, "amount")), kind=kind)
    extra = len(table(file)) - len(rows)
    yield case("dup-lines", file, turn("How many lines are exact copies of an earlier line?", extra), kind=kind)
    customers = {row["customer"] for row in paid}
    yield case("dup-customers", file, turn("How many customers have paid orders?", len(customers)), kind=kind)
    cancelled = where(rows, status="cancelled")
    ask = "What share of the orders was cancelled, if each order id is counted once?"
    yield case("dup-cancelled", file, turn(ask, len(cancelled) / len(rows)), kind=kind)


def joins() -> Iterator[Case]:
    """What is asked stands in two files; one of them has a key twice."""
    orders, customers = once(table("orders.csv")), table("customers.csv")
    files, kind = "orders.csv+customers.csv", "joins"
    paid = where(orders, status="paid")
    country = {row["customer"]: row["country"] for row in customers}
    for place in ("Germany", "Japan", "USA"):
        amount = sum(number(row["amount"]) for row in paid if country[row["customer"]] == place)
        ask = f"What did customers from {place} pay in all? Count each order once."
        yield case(f"join-{place.lower()}", files, turn(ask, amount), kind=kind)
    shops, visits = {row["shop"]: row["city"] for row in table("shops.csv")}, table("visits.csv")
    leeds = [row for row in visits if shops[row["shop"]] == "Leeds"]
    ask = "How many visits did the shops in Leeds have in all?"
    yield case("join-leeds", "shops.csv+visits.csv", turn(ask, total(leeds, "visits")), kind=kind)
    sales = total(visits, "sales") / total(visits, "visits")
    ask = "What are the sales per visit over all shops?"
    yield case("join-per-visit", "shops.csv+visits.csv", turn(ask, sales), kind=kind)


PARTS = (subtotals, duplicates, joins)
