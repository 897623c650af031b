"""Budgets: how they are written, when they begin anew, and what fits in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.access.budgets import NAMES, Amount, BudgetName, Budgets, Key, Limit, Standing

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50 questions, 500000 tokens, 20 money", Limit(50, 500_000, 20.0)),
        ("1 question", Limit(questions=1)),
        (" 0.5 Money ,3tokens", Limit(tokens=3, money=0.5)),
    ],
)
def test_a_limit_is_written_so(text: str, limit: Limit) -> None:
    assert Limit.read(text) == limit


@pytest.mark.parametrize(
    "text", ["", "50", "questions", "0 tokens", "1.5 questions", "5 questions 7 tokens", "1 money, 2 money", "-1 money"]
)
def test_and_not_so(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Limit.read(text)


@pytest.mark.parametrize(
    ("zone", "now", "day", "tomorrow", "month", "next_month"),
    [
        (UTC, "2026-12-31T23:59:59+00:00", "2026-12-31", "2027-01-01T00:00", "2026-12", "2027-01-01T00:00"),
        (BERLIN, "2026-12-31T23:59:59+00:00", "2027-01-01", "2027-01-02T00:00", "2027-01", "2027-02-01T00:00"),
        (BERLIN, "2026-03-29T01:30:00+01:00", "2026-03-29", "2026-03-30T00:00", "2026-03", "2026-04-01T00:00"),
        (BERLIN, "2026-10-25T02:30:00+01:00", "2026-10-25", "2026-10-26T00:00", "2026-10", "2026-11-01T00:00"),
        (UTC, "2028-02-01T00:00:00+00:00", "2028-02-01", "2028-02-02T00:00", "2028-02", "2028-03-01T00:00"),
    ],
)
def test_days_and_months_are_those_of_the_zone(
    zone: ZoneInfo, now: str, day: str, tomorrow: str, month: str, next_month: str
) -> None:
    """The hour that is skipped in spring, or comes twice in autumn, moves no midnight."""
    budgets, at = Budgets(zone=zone), datetime.fromisoformat(now).timestamp()
    assert budgets.period("day", at) == (day, datetime.fromisoformat(tomorrow).replace(tzinfo=zone).timestamp())
    assert budgets.period("month", at) == (month, datetime.fromisoformat(next_month).replace(tzinfo=zone).timestamp())


def standing(limit: Limit, used: Amount) -> Standing:
    return Standing(BudgetName("person", "day"), Key("person", "U1", "2026-11-30"), limit, used, 0.0)


@pytest.mark.parametrize(
    ("used", "wanted", "fits"),
    [
        (Amount(1, 600), Amount(1, 400), True),
        (Amount(1, 601), Amount(1, 400), False),
        (Amount(2, 0), Amount(1, 1), False),
        (Amount(0, 0), Amount(1, 5000), True),
        (Amount(1, 1), Amount(1, 5000), False),
        (Amount(0, 0, 99.0), Amount(1, 1, 99.0), True),
    ],
)
def test_what_fits_in(used: Amount, wanted: Amount, fits: bool) -> None:
    """A question that is dearer than all there is may be asked when nothing else was."""
    assert standing(Limit(questions=2, tokens=1000), used).has_room(wanted) == fits


def test_low_is_from_four_fifths_on() -> None:
    limit = Limit(10, 1000, 1.0)
    assert standing(limit, Amount(7, 799, 0.79)).low == {}
    assert standing(limit, Amount(8, 0, 0.8)).low == {"questions": (8, 10), "money": (0.8, 1.0)}


def test_each_budget_is_a_setting() -> None:
    assert [name.setting for name in NAMES] == [
        f"BUDGET_{scope}_{span}" for scope in ("PERSON", "CHANNEL", "WORKSPACE") for span in ("DAY", "MONTH")
    ]
