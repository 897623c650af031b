"""Decides what a turn is going to do. The plan is made once and saved, so that a resumed turn does the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, cast

from conversations.access.rules import Access
from conversations.database.models import Conversation, ConversationFile, Question
from conversations.files.uploads import PASTED, as_shared
from conversations.planning.file_selection import Selection, select_files
from conversations.planning.smalltalk import is_small_talk, speaks_of_file
from conversations.ports.arrivals import Arrivals, upload_key
from conversations.ports.incoming import OLD_SECONDS
from conversations.ports.workplace import Message, Person, SharedFile, Workplace
from conversations.store.questions import QuestionStore, shared_files
from conversations.store.results import Json, StepResult, known
from errors import error_from_json
from tables import pasted_tables, without_pasted
from untrusted.off_loop import aside

TWIN_SECONDS = 1.0
UPLOAD_SECONDS = 3.0
CONTEXT_MESSAGES = 50
CONTEXT_CHARACTERS = 12_000

Kind = Literal["ask", "describe", "add_files", "help", "too_old", "stop", "mute", "unmute", "forget", "stopped"]


@dataclass(frozen=True)
class Plan(StepResult):
    """A turn's plan.

    ``kind``: ``ask`` answers a question, ``describe`` a wordless mention with files, ``add_files`` only adds them,
    ``help`` explains the bot, ``too_old`` apologises, ``stopped`` was stopped before it began; the rest are words to
    the bot. ``others`` are names of files that are only named to the model; ``seen`` is the ts up to which the thread
    was read. ``shown_to_thread`` says that something was pressed, so that the question cannot be read in the thread;
    ``origin`` is what: see ``UserText.origin``.
    """

    kind: Kind
    question: str = ""
    context: str = ""
    files: Sequence[SharedFile] = ()
    others: Sequence[str] = ()
    seen: str = ""
    asker: Person = field(default_factory=lambda: Person(""))
    shown_to_thread: bool = False
    origin: str = ""

    def to_json(self) -> Json:
        """For the step's row."""
        value = asdict(self) | {"files": [file.to_json() for file in self.files]}
        return value | {stored: value.pop(name) for name, stored in _STORED_AS.items()}

    @classmethod
    def from_json(cls, value: Json) -> Plan:
        """From the step's row."""
        named = value | {name: value[stored] for name, stored in _STORED_AS.items() if stored in value}
        files = [SharedFile.from_json(file) for file in value.get("files", ())]
        asker = Person(**known(Person, value["asker"]))
        return cls(**(known(cls, named) | {"files": files, "asker": asker}))


_STORED_AS = {"shown_to_thread": "again", "origin": "via"}


class Planner:
    """Makes plans from the recorded question and from what Slack shows now."""

    def __init__(self, questions: QuestionStore, workplace: Workplace, arrivals: Arrivals, access: Access) -> None:
        self._questions = questions
        self._workplace = workplace
        self._arrivals = arrivals
        self._access = access

    async def plan(self, question: Question, conversation: Conversation, held: Sequence[ConversationFile] = ()) -> Plan:
        """Read the question, its thread and its files.

        Args:
            question: The row as it stood when the turn began.
            conversation: Its conversation.
            held: The conversation's files that Azure has.

        Raises:
            AccessError: The asker may not have it answered.
            AnalystError: A limit turned the question away when it came.
        """
        if question.stopped_by:
            return Plan("stopped", asker=await self._workplace.person(question.user))
        if question.command == "stop":
            self._access.check_person(await self._workplace.person(question.user))  # which seldom asks Slack
        else:
            await self._access.check(question.user)
        if question.refused:
            raise error_from_json(question.refused)
        if question.command:
            nameless = replace(await self._workplace.person(question.user), name="")  # ``forget`` leaves no name
            return Plan(cast(Kind, question.command), asker=nameless)
        if question.origin != "edit" and question.accepted_at - float(question.ts) > OLD_SECONDS:
            return Plan("too_old", asker=await self._workplace.person(question.user))
        return await self._read(await self._with_twin(question), conversation, held)

    async def _read(self, question: Question, conversation: Conversation, held: Sequence[ConversationFile]) -> Plan:
        thread = await self._thread(question)
        asker = await self._workplace.person(question.user)
        asked = await self._questions.asked_in(question.conversation, conversation.seen_ts) if thread else frozenset()
        unseen = [
            message
            for message in thread
            if not message.is_own and message.ts not in asked and conversation.seen_ts < message.ts < question.ts
        ]
        written = await aside(len(question.text), without_pasted, question.text)
        text = (await self._workplace.as_seen([written]))[0]
        if not text and question.mentioned and question.origin != "shortcut":
            text, unseen = _unanswered(unseen)
        attached = frozenset(row.slack_file for row in held)
        selection = await self._select(question, text, thread, attached)
        chosen = {file.id for file in selection.files}
        stale = [as_shared(row) for row in held if row.stale and row.slack_file not in chosen]
        return Plan(
            kind=_kind(question, text, selection, attached),
            question=text,
            context=await self._context(unseen),
            files=[*selection.files, *stale],
            others=list(selection.others),
            seen=max([question.ts, *(message.ts for message in unseen)]),
            asker=asker,
            shown_to_thread=question.shown_to_thread,
            origin=question.origin,
        )

    async def _with_twin(self, question: Question) -> Question:
        """Wait a moment for the message event, which brings the files and may come after the mention."""
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
        names = [file.name for file in message.files if not file.forwarded]  # which the forward itself names
        files = f" [files: {', '.join(names)}]" if names else ""
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
    """A bare mention in a thread asks for an answer to the last message there."""
    for position in range(len(unseen) - 1, -1, -1):
        message = unseen[position]
        if message.text.strip() and not message.is_bot:
            return message.text.strip(), [*unseen[:position], *unseen[position + 1 :]]
    return "", list(unseen)


def _kind(question: Question, text: str, selection: Selection, attached: frozenset[str]) -> Kind:
    is_quotation = all(line.startswith(">") for line in text.split("\n"))  # nothing was typed
    if not question.mentioned and question.files and (not text or (is_quotation and not question.direct)):
        return "add_files"
    if text:
        return "ask"
    return "describe" if selection.files or attached else "help"
