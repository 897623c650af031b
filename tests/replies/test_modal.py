"""The modals keep to Slack's limits, whatever ran."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from conversations.files.code import python_file
from playground.slack.state.blocks import Rules, check
from replies.views.buttons import judgement, verdict
from replies.views.code_modal import CODE_ON, CodeStep, code_modal, page_of
from replies.views.modals import feedback_modal
from replies.views.wording import Wording
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
        view = code_modal(EN, "turn", ran, page)
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
    shown = "".join(code_in(code_modal(EN, "t", ran, page)) for page in range(20))
    assert all(f"x{n} = {n}" in shown for n in range(10))


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
