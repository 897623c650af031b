"""What a question says outright, before anything is taken for granted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playground.analyst import clauses
from playground.analyst.columns import Mention, column_for, mentions
from playground.analyst.conditions import find_filters
from playground.analyst.language import name_words, normal, words
from playground.analyst.plan import Chart, Condition, Task
from playground.analyst.profile import Profile
from playground.analyst.spans import is_year, time_column
from playground.analyst.vocabulary import COUNTED_BEFORE, GROUP_AFTER, GROUP_BEFORE, LEAST, SUPERLATIVE, WHICH_BEFORE

TASKS: tuple[tuple[Task, str], ...] = (
    (
        "clean",
        r"\bclean(ed|ing|up)?\b|\bde-?dup|\bremove (the |all )?(duplicates?|missing|nulls?)|\b(drop|fill( in)?|impute) (the |all )?(missing|nulls?|na|blank)"
        r"|クリーニング|クレンジング|きれいに|綺麗に|整形|重複を(削除|除)|欠損(値)?を(補完|埋め|除|削除)",
    ),
    ("missing", r"\bmissing\b|\bnulls?\b|\bnans?\b|\bblanks?\b|\bincomplete\b|欠損|欠けて|空欄|空白|未入力"),
    ("outliers", r"\boutliers?\b|\banomal(y|ies|ous)\b|外れ値|異常値"),
    ("normality", r"\bnormal(ly)?[- ]distribut|\bnormal distribution\b|\bnormality\b|\bgaussian\b|正規分布|正規性"),
    (
        "correlation",
        r"\bcorrelat\w*|\brelationships?\b|\brelated?\b|\brelation between\b|\bassociat\w+|\bdepends? on\b|相関|の関係|関連",
    ),
    ("distribution", r"\bdistributions?\b|\bspread of\b|\bdistributed\b|分布|ばらつき"),
    (
        "columns",
        r"\b(which|what|list|show)( are)?( all| me)?( the)? (columns|fields|variables)\b|\bcolumn names\b|列名|どんな列|カラム一覧|項目一覧|どんな項目",
    ),
    (
        "describe",
        r"\b(describe|summari[sz]e|overview|profile)\b|\bsummary( of| statistics)?\b|\btell me about\b|\bwhat('s| is) (in|inside)\b|\bexplore\b"
        r"|\bwhat (can you|do you) (see|tell)|\bkey (insights|findings)\b|\binsights?\b|\banaly[sz]e (this|the|it|my)\b"
        r"|概要|要約|まとめて|説明して|どんなデータ|どのようなデータ|分析して|教えて(ください)?$",
    ),
)
OVER_TIME = re.compile(
    r"\bover time\b|\btrends?\b|\btime series\b|\bdevelop(ment|ed)?\b|\bevol(ve|ution)\w*|\bchang(e|ed|es) (over|through|in|by)\b|\bgrow(th|n|ing)?\b|\bseason(al|ality|s)?\b"
    r"|推移|季節|時系列|変化|傾向|トレンド|動向|推移を"
)
SHARE = re.compile(
    r"\bshares?\b|\bproportions?\b|\bpercentages? of\b|\bpercent of\b|\bbreakdown\b|割合|シェア|構成比|比率|内訳"
)
QUANTITIES = re.compile(
    r"\b(revenue|turnover|profits?|costs?|prices?|discounts?|quantity|salary|salaries|temperatures?|rainfall|population"
    r"|scores?|ratings?|margins?|budget)\b|利益|原価|費用|単価|価格|割引|数量|給与|年収|気温|降水量|人口|点数|評価|予算"
)
EACH = re.compile(r"\b(each|every|per|by)\b|各|ごと|別")
WHICH_TIME = re.compile(r"\b(which|what|when|best|worst|strongest|weakest)\b|何月|何曜日|どの|いつ|一番|最も|最高|最低")
ROWS = re.compile(
    r"\b(how many|number of|count( of)?)\s+(the\s+)?(rows|records|entries|lines|observations)\b|何行|行数|レコード数|データ数|何件"
)
LISTED = re.compile(r"\b(rows|records|entries|lines)\b|明細|行を")


@dataclass(frozen=True)
class Reading:
    """What a question says outright. Fields as in ``Plan``; empty where it is silent."""

    text: str
    task: Task | None = None
    measures: Sequence[str] = ()
    aggregates: Sequence[str] = ()
    by: Sequence[str] = ()
    grain: str = ""
    filters: Sequence[Condition] = ()
    having: Sequence[Condition] = ()
    top: int = 0
    ascending: bool | None = None
    by_label: bool = False
    chart: Chart = ""
    share: bool = False
    over_time: bool = False
    counting: bool = False
    lists_rows: bool = False
    method: str = ""
    explicit_by: bool = False
    comparing: bool = False
    names_rows: bool = False
    unknown: str = ""
    """A quantity that the question asks for and the table lacks."""

    @property
    def bare(self) -> bool:
        """Whether it only modifies something: a grouping, filter or chart without a subject."""
        modifies = bool(self.by or self.grain or self.filters or self.chart or self.top or self.aggregates)
        return modifies and not self.measures and not self.counting and self.task is None and not self.over_time


@dataclass(frozen=True)
class _Roles:
    """Which mention plays which part."""

    measures: tuple[str, ...]
    by: tuple[str, ...]
    entities: tuple[str, ...]
    """Categories that are named without being grouped by, for example "how many customers"."""
    explicit: bool
    which: bool
    weak: str
    """The words of the first number, when they say only part of its column's name."""
    identifiers: bool
    """Whether the table's own things are named (orders, where there is an ``order_id``)."""


