"""Whether a question goes on from the one before, and what it then means."""

from __future__ import annotations

import re
from dataclasses import replace

from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.reading.language import normal
from playground.analyst.reading.measures import is_additive
from playground.analyst.reading.reading import Reading

CONTINUES = re.compile(
    r"^\s*(and\b|what about\b|how about\b|now\b|only\b|just\b|same\b|instead\b|but\b|then\b|also\b|ok(ay)?\b[, ]"
    r"|as an? |in an? |make (it|that|this)"
    r"|show (it|that|this)|can you (make|show|draw|plot) (it|that|this)|plot (it|that|this)|draw (it|that|this)"
    r"|for \w+( only)?\s*\?|by \w+|per \w+|excluding|without|except|break (it|that|this)"
    r"|では|じゃあ?|それを|それは|それで|その|そのうち|次は|次に|同じ|ちなみに|あと|さらに|これを|これは)",
)


CONTINUES_AT_END = re.compile(r"\b(instead|too|as well|only)\s*[?.!]*$|(は|だけ|のみ|だと|なら|で)\s*[?。!]*$")


SUBJECT = re.compile(r"\b(what is|what was|what are|which|how many|how much|show me the|give me)\b", re.IGNORECASE)


def continues(question: str, reading: Reading, previous: Plan) -> bool:
    """Whether a question goes on from the one before instead of standing for itself."""
    text = normal(question).lower()
    if reading.task in {"describe", "columns", "missing", "clean"} or previous.task in {"describe", "columns", "clean"}:
        return False
    whole = reading.measures and (reading.by or reading.aggregates or reading.filters)
    if CONTINUES.search(text):
        return not (reading.measures and reading.by and reading.aggregates)
    short = len(text) <= 40 and not SUBJECT.search(text) and reading.method not in {"ranking", "top of each"}
    if short and CONTINUES_AT_END.search(text) and not whole and not reading.counting:
        return True
    return (
        reading.bare
        and not reading.names_rows
        and short
        and previous.task == "aggregate"
        and not (reading.by and reading.aggregates)
    )


def inherited(reading: Reading, previous: Plan, profile: Profile) -> Reading:
    """What a follow-up means: its own words, and for the rest those of the question before."""
    measures = reading.measures or (() if reading.counting else tuple(previous.measures))
    counting = reading.counting or (not measures and not previous.measures)
    aggregates = tuple(name for name in reading.aggregates if name != "count") or _kept_functions(
        reading, previous, profile
    )
    regrouped = bool(reading.by or reading.grain or reading.over_time)
    by = tuple(reading.by) if regrouped else tuple(previous.by)
    replaced = {condition.column for condition in reading.filters}
    filters = [old for old in previous.filters if old.column not in replaced] + list(reading.filters)
    chart = reading.chart or (previous.chart if not regrouped and previous.chart in {"pie", "box"} else "")
    return replace(
        reading,
        measures=measures,
        counting=counting,
        aggregates=aggregates,
        by=by,
        grain=reading.grain if regrouped else previous.grain,
        filters=tuple(filters),
        having=tuple(reading.having or previous.having),
        chart=chart,
        top=reading.top or (0 if regrouped else previous.top),
        ascending=reading.ascending if reading.ascending is not None or regrouped else previous.ascending,
        by_label=reading.by_label if reading.ascending is not None or regrouped else previous.sort_by == "label",
        share=reading.share or previous.share,
    )


def _kept_functions(reading: Reading, previous: Plan, profile: Profile) -> tuple[str, ...]:
    if reading.measures and any(
        is_additive(name, profile) != is_additive(old, profile)
        for name in reading.measures
        for old in previous.measures[:1]
    ):
        return ()
    return tuple(previous.aggregates) if previous.aggregates != ("count",) else ()
