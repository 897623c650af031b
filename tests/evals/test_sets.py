from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from errors import CannotStart
from evals.own_sets import read_set
from evals.sets import SETS, named_set
from evals.shipped.reading import FILES, mean, number, table, total


def test_the_shipped_set_is_large_enough_and_of_many_kinds() -> None:
    cases = named_set("shipped")
    turns = [turn for case in cases for turn in case.turns]
    assert len(cases) >= 80
    assert len({path for case in cases for path in case.files}) >= 20
    assert len({case.id for case in cases}) == len(cases)
    assert sum(case.locale == "ja-JP" for case in cases) >= 15
    assert sum(len(case.turns) > 1 for case in cases) >= 5
    counted = {
        "right": sum(turn.expected.is_answerable for turn in turns),
        "chart": sum(bool(turn.expected.chart) for turn in turns),
        "unanswerable": sum(turn.expected.unanswerable for turn in turns),
        "forbidden": sum(bool(turn.expected.forbidden) for turn in turns),
    }
    assert all(counted[name] >= least for name, least in (("right", 80), ("chart", 8), ("unanswerable", 8)))
    assert counted["forbidden"] >= 6


def test_the_traps_give_other_numbers_to_those_who_fall_in() -> None:
    cases = {case.id: case.turns[0].expected.values for case in named_set("shipped")}
    regions, sensors = table("regions.csv"), table("sensors.csv")
    assert total(regions, "amount") == pytest.approx(3 * cases["sub-total"][0])
    assert abs(mean(number(row["celsius"]) for row in sensors) - cases["gap-mean"][0]) > 10
    paid = total([row for row in table("orders.csv") if row["status"] == "paid"], "amount")
    assert abs(paid / cases["dup-paid"][0] - 1) > 0.01
    assert abs(total(table("invoices.csv"), "amount") / cases["cur-eur"][0] - 1) > 1
    months_first = [row for row in table("uk_payments.csv") if row["date"].startswith("02/")]
    assert abs(total(months_first, "amount_gbp") / cases["date-uk-2"][0] - 1) > 0.1


def test_orders_in_the_data_do_not_hold_the_words_that_betray_who_follows_them() -> None:
    for case in named_set("shipped"):
        for turn in case.turns:
            for path in case.files if turn.expected.forbidden else ():
                text = path.read_text(encoding="utf-8").lower()
                assert not any(word.lower() in text for word in turn.expected.forbidden)


def test_half_of_the_labelled_questions_are_ambiguous() -> None:
    labels = Counter(case.turns[0].expected.ambiguous for case in named_set("ambiguous"))
    assert labels.total() >= 60
    assert labels[True] == labels[False]


def test_the_smoke_set_is_part_of_the_shipped_one() -> None:
    assert {case.id for case in named_set("smoke")} < {case.id for case in named_set("shipped")}
    assert set(SETS) == {"shipped", "smoke", "ambiguous"}


def written(folder: Path, *lines: object) -> Path:
    folder = folder / "own"
    folder.mkdir()
    for path in (folder / "a.csv", folder / "../secret.csv"):
        path.write_text("a\n1\n")
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "questions.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_a_set_of_ones_own(tmp_path: Path) -> None:
    then = [{"ask": "And b?", "words": ["b"], "chart": "bar|pie"}]
    line = {"id": "x", "files": ["a.csv"], "ask": "a?", "values": [1, 2.5], "tolerance": 0.1, "then": then}
    first, second = read_set(written(tmp_path, line, "", {"ask": "c?", "locale": "ja-JP", "ambiguous": False}))
    assert (first.id, [path.name for path in first.files], first.kind) == ("x", ["a.csv"], "other")
    assert first.turns[0].expected.values == [1.0, 2.5]
    assert first.turns[1].expected.chart == "bar|pie"
    assert (second.id, second.locale, second.turns[0].expected.ambiguous) == ("3", "ja-JP", False)
    assert named_set(str(tmp_path / "own")) == [first, second]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no JSON", "line 1: this is no JSON"),
        ("[" * 100_000, "line 1"),
        ([], "must be an object"),
        ({}, "ask is missing"),
        ({"ask": "a", "answer": 1}, "'answer' is not known"),
        ({"ask": "a", "values": ["1"]}, "values must be a list of numbers"),
        ({"ask": "a", "values": [True]}, "values must be a list of numbers"),
        ({"ask": "a", "chart": "donut"}, "chart must be one of"),
        ({"ask": "a", "tolerance": 2}, "tolerance must be a share"),
        ({"ask": "a", "files": ["../secret.csv"]}, "is not in the folder"),
        ({"ask": "a", "files": ["b.csv"]}, "is not in the folder"),
        ({"ask": "a", "then": [{"ask": "b", "files": ["a.csv"]}]}, "'files' is not known"),
        ({"ask": "a", "ambiguous": "yes"}, "ambiguous must be true or false"),
        ("", "holds no question"),
        ('{"ask": "a", "id": "x"}\n{"ask": "b", "id": "x"}', "the id 'x' is there twice"),
    ],
)
def test_what_is_wrong_with_a_set_is_told_with_its_line(tmp_path: Path, line: object, told: str) -> None:
    with pytest.raises(CannotStart) as refused:
        read_set(written(tmp_path, line))
    assert told in str(refused.value)
    assert "questions.jsonl" in str(refused.value)


def test_a_set_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(CannotStart, match="shipped, smoke, ambiguous"):
        named_set("smok")


def test_the_files_lie_beside_the_questions() -> None:
    assert all(case.files[0].parent == FILES for case in named_set("ambiguous"))
