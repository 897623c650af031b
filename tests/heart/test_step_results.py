"""What steps came to: rows of the version before (recorded_steps.json) are read, and all comes back as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.database.models import Job
from conversations.errors import FileDeleted, RunTooLong, UploadRefused
from conversations.jobs import file_cards
from conversations.ports.incoming import UserText
from conversations.ports.workplace import Person, SharedFile
from conversations.store.plan import Kind, Plan
from conversations.store.results import Attached, Called, Chosen, Offer, Ran, Started, StepResult, Told
from errors import AnalystError, error_from_json

KINDS: dict[str, type[StepResult]] = {
    "plan": Plan,
    "command": Told,
    "asked": StepResult,
    "attach": Attached,
    "start": Started,
    "run": Ran,
}
ROWS: list[tuple[str, dict[str, Any]]] = json.loads(Path(__file__).with_name("recorded_steps.json").read_text())


def kind_of(name: str) -> type[StepResult]:
    return KINDS[name.partition(":")[0]]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_rows_of_the_version_before_are_read(name: str, row: dict[str, Any]) -> None:
    if row.keys() == {"error"}:
        assert type(error_from_json(row["error"])).__name__ == row["error"]["kind"]
        return
    result = kind_of(name).from_json(row)
    assert row.items() <= json.loads(json.dumps(result.to_json())).items()
    assert type(result).from_json(row | {"of a later version": 1}).to_json() == result.to_json()


def test_rows_of_the_version_before_mean_the_same() -> None:
    plan = next(Plan.from_json(row) for name, row in ROWS if name == "plan" and row.get("again"))
    assert (plan.kind, plan.shown_to_thread, plan.origin, plan.asker.name) == ("ask", True, "", "Bob")
    plan = next(Plan.from_json(row) for name, row in ROWS if name == "plan" and row.get("via"))
    assert (plan.shown_to_thread, plan.origin) == (False, "edit")
    started = [Started.from_json(row) for name, row in ROWS if name == "start" and "error" not in row]
    assert {one.stopped for one in started} == {True, False}
    assert [error.fields for one in started for error in one.unread] == [{"name": "gone.csv"}]
    ran = [Ran.from_json(row) for name, row in ROWS if name == "run" and "outcome" in row]
    assert {one.outcome for one in ran} == {"answered", "failed", "stopped"}
    assert {one.made for one in ran} == {0, 1, 3}
    assert [one.missing for one in ran if one.missing] == [["lost.png"]]
    assert {type(one.error).__name__ for one in ran if one.error} == {"EmptyAnswer", "RunTimedOut", "AnswerFiltered"}
    told = [Told.from_json(row) for name, row in ROWS if name == "command"]
    assert {one.notice: dict(one.fields) for one in told}["stopped"] == {"by": "Ann"}


texts = st.text(max_size=20)
lists = st.lists(texts, max_size=3)
errors = st.builds(
    lambda kind, detail, name: kind(detail, name=name),
    st.sampled_from([AnalystError, FileDeleted, UploadRefused, RunTooLong]),
    texts,
    texts,
)
several = st.lists(errors, max_size=3)
files = st.builds(SharedFile, texts, texts, st.integers(0), *[texts] * 5, st.integers(0), texts, texts)
people = st.builds(Person, *[texts] * 5, *[st.booleans()] * 5)
jsons = st.lists(st.dictionaries(texts, texts, max_size=2), max_size=2)
results = st.one_of(
    st.builds(
        Plan,
        st.sampled_from(list(Kind.__args__)),  # type: ignore[attr-defined]
        texts,
        texts,
        st.lists(files, max_size=3),
        texts,
        people,
        st.booleans(),
        texts,
        st.just({}),  # reasons are not stored
        lists,
        st.lists(files, max_size=3),
        st.lists(files, min_size=1, max_size=3),
        texts,
    ),
    st.builds(Offer, lists, jsons, texts, jsons),
    st.builds(Chosen, texts, texts, texts),
    st.builds(Called, texts, lists, st.dictionaries(texts, texts, max_size=2), several),
    st.builds(Told, texts, st.dictionaries(texts, texts, max_size=2)),
    st.builds(StepResult),
    st.builds(Attached, texts, texts, st.floats(0, 1e10), several),
    st.builds(Started, texts, several, st.booleans()),
    st.builds(
        Ran,
        st.sampled_from(["answered", "called", "failed", "stopped"]),
        st.integers(0),
        lists,
        lists,
        st.none() | errors,
        several,
        texts,
        jsons.map(lambda calls: calls or ()),
    ),
)


@given(results)
def test_results_come_back_as_they_were(result: StepResult) -> None:
    rows = result.rows("step")
    again = type(result).from_rows("step", json.loads(json.dumps(rows)))
    assert again.rows("step") == rows
    assert {name: value for name, value in vars(again).items() if name not in result.errors} == {
        name: value for name, value in vars(result).items() if name not in result.errors
    }
    assert rows["step"].keys() != {"error"}, "which is an error's row"


def test_a_card_of_the_version_before_is_read() -> None:
    file = {"id": "F1", "name": "a.csv"}
    written: dict[str, Any] = {"team": "T1", "channel": "C1", "ts": "1.2", "user": "U1", "text": "", "files": [file]}
    job = Job(id="T1:C1:1.2:card", channel="C2", arguments=written | {"again": False, "via": "", "command": ""})
    assert file_cards._message(job) == UserText("T1", "C2", "1.2", "U1", "", files=[SharedFile("F1", "a.csv")])
