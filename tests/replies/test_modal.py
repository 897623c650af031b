"""The modals keep to Slack's limits, whatever ran."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.files.code import python_file
from conversations.ports.windows import Account, Number, Part, Source
from playground.slack.state.blocks import Rules, check
from receipts.form import LeftOut
from replies.views.buttons import judgement, verdict
from replies.views.how_modal import CODE_ON, CodeStep, how_modal, page_of
from replies.views.modals import feedback_modal
from replies.views.wording import Wording
from tables import Reading, Trap
from tables.traps.trap import ReadingKind, TrapKind
from tests.support.budgets import examples

RULES = Rules("view")
EN = Wording("en")
steps = st.lists(st.builds(CodeStep, st.text(max_size=20).map(lambda t: t * 300), st.text(max_size=9000)), max_size=12)


def code_in(view: dict[str, object]) -> str:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return "\n".join(block["elements"][0]["elements"][0]["text"] for block in blocks if block["type"] == "rich_text")


@examples(60)
@given(steps)
def test_every_page_is_within_the_limits(ran: list[CodeStep]) -> None:
    page = 0
    while True:
        view = how_modal(EN, "turn", [], ran, page)
        check(view["blocks"], RULES)
        assert len(json.dumps(view)) < 250_000
        more = [e for b in view["blocks"] if b["type"] == "actions" for e in b["elements"] if e["action_id"] == CODE_ON]
        if not more:
            break
        following, turn = page_of(more[0]["value"])
        assert (following, turn) == (page + 1, "turn")
        page = following


def test_all_code_is_shown_over_the_pages() -> None:
    ran = [CodeStep(f"x{n} = {n}\n" * 500, "") for n in range(10)]
    shown = "".join(code_in(how_modal(EN, "t", [], ran, page)) for page in range(20))
    assert all(f"x{n} = {n}" in shown for n in range(10))


TRAPS = [Trap(kind, "*col* <!channel>", ("1,5", "<@U1>"), 3, "Sheet & 1") for kind in get_args(TrapKind)]
READINGS = [Reading("date", kind, "€") for kind in get_args(ReadingKind)]
PARTS = [Part("", 1, 2), Part("Year", 1234, 1), Part("hidden", -1, 0)]
HEAVY = Source("x" * 300, 10**8, 1.7e9, "cp932", ";", False, PARTS * 3, READINGS * 5, [*TRAPS, *TRAPS[:5]])


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_files_and_their_traps_stand_before_the_code(locale: str) -> None:
    source = Source("sales.csv", 2000, 1.7e9, "cp932", ";", True, PARTS, READINGS, TRAPS)
    view = how_modal(Wording(locale), "turn", [source], [CodeStep("print(1)", "1")])
    check(view["blocks"], RULES)
    shown = json.dumps(view, ensure_ascii=False)
    assert shown.index("sales.csv") < shown.index("print(1)")
    assert all(word in shown for word in ("cp932", "1,234", "Sheet &amp; 1 › ", "&lt;!channel&gt;: "))
    assert "<!channel>" not in shown
    assert ("Hidden rows: 3" in shown) == (locale == "en")
    assert len(shown.split(":warning:")) == len(TRAPS) + 1


def test_many_files_fit_over_the_pages() -> None:
    sources = [replace(HEAVY, name=f"{number}.csv") for number in range(12)]
    seen = ""
    for page in range(20):
        view = how_modal(EN, "turn", sources, [CodeStep("print(1)", "1")], page)
        check(view["blocks"], RULES)
        assert len(json.dumps(view)) < 250_000
        seen += json.dumps(view)
    assert "11.csv" in seen


def test_the_python_file_runs() -> None:
    steps = [{"code": "a = 1", "output": "printed\nlines"}, {"code": "b = a + 1", "output": ""}]
    made = python_file(steps).decode()
    compile(made, "analysis.py", "exec")
    assert "#   printed\n#   lines" in made


def test_the_feedback_modal_is_valid() -> None:
    check(feedback_modal(Wording("ja"), "turn")["blocks"], RULES)


def test_feedback_carries_the_turn() -> None:
    buttons = judgement(EN, "T:C:1.2", "U1")["elements"][0]
    assert verdict(buttons["negative_button"]["value"]) == ("down", "T:C:1.2")
    assert verdict(buttons["positive_button"]["value"]).thumb == "up"


def test_numbers_stand_between_files_and_code_with_their_queries() -> None:
    numbers = [Number("Costs <b>", "6 EUR", "SELECT sum(a) FROM sales\u202e", "differs", "7")]
    numbers += [Number("", "5", "SELECT 5", "cannot", "")] * 49
    account = Account(numbers, [LeftOut(1200, "no <b> revenue")])
    pages = [how_modal(EN, "turn", [], [CodeStep("print(1)", "1")], page, account)["blocks"] for page in range(5)]
    assert all(len(page) <= 100 for page in pages)
    said = json.dumps(pages[0], ensure_ascii=False)
    assert "Rows left out: 1,200 (no &lt;b&gt; revenue)" in said
    assert ":warning: Costs &lt;b&gt;: 6 EUR" in said
    assert "On the file it gives 7." in said
    assert "\u202e" not in said
    assert "could not be checked" in said
    assert "print(1)" in json.dumps(pages[-1])
