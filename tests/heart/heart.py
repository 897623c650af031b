"""The heart over fakes: a workspace, an assistant and an engine in memory, and a database file of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from azure_assistant.assistant import Prompt
from azure_assistant.testing import ScriptedAssistant, says
from conversations.database.database import Database
from conversations.database.models import Question
from conversations.engine.memory import MemoryEngine
from conversations.files.spool import Spool
from conversations.policy import Policy
from conversations.ports.incoming import UserText
from conversations.ports.testing import (
    FakeChecker,
    FakeInspector,
    FakeReplies,
    FakeWindows,
    FakeWorkplace,
    FakeWorkspaces,
    Outcome,
)
from conversations.ports.workplace import Message, Person, SharedFile
from conversations.service import Conversations, Ports
from workplace.events import command

TEAM, CHANNEL, DIRECT = "T1", "C1", "D1"
ANN, BEN, BOT = "U1", "U2", "UBOT"
PATIENCE = 5.0
ANSWER = "The sum is six."


def people() -> list[Person]:
    return [Person(ANN, "Ann", team=TEAM), Person(BEN, "Ben", team=TEAM)]


class Held:
    """A verb of a port whose calls wait: ``inside`` are their arguments now, ``most`` how many there were at once."""

    def __init__(self, port: object, verb: str) -> None:
        self.inside: list[tuple[Any, ...]] = []
        self.most = 0
        self._port, self._verb, self._work = port, verb, getattr(port, verb)
        self._go: dict[int, asyncio.Event] = {}
        setattr(port, verb, self._wait)

    async def _wait(self, *arguments: Any, **more: Any) -> Any:
        self.inside.append(arguments)
        self._go[id(arguments)] = go = asyncio.Event()
        self.most = max(self.most, len(self.inside))
        try:
            await go.wait()
            return await self._work(*arguments, **more)
        finally:
            self.inside.remove(arguments)

    def let(self, argument: object = None) -> None:
        """Let one of those inside go on: the first with an argument, or the first of all."""
        waiting = [one for one in self.inside if not self._go[id(one)].is_set()]
        self._go[id(next(one for one in waiting if argument is None or argument in one))].set()

    def end(self, *, and_let: bool = True) -> None:
        """Hold no more calls; those inside go on, or never do."""
        setattr(self._port, self._verb, self._work)
        for go in self._go.values() if and_let else ():
            go.set()


@dataclass
class Heart:
    """``Conversations`` in one process after the other, over the same database and the same workspace."""

    database: Database
    spool: Spool
    assistant: ScriptedAssistant = field(default_factory=lambda: ScriptedAssistant(says(ANSWER)))
    workplace: FakeWorkplace = field(default_factory=lambda: FakeWorkplace(*people()))
    replies: FakeReplies = field(default_factory=FakeReplies)
    windows: FakeWindows = field(default_factory=FakeWindows)
    inspector: FakeInspector = field(default_factory=FakeInspector)
    checker: FakeChecker = field(default_factory=FakeChecker)
    engine: MemoryEngine = field(default_factory=MemoryEngine)
    policy: Policy = field(default_factory=Policy)
    others: dict[str, FakeWorkspaces] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    _dead: list[MemoryEngine] = field(default_factory=list)
    began: float = field(default_factory=lambda: float(int(time.time()) - 1000))
    seconds: Any = field(default_factory=count)

    async def start(self, **choices: Any) -> None:
        """Begin a process: the first, or the one after a crash or an end."""
        self.policy = replace(self.policy, **choices)
        spaces = FakeWorkspaces(self.workplace, self.replies, self.windows, self.others, self.gone)
        self.conversations = Conversations(
            self.database,
            self.engine,
            Ports(self.assistant, spaces, self.inspector, self.checker),
            self.spool,
            self.policy,
        )
        await self.conversations.open()

    async def die(self, left: Mapping[str, str] | None = None) -> None:
        """The process is gone from one moment to the next, and another one begins.

        What the first one awaits of its database never comes, so it does nothing any more that anybody could see.

        Args:
            left: What the next one finds in the engine's tables, if it is not what the first one had there.
        """
        self._dead.append(self.engine)
        await self.database.close()
        self.database = Database(str(self.database.url))
        await self.database.open()
        self.replies = replace(self.replies, under_way=[])
        self.engine = MemoryEngine(self.engine.left if left is None else left)
        await self.start()

    async def close(self) -> None:
        await self.conversations.close()
        await self.database.close()
        for engine in self._dead:
            await _bury(engine)

    def model(self, *events: Any) -> None:
        """Let the model do something else from now on."""
        self.assistant.script = lambda _: events

    def stall(self, port: object, verb: str, *, after: bool = False) -> asyncio.Event:
        """Let a verb of a port wait for ever, before or after it has done its work; tells when it does."""
        work, stalled = getattr(port, verb), asyncio.Event()

        async def wait(*arguments: Any, **more: Any) -> None:
            if after:
                await work(*arguments, **more)
            stalled.set()
            setattr(port, verb, work)
            await asyncio.Event().wait()

        setattr(port, verb, wait)
        return stalled

    def hold(self, port: object, verb: str) -> Held:
        """Let each call of a port's verb wait until it is let go."""
        return Held(port, verb)

    def watch(self, words: str, refuse: int = 0) -> list[str]:
        """List the statements to the database that have some words; the first of them meet an outage."""
        seen = list[str]()

        @event.listens_for(self.database._engine, "before_cursor_execute")
        def see(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if words in " ".join(statement.split()):
                seen.append(statement)
                if len(seen) <= refuse:
                    raise OperationalError(statement, {}, Exception("away"))

        return seen

    @property
    def prompts(self) -> list[Prompt]:
        """What the model was asked so far."""
        return [run.prompt for run in self.assistant.runs.values()]

    def now(self) -> float:
        return time.time()

    def ts(self) -> str:
        """The next moment."""
        return f"{self.began + next(self.seconds):.6f}"

    def written(self, text: str, **more: Any) -> UserText:
        """What somebody writes at the next moment: to the bot, in a channel, unless more is said."""
        channel = more.get("channel", CHANNEL)
        kind = "im" if channel.startswith("D") else "channel"
        usual: dict[str, Any] = {"user": ANN, "channel": channel, "mentions_bot": kind == "channel"}
        usual |= {"ts": self.ts(), "channel_type": kind, "command": command(text) or ""}
        return UserText(**{"team": TEAM, "text": text, **usual, **more})

    def post(self, written: UserText) -> None:
        """Let a message stand in Slack."""
        message = Message(written.ts, written.user, written.text, written.files, thread_ts=written.thread)
        self.workplace.post(written.channel, message)

    async def take(self, written: UserText) -> str:
        """Hand a message over as Slack does; returns the turn that it would be."""
        self.post(written)
        await self.conversations.intake.user_text(written)
        return turn_of(written)

    async def say(self, text: str, **more: Any) -> str:
        """Write something; returns the turn that it would be."""
        return await self.take(self.written(text, **more))

    async def ended(self, *turns: str) -> None:
        """Wait until turns have ended."""
        async with asyncio.timeout(PATIENCE):
            for turn in turns:
                await self.engine.ended(turn)

    async def ask(self, text: str, **more: Any) -> str:
        """Write something, and wait until its turn has ended."""
        turn = await self.say(text, **more)
        await self.ended(turn)
        return turn

    def share(self, name: str, data: bytes = b"a,b\n1,2\n", **more: Any) -> SharedFile:
        """A file in a channel, as a message shows it."""
        channel = more.pop("channel", CHANNEL)
        number = next(self.seconds)
        fields = {"user": ANN, "filetype": name.rpartition(".")[2], "created": int(self.began) + number} | more
        return self.workplace.share(channel, SharedFile(f"F{number}", name, **fields), data)

    def outcome(self, turn: str) -> Outcome:
        """The one answer that a turn shows."""
        (found,) = [post.what for post in self.replies.of(turn) if post.part == "answer"]
        assert isinstance(found, Outcome)
        return found

    def parts(self, turn: str) -> list[str]:
        """What a turn shows."""
        return [post.part for post in self.replies.of(turn)]

    async def row(self, turn: str) -> Question:
        """The row of a question."""
        (found,) = await self.database.scalars(select(Question).where(Question.id == turn))
        assert isinstance(found, Question)
        return found

    async def rows(self) -> Sequence[Question]:
        """All questions."""
        return await self.database.scalars(select(Question).order_by(Question.ts))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what nobody tells of: what is shown live, first signs."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def settled(self) -> None:
        """Let everything go on that waits for nothing but its turn, for what must not come."""
        for _ in range(20):
            await asyncio.sleep(0.001)


async def _bury(engine: MemoryEngine) -> None:
    """End the turns of a dead process, each of which may wait in vain again and again while it cleans up."""
    for _ in range(50):
        closing = asyncio.create_task(engine.close())
        await asyncio.wait([closing], timeout=0.002)
        if closing.done():
            return
        closing.cancel()
    raise AssertionError("A dead process cannot be ended.")


def turn_of(written: UserText) -> str:
    return f"{written.team}:{written.channel}:{written.ts}"


def thread_of(turn: str) -> str:
    """The thread that a question at the top level begins."""
    return turn.rpartition(":")[2]


@asynccontextmanager
async def heart_at(folder: Path) -> AsyncIterator[Heart]:
    """A heart whose database lies in a folder; nothing may be shown twice, nor be left open."""
    database = Database(f"sqlite:///{folder / 'x.db'}")
    await database.open()
    heart, unseen = Heart(database, Spool(1_000_000, folder / "spool")), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, told: unseen.append(told["message"]))
    try:
        yield heart
        assert unseen == [], "what breaks where nobody waits for it"
        assert heart.replies.mistakes == []
        assert heart.replies.under_way == []
    finally:
        await heart.close()
        await heart.spool.close()


def as_twin(written: UserText, **more: Any) -> UserText:
    """The ``app_mention`` of a message."""
    return replace(written, complete=False, channel_type="", **more)
