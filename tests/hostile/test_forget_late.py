"""H7, below the surface: who comes too late writes nothing, the engine records no words, and SQLite keeps no copies."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from dbos import DBOS
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant, Thread
from azure_assistant.events import Artifact, Usage
from conversations.access.budgets import Budgets
from conversations.access.ledger import Ledger
from conversations.database.database import Database
from conversations.database.scrubbing import scrub
from conversations.engine.dbos import DbosEngine
from conversations.files.made import MadeFiles
from conversations.files.spool import Spool
from conversations.ports.incoming import UserText
from conversations.ports.workplace import SharedFile
from conversations.privacy import deletions, erasing
from conversations.privacy.forgetting import Forgetting
from conversations.store import conversations as threads
from conversations.store.conversations import ConversationStore
from conversations.store.kept_thread import KeptThread
from conversations.store.plan import Plan
from conversations.store.prices import Prices
from conversations.store.questions import QuestionStore
from conversations.store.results import Ran, Started
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunResult
from conversations.turns.turn import Turn
from errors import AnalystError
from tests.hostile.bytes import words_in, written
from tests.support.postgres import fresh_database

TEAM, CHANNEL, TS = "T1", "C1", "1700000000.000100"
TURN = f"{TEAM}:{CHANNEL}:{TS}"
WORDS = ["question-word", "file-word", "url-word", "answer-word", "code-word", "made-word", "step-word", "state-word"]
MESSAGE = UserText(
    TEAM, CHANNEL, TS, "U1", "question-word", files=[SharedFile("F1", "file-word.csv", url="https://x/url-word")]
)


@dataclass
class Store:
    """A database with one open question, as the process that runs it knows it."""

    folder: Path
    database: Database
    questions: QuestionStore
    records: TurnRecords
    turn: Turn
    made: MadeFiles
    kept: KeptThread

    def read(self) -> bytes:
        scrub(self.database.path)
        return written(self.folder, self.database.url.render_as_string(hide_password=False))

    async def write_everything(self) -> None:
        """What a turn writes on its way."""
        await self.records.keep(self.turn, self.turn.plan.rows("plan"))
        await self.records.started(self.turn, self.kept, "start", Started("run1", [AnalystError("step-word")]))
        ref = {"name": "made-word"}
        chart = Artifact("chart", "made-word.png", "image/png", ref, alt="made-word", data=b"made-word")
        await (await self.made.shelf(TURN)).put(chart)
        code = [{"code": "code-word", "output": "code-word"}]
        ended = RunResult(text="answer-word", code=code, made=1, usage=Usage())
        await self.records.ended(self.turn, "run", ended, Ran("answered", notes=["step-word"]))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'x.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as made:
            yield made


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    database = Database(url)
    await database.open()
    questions, conversations = QuestionStore(database), ConversationStore(database)
    ledger = Ledger(database, Budgets(), Prices())
    records = TurnRecords(database, conversations, ledger, "this process", Prices(), cast("Any", None))

    def accept(session: Session) -> None:
        conversations.join(session, TEAM, CHANNEL, TS, "U1")
        questions.put(session, MESSAGE)

    await database.run(accept)
    turn = await records.begin(TURN)
    turn.go_by(Plan("ask", "step-word", seen=TS))
    turn.thread = KeptThread(conversations, TURN, Thread("conv1", {"files": {"f": "state-word"}}), is_new=True)
    made = MadeFiles(database, cast("Assistant", None), Spool(1 << 30, tmp_path / "spool"))
    yield Store(tmp_path, database, questions, records, turn, made, turn.thread)
    await database.close()


async def forget(store: Store, assistant: Thread) -> None:
    await store.records.close(store.turn, "answered")

    def erase(session: Session) -> None:
        row = threads.find(session, TURN)
        assert row
        deletions.note_deletion(store.database, session, row.id, assistant)  # nothing is carried out
        erasing.blank_conversation(session, row, "1700000001.000000")

    await store.database.run(erase)


async def test_h7_a_turn_that_ends_late_writes_nothing_into_a_forgotten_row(store: Store) -> None:
    await store.write_everything()
    assert set(WORDS) - {"url-word"} <= set(words_in(store.read(), WORDS))
    await forget(store, Thread("conv1", {}))
    assert words_in(store.read(), WORDS) == []
    store.turn.steps.clear()
    await store.write_everything()
    store.kept.thread.state["more"] = "state-word"
    await store.kept.save()
    await ConversationStore(store.database).save(TURN, store.kept.thread)
    await store.database.run(lambda session: again(session, store.questions))
    await store.questions.edit(TURN, "question-word")
    assert words_in(store.read(), [*WORDS, TURN]) == [TURN]


def again(session: Session, questions: QuestionStore) -> None:
    """The twin event, with its files, or a later delivery."""
    assert not questions.put(session, MESSAGE)


async def test_h7_a_closed_turn_keeps_no_steps(store: Store) -> None:
    await store.write_everything()
    await store.records.close(store.turn, "answered")
    assert words_in(store.read(), ["step-word", "made-word"]) == []
    await store.records.keep(store.turn, {"late": {"x": "step-word"}})
    assert words_in(store.read(), ["step-word", "made-word", "answer-word"]) == ["answer-word"]


@pytest.mark.thorough
async def test_h7_the_engine_records_no_words_of_errors(tmp_path: Path) -> None:
    """Errors quote what they are about; some hold it even where their message does not."""
    engine = DbosEngine(f"sqlite:///{tmp_path / 'x.engine.db'}")

    async def broken(turn: str) -> None:
        if turn == "T:C:1":
            raise ValueError("answer-word")
        "question-word \ud83d".encode()

    async def stopped(_turns: Collection[str]) -> Collection[str]:
        return ()

    async def died(_process: str) -> None:
        pass

    await engine.launch(broken, stopped, died)
    for turn, error in {"T:C:1": "ValueError", "T:C:2": "UnicodeEncodeError"}.items():
        await engine.accept(turn, "T:C:0")
        with pytest.raises(Exception, match=f"^{error}$"):
            await (await DBOS.retrieve_workflow_async(turn)).get_result()
    await engine.close()
    assert words_in(written(tmp_path, "sqlite"), ["answer-word", "question-word", "UnicodeEncodeError"]) == [
        "UnicodeEncodeError"
    ]


def test_h7_sqlite_keeps_no_copy_of_rows_that_were_moved(tmp_path: Path) -> None:
    """Rows grow, move within their pages, and are emptied; ``secure_delete`` alone leaves the words of some."""
    path, chance, alive, dead = tmp_path / "x.db", random.Random(2), dict[int, str](), set[str]()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("create table rows (id integer primary key, name text unique, words text)")
        for number in range(2500):
            size = int(chance.expovariate(1 / chance.choice([2, 20, 60])))
            old = chance.choice(list(alive)) if alive and chance.random() < 0.5 else None
            if old is None:
                alive[number] = f"word{number}x"
                row = (number, f"{chance.random():.9f}", f"word{number}x " * size)
                connection.execute("insert into rows values (?, ?, ?)", row)
            elif chance.random() < 0.6:
                connection.execute("update rows set words = ? where id = ?", (f"{alive[old]} " * size, old))
            else:
                dead.add(alive.pop(old))
                connection.execute("update rows set words = '' where id = ?", (old,))
        scrub(path)
        assert dead & words_written(tmp_path) == set()
        assert (tmp_path / "x.db-wal").stat().st_size == 0
        assert connection.execute("select count(*) from rows").fetchone() == (len(alive) + len(dead),)


def words_written(folder: Path) -> set[str]:
    return {word.decode() for word in re.findall(rb"word\d+x", written(folder, "sqlite"))}


async def test_h7_many_who_forget_share_one_rewrite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers wait while a database is rewritten, so that is not done once for each who asks."""
    rewritten, begun, loop = list[Path](), asyncio.Event(), asyncio.get_running_loop()

    def counted(path: Path, *, whole: bool) -> None:
        rewritten.append(path)
        loop.call_soon_threadsafe(begun.set)
        scrub(path, whole=whole)

    monkeypatch.setattr("conversations.privacy.forgetting.scrub", counted)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    await database.open()
    forgetting = Forgetting(database, DbosEngine(database.engine_url), cast("Assistant", None))
    first = asyncio.create_task(forgetting.scrubbed())
    await begun.wait()
    await asyncio.gather(*(forgetting.scrubbed() for _ in range(20)))
    await first
    assert rewritten.count(database.path) == 2, "the one that was under way, and one for all who came meanwhile"
    await database.close()
