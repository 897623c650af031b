"""For checkers: every message of a person, beside all that the app has in the same thread."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from playground.slack.state import messages
from playground.slack.state.entities import Channel, Record
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """A person's message; ``answers`` are the app's messages in its thread, oldest first, with metadata."""

    channel: str
    ts: str
    thread: str
    user: str
    text: str
    file_ids: list[str]
    answers: list[Json]

    def as_json(self) -> Json:
        """As JSON."""
        return asdict(self)


def questions(workspace: Workspace) -> list[Question]:
    """All messages of people that still stand, by channel, oldest first."""
    found: list[Question] = []
    for channel in workspace.channels.values():
        answers = _answers(workspace, channel)
        people = (record for record in channel.records.values() if _by_person(record))
        found += [_question(record, answers.get(record.thread, [])) for record in people]
    return found


def _answers(workspace: Workspace, channel: Channel) -> dict[str, list[Json]]:
    answers: dict[str, list[Json]] = {}
    for record in channel.records.values():
        if record.body.get("bot_id") == workspace.bot_id:
            answers.setdefault(record.thread, []).append(messages.render(workspace, record, metadata=True))
    return answers


def _by_person(record: Record) -> bool:
    subtype = str(record.body.get("subtype", ""))
    return "bot_id" not in record.body and subtype in {"", "file_share", "thread_broadcast", "me_message"}


def _question(record: Record, answers: list[Json]) -> Question:
    body = record.body
    return Question(
        record.channel, record.ts, record.thread, str(body["user"]), str(body["text"]), record.file_ids, answers
    )
