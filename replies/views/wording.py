"""Every sentence that people read from us, in the asker's language.

English stands in the code (and in the docstrings of the error tree); translations are gettext catalogues in
``replies/locale/<language>/LC_MESSAGES/messages.po``. Numbers, durations and dates follow the full locale.
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

from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity
from errors import AnalystError
from replies.markdown.sanitize import escape, on_one_line

LOCALES = Path(__file__).parent / "locale"
log = logging.getLogger(__name__)
_MOST = 10**15
_TIMES = ("since", "until")
"""Fields that hold epoch seconds."""
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name for "translated later"
    """Mark a sentence for translation where it is declared."""
    return msgid


ACTIVITIES: Mapping[Activity, str] = {
    Activity.QUEUED: N_("is waiting for its turn in this thread…"),
    Activity.THINKING: N_("is thinking…"),
    Activity.READING: N_("is reading {file}…"),
    Activity.RUNNING_CODE: N_("is running Python…"),
    Activity.DRAWING: N_("is drawing a chart…"),
    Activity.WRITING: N_("is writing…"),
    Activity.RETRYING: N_("is trying again…"),
    Activity.WAITING: N_("is waiting for Azure OpenAI (about {seconds} s)…"),
    Activity.RESUMING: N_("is going on after a restart…"),
}

NOTICES: Mapping[NoticeKind, str] = {
    NoticeKind.FILE_ADDED: N_("I have added {files}. Ask me about it."),
    NoticeKind.HELP: N_(
        "Share a data file (CSV, Excel, JSON…) here and mention me with a question, "
        "such as “total by region, as a chart”."
        "\nIn a thread where we talk already you need not mention me. `stop` ends an answer, `mute` keeps me quiet."
    ),
    NoticeKind.MUTED: N_("I am quiet in this thread now. Mention me with `unmute` to bring me back."),
    NoticeKind.UNMUTED: N_("I answer in this thread again."),
    NoticeKind.FORGOTTEN: N_("I have forgotten this conversation and its files."),
    NoticeKind.FORGOTTEN_HERE: N_(
        "I have forgotten this conversation and its files. Azure OpenAI has not deleted its copies yet; "
        "I try again every night until it has."
    ),
    NoticeKind.NOTHING_TO_FORGET: N_("There is nothing here to forget. Say it in the thread of a conversation."),
    NoticeKind.FORGET_REFUSED: N_(
        "Only {by}, who began this conversation, or a workspace admin can make me forget it."
    ),
    NoticeKind.STOPPED: N_("Stopped by {by}."),
    NoticeKind.NOTHING_TO_STOP: N_("Nothing is running here."),
    NoticeKind.TOO_OLD: N_(
        "Your message reached me late, so I have not started on it. Press “Try again” if you want it."
    ),
    NoticeKind.ASKED_AGAIN: N_("{by} asks again: {question}"),
    NoticeKind.ASKED: N_("{by} asks: {question}"),
    NoticeKind.ASKED_TO_LOOK: N_("{by} asks me to analyse this."),
    NoticeKind.CODE_POSTED: N_("The Python behind the answer, posted by {by}:"),
    NoticeKind.THANKS: N_("Thank you! That helps to make the answers better."),
    NoticeKind.SLASH_HELP: N_(
        "Share a data file (CSV, Excel, JSON…) in a channel and mention me with a question; "
        "I answer in the thread, and you ask on there."
        "\n• `/analyst files` lists the data files of this channel"
        "\n• `/analyst status` shows what I am doing here"
        "\n• `/analyst card on`, `reaction` or `off`: what I do when somebody shares a data file here"
        "\n• `/analyst bots`, `bots add NAME`, `bots remove NAME`: apps that I answer here when they mention me"
        "\n• `/analyst pause`, `resume`, both also with `workspace`: an admin keeps me from questions, or lets me go on"
    ),
    NoticeKind.CHANNEL_STATUS: N_("Answers under way here: {running}. Waiting: {waiting}. File cards: `{cards}`."),
    NoticeKind.CARDS_CARD: N_("When somebody shares a data file here, I say what is in it."),
    NoticeKind.CARDS_REACTION: N_("When somebody shares a data file here, I only add a reaction to it."),
    NoticeKind.CARDS_OFF: N_("When somebody shares a data file here, I keep quiet."),
    NoticeKind.BOTS_LISTED: N_("When one of these apps mentions me here, I answer: {bots}."),
    NoticeKind.BOTS_NONE: N_("I answer no other app here. `/analyst bots add NAME` lets me answer one."),
    NoticeKind.BOT_UNCLEAR: N_("No single app is called {name}. Those that I know here: {bots}. Take a name or an id."),
    NoticeKind.NO_FILES: N_("I see no data file of the last 7 days here. If there is one, `/invite` me first."),
    NoticeKind.SUSPECTS: N_("Set aside, or suspected to end my process: {listed}. `/analyst drop TURN` drops one."),
    NoticeKind.DROPPED: N_("`{turn}` is dropped."),
    NoticeKind.NOTHING_TO_DROP: N_("Nothing that is set aside or suspected has the name `{turn}`."),
    NoticeKind.MENTION_ME: N_("Mention me to ask here."),
    NoticeKind.PAUSED_HERE: N_(
        "<@{by}> has paused me here ({since}). What runs is finished, and questions are turned away. "
        "An admin brings me back with `/analyst resume`."
    ),
    NoticeKind.PAUSED_WORKSPACE: N_(
        "<@{by}> has paused me in this workspace ({since}). What runs is finished, and questions are turned away. "
        "An admin brings me back with `/analyst resume workspace`."
    ),
    NoticeKind.NOT_PAUSED: N_("I take questions here."),
    NoticeKind.JOINS_NEXT_TURN: N_("{files} came while I was working; it is part of the next question."),
}

NOTES: Mapping[str, str] = {
    "new_thread": N_("Azure no longer had our conversation, so I went on from its transcript."),
    "condensed": N_("Our conversation has become long for the model, so I went on from a transcript of it."),
    "shortened": N_("Our conversation had become too long for the model, so I went on from its ends."),
    "larger_sandbox": N_("The data needed a sandbox with more memory: files were carried over, variables are gone."),
    "cut_short": N_("The answer was cut short by the model's limit. Ask me to go on."),
    "too_long": N_("The answer was longer than I can keep, so its end is left out."),
    "long_code": N_("The code is longer than I can show: all of it is in analysis.py."),
    "missing_files": N_("Files that were mentioned but never made: {files}"),
    "lost_files": N_("Files that could not be kept: {files}"),
}


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
        told = self.say(NOTICES[notice.kind], **self._in_time(notice.fields))
        unread = [f":warning: {self.error(error)}" for error in notice.unread]
        return "\n".join([told, *unread, *map(self.notice, notice.more)])

    def note(self, key: str, **fields: Any) -> str:
        """A remark below an answer; "" for a key that has no sentence."""
        return self.say(NOTES[key], **fields) if key in NOTES else ""

    def error(self, error: AnalystError) -> str:
        """The sentence of an error."""
        unnamed = {"name": self.plain("This file")} if error.fields.get("name") == "" else {}
        contact = self._contact(error.fields.get("contact", ""))
        return self.say(error.template(), **self._in_time({**error.fields, **unnamed, "contact": contact}))

    def _in_time(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of a sentence, with times as times."""
        return {name: self.moment(float(value)) if name in _TIMES else value for name, value in fields.items()}

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
