"""What conversations/ needs from elsewhere, as ports and their plain values. Ids are opaque strings.

``workplace/`` implements ``Workplace`` (reading from Slack), ``replies/`` implements ``Replies`` and ``Answer``
(writing), ``helper/`` implements ``Inspector``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from conversations.ports.contents import Content
from errors import AnalystError
from tables import FileFacts

BATCH_SECONDS = 60
"""Files that one person shares within this time are one drop."""

OLD_SECONDS = 30 * 60.0
"""A question that is first seen so long after it was written gets an apology instead of a run."""


@dataclass(frozen=True)
class SharedFile:
    """A file as a Slack message shows it; only ``id`` is certain before ``Workplace.resolve``.

    ``kind`` is Slack's ``mode`` (``hosted``, ``snippet``, ``external``, ``tombstone``…); ``version`` changes when the
    file's content does; ``shared_at`` is the ts of the message that shared it, or "".
    """

    id: str
    name: str = ""
    size: int = 0
    filetype: str = ""
    mimetype: str = ""
    kind: str = "hosted"
    user: str = ""
    shared_at: str = ""
    created: int = 0
    version: str = ""
    url: str = ""


@dataclass(frozen=True)
class Message:
    """A message of a thread or a channel. ``text`` is Slack's markup; ``user`` is "" for bots."""

    ts: str
    user: str
    text: str
    files: Sequence[SharedFile] = ()
    is_bot: bool = False
    is_own: bool = False
    thread_ts: str = ""


@dataclass(frozen=True)
class UserText:
    """What a person wrote, from either of the twin events (``message``, ``app_mention``).

    ``thread`` is "" for a top-level message; ``channel_type`` is ``channel``, ``group``, ``im``, ``mpim`` or "" (an
    ``app_mention`` does not tell); ``for_others`` says that the text begins with or only mentions somebody else;
    ``complete`` is False for an ``app_mention``, whose twin may bring the files; ``command`` is ``stop``, ``mute``,
    ``unmute``, ``forget`` or ``help`` when the text is nothing but that word; ``again`` says that something was
    pressed instead of written, so the question is shown to the thread; ``via`` says where: ``card`` (a file card),
    ``shortcut``, or "" (Try again); ``edit`` is a mention that was added later.
    """

    team: str
    channel: str
    ts: str
    user: str
    text: str
    thread: str = ""
    user_team: str = ""
    channel_type: str = ""
    files: Sequence[SharedFile] = ()
    mentions_bot: bool = False
    for_others: bool = False
    complete: bool = True
    command: str = ""
    again: bool = False
    via: str = ""


@dataclass(frozen=True)
class Person:
    """Who asks. ``locale`` is BCP 47 (``ja-JP``), ``timezone`` an IANA name, ``team`` the person's own workspace.

    ``is_admin``: of ``team``; ``is_stranger``: of another company than the bot's.
    """

    id: str
    name: str = ""
    locale: str = "en-US"
    timezone: str = "UTC"
    team: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False


class Workplace(Protocol):
    """Reading from Slack. Methods raise ``AnalystError`` subclasses only (see ``errors.py``)."""

    async def message(self, channel: str, ts: str, thread: str = "") -> Message | None:
        """One message as it stands now, or None when it is gone. ``thread`` is its thread's ts, when it is a reply."""
        ...

    async def thread(self, channel: str, thread: str, limit: int = 50) -> Sequence[Message]:
        """The last ``limit`` messages of a thread, oldest first, the root always included."""
        ...

    async def recent_files(self, channel: str, days: int = 7) -> Sequence[SharedFile]:
        """Data files of a channel or DM, newest first."""
        ...

    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        """The file's present facts, proven to be shared in ``channel``. Raises ``FileError`` subclasses."""
        ...

    def open_file(self, channel: str, file: SharedFile) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The file's bytes in chunks, authenticated and checked. Raises ``FileError`` on entering or reading."""
        ...

    async def person(self, user: str) -> Person:
        """The person's name, locale and time zone; defaults when Slack does not tell. Unknown users never raise."""
        ...

    async def account(self, user: str) -> Person:
        """The person as Slack tells it now: at most a minute old. Raises ``SlackError`` when Slack does not tell."""
        ...

    async def is_member(self, channel: str, user: str) -> bool:
        """Whether a person is in a channel: at most a minute old. Raises ``SlackError`` when Slack does not tell."""
        ...


class Inspector(Protocol):
    """Looks into files, outside of the bot's process."""

    async def inspect(self, path: Path, name: str, *, urgent: bool = True) -> FileFacts:
        """What is known of a file. Never raises: one that cannot be looked into has facts that say so.

        Args:
            path: Where its bytes lie.
            name: Its original name.
            urgent: Whether somebody waits for an answer about it.
        """
        ...


@dataclass(frozen=True)
class Place:
    """Where a turn happens and for whom.

    ``thread`` is the ts of the thread's root (for a new question: the question's own ts); ``question`` the ts of the
    question; ``asker_team`` the asker's own workspace (differs from ``team`` over Slack Connect); ``has_sign``: the
    status line was set when the question was accepted.
    """

    turn: str
    team: str
    channel: str
    thread: str
    question: str
    asker: str
    asker_team: str = ""
    locale: str = "en-US"
    is_direct: bool = False
    has_sign: bool = False


