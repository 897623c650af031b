"""What a question says: its tokens are taken one after the other for what they mean, and none may be left."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from playground.analyst.plan import Condition
from playground.analyst.profile import Profile
from playground.analyst.reading import filters
from playground.analyst.reading.language import normal
from playground.analyst.reading.lexicon import DOUBTFUL
from playground.analyst.reading.measures import is_additive
from playground.analyst.reading.reading import Reading
from playground.analyst.reading.sentence import Sentence, Token, lists, things
from playground.analyst.reading.spans import time_column

ROW_COUNTS = {"件数", "何件", "何行", "行数"}
AMOUNTS = {"most", "least", "fewest", "多い", "多かった", "少ない", "少なかった"}
OF_TWO = {"more", "less", "higher", "larger", "bigger", "greater", "lower", "smaller"}
FEW = 30
"""Numbers with no more different values than this may be grouped by."""


def read(question: str, profile: Profile) -> Reading:
    """Read a question about a table."""
    sentence = Sentence(normal(question), profile)
    reading = Reading(continues=bool(sentence.take(r"^[ &]*U") or sentence.letters.startswith("&")))
    for step in STEPS:
        step(sentence, reading)
    reading.unknown += [match[0] for match in DOUBTFUL.finditer(sentence.text.lower())] + sentence.left_over
    return reading


def _form(sentence: Sentence, reading: Reading) -> None:
    """Charts and files that are wanted."""
    charts = list(dict.fromkeys(token.value for token in sentence.take_all("c")))
    named = [chart for chart in charts if chart != "any"]
    reading.chart = "stacked" if "stacked" in named else (named or charts or [""])[0]
    if len(set(named) - {"bar"}) > 1:
        reading.unknown += [f"{chart} chart" for chart in named]
    files = list(dict.fromkeys(token.value for token in sentence.take_all("X")))
    reading.file = files[0] if files else ""
    reading.unknown += files[1:]


def _groups(sentence: Sentence, reading: Reading) -> None:
    """What is grouped by: with "by", "per", "each", "which", or behind "top 3"."""
    _doubt(sentence)
    ranking = re.match(r"[^Nbs#k]*[Cg]b(?=f*[kNR][^N]*$)", sentence.letters)  # "countries by revenue"
    listed = sentence.take(ranking.re.pattern, "Cgb")[-2:-1] if ranking else []
    each = listed + _each(sentence, reading)
    which = sentence.take_all(r"w[CDg]", "CDg")
    # "Which countries are in the North?" asks for their names.
    reading.counting |= bool(which) and not (sentence.has("sNfoK") or reading.having or reading.measures)
    best = which + _ranked(sentence, reading)
    timed = all(token.letter in "Gg" for token in each)  # "highest daily revenue" is one day's
    if each and not best and reading.ranked and not (timed or reading.top or sentence.has("f")):
        # "highest price by region" asks for each region's highest price.
        reading.aggregates.append("min" if reading.ascending else "max")
        reading.ranked, reading.ascending = False, None
    for before, token in itertools.pairwise(sentence.tokens):
        named = isinstance(before.value, Condition) and sentence.text[before.end : token.start] == " "
        if token.letter == "C" and named and (reading.measures or sentence.has("N")) and not sentence.has("k"):
            token.letter = " "  # "revenue of Fitness products"
    if not (each or best or reading.by):
        drawn = reading.chart not in {"", "none"} and not sentence.has("k")
        implied = (
            "[Cg]"
            if drawn or sentence.has("So") or re.search("K.*N|N.*K", sentence.letters)
            else r"(?<=K)[Cg](?:&[Cg])*"
        )
        best = sentence.take_all(implied, "Cg")
    for token in each + best:
        _group_by(token, sentence, reading)
    reading.best_of_each = bool(each and best and reading.ranked and not reading.grain)
    reading.trend = bool(sentence.take_all("P"))
    for token in sentence.take("(?<=N)OD"):
        if token.letter == "D":  # "revenue over order_date"
            reading.by.insert(0, token.value)


def _doubt(sentence: Sentence) -> None:
    """What is not computed: a figure of the best ones, rows in an order."""
    for one, two in itertools.pairwise(sentence.tokens):
        if one.letter in "fS" and two.letter == "s" and " of" in sentence.text[one.end : two.start]:
            two.letter = "?"  # "the total of the top 5"
    sorting = re.search(r"o(b*)[CDg]", sentence.letters)
    if sorting and (sorting[1] or sentence.tokens[sorting.start()].text.endswith("by")):
        sentence.tokens[sorting.end() - 1].letter = "?"  # "orders sorted by date"


def _each(sentence: Sentence, reading: Reading) -> list[Token]:
    ranked = sentence.has("s#oKv")
    if ranked:
        sentence.take("b(?=[fR])")  # "top 5 products by total revenue"
    found = []
    for token in sentence.take_all(r"b+[CDgN](?:&b*[CDgN])*|[CDgN](?:&[CDgN])*a|b*G|A[CDg]", "CDgNG"):
        if token.letter != "N":
            found.append(token)
        elif ranked:
            reading.measures.append(token.value)
        else:
            may_group = sentence.profile[token.value].unique <= FEW and not is_additive(token.value, sentence.profile)
            found += [token] if may_group else []
            reading.unknown += [] if may_group else [token.text]
    return found


def _ranked(sentence: Sentence, reading: Reading) -> list[Token]:
    """Takes number and superlative ("top 3 products", "the best month", "5 rows"), and gives what is ranked."""
    if ordered := re.search("o#[CgR]", sentence.letters):
        sentence.tokens[ordered.start()].letter = "s"  # "売上の高い順に10件"
    single = sentence.take("(?<=w)R(?=s)|(?<!#)R(?=is)") if sentence.has("N") else []
    reading.lists_rows |= bool(single)  # "which order has the highest revenue?"
    found = sentence.take(r"s#[CgR]|#s[CgR]|#[CgRN](?=.*s)|h#R|s[CgR]|#hR|#R|hR|s#|#s")
    number = next((int(float(token.value)) for token in found if token.letter == "#"), 0)
    superlatives = [token for token in found if token.letter == "s"] + sentence.take_all("s")
    if found and not superlatives and not sentence.has("o") and "h" not in {token.letter for token in found}:
        reading.lists_rows = True
    if not superlatives and not found:
        return []
    adjectives = sentence.take_all("j")
    directions = {token.value for token in superlatives + adjectives} - {"any"}
    if len(directions) > 1:
        reading.unknown += [token.text for token in superlatives + adjectives]
    if any(token.value == "any" for token in superlatives) and not directions:
        reading.unknown += [token.text for token in superlatives]
    amount = any(token.text.lower() in AMOUNTS for token in superlatives + adjectives)
    amount = amount and not re.search(r"(?i)\bs(?:old|ells?) (?:the (?:most|least)|more|less)", sentence.text)
    two = any(one.op == "in" and len(one.values) == 2 for one in reading.filters)
    reading.unknown += [token.text for token in superlatives if token.text.lower() in OF_TWO and not two]
    if amount and not (sentence.has("NRk") or reading.measures or "R" in {token.letter for token in found}):
        reading.unknown += [token.text for token in superlatives]
    reading.ranked, reading.ascending, reading.top = bool(superlatives), directions == {"asc"}, number
    things = [token.text for token in found if token.letter == "R"]
    one = not (amount or sentence.has("kw")) and all(thing[-1] in "dry" for thing in things)  # "the biggest order"
    reading.lists_rows |= bool(things) and (number > 0 or one or any(token.letter == "h" for token in found))
    reading.counting |= bool(things) and not reading.lists_rows
    entities = [token for token in found if token.letter in "Cg"]
    reading.measures += [token.value for token in found if token.letter == "N"]
    if reading.ranked and not entities and not reading.lists_rows:
        entities = sentence.take("[CDg]")
    return entities


def _group_by(token: Token, sentence: Sentence, reading: Reading) -> None:
    column = token.value
    if token.letter == "C" and sentence.profile.is_unique(column) and not lists(column, sentence.profile):
        reading.unknown.append(token.text)  # "the order id of the largest order"
    if token.letter in "gGD":
        dated = time_column([], sentence.profile) if token.letter != "D" else column
        untimed = token.value == "h" and dated is not None and sentence.profile[dated].low.endswith("00:00:00")
        other = bool(reading.grain) and token.letter != "D"
        if dated is None or not sentence.profile[dated].is_date or untimed or other:
            reading.unknown.append(token.text)
            return
        by_day = "" if sentence.has("P") else "D"
        reading.grain = reading.grain or (by_day if token.letter == "D" else str(token.value))
        column = dated
    if column not in reading.by:
        reading.by.append(column)


def _tasks(sentence: Sentence, reading: Reading) -> None:
    tasks = sentence.take_all("Q")
    if {token.value for token in tasks} == {"distribution", "normality"}:
        tasks = [token for token in tasks if token.value == "normality"]
    if len({token.value for token in tasks}) > 1 or (tasks and reading.task):
        reading.unknown += [token.text for token in tasks]
    elif tasks:
        reading.task = tasks[0].value
        sentence.take_all("R")
    if reading.task == "distribution" and not reading.by and (groups := sentence.take("C")):
        reading.task, reading.counting = None, True
        _group_by(groups[0], sentence, reading)


def _subject(sentence: Sentence, reading: Reading) -> None:
    """What is measured or counted."""
    if reading.grain and re.search(
        r"(?i)(?:average|mean|avg|median)(?: of)?(?: the)? \w+ly\b"
        r"|ly (?:average|mean)|[月日週]平均|[月日週]別の?\S{1,8}の平均|\bper (?:day|week|month|quarter|year)\b",
        sentence.text,
    ):
        # Of the rows of each month, or of the months' totals?
        totals = any(token.letter == "N" and is_additive(token.value, sentence.profile) for token in sentence.tokens)
        reading.unknown += [token.text for token in sentence.tokens if totals and token.value in ("mean", "median")]
    functions = sentence.take_all("f")
    for one, two in itertools.pairwise(functions):  # "average of the monthly totals"
        joined = re.search(r"(?i)and|[&,と、・]|how much", sentence.text[one.start : two.start])
        reading.unknown += [two.text] if one.value != two.value and not joined else []
    if len({token.value for token in functions}) > 1:
        functions = [token for token in functions if token.text.lower() != "how much"]
    averaged = any(token.value != "sum" for token in functions)
    if re.search(r"(?i)average order value", sentence.text):
        sentence.take("R")
    if averaged:
        sentence.take("bR")  # "average revenue per order" is the average of the rows
    counted = _counted(sentence, reading, averaged)
    reading.unknown += [token.text for token in sentence.take("N&R|R&N", "R")]  # "total units and orders"
    numbers = sentence.take_all("N")
    reading.measures = list(dict.fromkeys([*reading.measures, *(token.value for token in numbers)]))
    rows = sentence.take_all("R")
    if reading.task is None and not reading.lists_rows and not reading.measures:
        told = reading.by or reading.trend or functions or sentence.has("S") or reading.ranked
        reading.lists_rows = bool(rows) and not counted and not told
        every = not reading.filters and re.search(r"(?i)\ball\b|全", sentence.text)
        reading.unknown += [token.text for token in rows if reading.lists_rows and every]
        reading.counting |= (bool(rows) or counted) and not reading.lists_rows
    if reading.counting and not reading.measures:
        functions = [token for token in functions if token.value != "sum"]
        reading.unknown += [token.text for token in functions]
        functions = []
    reading.aggregates = list(dict.fromkeys([*reading.aggregates, *(token.value for token in functions)]))


def _counted(sentence: Sentence, reading: Reading, averaged: bool) -> bool:
    """Takes "how many" and what it counts: different values, a column of amounts, or rows."""
    sentence.take("b(?=k)")
    if (
        not sentence.has("RNC")
        and re.search(r"(?i)how many|何個|いくつ", sentence.text)
        and any(one.op != "missing" for one in reading.filters)
        and not reading.by
    ):
        reading.unknown += [token.text for token in sentence.tokens if token.letter == "k"]  # rows, or units?
    dates = [column.name for column in sentence.profile.of_kind("date")]
    for token in sentence.take("k+g"):
        days = token.value == "D" and any(map(sentence.profile.is_unique, dates))
        reading.unknown += [token.text] if token.letter == "g" and not days else []
        reading.counting = True
    if reading.task is None and not reading.measures:
        named = {start for start, _ in things(sentence.text, sentence.profile)}
        taken = sentence.take(r"k+x?C(?!R)|C(?:kx?)+|xC|Cx")
        kinds = any(token.letter == "x" for token in taken)
        # "how many classes per month": of the rows, or of their kinds?
        doubtful = [token.text for token in taken if token.letter == "C" and (reading.grain or token.start in named)]
        reading.unknown += [] if kinds else doubtful
        for token in taken:
            if token.letter == "C" and token.value in reading.by:
                reading.counting = True
            elif token.letter == "C":
                reading.measures.append(token.value)
                reading.aggregates.append("nunique")
            elif token.letter == "k" and token.text in ROW_COUNTS:
                reading.unknown.append(token.text)
    amounts = [token.value for token in sentence.tokens if token.letter == "N"]
    rows = any(token.letter == "k" and token.text in ROW_COUNTS for token in sentence.tokens)
    if not rows and (averaged or all(is_additive(name, sentence.profile) for name in amounts)):
        sentence.take(r"k+(?=N)|(?<=N)k+|(?<=N )k+")
    counts = sentence.take_all("k")
    reading.unknown += [token.text for token in counts] if amounts else []
    return bool(counts)


def _rest(sentence: Sentence, reading: Reading) -> None:
    """Order, shares and comparisons: they need something that they are about."""
    order = sentence.take_all("ob*A|Ao|ob?|A", "oA")
    orders = [token for token in order if token.letter == "o"]
    axes = [token.text.lower() for token in order if token.letter == "A"]
    reading.by_label = any("alphabet" in text or (orders and text[0] == "x") for text in axes)
    if any("alphabet" in text for text in axes):
        reading.ascending, reading.ranked = True, True
    elif orders:
        if not (reading.by or reading.continues):
            reading.unknown += [token.text for token in orders]
        reading.ascending, reading.ranked = any(token.value == "asc" for token in orders), True
    if reading.by:
        sentence.take_all("A")
        for token in sentence.tokens:  # what is grouped by may be named again
            token.letter = " " if token.letter == "C" and token.value in reading.by else token.letter
    shares = sentence.take_all("S")
    reading.share = bool(shares)
    reading.unknown += [token.text for token in shares if reading.top or len(reading.measures) > 1]
    differences = sentence.take_all("d")
    reading.differs = _followed({token.value for token in differences}, reading, sentence.profile)
    reading.unknown += [] if reading.differs else [token.text for token in differences]
    compared = sentence.take_all("[Kv]")
    reading.compared = bool(compared or differences)
    if not (reading.by or len(reading.measures) > 1 or reading.trend or reading.having):
        reading.unknown += [token.text for token in compared]
        reading.unknown += [] if reading.filters else [token.text for token in shares]


def _followed(said: set[str], reading: Reading, profile: Profile) -> str:
    """How the values of two named groups, or of periods, are to follow one another; "" when that has no meaning."""
    plain = len(reading.by) == 1 and len(reading.measures) <= 1 and len(reading.aggregates) <= 1
    if not plain or len(said) != 1 or reading.top or reading.ranked or reading.share or reading.trend or reading.task:
        return ""
    timed = reading.grain not in {"", "weekday", "h"}
    if any(len(one.values) == 2 and one.column in reading.by for one in reading.filters):
        return "difference" if said == {"difference"} or (timed and said == {"growth"}) else ""
    one_year = reading.grain == "YE" and profile[reading.by[0]].low[:4] == profile[reading.by[0]].high[:4]
    return "".join(said - {"difference"}) if timed and not one_year else ""


def _listed(sentence: Sentence, reading: Reading) -> None:
    """Columns to be shown beside each row."""
    if reading.lists_rows:
        reading.columns += [token.value for token in sentence.take_all(r"i[CND](?:&[CND])*") if token.letter in "CND"]


STEPS: Sequence[Callable[[Sentence, Reading], None]] = (
    _form,
    filters.values,
    filters.times,
    filters.comparisons,
    filters.gaps,
    _groups,
    _listed,
    _tasks,
    _subject,
    _rest,
)
