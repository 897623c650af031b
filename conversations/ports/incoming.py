"""What people wrote and pressed, as the handlers hand it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from conversations.ports.workplace import SharedFile

CHOICE = "choice"
"""Origin of a question that was asked again with what somebody chose, or wrote, when something was asked back."""

BATCH_SECONDS = 60
"""Files that one person shares within this time are one drop."""

OLD_SECONDS = 30 * 60.0
"""A question that is first seen so long after it was written gets an apology instead of a run."""

CardMode = Literal["card", "reaction", "off"]
"""What happens when somebody shares a data file without a question."""


@dataclass(frozen=True)
class UserText:
    """What a person wrote, from either of the twin events (``message``, ``app_mention``).

    ``thread`` is "" for a top-level message; ``channel_type`` is ``channel``, ``group``, ``im``, ``mpim`` or "" (an
    ``app_mention`` does not tell); ``for_others`` says that the text begins with or only mentions somebody else;
    ``complete`` is False for an ``app_mention``, whose twin may bring the files; ``command`` is ``stop``, ``mute``,
    ``unmute``, ``forget`` or ``help`` when the text is nothing but that word; ``shown_to_thread`` says that something
    was pressed instead of written, so the question must be shown to the thread; ``origin`` is what was pressed:
    ``card`` (a file card), ``shortcut``, ``CHOICE``, or "" (Try again); ``edit`` is a mention that was added later.
    ``wordless``: nothing was typed, the text is that of a forwarded message. An app that has no user (a workflow, an
    incoming webhook) is known by the id of its bot (``B…``).
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
    shown_to_thread: bool = False
    origin: str = ""
    wordless: bool = False

    @property
    def is_of_nobody(self) -> bool:
        """Whether an app has written it that has no user, so that it is certain that nobody did."""
        return self.user.startswith("B")


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
    CHOOSE_BOTS = "choose_bots"
    PAUSE = "pause"
    CHOOSE = "choose_file"
    COMMAND = "command"
    FORGET_MINE = "forget_mine"
    FORGET_CHANNEL = "forget_channel"
    FORGET = "forget"


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
