"""What has outlived its retention goes, everywhere; a turn that is open when the version changes is finished."""

from __future__ import annotations

import asyncio
from typing import Any

from alembic import command
from alembic.config import Config
from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import MetaData, select, text
from sqlalchemy.engine import make_url

from conversations.database.database import MIGRATIONS, Database
from tests.faults.bench import Bench
from tests.faults.rows import tables
from tests.support.world import ANN

CSV = [("sales.csv", b"city,revenue\nOsaka,3\n")]
DAY = 86_400


async def test_retention(bench: Bench) -> None:
    """Rows, the engine's records and the copies at Azure of what is too old; all else stays."""
    await bench.kill_all()
    bench.settings = {"RETENTION_DAYS": "30"}
    await bench.start_bot()
    old = await bench.ask("[[say very old words]] [[code 1]]", files=CSV)
    found = await bench.outcomes(bench.channel, old)
    young = await bench.ask("[[say young words]]", channel=(other := bench.new_channel()))
    await bench.outcomes(other, young)
    await bench.slack.human.press(found[-1]["ts"], "answer_feedback", channel=bench.channel)
    async with asyncio.timeout(30):
        while f"('{bench.turn(old)}', '{ANN}', 'up'" not in await asyncio.to_thread(everything, bench.database_url):
            pass  # a press is followed after its ack, and nothing tells when
    await asyncio.to_thread(grow_old, bench.database_url, bench.turn(old), 40)
    assert "very old words" in await asyncio.to_thread(everything, bench.database_url)
    await asyncio.to_thread(clean, bench.database_url)
    await bench.azure.wait(lambda azure: len(azure.requests.of("DELETE", "/conversations/conv_*")) > 0, 30)
    await bench.settled_log("Housekeeping:")
    left = await asyncio.to_thread(everything, bench.database_url)
    assert "very old words" not in left
    assert bench.turn(old) not in left
    assert "sales.csv" not in left
    assert "young words" in left
    files = bench.azure.requests.of("DELETE", "/files/*")
    assert files, "the file is deleted at Azure, too"
    await bench.ask("[[say again]]", thread=old)
    await bench.outcomes(bench.channel, old, 2)


async def test_what_nobody_has_answered_for_a_day_loses_its_buttons(bench: Bench) -> None:
    ask = '[[call ask {"question": "Which year?", "choices": ["2024", "2025"]}]]'
    ts = await bench.ask(ask, files=CSV)
    [asked] = await bench.outcomes(bench.channel, ts)
    assert "choose_file" in str(asked["blocks"])
    async with asyncio.timeout(15):  # it is closed after what it shows
        while not await asyncio.to_thread(end_before, bench.database_url, bench.turn(ts), DAY + 60):
            pass
    await asyncio.to_thread(tick, bench.database_url, "hourly")
    await bench.says(bench.channel, ts, "Nobody has answered this for a day.")
    [asked] = bench.slack.bot_messages(bench.channel, ts)
    assert "choose_file" not in str(asked["blocks"])
    await bench.ask("[[say still here]]", thread=ts)
    await bench.says(bench.channel, ts, "still here")


async def test_promise_2_ids_are_kept_for_two_days(bench: Bench) -> None:
    """With the shortest retention: a question of nearly two days ago is still known when Slack sends it again."""
    await bench.kill_all()
    bench.settings = {"RETENTION_DAYS": "2"}
    await bench.start_bot()
    ts = await bench.ask("[[say only once]]")
    await bench.outcomes(bench.channel, ts)
    await asyncio.to_thread(grow_old, bench.database_url, bench.turn(ts), 1.9)
    await asyncio.to_thread(clean, bench.database_url)
    await bench.settled_log("Housekeeping:")
    asked = len(bench.model.requests)
    for envelope in bench.deliveries(ts):
        bench.slack.faults.redeliver(envelope.event_id)
    await bench.proven(ts)
    assert len(bench.model.requests) == asked + 1, "only the question that proves it"


QUEUED_THEN = (
    "update workflow_status set queue_name = 'turns', queue_partition_key = :key, status = case "
    "when workflow_uuid = :key then 'PENDING' else 'ENQUEUED' end where status in ('PENDING', 'ENQUEUED')",
    "update workflow_input set inputs = json_object('namedArgs', json('{}'), 'positionalArgs', json_array("
    "inputs ->> '$.positionalArgs[0]')) where workflow_uuid in "
    "(select workflow_uuid from workflow_status where queue_partition_key = :key)",
)


