"""Other readings of a query, under which a number may be right as well. Each is the query with other functions in it.

They have another definition of a median, a quantile or a spread, or more digits than the query rounds to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_SORTED = "list_sort(list(x) FILTER (WHERE x IS NOT NULL))"
_BETWEEN_RANKS = (
    f"list_extract({_SORTED}, least(greatest(floor({{rank}})::BIGINT, 1), count(x)))"
    f" + (greatest(least({{rank}}, count(x)), 1) - floor(greatest(least({{rank}}, count(x)), 1)))"
    f" * (list_extract({_SORTED}, least(greatest(floor({{rank}})::BIGINT, 1) + 1, count(x)))"
    f" - list_extract({_SORTED}, least(greatest(floor({{rank}})::BIGINT, 1), count(x))))"
)
_RANKS = {
    "lower": "floor(1 + (count(x) - 1) * p)",
    "higher": "ceil(1 + (count(x) - 1) * p)",
    "midpoint": "(floor(1 + (count(x) - 1) * p) + ceil(1 + (count(x) - 1) * p)) / 2",
    "weibull": "(count(x) + 1) * p",
    "hazen": "count(x) * p + 0.5",
    "linear": "1 + (count(x) - 1) * p",
    "unbiased": "(count(x) + 1 / 3) * p + 1 / 3",
}
"""Ranks, from 1, between which a quantile lies: https://numpy.org/doc/stable/reference/generated/numpy.quantile.html"""

MACROS = (
    *(
        f"CREATE MACRO main.quantile_{name}(x, p) AS {_BETWEEN_RANKS.format(rank=f'({rank})')}"
        for name, rank in _RANKS.items()
    ),
    "CREATE MACRO main.unrounded(x, n := 0) AS x",
)

_MEDIAN = re.compile(r"\bmedian\s{0,9}\(", re.IGNORECASE)
_QUANTILE = re.compile(r"\bquantile(?:_cont|_disc)?\s{0,9}\(|\bapprox_quantile\s{0,9}\(", re.IGNORECASE)
_WITHIN = re.compile(
    r"\bpercentile_(?:cont|disc)\s{0,9}\(([^()]{1,60})\)\s{1,9}within\s{1,9}group\s{0,9}\(\s{0,9}order\s{1,9}by\s{1,9}([^()]{1,300})\)",
    re.IGNORECASE,
)
_ROUND = re.compile(r"\bround\s{0,9}\(", re.IGNORECASE)
_SPREAD = re.compile(r"\b(stddev|variance|var|covar)(_samp|_pop|)\s{0,9}\(", re.IGNORECASE)
_ALL = re.compile(
    r"(?:\bselect|\bdistinct|\ball|,|\.)\s{0,9}\*|#\d|\b(?:columns|exclude|natural|summarize|describe)\b|\(\s{0,9}(?:from|table)\b"
)
_ORDER = re.compile(
    r"\blimit\b|\bfirst|\blast|\bany_value|\barg_|\b(?:max|min)_by|\bmode\b|row_number|\bfetch\b", re.IGNORECASE
)


def variants(query: str) -> Iterator[str]:
    """Other readings of a query, the likeliest first."""
    plain = _ROUND.sub("unrounded(", query)
    if plain != query:
        yield plain
    if spread := _other_spread(plain):
        yield spread
    if _MEDIAN.search(plain) or _QUANTILE.search(plain) or _WITHIN.search(plain):
        for name in _RANKS:
            yield _with_quantiles(plain, f"quantile_{name}")


def columns_in(queries: Iterable[str]) -> Callable[[str], bool]:
    """Whether queries may need a column: they name it, or take all there are."""
    asked = [query.strip().lower().replace('""', '"') for query in queries]
    text = "\n".join(asked)
    takes_all = _ALL.search(text) is not None or any(query.startswith(("from", "table")) for query in asked)
    return lambda column: takes_all or column.lower() in text


def depends_on_order(query: str) -> bool:
    """Whether a query may take another row when several are equal."""
    return _ORDER.search(query) is not None


def _with_quantiles(query: str, function: str) -> str:
    query = _WITHIN.sub(lambda found: f"{function}({found[2]}, {found[1]})", query)
    query = _QUANTILE.sub(f"{function}(", query)
    return _MEDIAN.sub(f"{function}(p := 0.5, x := ", query)


def _other_spread(query: str) -> str:
    """With the whole population for a sample of it, and the other way round; "" when neither is meant."""
    other = _SPREAD.sub(
        lambda found: (
            f"{'var' if found[1].lower() == 'variance' else found[1]}"
            f"{'_samp' if found[2].lower() == '_pop' else '_pop'}("
        ),
        query,
    )
    return other if other != query else ""
