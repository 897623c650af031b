from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import grimp
import pytest

from app.command_line import COMMANDS, read_arguments
from conversations.database.models import Base

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
HISTORY = ROOT / "CHANGELOG.md"
MAKEFILE = (ROOT / "Makefile").read_text()
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
    ours = {path for path in named if (ROOT / path.split("/")[0]).is_dir() and path.split("/")[0] != "build"}
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


def code(page: Path) -> Iterator[str]:
    """The lines of a page's code blocks, without their remarks, and what stands between backticks."""
    words, *blocks = re.split(r"^```", page.read_text(), flags=re.MULTILINE)
    for position, part in enumerate(blocks):
        if position % 2:
            words += part
        else:
            yield from (line.partition("  #")[0] for line in part.splitlines()[1:])
    yield from re.findall(r"`([^`\n]+)`", words)


def bot_commands(page: Path) -> Iterator[list[str]]:
    """The arguments of each ``bot.py`` that a page shows; what is optional is left out."""
    for line in code(page):
        if found := re.search(r"(?:^|[ /])bot\.py( .*)?$", line):
            yield re.sub(r"\[.*?\]|…|·", "", found[1] or "").split()


def is_understood(arguments: list[str]) -> bool:
    try:
        read_arguments(arguments)
    except SystemExit as end:
        return end.code == 0  # the help
    return True


@pages
def test_the_commands_that_are_shown_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = [arguments for arguments in bot_commands(page) if not is_understood(arguments)]
    assert page == HISTORY or unknown == [], capsys.readouterr().err


def make_words(page: Path) -> Iterator[str]:
    """The targets and, with an equals sign, the variables of each ``make`` that a page shows."""
    for line in code(page):
        if found := re.search(r"(?:^|[ ;])make((?: +[\w-]+(?:=.*)?)+) *$", line):
            yield from re.findall(r"[\w-]+=?", re.sub(r"=(\".*?\"|\S*)", "=", found[1]))


@pages
def test_what_is_made_can_be_made(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    variables = {f"{name}=" for name in re.findall(r"\$\((?:or \$\()?([A-Z]+)\)", MAKEFILE)}
    assert page == HISTORY or set(make_words(page)) - targets - variables == set()


def test_commands_are_found_where_they_are_shown() -> None:
    readme = ROOT / "README.md"
    assert {("setup",), ("usage",), ()} <= {tuple(arguments) for arguments in bot_commands(readme)}
    assert {"try", "MODEL=", "test", "quick"} <= set(make_words(readme))
    listed = {name for cell in first_cells(readme, "Commands") for name in re.findall(r"^`([a-z]+)", cell)}
    assert listed - {"python"} == COMMANDS.keys() - {"run"}


def first_cells(page: Path, heading: str) -> list[str]:
    """The first cells of the tables below a heading."""
    level, below = re.split(rf"^(##+) {heading}$", page.read_text(), flags=re.MULTILINE)[1:]
    return re.findall(r"^\| (.*?) ?\|", below.partition(f"\n{level} ")[0], re.MULTILINE)


def test_the_inventory_has_every_table() -> None:
    listed = [name.strip("`") for name in first_cells(ROOT / "docs/data.md", "Our database")]
    assert sorted(set(listed) - {"Table"}) == sorted(Base.metadata.tables)


def test_settings_have_a_purpose() -> None:
    """Those of the README stand in the admin's page, and no others do."""
    rows = first_cells(ROOT / "README.md", "Settings")
    settings = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    named = re.findall(r"`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`", (ROOT / "docs/admin.md").read_text())
    assert len(settings) > 30
    assert set(named) == settings


def test_what_is_to_be_looked_up_is_said_in_these_words() -> None:
    """Sentences of errors, of the start, and of the log, up to what is filled in."""
    rooms = [
        path for room in CONTRACTS["root_packages"] for path in (ROOT / room).rglob("*.py") if room != "playground"
    ]
    sources = "\n".join(path.read_text() for path in [*rooms, ROOT / "errors.py"])
    said = " ".join(re.sub(r"\{[^{}]*\}|%\.?\d*[dsfr]", "…", re.sub(r'"\s*\n\s*f?"', "", sources)).split())
    cells = first_cells(ROOT / "docs/admin.md", "When something is wrong")
    quoted = [words for cell in cells for words in re.findall(r'"([^"]+)"', cell)]
    assert len(quoted) > 50
    assert [words for words in quoted if words not in said] == []


def test_both_languages_tell_people_the_same() -> None:
    english, japanese = ((ROOT / f"docs/user{language}.md").read_text() for language in ("", ".ja"))
    for mark in (r"^## ", r"^\| ", r"^- ", r"^\d\. "):
        assert len(re.findall(mark, english, re.MULTILINE)) == len(re.findall(mark, japanese, re.MULTILINE)), mark
