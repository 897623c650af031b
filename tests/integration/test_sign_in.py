"""Without a key the bot signs in with Entra ID; here as the user of a command ``az`` that answers as Azure's does."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import World

TOKEN = "token-of-the-machine"
SIGNED_IN = {"accessToken": TOKEN, "expires_on": 4_000_000_000, "expiresOn": "2096-10-02 07:06:40.000000"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as made:
        made.azure.tokens.add(TOKEN)
        made.settings |= {
            "AZURE_OPENAI_API_KEY": "",
            "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        }
        yield made


def install_az(world: World, script: str) -> None:
    """A command ``az`` that notes its arguments in ``asked`` and goes on as the script says."""
    path = world.folder / "az"
    path.write_text(f'#!/bin/sh\necho "$@" >> {world.folder}/asked\n{script}\n')
    path.chmod(0o755)


async def test_a_token_of_the_configured_scope_is_fetched_and_sent(world: World) -> None:
    install_az(world, f"echo '{json.dumps(SIGNED_IN)}'")
    world.settings["AZURE_OPENAI_SCOPE"] = "https://cognitiveservices.azure.com/.default"
    await world.start_bot()
    assert "The answer." in await world.answer("[[say The answer.]] [[code]]", files=[("a.csv", b"a,b\n1,2\n")])
    (asked,) = (world.folder / "asked").read_text().splitlines()
    assert "get-access-token" in asked
    assert "https://cognitiveservices.azure.com" in asked
    assert TOKEN not in world.log


async def test_a_sign_in_that_fails_is_said_in_the_thread(world: World) -> None:
    install_az(world, "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1")
    await world.start_bot()
    assert "I could not sign in to Azure with Entra ID." in await world.answer("[[say x]]")
    assert not world.azure.requests


async def test_without_the_package_the_bot_ends_with_one_sentence(world: World) -> None:
    (world.folder / "sitecustomize.py").write_text("import sys\nsys.modules['azure.identity'] = None\n")
    world.settings["PYTHONPATH"] = str(world.folder)
    world.forks = False  # the fork server has imported the package
    with pytest.raises(AssertionError, match="the bot ended with 1"):
        await world.start_bot()
    (line,) = world.log.splitlines()
    assert "pip install azure-identity" in line