async def test_turn_open_under_the_first_version_is_finished(bench: Bench) -> None:
    """The tables go back to the first migration while a turn is open; the bot brings both up to date."""
    gate = bench.gate()
    ts = await bench.ask(
        f"[[code]] [[long 400]] [[wait {gate}]] [[say under the new version]] [[chart a.png]]", files=CSV
    )
    await bench.streaming(ts)
    queued = await bench.ask("[[say and this]]", thread=ts)
    await bench.acked(queued)
    await bench.kill_all()
    await asyncio.to_thread(as_first, bench.database_url)
    await asyncio.to_thread(queue_as_then, bench.database_url, bench.turn(ts))
    bench.open(gate)
    await bench.start_bot()
    await bench.settled(ts, 2, 1)
    assert "under the new version" in bench.one_outcome(ts, charts=1)
    assert "and this" in bench.one_outcome(queued, thread=ts)


def queue_as_then(url: str, conversation: str) -> None:
    """On SQLite, too, turns were in the engine's queue, which knew their thread, and not they themselves."""
    _, engines = tables(url)
    if engines.dialect.name == "sqlite":
        with engines.begin() as connection:
            for statement in QUEUED_THEN:
                connection.execute(text(statement), {"key": conversation})
    engines.dispose()


def as_first(url: str) -> None:
    """Our tables as the first migration made them, with the rows of now, as far as they had columns then."""
    ours, engines = tables(url)
    now, then = MetaData(), MetaData()
    with ours.begin() as connection:
        now.reflect(connection)
        rows = {name: connection.execute(select(table)).mappings().all() for name, table in now.tables.items()}
        now.drop_all(connection)
    command.upgrade(migrations(url), "0001")
    with ours.begin() as connection:
        then.reflect(connection)
        for name, table in then.tables.items():
            known = [{column.name: row[column.name] for column in table.columns} for row in rows[name]]
            if known and name != "alembic_version":
                connection.execute(table.insert(), known)
    assert "steps" in now.tables.keys() - then.tables.keys()
    ours.dispose()
    engines.dispose()


def migrations(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    parsed = make_url(url)
    made.attributes["url"] = parsed.set(drivername="sqlite" if "sqlite" in url else "postgresql+psycopg")
    return made


def grow_old(url: str, turn: str, days: float) -> None:
    """Let a question, its conversation and its record be some days older."""
    ours, engines = tables(url)
    schema = "" if "sqlite" in url else "dbos."
    with ours.begin() as connection:
        old: dict[str, Any] = {"turn": turn, "seconds": days * DAY}
        connection.execute(text("update questions set accepted_at = accepted_at - :seconds where id = :turn"), old)
        connection.execute(text("update conversations set used_at = used_at - :seconds where id = :turn"), old)
    with engines.begin() as connection:
        old = {"turn": turn, "ms": int(days * DAY * 1000)}
        connection.execute(
            text(
                f"update {schema}workflow_status set created_at = created_at - :ms, completed_at = completed_at - :ms "
                "where workflow_uuid = :turn"
            ),
            old,
        )
    ours.dispose()
    engines.dispose()


def end_before(url: str, turn: str, seconds: float) -> bool:
    """Let a turn have ended so much earlier; whether it had ended."""
    ours, engines = tables(url)
    with ours.begin() as connection:
        earlier = "update questions set finished_at = finished_at - :seconds where id = :turn and state = 'done'"
        done = connection.execute(text(earlier), {"seconds": seconds, "turn": turn}).rowcount
    ours.dispose()
    engines.dispose()
    return done > 0


def everything(url: str) -> str:
    """All that stands in the tables that hold words."""
    ours, engines = tables(url)
    schema = "" if "sqlite" in url else "dbos."
    found: list[str] = []
    for engine, names in (
        (ours, ("questions", "conversations", "conversation_files", "participants", "posts", "made", "feedback")),
        (engines, (f"{schema}workflow_status", f"{schema}operation_outputs")),
    ):
        with engine.connect() as connection:
            for name in names:
                found += [str(tuple(row)) for row in connection.execute(text(f"select * from {name}"))]
        engine.dispose()
    return "\n".join(found)


def clean(url: str) -> None:
    """What the clock does each night."""
    tick(url, "housekeeping")


def tick(url: str, schedule: str) -> None:
    """What the clock does each night or hour."""
    client = DBOSClient(system_database_url=Database(url).engine_url, serializer=DBOSPortableJSONSerializer())
    client.trigger_schedule(schedule)
    client.destroy()
