"""The assistant that is opened when it is first needed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from azure_assistant import AssistantConfig, LazyAssistant
from azure_assistant.errors import SettingsMissing
from playground.azure.server import LocalAzure
from tests.azure.support import Cell, TestModel, png
from tests.support.in_bot.loop_watchdog import REPORT
from tests.support.world import ROOT

NOT_FOR_THE_START = {
    "alembic",
    "cryptography",
    "duckdb",
    "openai",
    "pandas",
    "pydantic",
    "tables.encodings",
    "tables.inspecting",
}
"""Each of these would make the start longer, and stay in memory."""


def test_the_bot_listens_before_what_can_wait_is_imported() -> None:
    code = "import sys, app.run; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    imported = set(ran.stdout.split())
    assert "app.composition" in imported
    assert not imported & NOT_FOR_THE_START


def test_what_is_missing_is_told_at_once() -> None:
    with pytest.raises(SettingsMissing):
        LazyAssistant(AssistantConfig())


async def test_what_was_never_opened_can_be_closed() -> None:
    await LazyAssistant(AssistantConfig(openai_api_key="sk-x", deployment="gpt")).close()


async def test_it_is_opened_once() -> None:
    late = LazyAssistant(AssistantConfig(openai_api_key="sk-x", deployment="gpt"))
    assert await late.load() is await late.load()
    await late.close()


@pytest.mark.parametrize("wire", ["responses", "assistants"])
async def test_the_first_question_does_not_hold_up_the_loop(
    azure: LocalAzure, model: TestModel, wire: str, tmp_path: Path
) -> None:
    model.answers = lambda _: [Cell("plt.show()", "drawn", [png(1)]), "North leads."]
    report = tmp_path / "stalls"
    arguments = (azure.endpoint, azure.api_key, azure.deployment, wire)
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.azure.first_question", *arguments, cwd=ROOT, env=os.environ | {REPORT: str(report)}
    )
    assert await asking.wait() == 0
    assert not report.exists(), report.read_text()