class Step(StrEnum):
    """What a turn is doing, for the status line."""

    QUEUED = "queued"
    THINKING = "thinking"
    READING = "reading"
    RUNNING_CODE = "running_code"
    DRAWING = "drawing"
    WRITING = "writing"
    RETRYING = "retrying"
    WAITING = "waiting"
    RESUMING = "resuming"


class NoticeKind(StrEnum):
    """One-line messages outside of answers. Values are keys of ``replies/views/wording.py``."""

    FILE_ADDED = "file_added"
    HELP = "help"
    MUTED = "muted"
    UNMUTED = "unmuted"
    FORGOTTEN = "forgotten"
    FORGOTTEN_HERE = "forgotten_here"
    NOTHING_TO_FORGET = "nothing_to_forget"
    FORGET_REFUSED = "forget_refused"
    STOPPED = "stopped"
    NOTHING_TO_STOP = "nothing_to_stop"
    TOO_OLD = "too_old"
    JOINS_NEXT_TURN = "joins_next_turn"
    ASKED_AGAIN = "asked_again"
    ASKED = "asked"
    ASKED_TO_LOOK = "asked_to_look"
    CODE_POSTED = "code_posted"
    THANKS = "thanks"
    SLASH_HELP = "slash_help"
    CHANNEL_STATUS = "channel_status"
    CARDS_CARD = "cards_card"
    CARDS_REACTION = "cards_reaction"
    CARDS_OFF = "cards_off"
    NO_FILES = "no_files"
    ADMINS_ONLY = "admins_only"
    SUSPECTS = "suspects"
    DROPPED = "dropped"
    NOTHING_TO_DROP = "nothing_to_drop"


@dataclass(frozen=True)
class Notice:
    """A one-line message: its kind, the values of its placeholders, and files that are left out with the reasons."""

    kind: NoticeKind
    fields: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[AnalystError] = ()


@dataclass(frozen=True)
class Deliverable:
    """A chart or a generated file to show in the thread, exactly once. ``part`` is its key within the turn."""

    part: str
    kind: Literal["chart", "file"]
    name: str
    title: str
    alt: str
    media_type: str
    content: Content


@dataclass(frozen=True)
class UsedFile:
    """A file named in the footer: who shared it, and when (epoch seconds)."""

    name: str
    user: str
    shared_at: float


@dataclass(frozen=True)
class Footer:
    """What stands below an answer.

    ``unread`` are files that could not be read, each with its reason; ``notes`` are keys of remarks (``new_thread``,
    ``cut_short``, ``missing_files``…); ``archived`` charts and files go along in one archive; ``has_code`` shows the
    Code button.
    """

    used: Sequence[UsedFile] = ()
    unread: Sequence[AnalystError] = ()
    notes: Sequence[str] = ()
    missing: Sequence[str] = ()
    archived: int = 0
    seconds: float = 0.0
    has_code: bool = False


@dataclass(frozen=True)
class CardFile:
    """A file on a file card. ``facts`` is None when nothing but name and size (bytes) is known."""

    name: str
    size: int
    facts: FileFacts | None = None


@dataclass(frozen=True)
class Talk:
    """A conversation as the home tab lists it: the person's own question, and when it was last used (epoch s)."""

    channel: str
    thread: str
    question: str
    used_at: float


@dataclass(frozen=True)
class Modal:
    """Where a modal goes: the trigger of a press (good for 3 s), or the ``view`` that is open already."""

    trigger: str = ""
    view: str = ""


class PressKind(StrEnum):
    """What a press asks for."""

    AGAIN = "again"
    SAMPLE = "sample"
    ANALYSE = "analyse"
    STOP = "stop"
    STOP_THREAD = "stop_thread"
    DELETE = "delete"
    SHOW_CODE = "show_code"
    POST_CODE = "post_code"
    JUDGE = "judge"
    ASK_REASON = "ask_reason"
    GIVE_REASON = "give_reason"
    CHOOSE_CARD = "choose_card"
    COMMAND = "command"


@dataclass(frozen=True)
class Press:
    """What somebody pressed, chose, sent or commanded, and where: as the payload tells it, so nothing of it is certain.

    ``name`` says what it asks for (a ``PressKind``, once a handler has read it) and ``value`` what it names (a turn, a
    card, a message…), with ``more`` said about it. ``at`` is Slack's ts of the press, or "". ``channel`` and ``thread``
    are where it was pressed, "" when that is not told; in a modal (``in_modal``) it stands nowhere; ``is_direct``: in a
    direct message. ``reply`` is Slack's address for an answer, or "".
    """

    name: str
    team: str
    user: str
    value: str = ""
    more: str = ""
    at: str = ""
    channel: str = ""
    thread: str = ""
    in_modal: bool = False
    is_direct: bool = False
    reply: str = ""


