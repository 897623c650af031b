"""The assistant that is opened when it is first needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from azure_assistant import AssistantConfig, LazyAssistant
from azure_assistant.errors import SettingsMissing
from tests.support.world import ROOT


def test_the_bot_listens_before_the_sdk_is_imported() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, bot; print('openai' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"


def test_what_is_missing_is_told_at_once() -> None:
    with pytest.raises(SettingsMissing):
        LazyAssistant(AssistantConfig())


async def test_what_was_never_opened_can_be_closed() -> None:
    await LazyAssistant(AssistantConfig(openai_api_key="sk-x", deployment="gpt")).close()


async def test_it_is_opened_once() -> None:
    late = LazyAssistant(AssistantConfig(openai_api_key="sk-x", deployment="gpt"))
    assert await late.load() is await late.load()
    await late.close()
