"""What admins have allowed and denied: workspaces, channels, people and groups of people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

DIRECT = "direct"
"""Stands for all direct messages with the bot."""

_ID = re.compile(r"[A-Z][A-Z0-9]{1,31}")
_MARKUP = re.compile(r"<(?:@|#|!subteam\^)([A-Z0-9]{1,32})(?:\|[^<>]{0,200})?>")
_LONGEST_NAME = 80
"""https://docs.slack.dev/reference/methods/conversations.create/"""


class Kind(StrEnum):
    """What a rule is about. People and groups of people are of one kind: both say who may."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    WHO = "who"


_KINDS = {
    **dict.fromkeys("TE", Kind.WORKSPACE),
    **dict.fromkeys("CGD", Kind.CHANNEL),
    **dict.fromkeys("UWBS", Kind.WHO),
}
"""By what ids begin with."""


@dataclass(frozen=True)
class RuleBook:
    """Rules, by their subjects: an id of Slack's, ``#name`` of a channel, or ``DIRECT``. What is denied is denied.

    Of a kind of which something is allowed, nothing else is.
    """

    allow: Set[str] = frozenset()
    deny: Set[str] = frozenset()

    @property
    def has_names(self) -> bool:
        """Whether channels are named, so that it matters what one is called now."""
        return any(subject.startswith("#") for subject in self.allow | self.deny)

    @property
    def groups(self) -> Set[str]:
        """The groups of which it matters who is in them."""
        return {subject for subject in self.allow | self.deny if subject.startswith("S")}

    def admits(self, kind: Kind, subjects: Set[str]) -> bool:
        """Whether something is admitted that is known as these subjects of a kind."""
        allowed = {subject for subject in self.allow if kind_of(subject) == kind}
        return not self.deny & subjects and (not allowed or bool(allowed & subjects))


def kind_of(subject: str) -> Kind:
    """What a subject is. What ids of people and workspaces do not look like is a channel's, or its name."""
    return Kind.CHANNEL if subject == DIRECT else _KINDS.get(subject[:1], Kind.CHANNEL)


def as_name(channel: str) -> str:
    """The subject for a channel's name; one that looks the same is the same."""
    return "#" + unicodedata.normalize("NFKC", channel[:_LONGEST_NAME]).lower()[:_LONGEST_NAME]


def read_subject(text: str) -> str:
    """The subject that somebody means by an id, a mention, ``#name`` or ``direct``; "" if it is none of these."""
    mention = _MARKUP.fullmatch(text)
    named = mention[1] if mention else text
    if text.lower() == DIRECT:
        return DIRECT
    if named[:1] in _KINDS and _ID.fullmatch(named):
        return named
    is_name = text.startswith("#") and len(text) > 1 and not set(text) & set(" ,<>")
    return as_name(text[1:]) if is_name else ""