@dataclass(frozen=True)
class Post:
    """A visible part of a turn, as recorded: its Slack ts (or file id) and whether it is known to be complete."""

    part: str
    ref: str
    state: Literal["open", "posted"]


class Journal(Protocol):
    """Durable notes of what a turn has posted; lets another process finish without posting twice."""

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """Record (idempotent upsert) that ``part`` exists at Slack under ``ref``."""
        ...

    async def noted(self) -> Mapping[str, Post]:
        """Everything recorded for the turn, by part."""
        ...


class Answer(Protocol):
    """One turn's visible outcome.

    Live methods (status, text, code) never raise; the final ones raise ``AnalystError``.
    """

    async def status(self, step: Step, **fields: str) -> None:
        """Show what is being done. Fields: ``file`` for READING, ``seconds`` for WAITING."""
        ...

    async def text(self, delta: str) -> None:
        """Show the next piece of raw model Markdown, when and how Slack's limits allow."""
        ...

    async def code_started(self, index: int) -> None:
        """Show that a piece of Python is running (a task card in a stream, else the status line)."""
        ...

    async def code_finished(self, index: int, code: str, output: str) -> None:
        """Show that the piece of Python ended."""
        ...

    async def finish(self, text: str, footer: Footer) -> None:
        """Make the whole text visible exactly once: complete the stream, or post. Safe to call again after a crash."""
        ...

    async def attach(self, items: Sequence[Deliverable]) -> None:
        """Show charts and files in the thread, in order, each exactly once. Safe to call again after a crash."""
        ...

    async def fail(self, error: AnalystError, partial: str = "", footer: Footer | None = None) -> None:
        """Show one clear error, after the partial answer if there is one, with "Try again". Safe to call again."""
        ...

    async def stopped(self, by: str, partial: str = "") -> None:
        """Show that the turn was stopped, and by whom. Safe to call again."""
        ...

    async def retract(self) -> None:
        """Remove what this turn has shown (its question was deleted)."""
        ...

    async def park(self) -> None:
        """Another process will go on: say so in the status, end background tasks, leave the rest. Never raises."""
        ...

    async def close(self) -> None:
        """Clear the status and end background tasks. Never raises."""
        ...


class Replies(Protocol):
    """Writing to Slack."""

    def answer(self, place: Place, journal: Journal, *, recovering: bool) -> Answer:
        """The outcome of a turn. ``recovering``: an earlier process may have posted parts of it."""
        ...

    async def notice(self, place: Place, notice: Notice, journal: Journal) -> None:
        """A one-line message in the thread, exactly once per turn."""
        ...

    async def first_sign(self, place: Place, step: Step, title: str = "") -> None:
        """The status line, at once, and the thread's title where threads have one. Never raises."""
        ...

    async def card(self, place: Place, files: Sequence[CardFile], journal: Journal) -> None:
        """A card under shared files: what they are, and questions to press. Exactly once."""
        ...

    async def post_code(self, place: Place, by: str, steps: Sequence[Mapping[str, str]], journal: Journal) -> None:
        """The Python of an answer as a file in its thread, naming who asked for it. Exactly once.

        Args:
            place: The answer's thread.
            by: Name of the person.
            steps: ``code`` and ``output`` of each step.
            journal: Notes of this post.
        """
        ...

    async def react(self, channel: str, ts: str, name: str) -> None:
        """Add a reaction to a message. Never raises."""
        ...


class Windows(Protocol):
    """What only one person sees. All of it is best effort: failures are logged, nothing is raised."""

    async def code(
        self, modal: Modal, locale: str, turn: str, steps: Sequence[Mapping[str, str]], page: int = 0
    ) -> None:
        """A modal with the Python that ran: ``code`` and ``output`` of each step."""
        ...

    async def reason(self, modal: Modal, locale: str, turn: str) -> None:
        """A modal that asks what was wrong with an answer."""
        ...

    async def moment(self, modal: Modal, locale: str) -> Modal:
        """A modal that asks for a moment's patience; where it is replaced."""
        ...

    async def refusal(self, modal: Modal, locale: str, error: AnalystError) -> bool:
        """A modal that says why there is nothing to see; whether Slack has taken it."""
        ...

    async def home(self, user: str, locale: str, talks: Sequence[Talk]) -> None:
        """The person's home tab: what the bot can do, and the conversations."""
        ...

    async def prompts(self, channel: str, locale: str) -> None:
        """What may be asked, offered in an empty direct message."""
        ...

    async def whisper(self, place: Place, notice: Notice) -> None:
        """A line in a thread that only ``place.asker`` sees."""
        ...

    async def refuse(self, place: Place, error: AnalystError, address: str = "") -> None:
        """Tell ``place.asker`` alone why something is not done, wherever Slack lets us.

        Args:
            place: Where it was asked for.
            error: Why.
            address: What the press came with, or "".
        """
        ...

    async def reply(self, address: str, locale: str, notice: Notice) -> None:
        """A line that only the person sees, at the address that a command came with."""
        ...

    async def reply_files(self, address: str, locale: str, files: Sequence[SharedFile]) -> None:
        """A list of files, in the same way."""
        ...