def read(question: str, profile: Profile) -> Reading:
    """Read a question about a table."""
    text = re.sub(r"\bhow old\b", "average age", normal(question), flags=re.IGNORECASE)
    axes = clauses.axes(text)
    text, order = clauses.take_order(text)
    text, chart = clauses.take_chart(text)
    text, top, least = clauses.take_top(text)
    found = mentions(text, profile.columns)
    filters = find_filters(text, found, profile)
    text = filters.text
    found = [mention for mention in found if text[mention.start : mention.end].strip()]
    text, grain, found = _grain(text, found, profile)
    masked = text
    for mention in found:
        if mention.score >= 0.9:
            masked = clauses.blank(masked, mention.start, mention.end)
    masked = re.sub(r"\btotal(?= (number|max|min|avg|average|mean|median))", "     ", masked, flags=re.IGNORECASE)
    functions = [function.name for function in clauses.functions(masked)]
    task = next((name for name, pattern in TASKS if re.search(pattern, masked.lower())), None)
    roles = _roles(text, found, profile, functions, grain)
    reading = Reading(
        text=text,
        task=task,
        measures=roles.measures,
        aggregates=tuple(dict.fromkeys(functions)),
        by=roles.by,
        grain=grain,
        filters=tuple(filters.conditions) if roles.by else (*filters.conditions, *filters.having),
        having=tuple(filters.having) if roles.by else (),
        top=top,
        ascending=order.ascending if order else (least if top else None),
        by_label=_by_label(order, roles, profile),
        chart=chart,
        share=bool(SHARE.search(text.lower())),
        over_time=bool(OVER_TIME.search(text.lower())),
        counting=_counting(functions, text) or (roles.identifiers and not roles.measures and not functions and not top),
        names_rows=roles.identifiers,
        comparing=bool(re.search(r"\bcompar(e|ison|ed)\b|\bvs\b|\bversus\b|比較|比べ", text.lower())),
        unknown=_unknown(text, found, roles, functions),
        lists_rows=bool(LISTED.search(text.lower())),
        method="zscore" if re.search(r"z[- ]?score", text.lower()) else "",
        explicit_by=roles.explicit or bool(grain),
    )
    reading = _with_compared(reading, filters.compared)
    reading = _with_compared_times(reading, profile)
    reading = _with_ranking(reading, roles, text)
    if axes:
        reading = _with_axes(reading, axes, profile)
    return _with_entities(reading, roles, text)


def _unknown(text: str, found: Sequence[Mention], roles: _Roles, functions: Sequence[str]) -> str:
    """A quantity that is named and matches no column, when no other quantity is meant."""
    if roles.measures or "count" in functions:
        return ""
    for mention in found:
        text = clauses.blank(text, mention.start, mention.end)
    match = QUANTITIES.search(text.lower())
    return match[0] if match else ""


def _counting(functions: Sequence[str], text: str) -> bool:
    return "count" in functions or bool(ROWS.search(text.lower()))


