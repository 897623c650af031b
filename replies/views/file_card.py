"""The file card: what a shared data file holds, and questions to press."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.errors import FileNotInspected
from conversations.ports.replies import CardFile
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks, buttons
from replies.views.sentences import N_
from replies.views.suggestions import LONGEST_NAME, questions
from replies.views.wording import Wording
from tables import EMPTY, Column

_MOST_FILES = 5
_MOST_NAMES = 20
_LONGEST_FILE_NAME = 80
_MOST_COLUMNS = 12
_KILO = 1000
_MEGA = 1_000_000
_TYPES = {
    "integer": N_("whole number"),
    "number": N_("number"),
    "date": N_("date"),
    "category": N_("category"),
    "boolean": N_("yes/no"),
    "text": N_("text"),
    "empty": N_("empty"),
}
HOW_TO_ASK = N_("Press a question, or mention me in this thread with your own.")


def card(wording: Wording, turn: str, files: Sequence[CardFile]) -> list[Block]:
    """The card's blocks."""
    shown: list[Block] = []
    for file in files[:_MOST_FILES]:
        shown.append(blocks.section(_facts(wording, file)))
        if file.facts and not file.facts.inspected:
            shown += blocks.contexts([f":warning: {wording.error(FileNotInspected(name=file.name))}"])
        if file.facts and file.facts.columns:
            shown += blocks.contexts([_columns(wording, file)])
    if others := files[_MOST_FILES:]:
        shown += blocks.contexts([_others(wording, others)])
    asking = [
        buttons.ask_sample(question, turn, position) for position, question in enumerate(questions(wording, files))
    ]
    return [*shown, blocks.actions(*asking), *blocks.contexts([wording.say(HOW_TO_ASK)])]


def summary(wording: Wording, files: Sequence[CardFile]) -> str:
    """The card in words, for notifications."""
    lines = [_facts(wording, file) for file in files[:_MOST_FILES]]
    return "\n".join([*lines, *([_others(wording, others)] if (others := files[_MOST_FILES:]) else ())])


def size(wording: Wording, count: int) -> str:
    """A number of bytes as Slack writes it beside a file's name."""
    if count < _MEGA:
        return f"{wording.number(max(1, round(count / _KILO)))} kB"
    return f"{wording.number(round(count / _MEGA, 1))} MB"


def _facts(wording: Wording, file: CardFile) -> str:
    parts = [f"*{escape(file.name)}*", size(wording, file.size)]
    facts = file.facts
    if facts and facts.rows >= 0 and facts.column_count:
        parts.append(shape(wording, facts.rows, facts.column_count, exact=facts.rows_exact))
    if facts and facts.problem == EMPTY:
        parts.append(wording.say("empty"))
    if facts and len(facts.tables) > 1:
        parts.append(wording.say("Tables: {count}", count=len(facts.tables)))
    if facts and len(facts.sheets) > 1:
        parts.append(wording.say("Sheets: {count}", count=len(facts.sheets)))
    if facts and facts.encoding:
        parts.append(escape(facts.encoding.upper() if facts.encoding.startswith("utf") else facts.encoding))
    return " · ".join(parts)


def shape(wording: Wording, rows: int, columns: int, *, exact: bool) -> str:
    """How many rows and columns a table has."""
    one, more = (N_("1 row"), N_("{count} rows")) if exact else (N_("at least 1 row"), N_("at least {count} rows"))
    wide = wording.say("1 column") if columns == 1 else wording.say("{count} columns", count=columns)
    return f"{wording.say(one if rows == 1 else more, count=rows)} × {wide}"


def _others(wording: Wording, files: Sequence[CardFile]) -> str:
    """Files that have no room of their own, by name."""
    names = [f"*{escape(file.name[:_LONGEST_FILE_NAME])}*" for file in files[:_MOST_NAMES]]
    if more := len(files) - len(names):
        names.append(wording.say("and {count} more", count=more))
    return wording.say("Also shared: ") + ", ".join(names)


def _columns(wording: Wording, file: CardFile) -> str:
    columns = file.facts.columns if file.facts else ()
    named = [_column(wording, column) for column in columns[: _MOST_COLUMNS + (len(columns) == _MOST_COLUMNS + 1)]]
    more = (file.facts.column_count if file.facts else 0) - len(named)
    if more > 0:
        named.append(wording.say("and {count} more", count=more))
    return wording.say("Columns: ") + ", ".join(named)


def _column(wording: Wording, column: Column) -> str:
    name = escape(column.name[:LONGEST_NAME]).replace("*", "").replace("`", "") or "–"
    return f"*{name}* ({wording.say(_TYPES[column.type])})"
