"""H10: however much a run makes, memory stays flat, the thread stays readable, and nothing is lost without a word."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import func, select

from azure_assistant.assistant import Assistant, Json
from azure_assistant.errors import FileGone
from azure_assistant.events import Artifact, CodeFinished, FileReady, Finished, RunEvent
from conversations.database.database import Database
from conversations.database.models import Made
from conversations.files.answer_budget import (
    KEPT_BYTES,
    KEPT_CODE,
    KEPT_FILE_BYTES,
    MEGABYTE,
    MOST_FILES,
    MOST_MESSAGES,
    in_archive,
)
from conversations.files.archive import entry_name
from conversations.files.made import MadeFiles
from conversations.files.shelf import Shelf
from conversations.files.spool import Spool
from conversations.ports.incoming import UserText
from conversations.ports.replies import Footer, Place
from conversations.store.questions import QuestionStore
from conversations.turns.run_follower import RunFollower
from replies import SlackReplies
from replies.answer import SlackAnswer
from slack_api.api import SlackApi
from slack_api.rate_budget import WorkspaceBudget
from tests.hostile.restarted import Inside, inside
from tests.replies.conftest import FAST, UNLIMITED, MemoryJournal
from tests.support.world import words_of

pytestmark = pytest.mark.thorough

TURN = "T1:C1:1700000000.000100"
PIECE = bytes(range(256)) * 256


@dataclass
class FilesAtAzure:
    """What of ``Assistant`` is used for files: their bytes come in pieces, and are never there as a whole.

    ``sizes`` are bytes by name; a negative one breaks off after so many.
    """

    sizes: Mapping[str, int]
    read: int = 0

    async def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        size = self.sizes[ref["name"]]
        self.read += abs(size)
        for begin in range(0, abs(size), len(PIECE)):
            yield PIECE[: abs(size) - begin]
        if size <= 0:
            raise FileGone(name=ref["name"])


@dataclass
class Sink:
    """Of Slack only what takes files; their bytes are counted and let go, but for the archive's.

    Attributes:
        shared: Names in order, with sizes.
        archive: The bytes of the ZIP.
        said: What was posted.
    """

    keeps_archive: bool = True
    shared: list[tuple[str, int]] = field(default_factory=list)
    archive: io.BytesIO = field(default_factory=io.BytesIO)
    said: list[str] = field(default_factory=list)
    announced: dict[str, tuple[str, int]] = field(default_factory=dict)
    got: dict[str, int] = field(default_factory=dict)

    async def method(self, request: web.Request) -> web.Response:
        args: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            args |= await request.json()
        match request.match_info["method"]:
            case "files.getUploadURLExternal":
                key = f"F{len(self.announced)}"
                self.announced[key] = (args["filename"], int(args["length"]))
                url = f"http://{request.host}/upload/{key}"
                return web.json_response({"ok": True, "upload_url": url, "file_id": key})
            case "files.completeUploadExternal":
                self.shared += [self.announced[file["id"]] for file in json.loads(args["files"])]
            case "files.info":
                return web.json_response({"ok": True, "file": {"shares": {"public": {"C1": [{"ts": "1.000001"}]}}}})
            case "chat.postMessage":
                self.said.append(json.dumps(args, ensure_ascii=False))
        return web.json_response({"ok": True, "ts": f"1.{len(self.said):06d}", "messages": []})

    async def upload(self, request: web.Request) -> web.Response:
        key, size = request.match_info["key"], 0
        is_archive = self.announced[key][0].endswith(".zip") and self.keeps_archive
        async for chunk in request.content.iter_chunked(1 << 16):
            size += len(chunk)
            if is_archive:
                self.archive.write(chunk)
        self.got[key] = size
        return web.Response(text="OK") if size == self.announced[key][1] else web.Response(status=400)


@dataclass
class Pipeline:
    """From a run's events to Slack, through the database and the spool."""

    azure: FilesAtAzure
    slack: Sink
    database: Database
    made: MadeFiles
    answer: SlackAnswer
    spool: Path
    shelf: Shelf = field(init=False)

    async def run(self, *events: RunEvent) -> RunFollower:
        async def started(_: str) -> None:
            """Nothing to note."""

        async def coming() -> AsyncIterator[RunEvent]:
            for name in self.azure.sizes:
                yield FileReady(Artifact("file", name, "", {"name": name}))
            for event in events:
                yield event
            yield Finished("Here they are.")

        self.shelf = await self.made.shelf(TURN)
        run = RunFollower(self.answer, started, self.shelf)
        await run.follow(coming())
        return run

    async def post(self, run: RunFollower) -> None:
        await self.answer.attach(await self.made.attachments(TURN, run.result.made, self.shelf))


