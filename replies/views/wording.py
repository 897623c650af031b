"""Sentences that people read from us, in the asker's language.

Numbers, durations and dates follow the full locale.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from conversations.ports.notices import Notice
from conversations.ports.replies import Activity
from errors import AnalystError
from replies.markdown.sanitize import escape, on_one_line
from replies.views.sentences import ACTIVITIES, NOTES, NOTICES

LOCALES = Path(__file__).parent / "locale"
log = logging.getLogger(__name__)
_MOST = 10**15
_TIMES = ("since", "until")
"""Fields that hold epoch seconds."""
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")


class Markup(str):
    """Text that is mrkdwn already and is not escaped again."""

    __slots__ = ()


class Wording:
    """Sentences for one person, in a BCP 47 locale such as ``ja-JP``; an unknown one means English."""

    def __init__(self, locale: str) -> None:
        self._locale = _locale(locale)
        self._catalog = _catalog(self._locale.language)

    def say(self, msgid: str, **fields: Any) -> str:
        """A sentence as mrkdwn; what is filled in is escaped."""
        return self._filled(msgid, {name: self._mrkdwn(value) for name, value in fields.items()})

    def plain(self, msgid: str, **fields: Any) -> str:
        """A sentence for places without markup (buttons, titles, status)."""
        return self._filled(msgid, {name: self._plain(value) for name, value in fields.items()})

    def status(self, activity: Activity, **fields: Any) -> str:
        """The status line; Slack writes the app's name before it."""
        if fields.get("file") == "":
            fields["file"] = self.plain("a file")
        return self.plain(ACTIVITIES[activity], **fields)

    def notice(self, notice: Notice) -> str:
        """A one-line message, a line for each file that is left out, and what stands below it."""
        told = self.say(NOTICES[notice.kind], **self._marked(notice.fields))
        unread = [f":warning: {self.error(error)}" for error in notice.unread]
        return "\n".join([told, *unread, *map(self.notice, notice.more)])

    def note(self, key: str, **fields: Any) -> str:
        """A remark below an answer; "" for a key that has no sentence."""
        return self.say(NOTES[key], **fields) if key in NOTES else ""

    def error(self, error: AnalystError) -> str:
        """The sentence of an error."""
        unnamed = {"name": self.plain("This file")} if error.fields.get("name") == "" else {}
        contact = self._contact(error.fields.get("contact", ""))
        return self.say(error.template(), **self._marked({**error.fields, **unnamed, "contact": contact}))

    def _marked(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of a sentence: times as times, subjects of rules as what Slack calls them."""
        marked = {name: self.moment(float(value)) if name in _TIMES else value for name, value in fields.items()}
        if "subjects" in marked:
            marked["subjects"] = Markup(", ".join(map(_mention, marked["subjects"].split())))
        return marked

    def _contact(self, named: str) -> str:
        """Whom to ask: a person by id, or words; in private one is named and not called."""
        return Markup(f"<@{named}>") if _PERSON.fullmatch(named) else named or self.plain("an admin of my workspace")

    def number(self, value: float) -> str:
        """1,234.5 as the locale writes it; no more than a quadrillion, beyond which Babel writes none."""
        return str(format_decimal(max(-_MOST, min(value, _MOST)), locale=self._locale))

    def seconds(self, value: float) -> str:
        """A duration, to the tenth below ten seconds."""
        rounded = round(value, 1) if value < 10 else round(value)  # noqa: PLR2004
        return str(format_unit(rounded, "duration-second", length="short", locale=self._locale))

    def moment(self, epoch: float) -> Markup:
        """A date and time that Slack shows in each reader's own zone."""
        utc = datetime.fromtimestamp(epoch, UTC)
        fallback = format_datetime(utc, "short", locale=self._locale)
        return Markup(f"<!date^{int(epoch)}^{{date_short_pretty}} {{time}}|{escape(fallback)} UTC>")

    def _filled(self, msgid: str, fields: Mapping[str, str]) -> str:
        return self._catalog.get(msgid, msgid).format_map(_Blanks(fields))

    def _mrkdwn(self, value: Any) -> str:
        if isinstance(value, Markup):
            return value
        return self.number(value) if isinstance(value, (int, float)) else escape(str(value))

    def _plain(self, value: Any) -> str:
        if isinstance(value, (int, float)):
            return self.number(value)
        return on_one_line(str(value))


class _Blanks(dict[str, str]):
    """Fields of a sentence; one that is missing leaves a dash, never an exception."""

    def __missing__(self, key: str) -> str:
        log.warning("A sentence lacks the field %r", key)
        return "–"


def _mention(subject: str) -> str:
    """The subject of a rule, which calls nobody where only one person sees it."""
    if not subject.isalnum() or not subject.isupper():
        return escape(subject)
    sign = {"C": "#", "G": "#", "U": "@", "W": "@", "S": "!subteam^"}.get(subject[0], "")
    return f"<{sign}{subject}>" if sign else subject


def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@cache
def _catalog(language: str) -> Mapping[str, str]:
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}
