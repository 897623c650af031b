"""The parts of a question that choose rows: values, spans of time, comparisons, gaps."""

from __future__ import annotations

import itertools
import re

from playground.analyst.plan import Condition
from playground.analyst.reading.reading import Reading
from playground.analyst.reading.sentence import Sentence, Token
from playground.analyst.reading.spans import is_year

LISTED = ("in", "year", "quarter", "month", "weekday")
"""Operators whose values may be several."""
YES = {"yes", "y", "true", "はい", "あり", "有", "済", "○"}
GRAIN_OF = {"year": "YE", "quarter": "QE", "month": "ME"}


def values(sentence: Sentence, reading: Reading) -> None:
    """Named values: kept or left out; several of one column are compared."""
    _absorb_columns(sentence)
    _yes_or_no(sentence)
    for place, token in enumerate(sentence.tokens[:-1]):
        between = sentence.text[token.end : sentence.tokens[place + 1].start]
        if token.letter == "!" and not re.fullmatch(
            r"(?i)[\s'\"]*(?:(?:in|from|for|the|an?|equal to)[\s'\"]*)*", between
        ):
            token.letter = "?"  # "not sold in Norway" says more than a filter
    for before, one, after in zip(sentence.tokens, sentence.tokens[1:], sentence.tokens[2:], strict=False):
        alike = before.letter == after.letter and (after.letter != "V" or before.value.column == after.value.column)
        if one.text.lower() in {"or", "または"} and not alike:
            one.letter = "?"  # "from Spain, or with a rating of 5"
    for one, two in itertools.pairwise(sentence.tokens):
        one.letter = " " if one.text.lower() == "by" and two.letter == "V" else one.letter  # "sold by Retail"
    excluded = sentence.take_all(r"!V(?:[&v]*V)*|V(?:[&v]*V)*n", "V")
    included = sentence.take_all(r"V", "V")
    either = any(token.text.lower() in {"or", "together", "combined"} for token in sentence.tokens)
    for tokens, op in ((excluded, "not in"), (included, "in")):
        for column in dict.fromkeys(token.value.column for token in tokens):
            named = dict.fromkeys(token.value.values[0] for token in tokens if token.value.column == column)
            whole = len(named) == sentence.profile[column].unique
            if op == "in" and len(named) > 1 and not either:
                reading.by.append(column)
            if op == "not in" or not whole or len(named) == 1:
                reading.filters.append(Condition(column, op, tuple(named)))


def _yes_or_no(sentence: Sentence) -> None:
    """A column of yes and no is what holds of a row: "orders that were not returned"."""
    for place, token in enumerate(sentence.tokens):
        following = sentence.letters[place + 1 : place + 2]
        around = following + (sentence.letters[max(0, place - 1) : place] if following != "R" else "")
        known = sentence.profile[token.value].values if token.letter == "C" else ()
        yes = [value for value in known if value.lower() in YES]
        if len(yes) == 1 and len(known) == 2 and not set(around) & set("bawkxESAVNOQ#"):
            token.letter, token.value = "V", Condition(token.value, "in", (yes[0],))


def _absorb_columns(sentence: Sentence) -> None:
    """A column beside its own value adds nothing: "the West region", "channel is Online"."""
    for place in range(len(sentence.tokens) - 1, -1, -1):
        token = sentence.tokens[place]
        following = sentence.tokens[place + 1 : place + 2] if token.letter == "C" else []
        if any(
            other.letter == "C" and other.start == token.end + 1 and re.search(r"(?i)category|type", other.value)
            for other in following
        ):
            del sentence.tokens[place]  # "product category" is one thing
            continue
        around = sentence.tokens[max(0, place - 1) : place + 2]
        letters = sentence.letters[max(0, place - 1) : place + 2]
        beside = any(other.letter == "V" and other.value.column == token.value for other in around)
        if token.letter == "C" and beside and not set(letters) & set("bwa"):
            del sentence.tokens[place]


