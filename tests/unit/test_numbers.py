"""What counts as a number that an answer states, and when it can be known."""

from __future__ import annotations

import pytest

from conversations.numbers.grounds import ungrounded
from conversations.numbers.stated import stated

NO_CLAIMS = [
    "Revenue grew in 2024 and fell in 2025.",
    "1. North\n2. South\n\n- **3.** West",
    "The top 3 regions, the first 10 rows, the last 12 months, the top-5 and the bottom **2**.",
    "On 2024-03-01 at 10:30, or 1/2/2024, or 31.12.2024, or March 5, or 5 March.",
    "Q1 beats Q2; the file is UTF-8, see `sales_2024.csv` and `2024_sales.csv`.",
    "She came 1st, he came 2nd.",
    "上位3地域、2024年5月、3位。",
    "```\nx = 12345\n```\nSee https://example.com/4711 and [a chart](sandbox:/mnt/data/7.png).",
    "Step 1: read. Option 2: write. Table 3, Figure 4, sheet 5, #6.",
]

CLAIMS = [
    ("Revenue was 1,234.50 EUR.", "x = 1234.5"),
    ("Revenue was 1.234,50 €.", "1234.499"),
    ("It is 1 234 567 in all.", "1234567"),
    ("About 12,000 orders.", "12345"),
    ("That is 12.3k, or 1.2 million yen.", "12345 and 1234567"),
    ("A share of 34 %, or 34.2%.", "0.3421"),
    ("It fell by 5.0 %.", "-5.02"),
    ("売上は１２３万円、1.2億円です。", "1234567 123000000"),
    ("| North | 10 |\n| South | 20 |", "North 10\nSouth 20"),
    ("There are 7 customers.", "customers\n7"),
    ("**5,321**", "5321.2"),
    ("Between 3–4.", "3 4"),
]


@pytest.mark.parametrize("text", NO_CLAIMS)
def test_what_only_names_counts_or_dates_is_no_claim(text: str) -> None:
    assert [claim.words for claim in stated(text)] == []


@pytest.mark.parametrize(("text", "source"), CLAIMS)
def test_what_stands_in_a_source_is_known_in_any_spelling(text: str, source: str) -> None:
    assert stated(text)
    assert ungrounded(stated(text), ["nothing", source]) == []


@pytest.mark.parametrize(("text", "source"), CLAIMS)
def test_what_stands_nowhere_is_not(text: str, source: str) -> None:
    assert len(ungrounded(stated(text), ["", "98765432"])) == len(stated(text))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Revenue was 1,235.", "1234.4"),
        ("A share of 35 %.", "0.342"),
        ("12.4k", "12345"),
        ("There are 8 customers.", "7"),
        ("12,000 orders", "12345"),
    ],
)
def test_what_is_near_but_not_rounded_so_is_invented(text: str, source: str) -> None:
    assert ungrounded(stated(text), [source])


def test_an_open_block_of_code_ends_the_prose() -> None:
    assert stated("7\n```python\n8\n~~~\n9") == stated("7")
