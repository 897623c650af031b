"""The audit of the real bot: through kill -9, on both databases, exported while it runs, and told on stdout."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.postgres import fresh_database
from tests.support.world import ANN, ROOT, SALES, World

SECRET = "Zebrafink"
CSV = [(f"{SECRET}.csv", f"city,plan\nOsaka,{SECRET}\n".encode())]


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'analyst.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


async def audit(world: World, *arguments: str) -> str:
    """What ``python bot.py audit`` writes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "bot.py"), "audit", *arguments),
        cwd=world.folder,
        env=world.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


def members(line: dict[str, Any], *names: str) -> list[Any]:
    return [line.get(name) for name in names]


async def test_everything_is_told_once_through_a_crash_and_nothing_of_its_words(
    tmp_path: Path, database_url: str
) -> None:
    model = ScriptedModel()
    async with World(tmp_path, model, ScriptedInterpreter()) as world:
        world.database_url = database_url
        world.settings = {"AUDIT_LOG": "stdout", "PRICE_INPUT": "2", "PRICE_OUTPUT": "10"}
        bot = await world.start_bot()
        gate = model.gate("crash")
        ts = await world.ask(f"{SECRET} [[wait crash]] [[say It is {SECRET}.]]", files=CSV, user=ANN)
        await model.reached("crash")
        await world.kill(bot)
        gate.set()
        await world.start_bot()
        await world.outcomes(SALES, ts)
        await world.log_says('"what": "question"')
        team = world.slack.workspace.team["id"]
        exported = await audit(world, "--since", "2026-01-01", "--team", team)
        file, question = [json.loads(line) for line in exported.splitlines()]
        turn = f"{team}:{SALES}:{ts}"
        assert members(file, "what", "user", "turn", "size") == ["file", ANN, turn, len(CSV[0][1])]
        assert members(question, "what", "user", "id", "outcome") == ["question", ANN, turn, "answered"]
        assert question["cost"] > 0
        assert {*exported.splitlines()} == {line for line in world.log.splitlines() if line.startswith('{"at"')}
        assert SECRET not in exported
