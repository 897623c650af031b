"""Bad input gets one clear sentence to the person who can act on it, and loses nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import ROOT, SALES, World, words_of

CSV = b"region,revenue\nEast,10\n"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Without a bot."""
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as made:
        yield made


async def test_an_empty_file_is_named_and_the_question_is_still_answered(world: World) -> None:
    await world.run_bot()
    text = await world.answer("[[say an answer]]", files=[("nothing.csv", b""), ("data.csv", CSV)])
    assert "nothing.csv" in text
    assert "is empty" in text
    assert "an answer" in text


async def test_a_file_that_is_too_large_is_named_with_the_limit(world: World) -> None:
    world.settings["MAX_FILE_MB"] = "1"
    await world.run_bot()
    text = await world.answer("[[say an answer]]", files=[("huge.csv", b"a,b\n" + b"1,2\n" * 400_000)])
    assert "huge.csv" in text
    assert "too large" in text
    assert "an answer" in text
    assert not world.uploads


async def test_a_deleted_file_is_named(world: World) -> None:
    await world.run_bot()
    gate = world.slack.faults.hold("files.info", when="before")
    ts = await world.ask("[[say an answer]]", files=[("gone.csv", CSV)])
    await asyncio.wait_for(gate.reached.wait(), 10)
    await world.slack.human.delete_file(next(iter(world.slack.files)))
    gate.release()
    text = "\n".join(map(words_of, await world.outcomes(SALES, ts)))
    assert "deleted" in text
    assert "an answer" in text


async def test_a_login_page_instead_of_the_file_names_the_scope(world: World) -> None:
    await world.run_bot()
    world.slack.faults.download_login(times=10)
    text = await world.answer("[[say an answer]]", files=[("data.csv", CSV)])
    assert "data.csv" in text
    assert "files:read" in text
    assert not world.uploads


async def test_a_wrong_azure_key_is_said_in_the_thread(world: World) -> None:
    world.settings["AZURE_OPENAI_API_KEY"] = "wrong"
    await world.run_bot()
    text = await world.answer("hello")
    assert "key" in text.lower()
    assert "Traceback" not in text


async def test_an_unknown_deployment_is_said_in_the_thread(world: World) -> None:
    world.settings["AZURE_OPENAI_DEPLOYMENT"] = "no-such"
    await world.run_bot()
    text = await world.answer("hello")
    assert "deployment" in text.lower()


async def ended(world: World) -> tuple[int, str]:
    """Run a bot that cannot start: its exit code and what it says."""
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "bot.py"),
        cwd=world.folder,
        env=world.environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(bot.communicate(), 30)
    return bot.returncode or 0, said.decode()


@pytest.mark.parametrize(("setting", "value"), [("SLACK_BOT_TOKEN", "xoxb-wrong"), ("SLACK_APP_TOKEN", "xapp-wrong")])
async def test_a_wrong_slack_token_is_one_line_at_start(world: World, setting: str, value: str) -> None:
    world.settings[setting] = value
    bot = await world.spawn()
    assert bot.stdout
    (line,) = (await bot.stdout.read()).decode().splitlines()
    assert await bot.wait() == 1
    assert line.startswith(f"{setting}: ")


async def test_missing_settings_are_said_all_at_once(world: World) -> None:
    world.settings |= {"SLACK_BOT_TOKEN": "", "AZURE_OPENAI_ENDPOINT": "", "PORT": "http"}
    code, said = await ended(world)
    assert code == 2
    assert [line.split(":")[0] for line in said.strip().splitlines()] == [
        "SLACK_BOT_TOKEN",
        "PORT",
        "AZURE_OPENAI_ENDPOINT",
    ]


async def test_a_second_bot_on_the_same_file_ends_with_one_sentence(world: World) -> None:
    await world.run_bot()
    code, said = await ended(world)
    assert code == 1
    assert "Another bot is running on this database file" in said
    assert "Traceback" not in said