def times(sentence: Sentence, reading: Reading) -> None:
    """Spans of time; several years, quarters or months are compared."""
    spans = sentence.take_all("T", "T")
    listed: dict[tuple[str, str], dict[str, None]] = {}
    ranges = []
    for span in spans:
        for one in span.value:
            if one.op in LISTED:
                listed.setdefault((one.column, one.op), {}).update(dict.fromkeys(one.values))
            else:
                ranges.append(one)
    halves = len(spans) > 1 and any(len(one.values) > 1 for span in spans for one in span.value)
    # "Sales vs last month": the other side is not named.
    one_sided = sentence.has("Kv") and any(re.match(r"(?i)last|past|prev|this|[先今昨去]", span.text) for span in spans)
    if halves or one_sided or len({one.op for one in ranges}) < len(ranges) or (ranges and listed):
        reading.unknown += [span.text for span in spans]
    reading.filters += [Condition(column, op, tuple(named)) for (column, op), named in listed.items()] + ranges
    for (column, op), named in listed.items():
        several = sum(any(one.op == op for one in span.value) for span in spans) > 1
        if several and len(named) > 1 and op in GRAIN_OF:
            known = sentence.profile[column]
            beyond = op == "year" and not known.low[:4] <= min(named) <= max(named) <= known.high[:4]
            reading.unknown += [span.text for span in spans if beyond]
            reading.by.insert(0, column)
            reading.grain = GRAIN_OF[op]


def comparisons(sentence: Sentence, reading: Reading) -> None:
    """Comparisons with numbers: of rows, or of groups ("an average price below 40")."""
    years = any(is_year(sentence.profile, column.name) for column in sentence.profile.columns)
    one = "i?f?[NC]" if years else "i?f?N"
    entity = re.match(r"&*C(?=if?NO#[^bwCN]*$)", sentence.letters)  # "products with revenue above 500"
    if entity:
        reading.by += [token.value for token in sentence.take(entity.re.pattern, "C")]
    if grouped := re.search("(?<!w)CO#N", sentence.letters):
        sentence.tokens[grouped.start() + 1].letter = "?"  # "only products above 400 units"
    while found := sentence.take(rf"{one}~#&#|{one}O#|N#O|f?N#p|i?O#N|i?#ON|iN#|i#N"):
        by_letter = {token.letter: token for token in found}
        column = (by_letter.get("N") or by_letter["C"]).value
        operator = by_letter.get("O") or by_letter.get("p")
        ops = [operator.value] if operator else [">=", "<="] if "~" in by_letter else ["=="]
        scaled = [_scaled(token, column, sentence) for token in found if token.letter == "#"]
        rules = [Condition(column, op, (number,)) for op, number in zip(ops, scaled, strict=True)]
        if function := by_letter.get("f"):
            reading.having += rules
            reading.measures.append(column)
            reading.aggregates.append(function.value)
        elif entity or (sentence.has("w") and sentence.has("Cg") and not sentence.has("NkR")):
            reading.having += rules
            reading.measures.append(column)
        else:
            reading.filters += rules


def _scaled(number: Token, column: str, sentence: Sentence) -> str:
    """A number as the column has it: 10% is 10 where the column holds percentages."""
    percent = "%" in sentence.text[number.start : number.end + 1]
    large = float(sentence.profile[column].high or 0) > 1
    return f"{float(number.value) * 100:g}" if percent and large else str(number.value)


def gaps(sentence: Sentence, reading: Reading) -> None:
    """Missing values: a question about them, or rows that have none."""
    for token, other in itertools.pairwise(sentence.tokens):
        lacking = token.letter == "E" and token.text.lower() == "no" and other.letter not in "CND"
        if lacking or (token.letter == "!" and token.text.lower() != "without"):
            token.letter = "?"  # "countries that have no orders", "revenue excluding discounts"
    for place, token in enumerate(sentence.tokens):
        # "Without a discount" may mean a discount of zero, too.
        zero = token.letter == "N" and float(sentence.profile[token.value].low or 1) <= 0
        before = sentence.text[: token.start]
        plain = sentence.letters[max(0, place - 2) : place + 1] == "RiN" and not sentence.has("s#")
        given = re.search(r"(?i)\b(?:with|ha(?:ve|s|d|ving))(?: an?| any) $", before) if token.letter in "ND" else None
        none = re.search(r"(?i)\b(?:no|without)(?: an?)? $", before) or re.match(
            "[がの]?な[しい]", sentence.text[token.end :]
        )
        if plain or given or (zero and none):
            reading.unknown.append(token.text)
    columns = [token.value for token in sentence.take_all(r"E[CND](?:&[CND])*(?!a)|[CND]E|![CND](?!a)", "CND")]
    if columns and sentence.has("kRNf"):
        reading.filters += [Condition(column, "missing", ()) for column in columns]
        sentence.take("E")
    elif columns or sentence.take_all("E"):
        reading.task = "missing"
        reading.measures += columns
        sentence.take_all("k")
