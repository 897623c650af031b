"""``python bot.py eval`` against the local Azure."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import bot
from app.command_line import read_arguments
from app.evaluating.command import UNMET, measure
from app.settings import Settings, read_settings
from errors import CannotStart
from evals.sets import named_set
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure


@pytest.fixture
async def settings() -> AsyncIterator[Settings]:
    azure = LocalAzure(model=ScriptedModel(), interpreter=ScriptedInterpreter())
    await azure.start()
    yield read_settings(
        {
            "AZURE_OPENAI_ENDPOINT": azure.endpoint,
            "AZURE_OPENAI_API_KEY": azure.api_key,
            "AZURE_OPENAI_DEPLOYMENT": azure.deployment,
        },
        dotenv=None,
        slack=False,
    )
    await azure.stop()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A set of one's own, whose questions tell the scripted model what to say."""
    (tmp_path / "a.csv").write_text("a\n1\n2\n3\n")
    lines = [
        {"id": "sum", "files": ["a.csv"], "ask": "Sum of a [[say It is 6.]] [[show]]", "values": [6]},
        {"id": "mean", "files": ["a.csv"], "ask": "Mean of a [[say It is 3.]]", "values": [2]},
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


async def evaluated(settings: Settings, own: Path, *arguments: str) -> int:
    chosen = read_arguments(["eval", str(own), "--to", str(own / "report"), *arguments])
    return await measure(settings, chosen, named_set(chosen.questions))


@pytest.mark.thorough
async def test_reports_are_written_and_requirements_decide(
    settings: Settings, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await evaluated(settings, own, "--require", "right>=0.5") == 0
    told = capsys.readouterr().out
    assert "| Right value | 50.0% |" in told
    assert "report.html" in told
    page = (own / "report/report.html").read_text()
    assert "It is 3." in page
    assert 'src="data:image/png;base64,' in page
    assert "mean" in (own / "report/report.md").read_text()
    assert await evaluated(settings, own, "--require", "right>=0.9", "--at-once", "1") == UNMET
    assert "Not met: right is 0.5, not >= 0.9." in capsys.readouterr().err


@pytest.mark.thorough
async def test_when_nothing_is_answered_the_reason_is_told(settings: Settings, own: Path) -> None:
    locked_out = replace(settings, assistant=replace(settings.assistant, api_key="wrong"))
    with pytest.raises(CannotStart, match=r"No question was answered: .*AZURE_OPENAI_API_KEY"):
        await evaluated(locked_out, own)


def report(path: Path, *rights: bool) -> str:
    questions = [{"id": str(n), "kind": "k", "verdicts": {"right": so}, "amounts": {}} for n, so in enumerate(rights)]
    path.write_text(json.dumps({"version": 1, "about": {}, "questions": questions}))
    return str(path)


def test_two_reports_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = report(tmp_path / "a.json", *[True] * 30), report(tmp_path / "b.json", *[False] * 30)
    assert bot.main(["eval", "--compare", good, bad]) == UNMET
    assert "worse" in capsys.readouterr().out
    assert bot.main(["eval", "--compare", bad, good]) == 0
    assert bot.main(["eval", "--compare", good, report(tmp_path / "c.json")]) == 1
    assert "no question in common" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["eval a b", "eval --at-once 0", "eval --require good", "eval --compare a"])
def test_wrong_arguments_are_refused(line: str) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments(line.split())
    assert ended.value.code == 2


def test_slack_is_not_needed_but_a_model_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_DEPLOYMENT", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert bot.main(["eval"]) == 2
    told = capsys.readouterr().err
    assert "AZURE_OPENAI_DEPLOYMENT: is missing" in told
    assert "SLACK" not in told
