"""Asks the questions of a set through the heart, in a workspace in memory, several conversations at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from conversations.engine.memory import MemoryEngine
from conversations.ports.checks import CORRECTION
from conversations.ports.incoming import UserText
from conversations.ports.replies import Deliverable, Inquiry
from conversations.ports.testing import FakeReplies, FakeWorkplace, Outcome, Posted
from conversations.ports.workplace import Message, Person, SharedFile
from conversations.service import Conversations
from conversations.store.questions import QuestionStore, question_id
from errors import AnalystError
from evals.answers import Given, Judged, Picture
from evals.cases import Case
from evals.judging.judge import judge

TEAM = "TEVAL"
_LONGEST_ERROR = 500


@dataclass(frozen=True)
class Bench:
    """A heart without Slack, open; ``cost`` prices a question's usage, None without prices."""

    conversations: Conversations
    questions: QuestionStore
    workplace: FakeWorkplace
    replies: FakeReplies
    engine: MemoryEngine
    cost: Callable[[Mapping[str, float]], float | None]


async def ask_all(
    bench: Bench, cases: Sequence[Case], at_once: int, tell: Callable[[Judged], None]
) -> Sequence[Judged]:
    """Ask all questions, at most so many conversations at once; ``tell`` hears of each answer. In the set's order."""
    room = asyncio.Semaphore(at_once)

    async def ask(number: int, case: Case) -> Sequence[Judged]:
        async with room:
            return await _Asker(bench, case, number, tell).ask()

    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(ask(number, case)) for number, case in enumerate(cases, 1)]
    return list(chain.from_iterable(task.result() for task in asking))


class _Asker:
    """One conversation: a person who asks in a channel of its own, so that no other file is near."""

    def __init__(self, bench: Bench, case: Case, number: int, tell: Callable[[Judged], None]) -> None:
        self._bench = bench
        self._case = case
        self._tell = tell
        self._channel, self._user = f"C{number}", f"U{number}"
        self._thread = ""
        person = Person(self._user, "Ann", locale=case.locale, timezone=case.timezone, team=TEAM)
        bench.workplace.people[self._user] = person

    async def ask(self) -> Sequence[Judged]:
        """Ask everything, and let the service delete the conversation."""
        given: list[Given] = []
        judged: list[Judged] = []
        files = [await self._share(position, path) for position, path in enumerate(self._case.files)]
        for number, turn in enumerate(self._case.turns):
            given.append(await self._given(await self._say(turn.ask, files if number == 0 else ())))
            judged.append(await asyncio.to_thread(judge, self._case, number, given[-1], given[:-1]))
            self._tell(judged[-1])
        await self._say("forget", command="forget")
        return judged

    async def _share(self, position: int, path: Path) -> SharedFile:
        data = await asyncio.to_thread(path.read_bytes)
        file = SharedFile(
            f"F{self._channel}{position}",
            path.name,
            user=self._user,
            filetype=path.suffix.lstrip("."),
            created=int(time.time()),
        )
        return self._bench.workplace.share(self._channel, file, data)

    async def _say(self, text: str, files: Sequence[SharedFile] = (), command: str = "") -> str:
        """Write something, and wait for what comes of it; returns the turn."""
        ts = f"{time.time():.6f}"
        message = Message(ts, self._user, text, files, thread_ts=self._thread)
        self._bench.workplace.post(self._channel, message)
        written = UserText(
            team=TEAM,
            channel=self._channel,
            ts=ts,
            user=self._user,
            text=text,
            thread=self._thread,
            channel_type="channel",
            files=files,
            mentions_bot=True,
            command=command,
        )
        self._thread = self._thread or ts
        await self._bench.conversations.intake.user_text(written)
        turn = question_id(TEAM, self._channel, ts)
        await self._bench.engine.ended(turn)
        return turn

    async def _given(self, turn: str) -> Given:
        row = await self._bench.questions.get(turn)
        if row is None:
            raise RuntimeError(f"The question {turn} has no row.")
        posts = self._bench.replies.of(turn)
        made = [(post.what, post.data) for post in posts if isinstance(post.what, Deliverable)]
        return Given(
            text="\n\n".join(filter(None, map(_words, posts))),
            outcome=row.outcome,
            error="\n".join(filter(None, map(_error, posts))),
            code=[(str(step.get("code", "")), str(step.get("output", ""))) for step in row.code],
            charts=[Picture(what.name, what.media_type, data) for what, data in made if what.kind == "chart"],
            files=[what.name for what, _ in made if what.kind == "file"],
            notes=[note for post in posts for note in _notes(post)],
            checked=self._bench.replies.checked.get(turn),
            seconds=max(0.0, row.finished_at - row.accepted_at),
            usage=dict(row.usage),
            cost=self._bench.cost(row.usage),
        )


def _words(post: Posted) -> str:
    if isinstance(post.what, Outcome):
        return post.what.text
    if post.part == CORRECTION:
        return str(post.what)
    if isinstance(post.what, Inquiry):
        return "\n".join([post.what.words, *(f"- {option.name}" for option in post.what.options)]).strip()
    return ""


def _notes(post: Posted) -> Sequence[str]:
    return post.what.footer.notes if isinstance(post.what, Outcome) and post.what.footer else ()


def _error(post: Posted) -> str:
    error = post.what.error if isinstance(post.what, Outcome) else None
    return str(error)[:_LONGEST_ERROR] if isinstance(error, AnalystError) else ""
