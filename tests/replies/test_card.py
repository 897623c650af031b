"""A file card keeps to Slack's limits, whatever a file holds, and asks what its columns allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.ports.replies import CardFile
from conversations.ports.windows import Talk
from playground.slack.state.blocks import Rules, check
from replies.views.buttons import sample
from replies.views.file_card import card, summary
from replies.views.home import home, prompts, words
from replies.views.suggestions import questions
from replies.views.wording import Wording
from tables import EMPTY, Column, FileFacts, Sheet, unknown
from tables.columns import ColumnType
from tests.support.budgets import examples

EN, JA = Wording("en"), Wording("ja")
TYPES: list[ColumnType] = ["integer", "number", "date", "category", "boolean", "text", "empty"]
names = st.text(max_size=100) | st.sampled_from(["<!channel>", "a*b", "`x`", "売上", "id", ""])
columns = st.lists(st.builds(Column, names, st.sampled_from(TYPES)), max_size=40).map(tuple)
facts = st.builds(
    FileFacts,
    name=names,
    size=st.integers(0, 10**9),
    encoding=st.sampled_from(["", "utf-8", "cp932"]),
    rows=st.integers(-1, 10**7),
    rows_exact=st.booleans(),
    column_count=st.integers(0, 10**4),
    columns=columns,
    inspected=st.booleans(),
)
files = st.lists(
    st.builds(CardFile, st.text(min_size=1, max_size=500), st.integers(0, 10**9), st.none() | facts),
    min_size=1,
    max_size=30,
)
TURN = "T0PLAYGRND:C0SALES001:1795403489.174880:card"


def test_a_file_that_could_not_be_looked_into_is_named_and_said_to_be() -> None:
    shown = str(card(EN, TURN, [CardFile("a.xlsx", 1270, unknown("a.xlsx", 1270))]))
    assert "*a.xlsx* · 1 kB" in shown
    assert "*a.xlsx* cannot be looked into; I pass it on as it is." in shown


@examples(150)
@given(files, st.sampled_from([EN, JA]))
def test_every_card_is_within_slacks_limits_and_pings_nobody(shared: list[CardFile], wording: Wording) -> None:
    shown = card(wording, TURN, shared)
    check(shown, Rules("message"))
    text = "".join(str(block) for block in shown if block["type"] in {"section", "context"})
    assert "<!" not in text
    pressable = [e for block in shown if block["type"] == "actions" for e in block["elements"]]
    assert 2 <= len(pressable) <= 3
    for button, question in zip(pressable, questions(wording, shared), strict=True):
        assert sample(button["value"]) == (TURN, question)


@pytest.mark.parametrize("count", [5, 6, 9, 30])
def test_a21_a_card_names_every_file_of_a_drop(count: int) -> None:
    shared = [CardFile(f"month-{number}.csv", 1000) for number in range(count)]
    shown = str(card(EN, TURN, shared))
    named = [file.name for file in shared if f"*{file.name}*" in shown]
    assert named == [file.name for file in shared[:25]]
    assert ("and 5 more" in shown) == (count == 30)
    assert ("Also shared: " in summary(EN, shared)) == (count > 5)


def table(*columns: tuple[str, ColumnType]) -> list[CardFile]:
    described = tuple(Column(name, kind) for name, kind in columns)
    return [CardFile("x.csv", 1, FileFacts("x.csv", 1, rows=1, column_count=len(described), columns=described))]


@pytest.mark.parametrize(
    ("columns", "asked"),
    [
        ([("date", "date"), ("region", "category"), ("sales", "number")], ["sales over date", "Total sales by region"]),
        ([("customer_id", "integer"), ("sales", "integer"), ("city", "text")], ["Total sales by city"]),
        ([("x", "number"), ("y", "number")], ["How is x distributed"]),
        ([("unit_price", "number"), ("revenue", "number"), ("area", "category")], ["Total revenue by area"]),
        ([("unit_price", "number"), ("area", "category")], ["Average unit_price by area"]),
        ([("単価", "number"), ("売上金額", "integer"), ("店舗", "category")], ["Total 売上金額 by 店舗"]),
        ([("名前", "text")], ["Are there missing values?"]),
        ([("顧客番号", "integer"), ("店舗", "category")], ["Are there missing values?"]),
    ],
)
def test_questions_suit_the_columns(columns: list[tuple[str, ColumnType]], asked: list[str]) -> None:
    found = questions(EN, table(*columns))
    assert len(found) == len(asked) + 1
    assert all(question.startswith(start) for question, start in zip(found[1:], asked, strict=True))


def listed(names: str) -> list[str]:
    return names.split()


CODES = listed(
    """id customer_id customerId CustomerID order_no zip Zipcode plz fips county_fips GEOID isbn sku phone phone_number
    Tel. mobile lat lon Latitude longitude lng year birth_year yr Jahr année año month day quarter rank row_number
    index account ref key version 顧客番号 商品コード 年 年度 緯度 経度 電話番号 郵便番号 月 编号 年份 电话 연도
    전화번호"""
)
AMOUNTS = listed(
    """sales Sales revenue totalRevenue amount order_amount profit qty quantity units visitors population cost costs
    Umsatz Betrag Menge Anzahl montant quantité ventas importe vendas 売上 売上高 売上金額 金額 数量 件数 来店人数
    销售额 金额 매출 total_cost hours clicks"""
)
RATES = listed(
    """price unit_price rate interest_rate rating discount percent pct score age temperature avg_sales 単価 販売価格
    成長率 年齢 平均売上 Preis prix precio sales_per_day"""
)


@pytest.mark.parametrize("name", [*CODES, "ZIP code", "Order No.", "longitude (deg)", "Year of birth", "Phone (home)"])
def test_t11_codes_years_and_coordinates_are_never_measured(name: str) -> None:
    for kind in ("integer", "number"):
        asked = questions(EN, table((name, kind), ("name", "text")))
        assert asked[1:] == ["Are there missing values?"]


@pytest.mark.parametrize("name", [*AMOUNTS, "Number of orders", "Sales (EUR)", "Total amount due"])
def test_t11_amounts_are_added_up(name: str) -> None:
    assert questions(EN, table((name, "integer"), ("city", "text")))[1:] == [f"Total {name} by city, as a bar chart"]


@pytest.mark.parametrize("name", [*RATES, "value", "x", "reading", "% of total"])
def test_t11_what_may_be_no_amount_is_averaged(name: str) -> None:
    assert questions(EN, table((name, "number"), ("city", "text")))[1:] == [f"Average {name} by city, as a bar chart"]


def test_t11_whole_numbers_that_look_like_codes_are_not_measured_unless_named_so() -> None:
    coded = (Column("county", "integer", codes=True), Column("name", "text"))
    file = CardFile("x.csv", 1, FileFacts("x.csv", 1, rows=1, column_count=2, columns=coded))
    assert questions(EN, [file])[1:] == ["Are there missing values?"]


@pytest.mark.parametrize(
    ("rows", "columns", "exact", "english", "japanese"),
    [
        (1, 1, True, "1 row × 1 column", "1 行 × 1 列"),
        (1, 2, True, "1 row × 2 columns", "1 行 × 2 列"),
        (2, 1, True, "2 rows × 1 column", "2 行 × 1 列"),
        (0, 3, True, "0 rows × 3 columns", "0 行 × 3 列"),
        (1234, 12, True, "1,234 rows × 12 columns", "1,234 行 × 12 列"),
        (1, 2, False, "at least 1 row × 2 columns", "1 行以上 × 2 列"),
    ],
)
def test_t11_a_size_is_said_in_the_right_number(
    rows: int, columns: int, exact: bool, english: str, japanese: str
) -> None:
    file = CardFile("x.csv", 1, FileFacts("x.csv", 1, rows=rows, rows_exact=exact, column_count=columns))
    assert summary(EN, [file]) == f"*x.csv* · 1 kB · {english}"
    assert summary(JA, [file]) == f"*x.csv* · 1 kB · {japanese}"


def test_t9_a_card_says_that_a_file_is_empty() -> None:
    file = CardFile("x.csv", 1, FileFacts("x.csv", 1, kind="text", problem=EMPTY))
    assert summary(EN, [file]) == "*x.csv* · 1 kB · empty"


def test_t5_a_card_says_how_many_tables_there_are() -> None:
    tables = (Sheet("", 2, 2), Sheet("", 3, 3))
    file = CardFile("x.csv", 1, FileFacts("x.csv", 1, kind="table", rows=3, column_count=3, tables=tables))
    assert summary(EN, [file]) == "*x.csv* · 1 kB · 3 rows × 3 columns · Tables: 2"
    assert summary(JA, [file]).endswith("表: 2")


def test_a_file_that_nobody_could_look_into_still_has_questions() -> None:
    assert questions(JA, [CardFile("x.parquet", 5_000_000)]) == [
        "このデータの概要と特徴を教えて",
        "欠損値はありますか？",
    ]


@examples(60)
@given(st.lists(st.builds(Talk, st.just("C1"), st.just("1.2"), names, st.floats(1, 2e9)), max_size=8))
def test_the_home_tab_is_valid_and_pings_nobody(talks: list[Talk]) -> None:
    view = home(EN, talks, {"C1:1.2": "https://x.slack.com/archives/C1/p12"})
    check(view["blocks"], Rules("view"))
    assert "<!channel" not in str(view)


def test_prompts_are_at_most_four() -> None:
    assert 1 <= len(prompts(JA)) <= 4


def test_a_question_as_plain_words() -> None:
    assert words("ask <b> of\nthe  R&amp;D site  now", 60) == "ask <b> of the R&amp;D site now"
    assert words("x" * 100, 10) == "x" * 9 + "…"
