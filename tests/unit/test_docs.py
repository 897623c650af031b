from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
HISTORY = ROOT / "CHANGELOG.md"
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

Arrows = set[tuple[str, str]]


def pictures() -> list[Arrows]:
    """The arrows of each flow chart of the page."""
    charts = re.findall(r"```mermaid\nflowchart.*?```", ARCHITECTURE, re.DOTALL)
    return [set(re.findall(r"(\w+) --> (\w+)", chart)) for chart in charts]


def imports(above: str) -> Arrows:
    """Which part of a package (of the project, without a name) imports which."""
    graph = grimp.build_graph(*CONTRACTS["root_packages"], cache_dir=None)
    names = CONTRACTS["root_packages"] if not above else [name.split(".")[1] for name in graph.find_children(above)]
    found = set()
    for one, other in product(names, names):
        importer, imported = (f"{above}.{name}".lstrip(".") for name in (one, other))
        if one != other and graph.direct_import_exists(importer=importer, imported=imported, as_packages=True):
            found.add((one, other))
    return found


def all_ways(arrows: Arrows) -> Arrows:
    """What can be reached by arrows, one after the other."""
    ways = set(arrows)
    while more := {(a, d) for a, b in ways for c, d in arrows if b == c} - ways:
        ways |= more
    return ways


@pytest.mark.parametrize(("number", "above"), [(0, ""), (1, "conversations")])
def test_the_pictures_show_what_is_imported(number: int, above: str) -> None:
    drawn, found = pictures()[number], imports(above)
    assert drawn - found == set(), "nothing is imported along these arrows"
    assert found - all_ways(drawn) == set(), "these imports are along no arrow"


def headings(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", page.read_text())):
        path, _, anchor = link.partition("#")
        if "://" not in link:
            there = page.parent / path if path else page
            if not there.exists() or (anchor and anchor not in headings(there)):
                yield link


@pages
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


@pages
def test_the_modules_and_folders_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:[a-z_0-9]+/)+(?:[a-z_0-9]+\.(?:py|md|yml|toml|ftl|json))?)`", page.read_text())
    ours = {path for path in named if (ROOT / path.split("/")[0]).is_dir()}
    assert page == HISTORY or {path for path in ours if not (ROOT / path).exists()} == set()


@pages
def test_the_tests_that_are_named_exist(page: Path) -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", sources))
    named = set(re.findall(r"`(test_\w+)`", page.read_text()))
    assert named - defined == set()


def test_no_page_is_meant_that_is_not_here() -> None:
    places = [
        *ROOT.glob("*.py"),
        *PAGES,
        *(path for room in CONTRACTS["root_packages"] for path in (ROOT / room).rglob("*.py")),
    ]
    assert [str(path) for path in places if re.search(r"design(\.md)? §", path.read_text())] == []
