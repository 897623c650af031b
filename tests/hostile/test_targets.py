"""The fuzzer's targets for some seconds: their seeds, what the fuzzer has found so far, and chance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import NAMES, Target, load

FINDS = sorted((Path(__file__).parent / "finds").glob("*/*"))
targets = pytest.mark.parametrize("name", NAMES)


@cache
def seeds(name: str) -> Sequence[bytes]:
    return list(load(name).seeds())


@targets
def test_the_seeds_hold(name: str) -> None:
    target: Target = load(name)
    for seed in seeds(name):
        target.one(seed)


@pytest.mark.parametrize("find", FINDS, ids=lambda find: f"{find.parent.name}-{find.name}")
def test_what_was_found_stays_mended(find: Path) -> None:
    load(find.parent.name).one(find.read_bytes())


@targets
@given(st.data())
def test_chance_finds_nothing(name: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(seeds(name)))
    place, gone = data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, 8))
    load(name).one(seed[:place] + data.draw(st.binary(max_size=24)) + seed[place + gone :])
