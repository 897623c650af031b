"""Turns that were open under the version before finish under this one; its rows lie there when a bot starts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Question, StepRow
from conversations.ports.incoming import UserText
from conversations.store.conversations import ConversationStore
from conversations.store.questions import QuestionStore, question_id
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import ANN, GENERAL, World

Json = dict[str, Any]
ROWS: list[tuple[str, Json]] = json.loads(Path("tests/heart/recorded_steps.json").read_text())
ASK = next(row for name, row in ROWS if name == "plan" and row.get("kind") == "ask" and not row["files"])
FILE = next(row for name, row in ROWS if name == "plan" and row.get("kind") == "ask" and row["files"])
DELETED = next(row for _, row in ROWS if row.get("error") and row["error"]["kind"] == "FileDeleted")
ANSWERED = {"outcome": "answered", "made": 0, "missing": ["lost.png"], "notes": [], "error": None, "unread": []}
FILTERED = next(row for _, row in ROWS if row.get("error") and row["error"]["kind"] == "AnswerFiltered")
FULL = next(row for _, row in ROWS if row.get("error") and row["error"]["kind"] == "ThreadQueueFull")
STOPPED = {"outcome": "stopped", "made": 0, "missing": [], "notes": [], "error": None, "unread": []}

CASES: Mapping[str, tuple[Mapping[str, Json], Json, list[str]]] = {
    "planned": ({"plan": ASK}, {}, ["hello"]),
    "answered": (
        {"plan": ASK, "start": {"unread": [], "run_id": "resp_1"}, "run": ANSWERED},
        {"answer": "from before", "run_id": "resp_1"},
        ["from before", "lost.png"],
    ),
    "without a file": (
        {
            "plan": FILE,
            f"attach:{FILE['files'][0]['id']}": DELETED,
            "start": {"run_id": "resp_2"},
            "run": ANSWERED | {"missing": []},
        },
        {"answer": "from the rest", "run_id": "resp_2"},
        ["from the rest", "gone.csv"],
    ),
    "failed": (
        {"plan": ASK, "start": {"unread": [], "run_id": "resp_3"}, "run": FILTERED},
        {"answer": "half of it"},
        ["half of it", "content filter"],
    ),
    "stopped": (
        {"plan": ASK, "start": {"unread": [], "run_id": "resp_4"}, "run": STOPPED},
        {"answer": "until here", "stopped_by": ANN},
        ["until here", "Stopped"],
    ),
    "stopped at the start": ({"plan": ASK, "start": {"stopped": True}}, {"stopped_by": ANN}, ["Stopped"]),
    "refused by a limit": ({"plan": FULL}, {}, ["20 questions are waiting"]),
    "muted": ({"plan": ASK | {"kind": "mute"}, "command": {"notice": "muted"}}, {"command": "mute"}, ["unmute"]),
}


@pytest.fixture
async def world(tmp_path: Path, model: ScriptedModel) -> AsyncIterator[World]:
    async with World(tmp_path, model, ScriptedInterpreter(), seed=1) as made:
        yield made


async def test_turns_that_were_open_under_the_version_before_finish(world: World, model: ScriptedModel) -> None:
    asked = {name: await world.slack.human.post(GENERAL, "what?") for name in CASES}
    database = Database(world.database_url)
    await database.open()
    for name, (steps, values, _) in CASES.items():
        await database.run(lambda session, a=(asked[name], steps, values): leave(database, session, *a))  # type: ignore[misc]
    await database.close()
    await world.run_bot()
    for name, (_, _, words) in CASES.items():
        for word in words:
            assert await world.says(GENERAL, asked[name], word), name
    assert len(model.requests) == 1, "what had been asked is not asked again"


def leave(database: Database, session: Session, ts: str, steps: Mapping[str, Json], values: Json) -> None:
    """What a process leaves that dies with a turn open."""
    team = "T0PLAYGRND"
    turn = question_id(team, GENERAL, ts)
    ConversationStore(database).join(session, team, GENERAL, ts, ANN)
    QuestionStore(database).put(session, UserText(team, GENERAL, ts, ANN, "what?", mentions_bot=True))
    database.change(session, Question, turn, {"state": "running"} | values)
    session.add_all(StepRow(turn=turn, name=name, result=result) for name, result in steps.items())
