from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.composition import open_spool
from app.settings import read_settings
from conversations.errors import SpoolFull, SpoolUnusable
from conversations.files.spool import Spool, SpooledFile
from conversations.files.spool_folder import SpoolFolderUnusable, try_out, user_folder
from errors import CannotStart
from tests.unit.test_settings import GOOD

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
from conversations.files.spool import Spool
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


async def test_h19_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    root = user_folder(tmp_path / "shared" / "temporary")
    assert root.name == f"slack-data-analyst-{os.geteuid()}"
    spool = Spool(100, root)
    async with spool.reserve("a.csv", 1) as place:
        spooled = await place.write(chunks(b"x"))
        modes = [path.stat().st_mode & 0o777 for path in (root, spooled.path.parent)]
    assert modes == [0o700, 0o700]
    await spool.close()


def laid_by_another_user(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


def laid_for_others(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o770)


def laid_as_a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def laid_as_a_link_to_nothing(folder: Path) -> None:
    folder.symlink_to(folder.parent / "elsewhere")


def laid_as_a_file(folder: Path) -> None:
    folder.touch()


def laid_below_a_file(folder: Path) -> None:
    folder.parent.rmdir()
    folder.parent.touch()


@pytest.mark.parametrize(
    ("lay", "reason"),
    [
        (laid_by_another_user, "belongs to another user"),
        (laid_for_others, "is open to other users"),
        (laid_as_a_link, "is not a folder"),
        (laid_as_a_link_to_nothing, "is not a folder"),
        (laid_as_a_file, "is not a folder"),
        (laid_below_a_file, "cannot be written"),
    ],
)
async def test_h19_a_folder_that_is_not_ours_is_refused_in_a_sentence(
    tmp_path: Path, lay: Callable[[Path], None], reason: str
) -> None:
    if lay is laid_by_another_user and os.geteuid() != 0:
        pytest.skip("only root can be another user")
    parent = tmp_path / "temporary"
    parent.mkdir()
    root = user_folder(parent)
    lay(root)
    before = sorted(everything_under(tmp_path))
    with pytest.raises(SpoolFolderUnusable, match=f"SPOOL_DIR: .*{reason}"):
        await Spool(100, root).open()
    with pytest.raises(SpoolFolderUnusable, match=reason):
        try_out(root)
    with pytest.raises(SpoolUnusable, match="look at `SPOOL_DIR`"):
        async with Spool(100, root).reserve("a.csv", 1):
            pass
    assert sorted(everything_under(tmp_path)) == before
    with pytest.raises(CannotStart, match=reason):
        await open_spool(read_settings(GOOD | {"SPOOL_DIR": str(parent)}, dotenv=None))


async def test_h19_what_others_lay_into_the_folder_is_not_followed(tmp_path: Path) -> None:
    root = user_folder(tmp_path)
    (root / "laid").mkdir(parents=True)
    root.chmod(0o700)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (root / "laid" / "lock").symlink_to(precious)
    (root / "link").symlink_to(tmp_path)
    spool = Spool(100, root)
    await spool.open()
    assert precious.read_text() == "precious"
    await spool.close()


async def test_h19_a_folder_that_a_cleaner_has_taken_is_made_again(tmp_path: Path) -> None:
    spool = Spool(100, user_folder(tmp_path))
    await spool.open()
    await asyncio.to_thread(shutil.rmtree, user_folder(tmp_path))
    async with spool.reserve("a.csv", 1) as place:
        assert (await place.write(chunks(b"x"))).size == 1
    await spool.close()


def test_trying_out_leaves_no_trace(tmp_path: Path) -> None:
    try_out(user_folder(tmp_path / "a" / "b"))
    assert everything_under(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
async def test_a_full_disk_is_no_wrong_folder(tmp_path: Path) -> None:
    spool = Spool(10, tmp_path)
    async with spool.reserve("a.csv", 1) as place:
        place.path.symlink_to("/dev/full")
        with pytest.raises(SpoolFull):
            await place.write(chunks(b"x" * 10))
    async with spool.reserve("b.csv", 1) as place:
        place.path.mkdir()
        with pytest.raises(SpoolUnusable):
            await place.write(chunks(b"x"))
        place.path.rmdir()
    await spool.close()
