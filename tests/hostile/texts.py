"""Texts that nobody would write and anybody may send: shapes of any length, and single oddities.

A shape is cheap to make and dear to read for a pattern that tries again from each position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import count

Shape = Callable[[int], str]
"""Makes a text of so many characters."""


def repeated(unit: str, before: str = "", after: str = "") -> Shape:
    """The same again and again, between a beginning and an end that do not repeat."""

    def make(length: int) -> str:
        room = max(0, length - len(before) - len(after))
        return before + (unit * (room // len(unit) + 1))[:room] + after

    return make


def _numbers(length: int) -> str:
    """``7.13,14.26,…``: digits with two separators and no space."""
    return _more_numbers(length.bit_length())[:length]


@cache
def _more_numbers(bits: int) -> str:
    """The same in ``2 ** bits`` characters: it takes longer to make than most readers take to read it."""
    parts: list[str] = []
    size = 0
    for number in count(1):
        parts.append(f"{number * 7}.{number * 13}")
        size += len(parts[-1]) + 1
        if size > 1 << bits:
            break
    return ",".join(parts)


_UNITS = {
    "letters": "x",
    "digits": "7",
    "japanese": "売上を地域別に集計して",
    "dotted": "a.",
    "dots": ".",
    "file names": "a.csv",
    "file names apart": "a.csv ",
    "open brackets": "[",
    "closed brackets": "]",
    "empty labels": "[]",
    "label in label": "[a",
    "links without end": "[a](",
    "links": "[a](b)",
    "links to files": "[a](sandbox:/mnt/data/a.csv)",
    "links to files without end": "[a](sandbox:/mnt/data/a(",
    "links into the sandbox": "sandbox:/mnt/data/",
    "links with blanks without end": "[a](sandbox:/mnt/data/a b",
    "spans into the sandbox": "`sandbox:/a`",
    "angled into the sandbox": "<sandbox:/a",
    "anchors into the sandbox": '<a href="sandbox:/a">',
    "anchors": '<a href="',
    "pictures": '<img alt="',
    "definitions into the sandbox": "[a]: sandbox:/a\n",
    "references": "[a][b]",
    "references without end": "[a][",
    "paths": "mnt/data/",
    "images without end": "![](",
    "images": "![a](https://a.example/b.png)",
    "definitions": "[a]: b\n",
    "parentheses": "(",
    "closed parentheses": ")",
    "calls": "open(",
    "calls with quotes": "open('",
    "saved charts": "savefig ",
    "angles": "<",
    "closed angles": ">",
    "angled words": "<a",
    "angled addresses": "<https://a.example|",
    "mentions without end": "<@U0BOT|",
    "mentions": "<@U0BOT> ",
    "groups without end": "<!subteam^S0|",
    "addresses": "https://",
    "addresses with marks": "https://a.b/!.",
    "addresses in words": "ahttp:h",
    "hisses": "hs",
    "backticks": "`",
    "fences": "```\n",
    "fences in a line": "``` ",
    "spans without end": "`a",
    "spans": "`a``b```c",
    "stars": "*",
    "bold words": "**a",
    "underscores": "_",
    "underscored words": "_a",
    "tildes": "~",
    "hashes": "#",
    "hashes apart": "# ",
    "quotations": "> ",
    "dashes": "-",
    "dashes apart": "- ",
    "pipes": "|",
    "cells": "|a",
    "rows": "|a|b|\n",
    "delimiter rows": "|-|-|\n",
    "delimiter cells": "-|",
    "dollars": "$",
    "dollars apart": "$$a",
    "formulas without end": "\\(a",
    "backslashes": "\\",
    "entities": "&amp;",
    "ampersands": "&",
    "numeric entities": "&#1",
    "quotes": '"',
    "apostrophes": "'",
    "colons": ":",
    "emoji names without end": ":aaa",
    "emoji names": ":tada:",
    "emoji": "😀",
    "names of files": "a.csv ",
    "quoted names of files": '"a.csv" ',
    "families": "👨\u200d👩\u200d👧",
    "spaces": " ",
    "tabs": "\t",
    "newlines": "\n",
    "carriage returns": "\r",
    "spaced lines": " \n",
    "ideographic spaces": "\u3000",
    "zero-width": "\u200b",
    "joiners": "\u2060",
    "bidirectional": "\u202e",
    "isolates": "\u2066\u2069",
    "tags": "\U000e0041",
    "selectors": "a\ufe0f\ufe0f",
    "combining": "e\u0301",
    "combining, unordered": "\u0301\u0327",
    "hangul fillers": "\u3164",
    "fullwidth": "Ａ。",
    "halves": "\ud83d",
    "other halves": "\ude00",
    "nothing": "\0",
    "retries": "retry after ",
    "waits": "again in 1m",
    "codes": "a_a",
    "echoes": "input: ",
    "containers": "container ",
    "models": "model ",
    "read files": "read_csv('",
    "hours": "1:",
    "tickets": "ticket=",
    "envelopes": '"envelope_id" ',
    "data addresses": "data:image/a",
    "data words": "attach",
    "commas": ",",
    "commas and quotes": ',"',
    "comma rows": "1,2\n",
    "borders": "+-",
}

SHAPES: Mapping[str, Shape] = {name: repeated(unit) for name, unit in _UNITS.items()} | {
    "numbers": _numbers,
    "spaces between two words": repeated(" ", "a", "b"),
    "spaces before a mention": repeated(" ", "a", "<@U0BOT>"),
    "tabs between two words": repeated("\t", "a", "b"),
    "newlines between two words": repeated("\n", "a", "b"),
    "an open bracket, then letters": repeated("x", "["),
    "an open fence": repeated("x", "```"),
    "an open fence, then spaces": repeated(" ", "```", "x"),
    "an open fence, then lines": repeated("1,2\n", "```csv\n"),
    "a fence of numbers": repeated("1,2\n", "```csv\n", "\n```"),
    "a fence of one line": repeated("1,", "```csv\n", "\n```"),
    "a row of dashes, and a letter": repeated("-", "|-|", "x"),
    "a delimiter row of spaces": repeated(" ", "|a|b|\n|-|-", "x"),
    "a table": repeated("| a | b |\n", "| a | b |\n|---|---|\n"),
    "a table of links": repeated("| [a](https://a.example) | **b** |\n", "| a | b |\n|---|---|\n"),
    "a row without end": repeated("a|", "| a | b |\n|---|---|\n|"),
    "a long label": repeated("x", "[", "](https://a.example)"),
    "a long address": repeated("x", "[a](https://a.example/", ")"),
    "a long bare address": repeated(".)", "https://a.example/"),
    "a long call": repeated("x", "open(", "'w')"),
    "a long number": repeated("9", "retry after ", " s"),
    "a long entity": repeated("9", "&#", ";"),
    "a long comment": repeated("x", "# "),
    "a long emoji name": repeated("a", ":"),
    "words": repeated("The total by region is 12,345.6, and that is more than in the year before. "),
    "japanese words": repeated("地域別の売上は、前年より 12,345 千円多く、過去最高でした。"),
}
"""Names of shapes, for the ids of tests, and the shapes."""

ROW_H4: Mapping[str, str] = {
    "numbers": SHAPES["numbers"](12_000),
    "japanese": SHAPES["japanese"](12_000),
    "brackets": SHAPES["open brackets"](39_900),
    "letters": SHAPES["letters"](40_000),
    "dotted": SHAPES["dotted"](20_000),
    "spaces": SHAPES["spaces between two words"](39_000),
    "mentions": SHAPES["mentions without end"](39_000),
}
"""Single messages that once held up everybody for up to 42 seconds."""

INVISIBLE = (
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the direction of what follows
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2061\u2062\u2063\u2064\u206a\u206f\u3164\ufeff\uffa0\ufff9\ufffb"
    "\U0001bca0\U0001d173\U000e0001\U000e0041\U000e007f"
)
"""Characters that are not to be seen and change what is: each one."""

HALVES = ("\ud83d", "\ude00", "a\ud83d b", "\udc80\ud800", "\ud83d\ud83d\ude00", "\0", "a\0b")
"""No text that UTF-8, or PostgreSQL, can hold."""
