"""A file card keeps to Slack's limits, whatever a file holds, and asks what its columns allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.ports.replies import CardFile
from conversations.ports.windows import Talk
from playground.slack.state.blocks import Rules, check
from replies.views.buttons import sample
from replies.views.file_card import card, questions, summary
from replies.views.home import home, prompts, words
from replies.views.wording import Wording
from tables import Column, FileFacts, unknown
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
        ([("名前", "text")], ["Are there missing or odd values?"]),
        ([("顧客番号", "integer"), ("店舗", "category")], ["Are there missing or odd values?"]),
    ],
)
def test_questions_suit_the_columns(columns: list[tuple[str, ColumnType]], asked: list[str]) -> None:
    found = questions(EN, table(*columns))
    assert len(found) == len(asked) + 1
    assert all(question.startswith(start) for question, start in zip(found[1:], asked, strict=True))


def test_a_file_that_nobody_could_look_into_still_has_questions() -> None:
    assert questions(JA, [CardFile("x.parquet", 5_000_000)]) == [
        "このデータの概要と特徴を教えて",
        "欠損値やおかしな値はありますか?",
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
    assert words("ask &lt;b&gt; of <https://x.y|the\nsite>  now", 60) == "ask <b> of the site now"
    assert words("x" * 100, 10) == "x" * 9 + "…"
