"""What lies behind an answer, as it is shown: files, how they were read, traps in them; numbers and their queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conversations.ports.windows import Account, Number, Part, Source
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.file_card import shape, size
from replies.views.sentences import N_
from replies.views.wording import Wording
from tables import Reading, Trap
from untrusted.characters import spelled, whole

_MOST_FILES = 10
_LONGEST_NAME = 80
_TAB = "\t"
_MARKS = {"agrees": "✓", "differs": ":warning:"}
_SHORT = 100
"""Bytes of what stands around a query."""

TRAPS: Mapping[str, str] = {
    "totals": N_("Totals among the rows: {count} ({examples})"),
    "duplicate_rows": N_("Copies of earlier rows: {count}"),
    "duplicate_keys": N_("{column}: values that stand in several rows: {count} ({examples})"),
    "currencies": N_("{column}: several currencies ({examples})"),
    "units": N_("{column}: several units ({examples})"),
    "date_orders": N_("{column}: dates with the day first and dates with the month first ({examples})"),
    "date_forms": N_("{column}: dates in several forms ({examples})"),
    "ambiguous_dates": N_("{column}: the day or the month may come first ({examples})"),
    "decimal_commas": N_("{column}: decimal commas ({examples})"),
    "mixed_decimals": N_("{column}: decimal commas and decimal points ({examples})"),
    "number_ids": N_("{column}: codes that look like numbers ({examples})"),
    "time_zones": N_("{column}: several time zones ({examples})"),
    "hidden_rows": N_("Hidden rows: {count}"),
    "hidden_columns": N_("Hidden columns: {count}"),
    "hidden_sheets": N_("Hidden sheets: {count} ({examples})"),
}

READINGS: Mapping[str, str] = {
    "day_first": N_("{column}: day before month"),
    "month_first": N_("{column}: month before day"),
    "unit": N_("{column}: in {unit}"),
}


def sources_shown(wording: Wording, sources: Sequence[Source]) -> Iterator[Block]:
    """A heading for each file, how it was read, and its traps."""
    for source in sources[-_MOST_FILES:]:
        yield blocks.section(_heading(wording, source))
        if read := [_reading(wording, reading) for reading in source.readings]:
            yield from blocks.contexts([wording.say("Read as: ") + " · ".join(read)])
        if source.traps:
            yield from blocks.contexts(["\n".join(f":warning: {_trap(wording, trap)}" for trap in source.traps)])


def _heading(wording: Wording, source: Source) -> str:
    parts = [f"*{escape(source.name[:_LONGEST_NAME])}*", size(wording, source.size)]
    if source.shared_at:
        parts.append(wording.moment(source.shared_at))
    if source.encoding:
        parts.append(escape(source.encoding))
    if source.delimiter and source.delimiter != ",":
        parts.append(f"`{'tab' if source.delimiter == _TAB else escape(source.delimiter)}`")
    shapes = [_shape(wording, part, exact=source.exact) for part in source.parts if part.rows >= 0]
    return "\n".join([" · ".join(parts), *shapes])


def _shape(wording: Wording, part: Part, *, exact: bool) -> str:
    counted = shape(wording, part.rows, part.columns, exact=exact)
    return f"{escape(part.sheet)}: {counted}" if part.sheet else counted


def _reading(wording: Wording, reading: Reading) -> str:
    return wording.say(READINGS.get(reading.kind, "{column}"), column=reading.column, unit=reading.unit)


def _trap(wording: Wording, trap: Trap) -> str:
    examples = ", ".join(trap.examples)
    told = wording.say(TRAPS.get(trap.kind, "{column}"), column=trap.column, examples=examples, count=trap.count)
    return f"{escape(trap.sheet)} › {told}" if trap.sheet else told


def account_shown(wording: Wording, account: Account) -> Iterator[tuple[Block, int]]:
    """Rows left out, and each number with its query and result; and about how many bytes that is."""
    told = [wording.say("{count} ({why})", count=wording.number(one.rows), why=one.why) for one in account.left_out]
    if told:
        yield blocks.contexts([wording.say("Rows left out: ") + " · ".join(told)])[0], _SHORT * (1 + len(told))
    for number in account.numbers:
        mark = _MARKS.get(number.verdict, "–")
        stated = wording.say("{label}: {stated}", label=number.label or wording.plain("A number"), stated=number.stated)
        yield blocks.section(f"{mark} {stated}"), _SHORT
        query = spelled(whole(number.query))
        yield blocks.preformatted(query), len(query.encode())
        yield from ((block, _SHORT) for block in blocks.contexts([_result(wording, number)]))


def _result(wording: Wording, number: Number) -> str:
    if number.verdict == "cannot":
        return wording.say("This could not be checked.")
    return wording.say("On the file it gives {found}.", found=number.found)
