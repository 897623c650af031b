from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reliability.md").read_text()
PROMISES = range(1, 7)


def defined() -> set[str]:
    sources = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)", PAGE))
    assert len(named) > 40
    assert named - defined() == set()


def test_every_test_of_a_promise_stands_on_the_page() -> None:
    of_promises = {name for name in defined() if name.startswith("test_promise_")}
    assert {name for name in of_promises if f"`{name}" not in PAGE} == set()
    for promise in PROMISES:
        assert any(name.startswith(f"test_promise_{promise}_") for name in of_promises)