def _grain(text: str, found: list[Mention], profile: Profile) -> tuple[str, str, list[Mention]]:
    """The calendar grain, unless the word names a column of its own (a column of years, for example)."""
    without, grain = clauses.take_grain(text)
    if not grain or time_column(found, profile) is None:
        return text, "", found
    lost = [mention for mention in found if not without[mention.start : mention.end].strip()]
    own = [mention for mention in lost if mention.score >= 0.75 and not profile[mention.column].is_date]
    if own or not profile.of_kind("date"):
        return text, "", found
    return without, grain, [mention for mention in found if mention not in lost]


def _roles(text: str, found: list[Mention], profile: Profile, functions: Sequence[str], grain: str) -> _Roles:
    found = _without_ids(found, profile, text)
    grouped = [mention for mention in found if _is_grouped(text, mention, found, profile)]
    which = any(WHICH_BEFORE.search(text[: mention.start].lower()) for mention in found)
    numbers = [mention for mention in found if _is_measure(mention, profile)]
    categories = [mention for mention in found if mention not in numbers]
    by = [
        mention for mention in grouped if not (mention in numbers and _too_fine(mention, profile, categories, numbers))
    ]
    measures = [mention for mention in numbers if mention not in by]
    rest = [mention for mention in categories if mention not in by]
    explicit = bool(by)
    if not by:
        counted = "count" in functions or "nunique" in functions
        marked = [mention for mention in rest if WHICH_BEFORE.search(text[: mention.start].lower())]
        if measures or which or (not counted and len(rest) >= 1):
            by, rest = (
                (
                    marked
                    or [mention for mention in rest if not profile[mention.column].is_date or grain or len(rest) == 1]
                )[:2],
                [],
            )
    names = tuple(dict.fromkeys(mention.column for mention in by))[:2]
    if grain and not any(profile[name].is_date for name in names):
        names = (_date_for(found, profile), *names)[:2]
    kept = tuple(dict.fromkeys(mention.column for mention in measures if mention.column not in names))
    entities = tuple(dict.fromkeys(mention.column for mention in rest if mention.column not in names))
    return _Roles(kept, names, entities, explicit, which, _weak(text, measures), _names_rows(text, profile))


def _names_rows(text: str, profile: Profile) -> bool:
    """Whether the question names what a row is: "orders", where every row has an ``order_id`` of its own."""
    said = {word.stem for word in words(text)}
    keys = [column.name for column in profile.columns if profile.is_unique(column.name)]
    return any(name_words(key)[-1:] in (["id"], ["no"], ["number"]) and name_words(key)[0] in said for key in keys)


def _weak(text: str, measures: Sequence[Mention]) -> str:
    first = measures[0] if measures else None
    return text[first.start : first.end] if first and first.score < 0.75 else ""


def _date_for(found: Sequence[Mention], profile: Profile) -> str:
    dates = [column.name for column in profile.of_kind("date")]
    return next((mention.column for mention in found if mention.column in dates), dates[0])


def _without_ids(found: list[Mention], profile: Profile, text: str) -> list[Mention]:
    """Mentions without those of identifiers that the question hardly means ("payments" is not ``Payment_ID``)."""

    def identifier(mention: Mention) -> bool:
        named = re.search(r"(^|[_\s])(id|no|nr|key)$|Id$|ID$|番号$", mention.column)
        said = re.search(r"\b(ids?|no|nr|number|key)\b|番号", text[mention.start : mention.end].lower())
        return bool(named) and not said and mention.score < 0.9

    return [mention for mention in found if not identifier(mention)]


def _is_measure(mention: Mention, profile: Profile) -> bool:
    return profile[mention.column].is_number and not is_year(profile, mention.column)


def _too_fine(mention: Mention, profile: Profile, categories: Sequence[Mention], numbers: Sequence[Mention]) -> bool:
    """Whether "by X" means "measured by X": a number with many values, beside something better to group by."""
    many = profile[mention.column].unique > 50
    return many or (len(numbers) == 1 and any(other is not mention for other in categories))


def _is_grouped(text: str, mention: Mention, found: Sequence[Mention], profile: Profile) -> bool:
    is_number = _is_measure(mention, profile)
    before, after = text[: mention.start].lower(), text[mention.end :]
    if COUNTED_BEFORE.search(before):
        return False
    marker = GROUP_BEFORE.search(before)
    if GROUP_AFTER.search(after) or (
        marker and not (is_number and marker[1] in {"between", "among", "over", "against"})
    ):
        return True
    following = next((other for other in found if mention.end < other.start and _joined(text, mention, other)), None)
    if following is not None and GROUP_AFTER.search(text[following.end :]):
        return True
    previous = next((other for other in found if other.end < mention.start and _joined(text, other, mention)), None)
    return previous is not None and _is_grouped(text, previous, found, profile)


