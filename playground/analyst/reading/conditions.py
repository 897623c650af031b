"""Finds the filters of a question: named values, comparisons of numbers, spans of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.analyst.plan import Condition
from playground.analyst.profile import Column, Profile
from playground.analyst.reading.clauses import blank
from playground.analyst.reading.columns import Mention
from playground.analyst.reading.language import CJK, normal
from playground.analyst.reading.spans import time_conditions
from playground.analyst.reading.vocabulary import FUNCTION_WORDS

NUMBER = (
    r"[$€£¥]?\s*(?P<{0}>-?\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(?P<{0}u>k|m|million|thousand|billion|万|千"
    r"|億)?(?:\b|(?=[^\d]))"
)
UNITS = {"k": 1e3, "thousand": 1e3, "千": 1e3, "万": 1e4, "m": 1e6, "million": 1e6, "億": 1e8, "billion": 1e9}
OPERATORS = (
    (">=", r"(?:at least|no less than|not less than|>=|≥|minimum of)"),
    ("<=", r"(?:at most|no more than|not more than|up to|<=|≤)"),
    (">", r"(?:(?:greater|more|higher|larger|bigger|older|longer)\s+than|above|over|exceed(?:s|ing)?|>)"),
    ("<", r"(?:(?:less|lower|smaller|fewer|younger|shorter)\s+than|below|under|<)"),
    ("==", r"(?:==?|equals?(?:\s+to)?|(?:is|of)(?=\s+\d))"),
)
JA_OPERATORS = (
    (">=", "以上"),
    ("<=", "以下"),
    ("<", "未満|より小さい|より少ない|より低い|を下回る"),
    (">", "超|より大きい|より多い|より高い|を超える|を上回る"),
)
NOT_BEFORE = re.compile(
    r"(?:\bis not|\bare not|\bisn't|\baren't|\bnot|\bexcept(?: for)?|\bexcluding|\bexclude|\bother than"
    r"|\bwithout|!=|\bnon)"
    r"[\s-]*(?:in|a|an|the|from|equal to)?\s*['\"“‘「]?$"
)
FUNCTION_BEFORE = re.compile(
    r"\b(average|mean|avg|total|sum|median|combined|overall)\s+((of|the)\s+)*$|(平均|合計|総)$"
)
NOT_AFTER = re.compile(r"^['\"”’」]?\s*(?:以外|を除|は除|ではない|じゃない)")
JOINT = re.compile(
    r"\s*(?:(?:is|are|was|were|of|equals?|equal to|not|isn't|aren't|in|as|a|an|the|=|==|!=|:|が|は|の)\s*)*['\"“‘「]?"
)
GENDERS = {"m": ("male", "males", "man", "men"), "f": ("female", "females", "woman", "women")}


@dataclass
class Filters:
    """What was found: the conditions, the text without them, and the columns whose values were all or several named."""

    text: str
    conditions: list[Condition] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    having: list[Condition] = field(default_factory=list)
    """Conditions on groups ("with an average rating below 4"); their columns stay in the text."""


def find_filters(text: str, found: Sequence[Mention], profile: Profile) -> Filters:
    """The filters of a question.

    Args:
        text: The question without words of form; spans that filters take are blanked in the result.
        found: Its mentions of columns.
        profile: The table.
    """
    filters = Filters(text)
    _comparisons(filters, found, profile)
    _values(filters, found, profile)
    blanked, conditions = time_conditions(filters.text, found, profile)
    filters.text = blanked
    filters.conditions += conditions
    return filters


def number(text: str, unit: str | None) -> str:
    """A number as text, its unit applied."""
    value = float(text.replace(",", "")) * UNITS.get((unit or "").lower(), 1)
    return str(int(value)) if value == int(value) else repr(value)


def _comparisons(filters: Filters, found: Sequence[Mention], profile: Profile) -> None:
    for mention in found:
        if not profile[mention.column].is_number:
            continue
        before = len(filters.conditions)
        span = _compare_after(filters, mention) or _compare_before(filters, mention)
        if span and FUNCTION_BEFORE.search(filters.text[: mention.start].lower()):
            filters.having += filters.conditions[before:]
            del filters.conditions[before:]
            filters.text = blank(filters.text, max(mention.end, span[0]), max(mention.end, span[1]))
        elif span:
            filters.text = blank(filters.text, min(mention.start, span[0]), max(mention.end, span[1]))


def _compare_after(filters: Filters, mention: Mention) -> tuple[int, int] | None:
    rest = filters.text[mention.end :].lower()
    lead = r"^['\"]?\s*(?:values?\s+)?(?:(?:is|are|was|were|of|with|that is|being|が|は|の)\s*)?"
    between = rf"{lead}between\s+{NUMBER.format('a')}\s+and\s+{NUMBER.format('b')}"
    if match := re.search(between, rest):
        filters.conditions.append(Condition(mention.column, ">=", (number(match["a"], match["au"]),)))
        filters.conditions.append(Condition(mention.column, "<=", (number(match["b"], match["bu"]),)))
        return mention.end, mention.end + match.end()
    for op, pattern in OPERATORS:
        if match := re.search(rf"{lead}{pattern}\s*{NUMBER.format('a')}", rest):
            filters.conditions.append(Condition(mention.column, op, (number(match["a"], match["au"]),)))
            return mention.end, mention.end + match.end()
    for op, pattern in JA_OPERATORS:
        if match := re.search(rf"{lead}{NUMBER.format('a')}[円個人点歳件]?\s*(?:{pattern})の?", rest):
            filters.conditions.append(Condition(mention.column, op, (number(match["a"], match["au"]),)))
            return mention.end, mention.end + match.end()
    return None


def _compare_before(filters: Filters, mention: Mention) -> tuple[int, int] | None:
    before = filters.text[: mention.start].lower()
    for op, pattern in OPERATORS[:4]:
        if match := re.search(rf"{pattern}\s*{NUMBER.format('a')}\s*(?:of\s+|in\s+|the\s+)*['\"]?$", before):
            filters.conditions.append(Condition(mention.column, op, (number(match["a"], match["au"]),)))
            return match.start(), mention.start
    return None


@dataclass(frozen=True)
class _Hit:
    column: str
    value: str
    start: int
    end: int
    negated: bool


def _values(filters: Filters, found: Sequence[Mention], profile: Profile) -> None:
    hits: list[_Hit] = []
    for column in profile.columns:
        if column.kind in {"category", "text", "flag"}:
            hits += _hits(filters.text, column)
    hits.sort(key=lambda hit: (hit.start - hit.end, -any(mention.column == hit.column for mention in found)))
    chosen: list[_Hit] = []
    for hit in hits:
        rivals = [mention for mention in found if mention.start < hit.end and hit.start < mention.end]
        longer = any(mention.end - mention.start > hit.end - hit.start for mention in rivals)
        stronger = any(mention.score >= 0.75 and mention.column != hit.column for mention in rivals)
        free = all(hit.end <= other.start or other.end <= hit.start for other in chosen)
        if free and not longer and not stronger:
            chosen.append(hit)
    for name in dict.fromkeys(hit.column for hit in chosen):
        _add(filters, [hit for hit in chosen if hit.column == name], profile[name])
    for hit in chosen:
        start, end = _with_column(filters.text, hit, found)
        filters.text = blank(filters.text, start, end)


def _with_column(text: str, hit: _Hit, found: Sequence[Mention]) -> tuple[int, int]:
    """The span of a value together with its column, when that stands right beside it ("region is East")."""
    start, end = hit.start, hit.end
    for mention in found:
        if mention.column != hit.column:
            continue
        if mention.end <= hit.start and JOINT.fullmatch(text[mention.end : hit.start].lower()):
            start = mention.start
        elif hit.end <= mention.start and re.fullmatch(r"['\"”’」]?\s?", text[hit.end : mention.start]):
            end = mention.end
    return start, end


def _add(filters: Filters, hits: Sequence[_Hit], column: Column) -> None:
    excluded = tuple(dict.fromkeys(hit.value for hit in hits if hit.negated))
    included = tuple(dict.fromkeys(hit.value for hit in hits if not hit.negated))
    if excluded:
        filters.conditions.append(Condition(column.name, "not in", excluded))
    if len(included) > 1:
        filters.compared.append(column.name)
    if included and len(included) < column.unique:
        filters.conditions.append(Condition(column.name, "in", included))


def _hits(text: str, column: Column) -> list[_Hit]:
    found = []
    for value in column.values:
        for spelled in _spellings(value, column):
            for start, end in _places(text, spelled):
                negated = bool(NOT_BEFORE.search(text[:start].lower()) or NOT_AFTER.search(text[end:]))
                found.append(_Hit(column.name, value, start, end, negated))
    return found


def _spellings(value: str, column: Column) -> list[str]:
    plain = normal(value)
    others = GENDERS.get(plain.lower(), ()) if {entry.lower() for entry in column.values} <= {"m", "f"} else ()
    undotted = plain.replace(".", "")
    return list(dict.fromkeys([plain, *others, *([undotted] if len(undotted) >= 3 else [])]))


def _places(text: str, value: str) -> list[tuple[int, int]]:
    if not value or (value.isdigit() and len(value) < 3):
        return []
    quoted = rf"(?<=['\"“‘「『]){re.escape(value)}(?=['\"”’」』,])"
    if CJK.search(value):
        alone = rf"(?<![\u30a0-\u30ff\u3400-\u9fff]){re.escape(value)}(?=の|だけ|のみ|と|、|は|以外)"
        pattern, flags = (re.escape(value) if len(value) >= 2 else rf"{quoted}|{alone}"), 0
    elif value.lower() in FUNCTION_WORDS:
        pattern, flags = quoted, 0
    elif len(value) >= 4:
        pattern, flags = rf"(?<![a-z0-9]){re.escape(value)}(?:e?s)?(?![a-z0-9])", re.IGNORECASE
    elif len(value) >= 2 and (value != value.lower() or value in {"male"}):
        pattern, flags = rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", 0
    elif value in {"man", "men"}:
        pattern, flags = rf"\b{value}\b", re.IGNORECASE
    else:
        pattern, flags = quoted, 0
    return [match.span() for match in re.finditer(pattern, text, flags)]