@asynccontextmanager
async def pipeline(folder: Path, sizes: Mapping[str, int], *, keeps_archive: bool = True) -> AsyncIterator[Pipeline]:
    await asyncio.to_thread(folder.mkdir)
    database, azure, slack = Database(f"sqlite:///{folder / 'x.db'}"), FilesAtAzure(sizes), Sink(keeps_archive)
    await database.open()
    message = UserText("T1", "C1", "1700000000.000100", "U1", "make files")
    await database.run(lambda session: QuestionStore(database).put(session, message))
    spool = Spool(1 << 31, folder / "spool")
    app = web.Application(client_max_size=1 << 20)
    app.router.add_route("*", "/api/{method}", slack.method)
    app.router.add_post("/upload/{key}", slack.upload)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        api = SlackApi("xoxb-1", url, session, budget=WorkspaceBudget(rates=UNLIMITED))
        replies = SlackReplies(api, bot_user="U9", pace=FAST)
        place = Place(TURN, "T1", "C1", "1700000000.000100", "1700000000.000100", "U1", "T1")
        answer = replies.answer(place, MemoryJournal(), recovering=False)
        made = MadeFiles(database, cast("Assistant", azure), spool)
        yield Pipeline(azure, slack, database, made, answer, folder / "spool")
        await answer.close()
        await replies.close()
    await runner.cleanup()
    await spool.close()
    await database.close()


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.thorough
async def test_h10_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    """40 files of 8 MB, 320 MB in all, beside 4 of them."""
    peaks = {}
    for number in (4, 40):
        sizes = {f"{n}.bin": 8 * MEGABYTE for n in range(number)}
        async with pipeline(tmp_path / str(number), sizes, keeps_archive=False) as line:
            tracemalloc.start()
            run = await line.run()
            await line.post(run)
            peaks[number] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert run.result.missing == []
    assert peaks[40] < 1.3 * peaks[4]
    assert peaks[40] < 40 * MEGABYTE


async def test_h10_ten_files_come_one_by_one_and_more_in_one_archive(tmp_path: Path) -> None:
    sizes = {f"{n}.csv": 1000 * n + 1 for n in range(40)}
    async with pipeline(tmp_path / "x", sizes) as line:
        await line.post(await line.run())
        assert [name for name, _ in line.slack.shared] == [*list(sizes)[: MOST_FILES - 1], "files.zip"]
        with zipfile.ZipFile(line.slack.archive) as archive:
            assert {entry.filename: entry.file_size for entry in archive.infolist()} == dict(
                list(sizes.items())[MOST_FILES - 1 :]
            )
            assert archive.testzip() is None
            whole = (PIECE * 2)[: sizes["39.csv"]]
            assert hashlib.sha256(archive.read("39.csv")).digest() == hashlib.sha256(whole).digest()
        assert [path for path in line.spool.rglob("*") if path.is_file() and path.name != "lock"] == []
        assert not line.slack.said


@pytest.mark.parametrize(("files", "packed"), [(0, 0), (1, 0), (10, 0), (11, 2), (40, 31)])
def test_h10_an_archive_never_holds_one_file_alone(files: int, packed: int) -> None:
    assert in_archive(files) == packed
    assert files - packed + bool(packed) <= MOST_FILES


