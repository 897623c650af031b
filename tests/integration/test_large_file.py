"""A file of 500 MB goes through the whole bot, Slack → spool → Azure, and its memory stays flat."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from conversations.files.spool_folder import user_folder
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import SALES, World, words_of

MEGABYTE = 2**20
SIZE = 500 * MEGABYTE
GROWTH = 64 * MEGABYTE
HEADER = b"date,region,product,units,revenue\n"
ROW = b"2026-01-02,East,Widget,12,345.67\n"
STATUS = Path("/proc/self/status")

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc, which only Linux has")


def write_table(path: Path, size: int = SIZE) -> str:
    """Write a CSV file of so many bytes; returns its SHA-256."""
    block = ROW * (MEGABYTE // len(ROW))
    digest = hashlib.sha256(HEADER)
    with path.open("wb") as stream:
        written = stream.write(HEADER)
        while written < size:
            piece = block[: size - written]
            written += stream.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def memory(process: int, figure: str) -> int:
    """A process's memory in bytes: ``VmRSS`` is now, ``VmHWM`` the most since ``forget_peak``."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{figure}:"))


def forget_peak(process: int) -> None:
    """Let ``VmHWM`` begin anew (proc_pid_clear_refs(5))."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


async def test_a_file_of_500_mb_leaves_the_memory_flat(tmp_path: Path) -> None:
    source = tmp_path / "large.csv"
    expected = await asyncio.to_thread(write_table, source)
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        world.settings["MAX_FILE_MB"] = "512"
        world.forks = False  # memory is what is tested
        bot = await world.start_bot()
        ts = await world.ask("[[say warm]]", files=[("small.csv", HEADER + ROW)])
        await world.outcomes(SALES, ts)

        forget_peak(bot.pid)
        before = memory(bot.pid, "VmRSS")
        ts = await world.ask("[[say It is large.]]", files=[("large.csv", source)])
        said = "\n".join(map(words_of, await world.outcomes(SALES, ts)))
        growth = memory(bot.pid, "VmHWM") - before

        assert "It is large." in said
        assert "large.csv" in said
        assert ":warning:" not in said
        assert growth < GROWTH, f"{growth / MEGABYTE:.0f} MB"
        (stored,) = [file for file in world.azure.files.values() if file.blob.size == SIZE]
        digest = hashlib.sha256()
        async for chunk in stored.blob.chunks():
            digest.update(chunk)
        assert digest.hexdigest() == expected, "every byte as it was"
        assert SIZE in [file.size for one in world.azure.containers.values() for file in one.files.values()]
        assert in_spool(tmp_path) == 0


def in_spool(folder: Path) -> int:
    """Bytes that lie in the bot's spool."""
    return sum(path.stat().st_size for path in user_folder(folder).rglob("*") if path.is_file())
