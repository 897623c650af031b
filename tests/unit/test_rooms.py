from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
NO_CODE_OF_OURS = {"tests", "benchmarks"}
MOST_MODULES = 12
MOST_PARAMETERS = 7

GENERATED = {"conversations/database/migrations/versions"}


def modules() -> list[Path]:
    """Of production code and the playground, relative to the project."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in listed.splitlines())
    return [path for path in paths if path.parts[0] not in NO_CODE_OF_OURS and (ROOT / path).exists()]


def constructors(path: Path) -> Iterator[int]:
    """How many parameters each has, ``self`` not counted; ``dataclass(eq=False)`` are objects, and no values."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            yield len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) - 1
        elif isinstance(node, ast.ClassDef) and "dataclass(eq=False)" in map(ast.unparse, node.decorator_list):
            fields = [ast.unparse(line) for line in node.body if isinstance(line, ast.AnnAssign)]
            yield sum("init=False" not in line for line in fields)


def test_every_import_goes_the_way_that_the_contracts_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda _: None)  # it would silence all loggers here
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_the_contracts_name_every_room() -> None:
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    assert {path.parts[0] for path in modules() if len(path.parts) > 1} == set(linted)


def test_the_root_of_the_errors_imports_no_room() -> None:
    tree = ast.parse((ROOT / "errors.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= sys.stdlib_module_names | {"collections.abc"}


def test_no_folder_is_too_full_to_be_looked_through() -> None:
    counted = Counter(str(path.parent) for path in modules() if path.name != "__init__.py")
    assert {folder: n for folder, n in counted.items() if n > MOST_MODULES and folder not in GENERATED} == {}


def test_no_constructor_wants_too_much() -> None:
    counted = {str(path): max(constructors(path), default=0) for path in modules()}
    assert {path: n for path, n in counted.items() if n > MOST_PARAMETERS} == {}
