from __future__ import annotations

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.errors import SpoolFull
from conversations.spool import Spool, SpooledFile

KB = 1024


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def held(spool: Spool, size: int, inside: asyncio.Event, leave: asyncio.Event) -> None:
    async with spool.reserve("held.csv", size):
        inside.set()
        await leave.wait()


def files_under(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file() and path.name != "lock")


def everything_under(root: Path) -> list[Path]:
    return list(root.rglob("*"))


async def test_bytes_lie_on_disk_until_the_place_is_left(tmp_path: Path) -> None:
    spool = Spool(10 * KB, tmp_path)
    async with spool.reserve("a.csv", 6) as place:
        spooled = await place.write(chunks(b"abc", b"", b"def"))
        assert spooled == SpooledFile(spooled.path, 6)
        with spooled.open() as stream:
            assert stream.read() == b"abcdef"
        assert spool.used == 6
    assert spool.used == 0
    assert files_under(tmp_path) == []


async def test_what_never_fits_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(SpoolFull):
        async with Spool(10, tmp_path).reserve("a.csv", 11):
            pass


async def test_those_who_wait_get_room_in_their_order(tmp_path: Path) -> None:
    spool = Spool(10, tmp_path)
    leave, inside = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(held(spool, 8, inside, leave))
    await inside.wait()
    order: list[str] = []

    async def take(name: str, size: int) -> None:
        async with spool.reserve(name, size):
            order.append(name)

    large, small = asyncio.create_task(take("large", 9)), asyncio.create_task(take("small", 1))
    done, _ = await asyncio.wait([large, small], timeout=0.05)
    assert not done, "nobody overtakes: else a large file would wait for ever"
    leave.set()
    await asyncio.gather(first, large, small)
    assert order == ["large", "small"]
    assert spool.used == 0


async def test_patience_ends_and_leaves_no_trace(tmp_path: Path) -> None:
    spool = Spool(10, tmp_path, patience=0.02)
    async with spool.reserve("a.csv", 8):
        with pytest.raises(SpoolFull):
            async with spool.reserve("b.csv", 8):
                pass
        async with spool.reserve("c.csv", 2):
            assert spool.used == 10
    assert spool.used == 0


async def test_who_gives_up_waiting_lets_the_next_in(tmp_path: Path) -> None:
    spool = Spool(10, tmp_path)
    leave, inside, behind = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(held(spool, 8, inside, leave))
    await inside.wait()
    giving_up = asyncio.create_task(held(spool, 5, asyncio.Event(), leave))
    next_one = asyncio.create_task(held(spool, 2, behind, leave))
    await asyncio.wait([giving_up], timeout=0.02)
    giving_up.cancel()
    await asyncio.wait_for(behind.wait(), 5)
    leave.set()
    await asyncio.gather(first, next_one)
    assert spool.used == 0


async def test_more_than_reserved_is_taken_if_there_is_room(tmp_path: Path) -> None:
    spool = Spool(10, tmp_path)
    async with spool.reserve("a.csv", 0) as place:
        await place.write(chunks(b"1234567890"))
        assert spool.used == 10
    assert spool.used == 0
    async with spool.reserve("b.csv", 5) as place:
        with pytest.raises(SpoolFull):
            await place.write(chunks(b"12345678901"))
    assert spool.used == 0
    assert files_under(tmp_path) == []


async def test_a_failing_source_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"abc"
        raise ValueError("the source broke")

    spool = Spool(10, tmp_path)
    with pytest.raises(ValueError, match="the source broke"):
        async with spool.reserve("a.csv", 5) as place:
            await place.write(broken())
    assert (spool.used, files_under(tmp_path)) == (0, [])


async def test_leftovers_of_dead_processes_go_those_of_living_ones_stay(tmp_path: Path) -> None:
    code = f"""
import asyncio, os, pathlib
from conversations.spool import Spool
async def main():
    async def chunks():
        yield b"left over"
    async with Spool(100, pathlib.Path({str(tmp_path)!r})).reserve("a.csv", 9) as place:
        await place.write(chunks())
        os._exit(1)
asyncio.run(main())
"""
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], check=False)
    assert len(files_under(tmp_path)) == 1
    living = Spool(100, tmp_path)
    async with living.reserve("b.csv", 1) as place:
        spooled = await place.write(chunks(b"x"))
        other = Spool(100, tmp_path)
        async with other.reserve("c.csv", 1):
            pass
        assert files_under(tmp_path) == [spooled.path.name]
        await other.close()
    await living.close()
    assert everything_under(tmp_path) == []


async def test_memory_stays_flat(tmp_path: Path) -> None:
    size, chunk = 200 * KB * KB, bytes(256 * KB)

    async def many() -> AsyncIterator[bytes]:
        for _ in range(size // len(chunk)):
            yield chunk

    spool = Spool(size, tmp_path)
    async with spool.reserve("large.csv", size) as place:
        tracemalloc.start()
        spooled = await place.write(many())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert spooled.size == size
    assert peak < 8 * KB * KB
