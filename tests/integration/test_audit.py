"""The audit of the real bot: through kill -9, exported while it runs, and told on stdout; and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from conversations.audit.entry import Entry
from conversations.audit.log import drop_before, note
from conversations.audit.reading import read_audit
from conversations.database.database import Database
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.postgres import fresh_database
from tests.support.world import ANN, ROOT, SALES, World

SECRET = "Zebrafink"
CSV = [(f"{SECRET}.csv", f"city,plan\nOsaka,{SECRET}\n".encode())]


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


async def test_everything_is_told_once_through_a_crash_and_nothing_of_its_words(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with World(tmp_path, model, ScriptedInterpreter()) as world:
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


async def test_on_postgresql(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.audit.reading.AT_ONCE", 2)
    with fresh_database(postgres) as url:
        database = Database(url)
        await database.open()
        entries = [Entry(f"T1:C1:{number}", "file", "T1", facts={"size": 2**40}, at=10.0) for number in range(5)]
        entries.append(Entry("T1:C1:9", "file", "T2", at=9.0))

        def write(session: Session) -> None:
            for entry in (*entries, *entries):
                note(session, entry)

        await database.run(write)

        def read(since: float, team: str) -> list[str]:
            return [json.loads(line)["id"] for line in read_audit(url, since, math.inf, team)]

        assert await asyncio.to_thread(read, 0, "T1") == [entry.key for entry in entries[:5]]
        assert await asyncio.to_thread(read, 9.5, "T2") == []
        await database.run(lambda session: drop_before(session, 10.0))
        assert len(await asyncio.to_thread(read, 0, "")) == 5
        await database.close()
