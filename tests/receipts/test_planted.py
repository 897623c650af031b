from __future__ import annotations

from collections import Counter

import pytest

from tests.receipts.planted import FILES, Planted, planted

ALL = planted()


def test_there_are_enough_of_each_kind() -> None:
    counted = Counter(each.verdict for each in ALL)
    assert len(ALL) >= 120
    assert len({each.id for each in ALL}) == len(ALL)
    assert {name for each in ALL for name in each.files} == {path.name for path in FILES.iterdir()}
    assert min(counted["agrees"], counted["differs"]) >= len(ALL) * 0.4
    assert counted["cannot"] >= 10


@pytest.mark.thorough
def test_each_planted_verdict_is_what_the_file_says() -> None:
    judged = [case for case in ALL if case.verdict != "cannot"]
    assert [case.id for case in judged if is_true(case) != (case.verdict == "agrees")] == []


def is_true(case: Planted) -> bool:
    """Whether what is stated is what the file says, by any definition, to the last digit that is stated."""
    return any(abs(true - case.means) <= case.step / 2 + 1e-13 * abs(true) for true in case.allowed())
