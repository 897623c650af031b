from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from errors import CannotStart
from evals.answers import Given, Judged, Picture
from evals.cases import Case, Expected, Turn
from evals.comparing import differences
from evals.intervals import of_mean_difference, of_share, of_share_difference
from evals.measures import asking, level
from evals.reports.as_html import as_html
from evals.reports.as_json import as_json
from evals.reports.as_markdown import as_markdown
from evals.requirements import read_requirement
from evals.results import About, Results, Row, read_results, row_of

HOSTILE = "<script>alert(1)</script> ![x](https://a.test/y) | `\u202e`\ud800\0"
ABOUT = About("shipped", "gpt<b>", "responses", "3", "2026-01-01", "USD")


def judged(number: int, *, right: bool, text: str = HOSTILE) -> Judged:
    given = Given(
        text, "answered", HOSTILE, [(HOSTILE, HOSTILE)],
        [Picture(HOSTILE, "image/png", b"\x89PNG\r\n\x1a\nx"), Picture("c.png", "image/png", b"<svg onload=y>"),
         Picture("b.svg", "image/svg+xml", b"<svg onload=x>")],
        seconds=number, usage={"input_tokens": 10, "output_tokens": 5}, cost=0.5,
    )  # fmt: skip
    case = Case(f"c{number}", [Path("a<b>.csv")], [Turn(HOSTILE, Expected(values=[1]))], kind="<i>")
    return Judged(case, 0, given, {"right": right, "refused": not right, "receipt": False})


SOME = [judged(1, right=True), judged(2, right=False)]
RESULTS = Results(ABOUT, [row_of(one) for one in SOME])


def test_the_page_shows_foreign_words_and_pictures_as_nothing_else() -> None:
    page = as_html(RESULTS, SOME)
    page.encode()
    assert "<script" not in page
    assert "onload" not in page
    assert "a<b>.csv" not in page
    assert "<i>" not in page
    assert "\u202e" not in page
    assert page.count("<img ") == 2
    assert page.count('src="data:image/png;base64,') == 2
    assert "default-src 'none'" in page
    assert page.count('<details class="case" open>') == 1
    assert page.count('<details class="case">') == 1
    assert "Expected: 1<" in page
    assert "http-equiv" in page


def test_markdown_shows_foreign_words_in_their_cell() -> None:
    told = as_markdown(RESULTS, SOME)
    wrong = [line for line in told.splitlines() if line.startswith("| c2 ")]
    assert len(wrong) == 1
    assert wrong[0].replace("\\|", "").count("|") == 6
    assert "<script" not in told
    assert "](" not in wrong[0].replace("\\]", "")
    assert "| Right value | 50.0% | 9.5% to 90.5% | 1 of 2 |" in told


def test_a_report_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(as_json(ABOUT, SOME), encoding="utf-8")
    assert read_results(path) == RESULTS
    assert json.loads(path.read_text())["questions"][0]["code"][0]["code"].startswith("<script>")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 9}', '{"version": 1, "about": 3}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(CannotStart, match="report"):
        read_results(tmp_path / "x.json")


def test_intervals_are_those_of_the_books() -> None:
    """Wilson: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval, checked with statsmodels."""
    assert of_share(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert of_share(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    pairs = [(True, True)] * 40 + [(False, True)] * 12 + [(True, False)] * 2 + [(False, False)] * 6
    low, high = of_share_difference(pairs)
    assert 0.03 < low < (12 - 2) / 60 < high < 0.30
    assert of_mean_difference([(1.0, 2.0)] * 9) == (1.0, 1.0)
    low, high = of_mean_difference([(0.0, float(one)) for one in range(100)])
    assert (low, high) == pytest.approx((49.5 - 1.96 * 2.9, 49.5 + 1.96 * 2.9), abs=0.6)


def rows(*rights: bool, seconds: float = 1.0) -> Results:
    found = [Row(f"q{n}", "k", {"right": so}, {"seconds": seconds + n}) for n, so in enumerate(rights)]
    return Results(ABOUT, found)


def test_a_comparison_says_what_it_can_be_sure_of() -> None:
    before = rows(*[False] * 20, *[True] * 20)
    better, slower = differences(before, rows(*[True] * 36, *[False] * 4, seconds=3.0))
    assert (better.measure.name, better.verdict, better.questions) == ("right", "better", 40)
    assert (slower.measure.name, slower.verdict) == ("seconds", "worse")
    assert [one.verdict for one in differences(before, before)] == ["no difference seen"] * 2
    assert next(differences(before, rows(*[False] * 40))).verdict == "worse"


def test_only_common_questions_are_compared() -> None:
    renamed = replace(RESULTS, rows=[replace(row, id=f"new {row.id}") for row in RESULTS.rows])
    assert list(differences(RESULTS, renamed)) == []


def test_requirements() -> None:
    some = rows(True, True, False, True).rows
    assert read_requirement("right>=0.75").unmet(some) == ""
    assert read_requirement("right >= 0.76").unmet(some) == "right is 0.75, not >= 0.76"
    assert read_requirement("seconds<=2.5").unmet(some) == ""
    assert read_requirement("seconds<=2").unmet(some)
    assert read_requirement("chart>=0").unmet(some) == "chart was not measured"
    for wrong in ("right", "right>0.5", "wrong>=1", "right>=many", "right>=0.5;x"):
        with pytest.raises(ValueError, match="must be like right"):
            read_requirement(wrong)


def test_precision_and_recall_of_asking_back() -> None:
    labelled = [("asked_if_ambiguous", True)] * 3 + [("asked_if_ambiguous", False)] + [("asked_if_clear", True)]
    told = asking([Row(str(n), "k", {name: so}) for n, (name, so) in enumerate(labelled)])
    assert told is not None
    assert (told.precision, told.recall) == (0.75, 0.75)
    assert asking(RESULTS.rows) is None
    assert level(RESULTS.rows, "cost") == 0.5
