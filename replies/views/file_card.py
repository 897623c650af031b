"""The file card: what a shared data file holds, and questions to press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conversations.errors import FileNotInspected
from conversations.ports.replies import CardFile
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks, buttons
from replies.views.wording import N_, Wording
from tables import Column

_MOST_FILES = 5
_MOST_NAMES = 20
_LONGEST_FILE_NAME = 80
_MOST_COLUMNS = 12
_LONGEST_NAME = 40
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
_TOTALS = ("revenue", "sales", "amount", "total", "profit", "turnover", "売上", "金額", "利益", "合計")
_RATES = ("price", "rate", "rating", "discount", "percent", "ratio", "score", "age", "単価", "価格", "率", "年齢")
_RATE = 2
_CODES = ("id", "code", "no", "number", "zip", "番号", "コード")
HOW_TO_ASK = N_("Press a question, or mention me in this thread with your own.")


def card(wording: Wording, turn: str, files: Sequence[CardFile]) -> list[Block]:
    """The card's blocks.

    Args:
        wording: The language of the person who shared.
        turn: The card's id, which the buttons carry.
        files: What was shared.
    """
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


def questions(wording: Wording, files: Sequence[CardFile]) -> list[str]:
    """Two or three questions that the files' columns suggest."""
    columns = [column for file in files if file.facts for column in file.facts.columns if column.name]
    measure, adds_up = _measure(columns)
    group = _first(columns, "category", "boolean", "text")
    date = _first(columns, "date")
    asked = [wording.plain("Describe this data and what stands out")]
    if measure and date:
        asked.append(wording.plain("{measure} over {date}, as a line chart", measure=measure, date=date))
    if measure and group:
        total, average = (
            N_("Total {measure} by {group}, as a bar chart"),
            N_("Average {measure} by {group}, as a bar chart"),
        )
        asked.append(wording.plain(total if adds_up else average, measure=measure, group=group))
    if measure and len(asked) == 1:
        asked.append(wording.plain("How is {measure} distributed? Show a chart", measure=measure))
    if len(asked) == 1:
        asked.append(wording.plain("Are there missing or odd values?"))
    return asked


def size(wording: Wording, count: int) -> str:
    """A number of bytes as Slack writes it beside a file's name."""
    if count < _MEGA:
        return f"{wording.number(max(1, round(count / _KILO)))} kB"
    return f"{wording.number(round(count / _MEGA, 1))} MB"


def _facts(wording: Wording, file: CardFile) -> str:
    parts = [f"*{escape(file.name)}*", size(wording, file.size)]
    facts = file.facts
    if facts and facts.rows >= 0 and facts.column_count:
        exact, least = N_("{rows} rows × {columns} columns"), N_("at least {rows} rows × {columns} columns")
        parts.append(wording.say(exact if facts.rows_exact else least, rows=facts.rows, columns=facts.column_count))
    if facts and len(facts.sheets) > 1:
        parts.append(wording.say("Sheets: {count}", count=len(facts.sheets)))
    if facts and facts.encoding:
        parts.append(escape(facts.encoding.upper() if facts.encoding.startswith("utf") else facts.encoding))
    return " · ".join(parts)


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
    name = escape(column.name[:_LONGEST_NAME]).replace("*", "").replace("`", "") or "–"
    return f"*{name}* ({wording.say(_TYPES[column.type])})"


def _first(columns: Sequence[Column], *types: str) -> str:
    """The first column of the first type that has any, codes and ids left for last."""

    def wanted() -> Iterator[str]:
        for kind in types:
            found = [column.name for column in columns if column.type == kind]
            yield from (name for name in found if not _is_code(name))

    return next(wanted(), "")[:_LONGEST_NAME]


def _measure(columns: Sequence[Column]) -> tuple[str, bool]:
    """The number that people most likely ask about, and whether its sum means anything; "" without numbers."""
    numbers = [column.name for kind in ("number", "integer") for column in columns if column.type == kind]
    names = sorted((name for name in numbers if not _is_code(name)), key=_rank)
    return (names[0][:_LONGEST_NAME], _rank(names[0]) < _RATE) if names else ("", False)


def _rank(name: str) -> int:
    """0 for what is surely a total, 1 for any number, 2 for rates."""
    if _ends_with(name, _RATES):
        return _RATE
    return 0 if _ends_with(name, _TOTALS) else 1


def _is_code(name: str) -> bool:
    return _ends_with(name, _CODES)


def _ends_with(name: str, words: Sequence[str]) -> bool:
    """Whether a name's last word is one of these; names without spaces between words may just end with one."""
    parts = name.lower().replace("_", " ").replace("-", " ").split()
    return bool(parts) and any(
        parts[-1] == word or (len(word) > 1 and not word.isascii() and name.endswith(word)) for word in words
    )