def _joined(text: str, first: Mention, second: Mention) -> bool:
    return bool(
        re.fullmatch(
            r"\s*(,|and|,\s*and|&|/|×|x|と|、|および|・)\s*(the\s+|their\s+|each\s+)?",
            text[first.end : second.start].lower(),
        )
    )


def _by_label(order: clauses.Order | None, roles: _Roles, profile: Profile) -> bool:
    if order is None:
        return False
    if order.by_label:
        return True
    if re.search(r"\by\b|\bnumber\b|\bcount\b|\btotal\b|\bhow many\b|\baverage\b", order.words):
        return False
    meant = column_for(order.words, profile.columns)
    return meant is not None and meant in roles.by


def _with_compared(reading: Reading, compared: Sequence[str]) -> Reading:
    """Several values of one column are named: they are compared."""
    more = [name for name in compared if name not in reading.by]
    return replace(reading, by=tuple([*reading.by, *more][:2]), explicit_by=True) if more else reading


def _with_compared_times(reading: Reading, profile: Profile) -> Reading:
    """Several years, months or quarters are named: they are compared."""
    grains = {"year": "YE", "month": "ME", "quarter": "QE"}
    for one in reading.filters:
        if one.op in grains and len(one.values) > 1 and not reading.by and (reading.comparing or reading.chart):
            return replace(reading, by=(one.column,), grain=grains[one.op], explicit_by=True)
    return reading


def _with_ranking(reading: Reading, roles: _Roles, text: str) -> Reading:
    """In "which X has the highest Y" the superlative ranks; it is no function."""
    if not SUPERLATIVE.search(text.lower()) or not reading.by:
        return reading
    if roles.entities and not reading.grain and EACH.search(text.lower()) and len(reading.by) == 1:
        return replace(reading, by=(reading.by[0], roles.entities[0]), ascending=False, method="top of each")
    which = (
        roles.which
        or bool(re.search("一番|最も|もっとも", text))
        or (bool(reading.grain) and bool(WHICH_TIME.search(text.lower())))
    )
    if not which and not reading.top:
        return reading
    kept = tuple(name for name in reading.aggregates if name not in {"max", "min", "mode"})
    least = bool(LEAST.search(text.lower()))
    ascending = reading.ascending if reading.ascending is not None and reading.top else least
    return replace(reading, aggregates=kept, ascending=ascending, method=reading.method or "ranking")


def _with_axes(reading: Reading, axes: tuple[str, str], profile: Profile) -> Reading:
    """The x axis is grouped by, the y axis says what is measured."""
    label = column_for(axes[0], profile.columns)
    if label is None:
        return reading
    measure = column_for(axes[1], profile.columns)
    functions = tuple(function.name for function in clauses.functions(axes[1]))
    counting = "count" in functions or "nunique" in functions
    number = measure is not None and profile[measure].is_number and not (counting and measure == label)
    return replace(
        reading,
        by=(label,),
        measures=(measure,) if measure and number and not counting else (),
        aggregates=functions or (("count",) if not number else ()),
        counting=counting or not number,
        explicit_by=True,
    )


def _with_entities(reading: Reading, roles: _Roles, text: str) -> Reading:
    """Asked "how many customers", different customers are counted; for a chart, they are what is grouped by."""
    if "nunique" in reading.aggregates and reading.measures and not reading.by and roles.weak:
        return replace(reading, measures=(), unknown=roles.weak)
    if not roles.entities or reading.measures:
        return reading
    if not reading.by and (reading.chart not in {"", "none"} or reading.share or reading.top):
        return replace(reading, by=roles.entities[:2])
    if "nunique" in reading.aggregates and reading.by:
        return replace(reading, measures=roles.entities[:1], counting=False)
    if reading.chart == "stacked" and len(reading.by) == 1:
        return replace(reading, by=(*reading.by, roles.entities[0]))
    plain = not reading.by and ("count" in reading.aggregates or "nunique" in reading.aggregates)
    if plain and not re.search(r"\bper\b", text.lower()):
        return replace(reading, measures=roles.entities[:1], aggregates=("nunique",), counting=False)
    return reading
