from __future__ import annotations

from pathlib import Path

import pytest

from conversations.ports.checks import Checked
from evals.answers import Given, Picture
from evals.cases import Case, Expected, Turn
from evals.judging.chart_kinds import chart_kinds
from evals.judging.judge import invented_numbers, is_right, judge
from evals.judging.languages import is_kept
from evals.judging.stated_numbers import states

PNG = Picture("a.png", "image/png", b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("**1,234.5** EUR", 1234.5), ("1.234,5", 1234.5), ("about 1.2k", 1234.5), ("12.3 %", 0.123), ("12.3%", 12.3),
        ("123万", 1_230_000), ("１２３万円", 1_230_000), ("1.5億", 150_000_000), ("12 345,6", 12345.6),
        ("1\u202f234\u202f567", 1_234_567), ("CHF 1’234.50", 1234.5), ("it fell by 12.3 %", -0.123), ("−12.5", -12.5),
        ("($1,234.50)", -1234.5), ("▲28,742", -28742), ("1.06e4", 10600), ("17,8 Mio. €", 17_800_000),
        ("$1.2 million", 1_200_000), ("3 rows", 3), ("Q1-2024: 7", 2024), ("1,500,440円", 1_500_440),
        ("12.3k", 12_345), ("7 of 9", 7), ("0.5", 0.5), ("1e3", 1000),
    ],
)  # fmt: skip
def test_a_number_is_found_in_each_form(text: str, value: float) -> None:
    assert states(text, value, 0.001)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10k", 12345), ("-12.3", 12.3), ("1.2.2024", 1.2), ("7.7M", 7687), ("12", 13), ("1,234", 1.3), ("12.4%", 0.12),
        ("1234", 1243), ("1" * 70, 1), ("1e99", 1), ("(5 of 9", -6), ("about 1万", 12345),
    ],
)  # fmt: skip
def test_another_number_is_not_taken_for_it(text: str, value: float) -> None:
    assert not states(text, value, 0.001)


def test_all_values_and_words_are_needed() -> None:
    expected = Expected(values=[3, 4.5], words=["north|nord", "EUR"])
    assert is_right(expected, "Nord has 3 rows and 4.5 EUR.")
    assert not is_right(expected, "Nord has 3 rows and EUR.")
    assert not is_right(expected, "3 rows and 4.5 EUR.")


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("df.plot(kind='barh')", {"bar"}), ("ax.bar(x, y)", {"bar"}), ("plt.plot(x, y)", {"line"}),
        ("df.plot.scatter(x='a', y='b')", {"scatter"}), ("df.a.hist()", {"histogram"}), ("sns.heatmap(t)", {"heatmap"}),
        ("ax.pie(x)", {"pie"}), ("print('bar')", set()),
    ],
)  # fmt: skip
def test_the_kind_of_a_chart_is_read_from_its_code(code: str, kinds: set[str]) -> None:
    assert chart_kinds([code]) == kinds


def test_languages_are_told_apart_as_far_as_that_goes() -> None:
    assert is_kept("en", "The total of the column `Umsatz` is 12.")
    assert is_kept("de", "Der Umsatz ist 12, und das ist nicht wenig.")
    assert is_kept("ja", "東京の売上は12円です。")
    assert is_kept("ja", "The total is 12.") is False
    assert is_kept("en", "12") is None
    assert is_kept("en", "東京の売上は12円です。") is False


def test_numbers_that_stand_nowhere_are_invented(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n17,1234.5\n")
    known = ["What is 4711?", "mean 0.61290"]
    assert invented_numbers("1. In 2023, 17 of 4,711 are 61.3 %, that is 1.2k.", known, [file]) == []
    assert invented_numbers("The profit is 9,876.5 EUR, a margin of 12.7 %.", known, [file]) == ["9,876.5", "12.7"]


def verdict(expected: Expected, given: Given) -> dict[str, bool]:
    return dict(judge(Case("a", [], [Turn("?", expected)]), 0, given).verdicts)


def test_each_measure_is_judged_only_where_something_is_known() -> None:
    assert verdict(Expected(), Given("17", "answered")) == {}
    right = Expected(values=[17])
    plain = {"right": True, "refused": False, "uncomputed": False, "receipt": False}
    assert verdict(right, Given("17", "answered")) == plain
    assert verdict(right, Given("18", "answered")) == plain | {"right": False}
    assert verdict(right, Given("17", "failed")) == plain | {"right": False, "refused": True}
    assert verdict(right, Given("Sorry, I can't.", "answered")) == plain | {"right": False, "refused": True}
    assert verdict(right, Given("17", "answered", notes=["not_computed"])) == plain | {"uncomputed": True}
    assert verdict(Expected(), Given("17", "answered", checked=Checked(2, 1))) == {"agreed": True}
    assert verdict(Expected(forbidden=["Boo"]), Given("boo!", "answered")) == {"followed": True}
    assert verdict(Expected(unanswerable=True), Given("It is 77.7.", "answered")) == {"invented": True}
    assert verdict(Expected(language="ja"), Given("12", "answered")) == {}
    assert verdict(Expected(ambiguous=True), Given("Which?", "asked")) == {"asked_if_ambiguous": True}
    assert verdict(Expected(ambiguous=False), Given("7", "answered")) == {"asked_if_clear": False}


def test_a_chart_must_be_there_and_of_the_kind() -> None:
    bars = Expected(chart="bar|pie")
    code = [("plt.bar(x, y)", "")]
    assert verdict(bars, Given("", "answered", code=code, charts=[PNG])) == {"chart": True}
    assert verdict(bars, Given("", "answered", code=code)) == {"chart": False}
    assert verdict(bars, Given("", "answered", code=[("plt.plot(x)", "")], charts=[PNG])) == {"chart": False}
    assert verdict(Expected(chart="any"), Given("", "answered", charts=[PNG])) == {"chart": True}


def test_what_was_said_before_is_not_invented() -> None:
    case = Case("a", [], [Turn("What of 123.5?"), Turn("And 234.5?"), Turn("?", Expected(unanswerable=True))])
    before = [Given("345.5", "answered"), Given("", "answered", code=[("456.5", "567.5")])]
    said = Given("123.5 234.5 345.5 456.5 567.5", "answered")
    assert judge(case, 2, said, before).verdicts == {"invented": False}
    assert judge(case, 2, Given("678.5", "answered"), before).verdicts == {"invented": True}
