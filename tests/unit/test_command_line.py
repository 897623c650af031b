"""``python bot.py``: what it can do, and what it says to anything else."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from app.command_line import COMMANDS, read_arguments
from app.logs import start_logging

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
ROOMS = [room for room in CONTRACTS["root_packages"] if room != "playground"]
"""Of production code; ``test_rooms`` says that none is missing."""


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, so that nothing starts."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        bot.main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_without_a_command_it_runs() -> None:
    assert read_arguments([]).command == "run"
    assert read_arguments(["run"]).command == "run"


def test_the_help_names_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bot.main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(f"    {name} " in told for name in COMMANDS)


@pytest.mark.parametrize(("word", "meant"), [("docter", "doctor"), ("useage", "usage"), ("DROP", "drop")])
def test_a_misspelt_command_is_refused_with_the_nearest(
    capsys: pytest.CaptureFixture[str], word: str, meant: str
) -> None:
    said = refused(capsys, word)
    assert f"Did you mean {meant}?" in said
    assert ", ".join(COMMANDS) in said


@pytest.mark.parametrize("word", ["start", "x", "", "--doctor", "-x"])
def test_anything_else_never_starts_the_bot(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert "usage: python bot.py" in refused(capsys, word)


@pytest.mark.parametrize("line", ["usage week", "usage -7", "usage 7 8", "drop", "doctor x"])
def test_wrong_arguments_are_refused(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert "usage: python bot.py" in refused(capsys, *line.split())


@pytest.mark.parametrize("arguments", [[], ["usage"], ["drop", "T1:C1:1.1"]])
def test_missing_settings_are_told_by_each_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert bot.main(arguments) == 2
    assert "SLACK_BOT_TOKEN: is missing" in capsys.readouterr().err


def test_settings_are_read_before_anything_heavy_is_imported() -> None:
    code = "import sys, app.command_line; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    imported = set(ran.stdout.split())
    assert "app.settings" in imported
    assert not imported & {"aiohttp", "dbos", "openai", "psycopg", "slack_bolt", "slack_sdk", "sqlalchemy"}


def test_an_older_python_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1, "final", 0))
    assert bot.main([]) == 1
    assert "3.11 or newer is needed; this is 3.10" in capsys.readouterr().err


@pytest.fixture
def levels() -> Iterator[None]:
    """Loggers, left as they were found."""
    loggers = [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    before = {logger: logger.level for logger in loggers}
    yield
    for logger, level in before.items():
        logger.setLevel(level)


def test_each_room_logs_at_the_level_that_is_set(levels: None) -> None:
    start_logging("DEBUG")
    assert all(logging.getLogger(f"{room}.any").isEnabledFor(logging.DEBUG) for room in ROOMS)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)


def test_every_logger_is_named_by_its_module() -> None:
    lines = [line for room in ROOMS for file in (ROOT / room).rglob("*.py") for line in file.read_text().splitlines()]
    made = {line for line in lines if re.match(r"\w+ = logging\.getLogger", line)}
    assert made == {"log = logging.getLogger(__name__)"}
