"""What turns use and cost: recorded by the real bot, told in its log and by ``python bot.py usage``."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from app.commands.usage import report
from app.settings import read_settings
from conversations.audit.usage import read_usage
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.postgres import fresh_database
from tests.support.world import ROOT, SALES, World

CSV = b"region,revenue\nEast,10\n"
PRICES = {
    "PRICE_INPUT": "2.5",
    "PRICE_CACHED_INPUT": "0.25",
    "PRICE_OUTPUT": "10",
    "PRICE_CONTAINER": "0.03",
    "PRICE_CURRENCY": "USD",
}


async def usage(world: World) -> str:
    """What ``python bot.py usage`` tells, without a process of its own, which takes a second to start."""
    settings = read_settings(world.environment, dotenv=None)
    return report(await read_usage(settings.database_url, 0), settings.policy.prices)


async def run(world: World, *arguments: str) -> tuple[int, str, str]:
    """Status, standard output and errors of ``python bot.py usage``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "bot.py"), "usage", *arguments),
        cwd=world.folder,
        env=world.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def spent(world: World) -> tuple[int, int, int]:
    """Tokens read, cached and written, as Azure counted them."""
    used = [response.json["usage"] for response in world.azure.responses.values()]
    cached = sum(one["input_tokens_details"]["cached_tokens"] for one in used)
    return sum(one["input_tokens"] for one in used), cached, sum(one["output_tokens"] for one in used)


async def walk(world: World) -> str:
    """Three turns with a run, two sandboxes, in two channels; returns the other channel."""
    ts = await world.ask("[[say one]] [[code]]", files=[("sales.csv", CSV)])
    await world.outcomes(SALES, ts)
    world.azure.faults.add("container_expired")
    await world.ask("[[say two]] [[code]]", thread=ts)
    await world.outcomes(SALES, ts, 2)
    await world.ask("mute", thread=ts)
    await world.outcomes(SALES, ts, 3)
    other = world.new_channel()
    ts = await world.ask("thanks, who are you?", channel=other)
    await world.outcomes(other, ts)
    return other


async def test_tokens_sandboxes_and_their_price(tmp_path: Path) -> None:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        status, told, _ = await run(world)
        assert status == 1, "there is no database yet"
        world.settings |= PRICES
        await world.run_bot()
        other = await walk(world)

        told = await usage(world)
        assert await run(world, "7") == (0, told, "")
        read, cached, written = spent(world)
        cost = ((read - cached) * 2.5 + cached * 0.25 + written * 10) / 1_000_000 + 2 * 0.03
        assert len(world.azure.containers) == 2
        head, *lines, total, sandboxes = told.splitlines()
        assert sandboxes == "containers by memory: 2 × 1g at 0.0300"
        assert head.endswith("cost USD")
        assert [line.split()[1:3] for line in lines] == sorted([[SALES, "2"], [other, "1"]])
        numbers = [f"{read:,}", f"{cached:,}", f"{cached / read:.0%}", f"{written:,}", "2"]
        assert total.split() == ["total", "3", *numbers, f"{cost:.4f}"]
        logged = re.findall(r"Turn \S+ answered: .*, (\d) containers, ([\d.]+) USD", world.log)
        assert [containers for containers, _ in logged] == ["1", "1", "0"]
        assert sum(float(told) for _, told in logged) == pytest.approx(cost, abs=2e-4)

        world.settings = {}
        told = await usage(world)
        assert "cost" not in told.splitlines()[0]
        assert "PRICE_INPUT" in told.splitlines()[-1]


async def test_on_postgresql(tmp_path: Path, postgres: str) -> None:
    with fresh_database(postgres) as url:
        async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
            world.database_url = url
            await world.run_bot()
            await world.answer("[[say one]]")
            assert (await usage(world)).splitlines()[-3].split()[:2] == ["total", "1"]
