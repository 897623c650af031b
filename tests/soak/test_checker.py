"""The soak's checker finds what must not be: a sound ledger passes, each doctored one fails by the rule it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.soak.checker import Asked, Evidence, check, outcome_of, strict_pairs
from tests.soak.plan import Size, draw
from tests.support.world import Json

PLACE = ("C1", "1.0")
TURNS = ["T:C1:1.0", "T:C1:2.0", "T:C1:3.0"]


def asked(number: int, **changes: Any) -> Asked:
    written = 10.0 * number
    made = Asked(
        turn=TURNS[number],
        place=PLACE,
        act="question",
        token=f"outcome-{number:06d}",
        charts=(f"chart-{number}.png",) if number == 1 else (),
        written=written,
        sent=written + 0.1,
        acked=written + 0.2,
    )
    return replace(made, **changes)


def message(ts: str, turn: str, part: str, text: str = "", **fields: Any) -> Json:
    return {"ts": ts, "text": text, "metadata": {"event_payload": {"turn": turn, "part": part}}, **fields}


def answer(number: int, ts: str) -> Json:
    return message(ts, TURNS[number], "answer", f"Here it is: outcome-{number:06d}.")


def sound() -> Evidence:
    """Three answered questions; the second has a streamed part and a chart, and a file card stands between them."""
    chart: Json = {"ts": "23", "text": "", "files": [{"name": "chart-1.png"}]}
    messages = [
        answer(0, "11"),
        message("12", "T:C1:1.5:card", "card"),
        message("21", TURNS[1], "stream:0", "It begins."),
        answer(1, "22"),
        chart,
        answer(2, "31"),
    ]
    return Evidence([asked(0), asked(1), asked(2)], {PLACE: messages})


def test_a_sound_ledger_passes() -> None:
    assert check(sound()) == []
    assert len(list(strict_pairs(sound().asked))) == 3


def with_messages(change: Callable[[list[Json]], list[Json]]) -> Evidence:
    evidence = sound()
    changed = change(list(evidence.messages[PLACE]))
    return replace(evidence, messages={PLACE: [one | {"ts": f"{ts}"} for ts, one in enumerate(changed, 1)]})


def swapped(messages: list[Json]) -> list[Json]:
    return [*messages[2:5], messages[0], messages[5]]


def mixed(messages: list[Json]) -> list[Json]:
    return [messages[2], messages[0], *messages[3:]]


FAILED = {"blocks": [{"type": "actions", "elements": [{"action_id": "try_again"}]}]}

DOCTORED: dict[str, tuple[str, Callable[[list[Json]], list[Json]]]] = {
    "a double": ("more than one outcome", lambda found: [*found, message("32", TURNS[2], "notice:too_old")]),
    "the same part twice": ("a part is there twice", lambda found: [*found, answer(2, "32")]),
    "a missing": ("no outcome", lambda found: found[:-1]),
    "half an answer": ("parts without an outcome", lambda found: [*found[:3], *found[4:]]),
    "out of order": ("outcomes are not in order", swapped),
    "one amid another": ("outcomes are mixed", mixed),
    "a dangling stream": (
        "a stream is open",
        lambda found: [*found, message("32", TURNS[2], "stream:0", streaming_state="in_progress")],
    ),
    "a Stop button": ("a Stop button is left", lambda found: [*found, message("32", TURNS[2], "control")]),
    "an orphan": ("a message belongs to nothing", lambda found: [*found, {"ts": "32", "text": "half of"}]),
    "a chart twice": ("a chart is there twice", lambda found: [*found[:5], found[4] | {"ts": "24"}, found[5]]),
    "a chart missing": ("not the charts of the answer", lambda found: [*found[:4], found[5]]),
    "a chart of nobody": (
        "a file that nobody asked for",
        lambda found: [*found, {"ts": "32", "files": [{"name": "chart-9.png"}]}],
    ),
    "a stranger": ("a turn that nobody asked for", lambda found: [*found, message("32", "T:C1:9.9", "answer")]),
    "another's words": (
        "another question's answer",
        lambda found: [*found[:-1], message("31", TURNS[2], "answer", "outcome-000002 outcome-000001")],
    ),
    "no end": ("an answer without its end", lambda found: [*found[:-1], message("31", TURNS[2], "answer", "Here")]),
    "a stop by nobody": (
        "stopped by nobody",
        lambda found: [*found[:-1], message("31", TURNS[2], "answer", "Stopped.", **FAILED)],
    ),
}


@pytest.mark.parametrize("doctored", list(DOCTORED), ids=str)
def test_a_doctored_ledger_fails(doctored: str) -> None:
    rule, change = DOCTORED[doctored]
    assert rule in {finding.rule for finding in check(with_messages(change))}


def test_what_is_left_and_who_has_ended() -> None:
    evidence = replace(sound(), statuses={PLACE: "is thinking…"}, exits=[1])
    assert [finding.rule for finding in check(evidence)] == ["a replica ended by itself", "a status line is left"]


def test_a_question_that_slack_could_not_deliver_may_have_no_outcome_but_never_two() -> None:
    evidence = with_messages(lambda found: found[:-1])
    lost = replace(evidence, asked=[asked(0), asked(1), asked(2, sent=None, acked=None)])
    assert check(lost) == []
    twice = with_messages(lambda found: [*found, message("32", TURNS[2], "notice:too_old")])
    doubled = replace(lost, messages=twice.messages)
    assert [finding.rule for finding in check(doubled)] == ["more than one outcome"]


def test_questions_on_the_way_at_the_same_time_may_change_places() -> None:
    at_once = [asked(0), asked(1, sent=10.1, acked=10.3), asked(2)]
    assert check(replace(with_messages(swapped), asked=[asked(0, sent=10.1, acked=10.3), *at_once[1:]])) == []


def test_a_chart_stands_where_the_bot_has_shared_it() -> None:
    """Slack shows it a moment later, when the next outcome may be there already."""
    chart: Json = {"ts": "32", "text": "", "files": [{"id": "F1", "name": "chart-1.png"}]}
    late = with_messages(lambda found: [*found[:4], found[5], chart])
    assert "outcomes are mixed" in {finding.rule for finding in check(late)}
    assert check(replace(late, shared={"F1": 4.5})) == []


def test_outcomes_by_kind() -> None:
    assert outcome_of(answer(0, "1")) == "answer"
    assert outcome_of(message("1", TURNS[0], "notice:help")) == "notice"
    assert outcome_of(message("1", TURNS[0], "answer", "Stopped.", **FAILED)) == "stopped"
    assert outcome_of(message("1", TURNS[0], "answer", ":warning: No.", **FAILED)) == "error"


def test_the_plan_is_repeatable_and_complete() -> None:
    size = Size(60, 200, 20)
    plan = draw(size, 7)
    assert plan == draw(size, 7)
    assert plan != draw(size, 8)
    lines = [line for talk in plan for line in talk.lines]
    questions = [line for line in lines if line.act in {"question", "withdrawn"}]
    assert len(questions) == size.questions
    assert len({line.token for line in questions}) == size.questions
    assert len(plan) == size.threads
    assert all(0 <= line.at <= size.seconds for line in questions)