async def test_h10_the_database_keeps_what_fits_and_the_rest_is_read_when_its_turn_comes(tmp_path: Path) -> None:
    sizes = {"a.bin": 9 * MEGABYTE} | {f"{n}.bin": 7 * MEGABYTE for n in range(5)}
    async with pipeline(tmp_path / "x", sizes) as line:
        run = await line.run()
        for position in range(len(sizes)):
            await line.shelf.fetched(position)
        rows = await line.database.scalars(select(Made).order_by(Made.position))
        assert [row.is_elsewhere for row in rows] == [True, False, False, True, True, True]
        assert sum(len(row.data) for row in rows) <= KEPT_BYTES
        assert line.azure.read <= KEPT_BYTES + 2 * KEPT_FILE_BYTES + 4 * MEGABYTE, (
            "what is not kept is not read in vain"
        )
        line.azure.read = 0
        await line.post(run)
        assert line.azure.read == 9 * MEGABYTE + 3 * 7 * MEGABYTE
        assert line.slack.shared == list(sizes.items())


async def test_h10_what_cannot_be_handed_over_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.files.made.MOST_FILE_BYTES", 12 * MEGABYTE)
    monkeypatch.setattr("conversations.files.made.MOST_ARCHIVE_BYTES", 25 * MEGABYTE)
    big, fits = 12 * MEGABYTE + 1, 10 * MEGABYTE
    sizes = {"huge.bin": big, "lost at once.bin": -100, "empty.bin": 0, "lost later.bin": -9 * MEGABYTE}
    sizes |= {f"{n}.csv": 100 for n in range(7)}
    sizes |= {"a.bin": fits, "huge too.bin": big, "b.bin": fits, "over.bin": fits, "c.csv": 100}
    async with pipeline(tmp_path / "x", sizes) as line:
        run = await line.run()
        await line.post(run)
        shared = [name for name, _ in line.slack.shared]
        assert shared == [*(f"{n}.csv" for n in range(5)), "files.zip"]
        with zipfile.ZipFile(line.slack.archive) as archive:
            assert archive.namelist() == ["5.csv", "6.csv", "a.bin", "b.bin", "c.csv"]
        said = "\n".join(line.slack.said)
        assert "*huge.bin* is larger than 12 MB" in said
        (lost,) = [one for one in line.slack.said if "*lost later.bin*" in one]
        assert "*lost at once.bin*" in lost
        assert "*empty.bin*" in lost, "what cannot be had is said at once"
        assert "Not in files.zip, because too large or lost: huge too.bin, over.bin" in said


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\x.csv", "x.csv"),
        ("a\x00\n\u202eb.csv", "ab.csv"),
        ("..", "file"),
        ("", "file"),
        ("taken.csv", "taken-2.csv"),
        ("x" * 5000 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_h10_names_in_the_archive_lead_nowhere_else(name: str, inside: str) -> None:
    assert entry_name(name, {"taken.csv"}) == inside


# ── code ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_h10_long_code_is_kept_in_part_and_handed_over_whole(tmp_path: Path) -> None:
    pieces = [CodeFinished(n, f"x{n} = '" + "y" * 90_000 + "'", f"printed {n}") for n in range(20)]
    async with pipeline(tmp_path / "x", {}) as line:
        run = await line.run(*pieces)
        result = run.result
        assert sum(len(step["code"]) + len(step["output"]) for step in result.code) == KEPT_CODE
        assert "long_code" in result.notes
        await line.post(run)
        ((name, size),) = line.slack.shared
        assert name == "analysis.py"
        assert 1_800_000 < size < 1_900_000
        short = await line.run(CodeFinished(0, "x = 1", ""))
        assert short.result.made == 0
        assert short.result.notes == []


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CELLS = 10**6
LONG = "".join(f"Paragraph {n}: {'word ' * 20}\n\n" for n in range(3500))
ROWS = "| n | square |\n|--:|--:|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(CELLS // 2))
TABLES = "".join(f"Table {n}\n\n| a | b |\n|---|---|\n| {n} | x |\n\n" for n in range(60))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("text", [LONG, TABLES, "日本語の長い文章。" * 40_000, "x" * 300_000])
async def test_h10_a_long_answer_is_ten_messages_and_a_file(tmp_path: Path, text: str, streamed: bool) -> None:
    async with pipeline(tmp_path / "x", {}) as line:
        if streamed:
            for begin in range(0, len(text), 5000):
                await line.answer.text(text[begin : begin + 5000])
        await line.answer.finish(text, Footer(seconds=1.0))
        shown = [said for said in line.slack.said if "control" not in said]
        assert len(shown) <= MOST_MESSAGES
        assert "all of it is in answer.md" in shown[-1]
        ((name, size),) = line.slack.shared
        assert name == "answer.md"
        assert size >= len(text.encode()) * 0.99


@pytest.mark.thorough
async def test_h10_a_large_table_is_a_preview_and_a_file(tmp_path: Path) -> None:
    async with pipeline(tmp_path / "x", {}) as line:
        await line.answer.finish(f"Here:\n\n{ROWS}\nThat is all.", Footer(seconds=1.0))
        assert len(line.slack.said) <= 2
        assert "answer.md" not in "".join(line.slack.said)
        ((name, size),) = line.slack.shared
        assert name == "table-1.csv"
        assert size > sum(len(f"{n},{n * n}\r\n") for n in range(CELLS // 2))


async def test_h10_many_large_tables_are_not_a_file_each(tmp_path: Path) -> None:
    rows = "| n | square |\n|--:|--:|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(120))
    async with pipeline(tmp_path / "x", {}) as line:
        await line.answer.finish("\n\n".join(f"Table {n}\n\n{rows}" for n in range(30)), Footer())
        names = [name for name, _ in line.slack.shared]
        assert names[-1] == "answer.md"
        assert len(names) <= MOST_FILES + 1
        assert len(line.slack.said) <= MOST_MESSAGES


# ── the whole bot ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_h10_the_answer_says_what_is_over_the_budget(tmp_path: Path) -> None:
    async with inside(tmp_path) as world:
        channel = world.new_channel()
        root = await world.ask(" ".join(f"[[file {n}.md]]" for n in range(25)), channel=channel)
        found = await world.outcomes(channel, root, files=MOST_FILES)
        names = [file["name"] for message in found for file in message.get("files", [])]
        assert names == [*(f"{n}.md" for n in range(MOST_FILES - 1)), "files.zip"]
        (answer,) = [message for message in found if not message.get("files")]
        assert "16 more charts and files are in files.zip." in words_of(answer)
        await world.answer("[[say settled]]", channel=channel, thread=root, count=2)
        assert await rows_left(world) == 0


async def test_h10_an_archive_that_was_on_its_way_when_the_bot_ended_comes_once(tmp_path: Path) -> None:
    async with inside(tmp_path, DRAIN_SECONDS="0.1") as world:
        channel = world.new_channel()
        gate = world.slack.faults.hold("upload", when="after", skip=MOST_FILES - 1)
        root = await world.ask(" ".join(f"[[file {n}.md]]" for n in range(15)), channel=channel)
        await gate.reached.wait()
        await world.again()
        gate.release()
        found = await world.outcomes(channel, root, files=MOST_FILES)
        names = [file["name"] for message in found for file in message.get("files", [])]
        assert sorted(names) == sorted([*(f"{n}.md" for n in range(MOST_FILES - 1)), "files.zip"])


async def rows_left(world: Inside) -> int:
    database = Database(world.database_url)
    try:
        (number,) = await database.scalars(select(func.count()).select_from(Made))
        return int(number)
    finally:
        await database.close()
