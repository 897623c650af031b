"""What we ask: within Slack's limits whatever files are called and models say, asked once, settled by a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.errors import FileEmpty
from conversations.planning.tools import MOST_CHOICES
from conversations.ports.replies import Inquiry, Option
from playground.slack.delivery.faults import When
from playground.slack.state.blocks import Rules, check
from replies.views.buttons import choice
from replies.views.inquiry import asked, settled
from replies.views.wording import Wording
from tests.replies.conftest import World
from tests.support.budgets import examples
from tests.support.world import words_of

EN, JA = Wording("en"), Wording("ja")
TURN = "T0PLAYGRND:C0SALES001:1795403489.174880"
names = st.text(min_size=1, max_size=300) | st.sampled_from(["<!channel>", "a*b", "`x`", "売上.csv", "\u202e", "<@U1>"])
options = st.lists(st.builds(Option, st.uuids().map(str), names), max_size=MOST_CHOICES)
OPTIONS = [Option("F1", "sales_q3.csv"), Option("F2", "weather.csv")]
ASKED = Inquiry(OPTIONS, missing=["sales_q2.csv"])


@examples(150)
@given(st.lists(names, max_size=9), options, names | st.just(""), st.sampled_from([EN, JA]))
def test_every_question_is_within_slacks_limits_and_pings_nobody(
    missing: list[str], offered: list[Option], words: str, wording: Wording
) -> None:
    inquiry = Inquiry(offered, words, missing, [FileEmpty(name=words)])
    text, shown = asked(wording, TURN, inquiry)
    check(list(shown), Rules("message"))
    assert "<" not in text
    pressable = [e for block in shown if block["type"] == "actions" for e in block["elements"]]
    assert [choice(button["value"]) for button in pressable] == [(TURN, option.key) for option in offered]
    for by in ("<!here>", ""):
        text, shown = settled(wording, inquiry, by, missing[0] if missing else "x")
        check(list(shown), Rules("message"))
        assert "<" not in text


def test_what_is_asked_in_words() -> None:
    assert asked(EN, TURN, ASKED)[0] == "I know no file called *sales_q2.csv* here. Which file do you mean?"
    assert asked(EN, TURN, Inquiry(OPTIONS))[0].startswith("There are several files")
    assert asked(EN, TURN, Inquiry(missing=["a.csv", "b.csv"]))[0].startswith("I know no file called *a.csv*, *b.csv*")
    below = Inquiry(OPTIONS, is_below_answer=True)
    assert asked(JA, TURN, below)[0] == "別の意味に取ることもできます:"
    assert (
        settled(EN, below, "", "")[0]
        == "The question could also mean something else:\nNobody has chosen this for a day."
    )
    assert "*sales_q2.csv* という名前のファイル" in asked(JA, TURN, ASKED)[0]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_it_is_asked_once_and_the_choice_takes_the_buttons_place(world: World, when: When) -> None:
    place = await world.ask()
    world.slack.faults.reset("chat.postMessage", when)
    for _ in range(2):
        await world.replies().inquire(place, ASKED, world.journal)
    (message,) = world.shown()
    assert "Which file do you mean?" in words_of(message)
    await world.replies().show_choice(place, ASKED, "Ben", "sales_q3.csv", world.journal)
    (message,) = world.shown()
    assert "Ben chose *sales_q3.csv*." in words_of(message)
    assert "choose_file" not in str(message["blocks"])


async def test_a_choice_that_cannot_be_shown_is_no_failure(world: World) -> None:
    place = await world.ask()
    await world.replies().show_choice(place, ASKED, "Ben", "sales_q3.csv", world.journal)
    assert world.shown() == []
