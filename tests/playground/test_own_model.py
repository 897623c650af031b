"""The page with the person's own model: what the bot is told of it, and what it is never told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from playground.__main__ import main
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.own_model import name_of, own_model
from tests.support.world import World
from tests.walk import CHANNEL, ROOT, address

KEYS = {"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com", "AZURE_OPENAI_DEPLOYMENT": "gpt"}
OTHERS = {"SLACK_BOT_TOKEN": "xoxb-real", "SLACK_APP_TOKEN": "xapp-real", "DATABASE_URL": "postgresql://real/db"}


def test_the_model_is_taken_and_slack_and_the_database_are_not(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "AZURE_OPENAI_DEPLOYMENT=file\nAZURE_OPENAI_API_KEY=key\nSLACK_BOT_TOKEN=xoxb-file\nAZURE_TENANT_ID=t\n"
    )
    found = own_model(KEYS | OTHERS | {"AZURE_CLIENT_ID": "c", "HTTPS_PROXY": "http://proxy", "HOME": "/"}, dotenv)
    assert found == {
        **KEYS,
        "AZURE_OPENAI_API_KEY": "key",
        "AZURE_TENANT_ID": "t",
        "AZURE_CLIENT_ID": "c",
        "HTTPS_PROXY": "http://proxy",
        "NO_PROXY": "127.0.0.1,localhost",
    }


@pytest.mark.parametrize("environment", [{}, OTHERS, {"AZURE_TENANT_ID": "t"}, {"AZURE_OPENAI_ENDPOINT": ""}])
def test_without_an_address_or_a_key_there_is_no_own_model(environment: dict[str, str], tmp_path: Path) -> None:
    assert own_model(environment, tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        (KEYS, "gpt · mine.openai.azure.com"),
        ({"OPENAI_API_KEY": "sk-secret", "AZURE_OPENAI_DEPLOYMENT": "gpt"}, "gpt · OpenAI"),
        ({"AZURE_OPENAI_ENDPOINT": "https://user:secret@host:8/openai/v1"}, "no deployment · host:8"),
    ],
)
def test_the_page_is_told_what_answers_and_no_secret(variables: dict[str, str], name: str) -> None:
    assert name_of(variables) == name


async def play(folder: Path, environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--port", "0", *arguments),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment,
        stdout=asyncio.subprocess.PIPE,
    )


async def test_ones_own_model_answers_on_the_page(tmp_path: Path) -> None:
    async with LocalAzure(model=ScriptedModel(), interpreter=ScriptedInterpreter()) as azure:
        own = {
            "AZURE_OPENAI_ENDPOINT": azure.endpoint,
            "AZURE_OPENAI_API_KEY": azure.api_key,
            "AZURE_OPENAI_DEPLOYMENT": azure.deployment,
        }
        playground = await play(tmp_path, own | OTHERS, "--model", "own")
        try:
            async with asyncio.timeout(60), aiohttp.ClientSession(await address(playground)) as page:
                async with page.get("/human/state") as response:
                    assert azure.deployment in (await response.json())["answers"]
                form = aiohttp.FormData({"channel": CHANNEL, "text": "<@U0ANALYST01> [[say from my own]]"})
                form.add_field("files", b"a,b\n1,2\n", filename="own.csv")
                async with page.ws_connect("/human/live") as changes:
                    async with page.post("/human/post", data=form) as response:
                        ts = (await response.json())["ts"]
                    async for _ in changes:
                        async with page.get("/human/thread", params={"channel": CHANNEL, "ts": ts}) as response:
                            if "from my own" in str((await response.json())["messages"][1:]):
                                break
        finally:
            playground.send_signal(signal.SIGINT)
            assert await playground.wait() == 0


def test_without_one_it_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.environ", OTHERS)
    monkeypatch.setattr("sys.argv", ["playground", "--port", "0", "--model", "own"])
    assert main() == 2
    assert "AZURE_OPENAI_ENDPOINT" in capsys.readouterr().out


async def test_tests_benchmark_and_soak_never_reach_a_real_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them start their bots in a ``World``, or something made of one."""
    for name, value in (KEYS | OTHERS | {"OPENAI_API_KEY": "sk-real", "AZURE_CLIENT_SECRET": "real"}).items():
        monkeypatch.setenv(name, value)
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        told = world.environment
    assert not [name for name, value in told.items() if "real" in value or "mine" in value]
    assert not {"OPENAI_API_KEY", "AZURE_CLIENT_SECRET"} & told.keys()
