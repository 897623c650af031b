"""Which tables stand below each other in a text, and what is noted around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tables.columns import kind_of
from tables.heading import Heading, Row, extent, find_heading, joined, usual_width

_LONGEST_NOTE = 120
_MOST_NOTES = 20
_EVEN = 0.8


@dataclass(frozen=True)
class Region:
    """Rows without an empty one among them: ``count`` in all, beginning as ``head``; ``first`` rows stand before."""

    first: int
    count: int
    head: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A table with its notes.

    Its header's last row (counted from 1; 0 for none), how many rows the header has, and the names that they make; rows
    of data in all, and the first of them; ``begins`` rows stand above those; the usual number of cells, and the share
    of the rows that have it.
    """

    begins: int
    header_row: int
    header_rows: int
    header: list[str]
    rows: int
    body: list[list[str]]
    width: int
    notes: tuple[str, ...] = ()
    evenness: float = 1.0


def find_tables(regions: Sequence[Region]) -> list[Table]:
    """The tables in the regions of a text, in its order; at least one when there are any rows."""
    if _is_double_spaced(regions):
        regions = [_merged(regions)]
    widest = max((usual_width([len(row) for row in region.head])[0] for region in regions), default=1)
    found: list[tuple[Region, Heading, list[Region]]] = []
    waiting: list[Region] = []
    for each in regions:
        region, heading = each, find_heading(each.head) if each.head else Heading(0, 0, 1)
        if waiting and _is_header_of(waiting[-1], region, heading):
            region = _merged([waiting.pop(), region])
            heading = find_heading(region.head)
        if _is_note(region, heading, widest, before=not found):
            waiting.append(region)
        elif found and _goes_on(found[-1][1], region, heading, titled=bool(waiting)):
            found[-1] = (_merged([found[-1][0], *waiting, region]), found[-1][1], found[-1][2])
            waiting = []
        else:
            found.append((region, heading, waiting))
            waiting = []
    if not found and waiting:
        merged = _merged(waiting)
        found, waiting = [(merged, find_heading(merged.head), [])], []
    tables = [_table(*each, several=len(found) > 1) for each in found]
    if waiting:
        tables[-1] = replace(tables[-1], notes=(*tables[-1].notes, *notes_of(_texts(waiting)))[:_MOST_NOTES])
    return tables


def _is_double_spaced(regions: Sequence[Region]) -> bool:
    """Whether empty rows mean nothing, because they stand after nearly every row."""
    alone = sum(region.count == 1 for region in regions)
    widths = {len(row) for region in regions for row in region.head}
    return alone > 2 and alone * 4 > 3 * len(regions) and len(widths) == 1  # noqa: PLR2004 - no few rows


def _merged(regions: Sequence[Region]) -> Region:
    return Region(
        regions[0].first, sum(region.count for region in regions), [row for region in regions for row in region.head]
    )


def _is_header_of(above: Region, region: Region, heading: Heading) -> bool:
    """Whether a row that stands alone is the header of what follows after an empty row."""
    if above.count > 1 or heading.first != heading.data or len(above.head[0]) != heading.width or heading.width == 1:
        return False
    both = find_heading([*above.head, *region.head])
    return both.first == 0 and both.data == 1 and extent(above.head[0]) > 1


def _is_note(region: Region, heading: Heading, widest: int, *, before: bool) -> bool:
    """Whether a region is words beside a table of ``widest`` columns; ``before``: no table stands above."""
    if widest == 1 or not region.head:
        return False
    reach = usual_width([extent(row) for row in region.head])[0]
    if max(map(extent, region.head)) == 1:
        return True
    data = region.head[heading.data :]
    if not before or not data:
        return before
    is_list = reach < widest and reach == 2  # noqa: PLR2004 - names and values, unless there are columns of one kind
    return is_list and (not heading.evident or (len(data) == 1 and kind_of(data[0][0]) not in {"number", "date"}))


def _goes_on(last: Heading, region: Region, heading: Heading, *, titled: bool) -> bool:
    """Whether rows after an empty one belong to the table above it."""
    if not region.head or heading.width == 1 or region.count - heading.first < 2:  # noqa: PLR2004 - a header and a row
        return True
    rows = region.head[heading.first :]
    share = sum(len(row) == heading.width for row in rows) / len(rows)
    if share < _EVEN:
        return True
    has_header = heading.data > heading.first
    return not (heading.evident or heading.width != last.width or ((titled or heading.first > 0) and has_header))


def _table(region: Region, heading: Heading, waiting: Sequence[Region], *, several: bool) -> Table:
    header = region.head[heading.first : heading.data]
    body = region.head[heading.data :]
    width = heading.width
    if several:
        width = max(map(extent, [*header, *body]), default=width)
    if len(header) == 1 and len(header[0]) == width - 1:
        header = [["", *header[0]]]
    return Table(
        begins=region.first + heading.data,
        header_row=region.first + heading.data if header else 0,
        header_rows=len(header),
        header=joined(header, width),
        rows=region.count - heading.data,
        body=body,
        width=width,
        notes=notes_of([*_texts(waiting), *region.head[: heading.first]]),
        evenness=sum(len(row) == heading.width for row in body) / len(body) if body else 1.0,
    )


def _texts(regions: Sequence[Region]) -> list[Row]:
    return [row for region in regions for row in region.head]


def notes_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Rows beside a table as words; empty ones left out."""
    texts = (" ".join(", ".join(filter(None, map(str.strip, row))).split())[:_LONGEST_NOTE] for row in rows)
    return tuple(filter(None, texts))[:_MOST_NOTES]


def regions_of(rows: Sequence[Sequence[str]]) -> list[Region]:
    """The regions of rows that are held as a whole, of which all are counted."""
    found: list[Region] = []
    begun = False
    for place, row in enumerate(rows):
        filled = any(map(str.strip, row))
        if filled and not begun:
            found.append(Region(place, 0))
        if filled:
            found[-1] = replace(found[-1], count=found[-1].count + 1)
            found[-1].head.append(list(row))
        begun = filled
    return found
