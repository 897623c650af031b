"""What a turn is going to do: read once when it begins, and recorded, so that a resumed turn does the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, cast

from conversations.database.models import Conversation, Question
from conversations.files.uploads import PASTED
from conversations.ports.arrivals import Arrivals, upload_key
from conversations.ports.incoming import OLD_SECONDS
from conversations.ports.workplace import Message, Person, SharedFile, Workplace
from conversations.store.questions import QuestionStore, shared_files
from conversations.turns.file_selection import Selection, select_files
from conversations.turns.smalltalk import is_small_talk, speaks_of_file
from tables import pasted_tables, without_pasted
from untrusted.off_loop import aside

TWIN_SECONDS = 1.0
UPLOAD_SECONDS = 3.0
CONTEXT_MESSAGES = 50
CONTEXT_CHARACTERS = 12_000

Kind = Literal[
    "ask",
    "describe",
    "add_files",
    "help",
    "too_old",
    "stop",
    "mute",
    "unmute",
    "forget",
    "stopped",
]


@dataclass
class Plan:
    """A turn's plan, as JSON between processes.

    ``kind``: ``ask`` answers a question, ``describe`` a wordless mention with files, ``add_files`` only adds them,
    ``help`` explains the bot, ``too_old`` apologises, ``stopped`` was stopped before it
    began; the rest are words to the bot.
    ``seen`` is the ts up to which the thread was read; ``again`` says that a button asked, so the question is not to be
    read in the thread, and ``via`` which one.
    """

    kind: Kind
    question: str = ""
    context: str = ""
    files: list[SharedFile] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    seen: str = ""
    asker: Person = field(default_factory=lambda: Person(""))
    again: bool = False
    via: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the record of the turn's steps."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Plan:
        """From the record of the turn's steps."""
        files = [SharedFile(**file) for file in value["files"]]
        return cls(**(value | {"files": files, "asker": Person(**value["asker"])}))


class Planner:
    """Makes plans from the inbox and from what Slack shows now."""

    def __init__(self, questions: QuestionStore, workplace: Workplace, arrivals: Arrivals) -> None:
        self._questions = questions
        self._workplace = workplace
        self._arrivals = arrivals

    async def plan(self, question: Question, conversation: Conversation, attached: frozenset[str]) -> Plan:
        """Read the question, its thread and its files.

        Args:
            question: The row as it stood when the turn began.
            conversation: Its conversation.
            attached: Slack ids of the files that the conversation has already.
        """
        if question.command:
            nameless = replace(await self._workplace.person(question.user), name="")  # ``forget`` leaves no name
            return Plan(cast(Kind, question.command), asker=nameless)
        if question.via != "edit" and question.accepted_at - float(question.ts) > OLD_SECONDS:
            return Plan("too_old", asker=await self._workplace.person(question.user))
        question = await self._with_twin(question)
        thread = await self._thread(question)
        asker = await self._workplace.person(question.user)
        asked = await self._questions.asked_in(question.conversation, conversation.seen_ts) if thread else frozenset()
        unseen = [
            message
            for message in thread
            if not message.is_own and message.ts not in asked and conversation.seen_ts < message.ts < question.ts
        ]
        text = await aside(len(question.text), without_pasted, question.text)
        if not text and question.mentioned and question.via != "shortcut":
            text, unseen = _unanswered(unseen)
        selection = await self._select(question, text, thread, attached)
        return Plan(
            kind=_kind(question, text, selection, attached),
            question=text,
            context=await self._context(unseen),
            files=list(selection.files),
            others=list(selection.others),
            seen=max([question.ts, *(message.ts for message in unseen)]),
            asker=asker,
            again=question.again,
            via=question.via,
        )

    async def asker(self, question: Question) -> Person:
        """Who asks."""
        return await self._workplace.person(question.user)

    async def _with_twin(self, question: Question) -> Question:
        """A mention may come before the message event that brings its files: give that a moment."""
        if question.complete or question.files:
            return question
        with self._arrivals.expect(question.id) as twin:
            latest = await self._questions.get(question.id) or question
            if not latest.complete:
                await twin.wait(TWIN_SECONDS)
        return await self._questions.get(question.id) or question

    async def _thread(self, question: Question) -> Sequence[Message]:
        if question.thread == question.ts:
            return ()
        return await self._workplace.thread(question.channel, question.thread, CONTEXT_MESSAGES)

    async def _select(
        self, question: Question, text: str, thread: Sequence[Message], attached: frozenset[str]
    ) -> Selection:
        pasted = await aside(len(question.text), _pasted, question)

        async def select(messages: Sequence[Message]) -> Selection:
            files = [*shared_files(question), *pasted]
            return await select_files(self._workplace, question.channel, text, files, messages, attached)

        if attached or question.files or is_small_talk(text) or not speaks_of_file(text):
            return await select(thread)
        with self._arrivals.expect(upload_key(question.channel, question.user)) as upload:
            selection = await select(thread)
            if selection.files or not await upload.wait(UPLOAD_SECONDS):
                return selection
        return await select(await self._thread(question))

    async def _context(self, messages: Sequence[Message]) -> str:
        lines = [await self._line(message) for message in messages[-CONTEXT_MESSAGES:]]
        kept: list[str] = []
        room = CONTEXT_CHARACTERS
        for line in reversed(lines):
            room -= len(line) + 1
            if room < 0:
                break
            kept.append(line)
        return "\n".join(reversed(kept))

    async def _line(self, message: Message) -> str:
        name = (await self._workplace.person(message.user)).name if message.user else "an app"
        when = datetime.fromtimestamp(float(message.ts), UTC).strftime("%Y-%m-%d %H:%M")
        files = f" [files: {', '.join(file.name for file in message.files)}]" if message.files else ""
        return f"[{when} UTC] {name}: {message.text}{files}"


def _pasted(question: Question) -> list[SharedFile]:
    return [
        SharedFile(
            f"{PASTED}:{question.ts}:{table.name}",
            table.name,
            len(table.data),
            kind=PASTED,
            user=question.user,
            shared_at=question.ts,
        )
        for table in pasted_tables(question.text)
    ]


def _unanswered(unseen: Sequence[Message]) -> tuple[str, list[Message]]:
    """A bare mention in a thread asks for an answer to the last thing said there."""
    for position in range(len(unseen) - 1, -1, -1):
        message = unseen[position]
        if message.text.strip() and not message.is_bot:
            return message.text.strip(), [*unseen[:position], *unseen[position + 1 :]]
    return "", list(unseen)


def _kind(question: Question, text: str, selection: Selection, attached: frozenset[str]) -> Kind:
    if text:
        return "ask"
    if not question.mentioned and question.files:
        return "add_files"
    return "describe" if selection.files or attached else "help"
