"""``python bot.py setup``: from nothing to a bot that runs, against the local Slack and the local Azure."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from dotenv import dotenv_values

from app.setup.deployments import deployments
from app.setup.env_file import EnvFile
from app.setup.slack_app import MANIFEST, form
from app.setup.wizard import main
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import ROOT, World

CONFIG = "xoxe.xoxp-playground-analyst"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as opened:
        yield opened


def environment(world: World) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "SLACK_API_URL": world.slack.api_url, "HOME": str(world.folder)}


def lines(answers: Sequence[str]) -> str:
    return "".join(f"{answer}\n" for answer in answers)


async def started(world: World, *answers: str) -> tuple[int, str]:
    """Type answers to ``python bot.py setup``; the exit code, and all that stood on the screen."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "bot.py"), "setup"),
        cwd=world.folder,
        env=environment(world),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(lines(answers).encode())
    return process.returncode or 0, said.decode()


async def typed(world: World, *answers: str) -> tuple[int, str]:
    """The same without a process of its own, which takes two seconds to start."""
    screen = io.StringIO()
    with pytest.MonkeyPatch.context() as here:
        here.chdir(world.folder)
        for name in os.environ.keys() - environment(world).keys():
            here.delenv(name)
        for name, value in environment(world).items():
            here.setenv(name, value)
        here.setattr(sys, "stdin", io.StringIO(lines(answers)))
        here.setattr(sys, "stdout", screen)
        status = await asyncio.to_thread(main)  # it has a loop of its own
    return status, screen.getvalue()


def model(world: World) -> Sequence[str]:
    return world.azure.endpoint, world.azure.api_key, world.azure.deployment


async def test_six_answers_are_enough(world: World) -> None:
    slack = world.slack
    status, said = await started(world, CONFIG, slack.bot_token, slack.app_token, *model(world))
    env = world.folder / ".env"
    assert status == 0, said
    assert dotenv_values(env) == {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "AZURE_OPENAI_ENDPOINT": world.azure.endpoint,
        "AZURE_OPENAI_API_KEY": world.azure.api_key,
        "AZURE_OPENAI_DEPLOYMENT": world.azure.deployment,
    }
    assert env.stat().st_mode & 0o777 == 0o600
    assert f"{slack.workspace.app_id}/install-on-team" in said
    assert "✓ database" in said
    for secret in (CONFIG, slack.bot_token, slack.app_token, world.azure.api_key):
        assert secret not in said
    (made,) = [call for call in slack.workspace.ledger.calls if call.method == "apps.manifest.create"]
    assert json.loads(made.args["manifest"]) == yaml.safe_load(MANIFEST.read_text())


async def test_what_is_wrong_is_told_and_asked_again(world: World) -> None:
    slack = world.slack
    wrong = ("xoxe.xoxp-old", "", "xoxb-wrong", slack.bot_token, slack.bot_token, slack.app_token)
    endpoint, key, deployment = model(world)
    status, said = await typed(world, *wrong, endpoint, "wrong", deployment, endpoint, key, deployment)
    assert status == 0, said
    for told in ("12 hours", "Slack refuses it (invalid_auth)", "not_allowed_token_type", "KEY 1", form()):
        assert told in said
    assert dotenv_values(world.folder / ".env")["AZURE_OPENAI_API_KEY"] == key


async def test_each_step_can_be_done_again_and_lines_that_are_there_stay(world: World) -> None:
    env = world.folder / ".env"
    env.write_text("# ours\nLOG_LEVEL=DEBUG\nSLACK_BOT_TOKEN=xoxb-old # of last year\n")
    slack = world.slack
    status, said = await typed(world, "", slack.bot_token, slack.app_token)
    assert (status, "python bot.py setup" in said) == (1, True)
    kept = env.read_text()
    assert kept.startswith("# ours\nLOG_LEVEL=DEBUG\n")
    assert dotenv_values(env)["SLACK_BOT_TOKEN"] == slack.bot_token
    EnvFile(env, {}).keep(AZURE_OPENAI_ENDPOINT=world.azure.endpoint, AZURE_OPENAI_API_KEY=world.azure.api_key)
    status, said = await typed(world, "", "", "", "", "", world.azure.deployment)
    assert status == 0, said
    assert env.read_text().startswith(kept)


async def test_a_blank_in_an_answer_is_asked_about(world: World) -> None:
    status, said = await typed(world, "", "xoxb-a b")
    assert (status, "There is a blank" in said) == (1, True)
    assert not (world.folder / ".env").exists()


def test_the_form_has_the_manifest_filled_in() -> None:
    assert parse_qs(urlsplit(form()).query) == {"new_app": ["1"], "manifest_yaml": [MANIFEST.read_text()]}


def test_a_setting_can_be_taken_out(tmp_path: Path) -> None:
    env = EnvFile(tmp_path / ".env", {"FROM": "outside"})
    env.keep(A="1", B="2")
    env.keep(A="", C="")
    assert (dotenv_values(env.path), env.value("A"), env.value("B"), env.value("FROM")) == (
        {"B": "2"},
        "",
        "2",
        "outside",
    )


ACCOUNTS = [
    {"name": "x"},
    7,
    {"name": "Other", "resourceGroup": "g", "properties": {"endpoint": "https://mine.openai.azure.com/"}},
]
AZ = f"""#!/bin/sh
case "$*" in
*"account list"*) echo '{json.dumps(ACCOUNTS)}' ;;
*"deployment list --name Other --resource-group g"*) echo '[{{"name": "gpt"}}, {{"name": "small"}}]' ;;
esac
"""


@pytest.mark.parametrize(
    ("program", "found"),
    [(AZ, ["gpt", "small"]), ("#!/bin/sh\nexit 1\n", []), ("#!/bin/sh\necho '{'\n", []), ("#!/bin/sh\necho 7\n", [])],
)
async def test_deployments_are_listed_where_az_is_signed_in(
    program: str, found: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    az = tmp_path / "az"
    az.write_text(program)
    az.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert list(await deployments("https://mine.openai.azure.com/")) == found
    assert list(await deployments("https://third.openai.azure.com/")) == []
