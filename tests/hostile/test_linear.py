"""Row H4 in its whole kind: what reads foreign text takes time as the text is long, whatever stands in it."""

from __future__ import annotations

import ast
import logging
import re
import time
from collections.abc import Iterator
from functools import cache

import pytest

from tests.hostile.readers import (
    ASIDE,
    HEAVIER_ON_THE_LOOP,
    MEGABYTE,
    ON_THE_LOOP,
    OURS,
    READERS,
    ROOMS,
    ROOT,
    Reader,
)
from tests.hostile.texts import SHAPES

MEASURABLE = 0.0002
"""Seconds of CPU from which on two times may be compared."""

MOST_GROWTH = 3.0
"""Of the time, when the length is doubled."""

SCANS = 20
"""The longest text takes the loop no longer than so many looks at each character of a megabyte: 50 ms."""

SCANS_ASIDE = 6000
"""The same for a megabyte that is read beside the loop: 15 µs a character."""


def spent(reader: Reader, text: str, runs: int = 1) -> float:
    """Seconds of CPU for reading a text, the least of some runs."""
    best = float("inf")
    for _ in range(runs):
        begun = time.thread_time()
        reader.read(text)
        best = min(best, time.thread_time() - begun)
    return best


@cache
def begun(name: str, shape: str, length: int) -> float:
    """Seconds of CPU of a reader's first look at a shape; more than one test begins with it."""
    return spent(READERS[name], SHAPES[shape](length))


@cache
def scan() -> float:
    """Seconds of CPU for a look at each character of a megabyte."""
    pattern = re.compile("[^x]")
    return spent(Reader(pattern.search), "x" * MEGABYTE, 20)


def growth(name: str, shape: str) -> tuple[float, int, float]:
    """How the time grows when the length is doubled, at which length, and how long the longer text took."""
    reader, make = READERS[name], SHAPES[shape]
    length = min(reader.shortest, reader.longest // 2)
    while (shorter := begun(name, shape, length)) < MEASURABLE and 2 * length < reader.longest:
        length = min(4 * length, reader.longest // 2)
    for runs in (1, 2, 8, 16):
        longer = spent(reader, make(2 * length), runs)
        if longer / max(shorter, MEASURABLE) < MOST_GROWTH or longer > 1.0:
            break
        shorter = spent(reader, make(length), runs)
    return longer / max(shorter, MEASURABLE), 2 * length, longer


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Nothing is logged: that would be measured along with the rest."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def shapes(quick: bool) -> list[str]:
    """Names of shapes."""
    return list(SHAPES)[:: 35 if quick else 1]


@pytest.mark.parametrize("name", READERS)
def test_h4_twice_the_text_takes_twice_the_time(name: str, shapes: list[str]) -> None:
    bad = []
    for shape in shapes:
        factor, length, _ = growth(name, shape)
        if factor >= MOST_GROWTH:
            bad.append(f"{shape}: × {factor:.1f} from {length // 2} to {length} characters")
    assert not bad


@pytest.mark.parametrize("name", [*ON_THE_LOOP, *HEAVIER_ON_THE_LOOP])
def test_h4_the_longest_text_holds_up_nobody(name: str, shapes: list[str]) -> None:
    """That of the shape which is the worst at a tenth of its length."""
    reader = READERS[name]
    slowest, worst = 0.0, ""
    for share in (100, 10):
        for shape in shapes:
            took = spent(reader, SHAPES[shape](reader.longest // share))
            assert took <= SCANS * scan(), f"{shape}: {took * 1000:.0f} ms for a part of 1/{share}"
            if took > slowest:
                slowest, worst = took, shape
    took = spent(reader, SHAPES[worst](reader.longest), 4)
    assert took <= SCANS * scan(), f"{worst}: {took * 1000:.0f} ms; a scan takes {scan() * 1000:.1f}"


@pytest.mark.parametrize("name", ASIDE)
def test_h4_what_is_read_aside_does_not_take_for_ever(name: str, shapes: list[str]) -> None:
    reader = ASIDE[name]
    worst = max(shapes, key=lambda shape: begun(name, shape, 2000))
    for length in (20_000, 40_000):
        took = spent(reader, SHAPES[worst](length))
        assert took <= SCANS_ASIDE * scan() * length / MEGABYTE, f"{worst}: {took * 1e6 / length:.1f} µs a character"


def test_every_pattern_is_known() -> None:
    """A new pattern is measured with the others, or declared as one that sees no foreign text."""
    read = {pattern for reader in READERS.values() for pattern in reader.patterns}
    found = set(patterns())
    assert sorted(found - read - OURS.keys()) == [], "add it to tests/hostile/readers.py"
    assert sorted((read | OURS.keys()) - found) == [], "these are gone: take them out of tests/hostile/readers.py"
    assert not read & OURS.keys()


def patterns() -> Iterator[str]:
    """Where production code calls ``re``, as ``module:NAME`` of what is made of it, or of the function around."""
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    for path in [*sorted(ROOT.glob("*.py")), *files]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield from (f"{module}:{place}" for place in places(ast.parse(path.read_text()), ""))


def places(node: ast.AST, around: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        name = around
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = child.name
        elif isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name) and child.targets[0].id.isupper():
            name = child.targets[0].id
        elif is_call_of_re(child):
            yield around
        yield from places(child, name)


def is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr != "escape"
    )


def test_the_lists_do_not_overlap() -> None:
    assert len(READERS) == len(ON_THE_LOOP) + len(HEAVIER_ON_THE_LOOP) + len(ASIDE)
