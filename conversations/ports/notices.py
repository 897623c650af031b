"""One-line messages outside of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from errors import AnalystError


class NoticeKind(StrEnum):
    """One-line messages outside of answers. Values are keys of ``replies/views/sentences.py``."""

    FILE_ADDED = "file_added"
    HELP = "help"
    MUTED = "muted"
    UNMUTED = "unmuted"
    FORGOTTEN = "forgotten"
    FORGOTTEN_HERE = "forgotten_here"
    NOTHING_TO_FORGET = "nothing_to_forget"
    FORGET_REFUSED = "forget_refused"
    FORGOTTEN_MINE = "forgotten_mine"
    FORGOTTEN_CHANNEL = "forgotten_channel"
    FORGOTTEN_BUT_AT_AZURE = "forgotten_but_at_azure"
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
    BOTS_LISTED = "bots_listed"
    BOTS_NONE = "bots_none"
    BOT_UNCLEAR = "bot_unclear"
    NO_FILES = "no_files"
    SUSPECTS = "suspects"
    DROPPED = "dropped"
    NOTHING_TO_DROP = "nothing_to_drop"
    MENTION_ME = "mention_me"
    ACCESS_OPEN = "access_open"
    ACCESS_IN = "access_in"
    ACCESS_FOR = "access_for"
    ACCESS_NOT_IN = "access_not_in"
    ACCESS_NOT_FOR = "access_not_for"
    ACCESS_SETTINGS = "access_settings"
    ACCESS_HELP = "access_help"
    ACCESS_UNCLEAR = "access_unclear"
    PAUSED_HERE = "paused_here"
    PAUSED_WORKSPACE = "paused_workspace"
    NOT_PAUSED = "not_paused"
    BUDGET_QUESTIONS = "budget_questions"
    BUDGET_TOKENS = "budget_tokens"
    BUDGET_MONEY = "budget_money"
    BUDGET_LOW_PERSON = "budget_low_person"
    BUDGET_LOW_CHANNEL = "budget_low_channel"
    BUDGET_LOW_WORKSPACE = "budget_low_workspace"


@dataclass(frozen=True)
class Notice:
    """A one-line message: its kind, the values of its placeholders, and files that are left out with the reasons.

    The placeholders ``since`` and ``until`` are epoch seconds, and shown in each reader's own time zone;
    ``subjects`` are those of a ``RuleBook``, with spaces between. ``more`` are
    messages that stand below it, in the same post.
    """

    kind: NoticeKind
    fields: Mapping[str, str | float] = field(default_factory=dict)
    unread: Sequence[AnalystError] = ()
    more: Sequence[Notice] = ()
