"""``pytest --quick``: the tests that need no other process (server, browser, kernel) and no whole bot.

A test is left out if its code, or that of a fixture it takes, names what starts one of those, or if it is marked as
thorough; of one that is marked ``one_in(n)``, each nth combination of its parameters is taken. What slips through is
refused when it starts.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

STARTERS = {
    "Inside",
    "JupyterInterpreter",
    "async_playwright",
    "browser_page",
    "create_subprocess_exec",
    "fresh_database",
    "inside",
    "postgres_server",
    "ready",
    "run_bot",
    "start_bot",
    "start_bots",
    "subprocess",
}
"""Names in the code of tests and fixtures that stand for another process, or for a whole bot in their own."""

PROGRAMS = {
    *("bot.py", "tests.support.forkserver", "benchmarks", "playground"),
    *("initdb", "pg_ctl", "postgres"),
    *("chrome", "chromium", "google-chrome", "node"),
    *("bootstrap.py", "bwrap"),
}
"""What such processes are called by. ``python -m helper`` is none of them."""


def is_quick(item: pytest.Item) -> bool:
    """Whether ``make quick`` has time for a test."""
    return item.get_closest_marker("thorough") is None and not needs_processes(item)


def quick_ones(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests that ``make quick`` runs."""
    met: Counter[Any] = Counter()
    taken = []
    for item in filter(is_quick, items):
        rarely = item.get_closest_marker("one_in")
        number, function = rarely.args[0] if rarely else 1, getattr(item, "function", item)
        if met[function] % number == 0:
            taken.append(item)
        met[function] += 1
    return taken


def needs_processes(item: pytest.Item) -> bool:
    """Whether a test, or a fixture that it takes, starts another process."""
    found = getattr(item, "_fixtureinfo", None)
    fixtures = [definitions[-1].func for definitions in found.name2fixturedefs.values()] if found else []
    seen: set[int] = set()
    return any(_starts(function, seen) for function in (getattr(item, "obj", None), *fixtures))


def forbid_processes() -> None:
    """Refuse the start of a program that no quick test may need, for the rest of this process.

    An audit hook would see more, but it is called for every file and attribute: a fiftieth of the time.
    """
    begin = subprocess.Popen.__init__

    def checked(self: Any, args: Any, *more: Any, **options: Any) -> None:
        refuse(args)
        begin(self, args, *more, **options)

    subprocess.Popen.__init__ = checked  # type: ignore[method-assign]


def refuse(args: str | Sequence[str]) -> None:
    """Fail for the arguments of a program that no quick test may need."""
    called = args.split() if isinstance(args, str) else [str(argument) for argument in args]
    if PROGRAMS & {Path(argument).name for argument in called}:
        raise AssertionError(f"Not quick: what starts this belongs to STARTERS of tests/support/quick.py: {called}")


def _starts(function: Any, seen: set[int]) -> bool:
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return False
    seen.add(id(function))
    names = set(_names(function.__code__))
    if names & STARTERS:
        return True
    called = (function.__globals__.get(name) for name in names)
    return any(_starts(one, seen) for one in _unwrapped(called))


def _unwrapped(values: Iterable[Any]) -> Iterator[Any]:
    """Functions of the tests' own; of decorated ones what is inside."""
    for value in values:
        inner = getattr(value, "__wrapped__", value)
        if getattr(inner, "__module__", "").startswith("tests."):
            yield inner


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
