"""Model text is data: whatever it holds and however it is cut, nothing in it pings or hides where it leads."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.markdown.links import LinkStyle
from replies.markdown.sanitize import Sanitiser, sanitise
from replies.markdown.source import JOINER
from tests.support.budgets import examples

NASTY = [
    "<!channel>",
    "<!here>",
    "<!everyone|x>",
    "<@U123>",
    "<#C123|general>",
    "<!subteam^S1|team>",
    "<!date^1^{date}|x>",
    "<https://evil.example|google.com>",
    "[google.com](https://evil.example/?d=1)",
    "![x](https://evil.example/a.png)",
    "[data](sandbox:/mnt/data/out.csv)",
    "sandbox:/mnt/data/a.csv",
    "[a]: https://evil.example",
    "[b][a]",
    "`",
    "```",
    "``",
    "```python\n",
    "\n",
    "\n\n",
    "<",
    "!",
    "[",
    "]",
    "(",
    ")",
    "](",
    "\\",
    "\\[",
    "\\]",
    "\\(",
    "\\)",
    "$$",
    "$",
    "|",
    " ",
    "https://evil.example/?q=1",
    "http",
    "s",
    "sandbox",
    ":",
    "//x.yz",
    "channel>",
    "@U1>",
    "表",
    "\ud83d",
    "\ude00",
    "\r",
    "\n|",
    "[x](sandbox:y)",
    "\n[Sales](sandbox:/a.png)\n",
    "\n![",
    "<[!channel](sandbox:/x)>",
    "[!channel",
    "a",
    "- ",
    "1. ",
    "   ",
    "\t",
]
texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=14).map("".join)
styles: st.SearchStrategy[LinkStyle] = st.sampled_from(["keep", "spell"])


def in_pieces(text: str, cuts: list[int], links: LinkStyle) -> str:
    sanitiser = Sanitiser(links)
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return "".join(sanitiser.feed(text[a:b]) for a, b in pairwise(places)) + sanitiser.close()


@examples(600)
@given(texts, st.lists(st.integers(0, 400), max_size=12), styles)
def test_any_cut_gives_the_same(text: str, cuts: list[int], links: LinkStyle) -> None:
    assert in_pieces(text, cuts, links) == sanitise(text, links)


@examples(200)
@given(texts, styles)
def test_character_by_character_gives_the_same(text: str, links: LinkStyle) -> None:
    assert in_pieces(text, list(range(len(text))), links) == sanitise(text, links)


@examples(600)
@given(texts, styles)
def test_nothing_pings(text: str, links: LinkStyle) -> None:
    clean = sanitise(text, links)
    assert not re.search(r"<[!@#]", clean)
    assert not re.search(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]*\|", clean)
    clean.encode()


@examples(300)
@given(st.text(alphabet="abc xyz.,;表é\n0123456789%+=", max_size=300))
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert sanitise(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("hello <!channel> you", f"hello <{JOINER}!channel> you"),
        ("```\n<@U1>\n```", f"```\n<{JOINER}@U1>\n```"),
        ("see [out.csv](sandbox:/mnt/data/out.csv)", "see out.csv"),
        ("see sandbox:/mnt/data/out.csv now", "see out.csv now"),
        ("![Sales](https://evil.example/?d=1)", "Sales"),
        ("Here: ![Sales](sandbox:/mnt/data/a.png)", "Here: Sales"),
        ("[docs](https://pandas.pydata.org/x)", "docs (<https://pandas.pydata.org/x>)"),
        (
            "[pandas.pydata.org](https://pandas.pydata.org/a_(b))",
            "[pandas.pydata.org](https://pandas.pydata.org/a_%28b%29)",
        ),
        ("[google.com](https://evil.example)", "google.com (<https://evil.example>)"),
        ("[google.com](https://www.google.com/x)", "[google.com](https://www.google.com/x)"),
        ("[google.com](https://google.com.evil.io)", "google.com (<https://google.com.evil.io>)"),
        ("<https://evil.example|google.com>", "google.com (<https://evil.example>)"),
        ("<https://ok.example>", "<https://ok.example>"),
        ("[go](javascript:alert(1))", "go"),
        ("[a]: https://evil.example", f"[a]{JOINER}: https://evil.example"),
        ("[^1]: a note", "[^1]: a note"),
        ("`df[a](b)` and\n```python\nf[0](x)\n```", "`df[a](b)` and\n```python\nf[0](x)\n```"),
        ("f[0](x)", f"f[0]{JOINER}(x)"),
        ("\\( x_1^2 \\)", "`x_1^2`"),
        ("so\n\\[ \\frac{a}{b}\n= c \\]\n", "so\n```\n\\frac{a}{b}\n= c\n```\n\n"),
        ("$$e=mc^2$$", "`e=mc^2`"),
        ("it costs $5, or $6", "it costs $5, or $6"),
        ("the sandbox: here", "the sandbox: here"),
        ("a < b and c <d", f"a < b and c <{JOINER}d"),
        ("- [x] done\n- [ ] open", "- [x] done\n- [ ] open"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_cases(raw: str, shown: str) -> None:
    assert sanitise(raw) == shown


CHART = "[Sales by region](sandbox:/mnt/data/chart.png)"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (CHART, ""),
        (f"North leads.\n\n{CHART}\n\n- 19 rows have none.", "North leads.\n\n\n- 19 rows have none."),
        (f"Here it is:\n!{CHART}  \n", "Here it is:\n"),
        (f"{CHART}\n{CHART}\n\nBoth.", "\nBoth."),
        (f"{CHART} shows it.", "Sales by region shows it."),
        (f"As\n{CHART}\nshows.", "As\nSales by region\nshows."),
        (f"- {CHART}\n", "- Sales by region\n"),
        (f"```\n{CHART}\n```\n", f"```\n{CHART}\n```\n"),
        ("[a.example](https://a.example)\n\n", "[a.example](https://a.example)\n\n"),
        ("[![Sales](sandbox:/mnt/data/a.png)](sandbox:/mnt/data/a.png)", "Sales"),
    ],
)
def test_a_line_that_only_links_what_is_shown_below_is_left_out(raw: str, shown: str) -> None:
    assert sanitise(raw) == shown
    assert in_pieces(raw, list(range(len(raw))), "keep") == shown


@pytest.mark.parametrize("beginning", ["[1] The source", "[ ] open", "[see] the"])
def test_lines_that_cannot_be_such_links_are_not_held_back(beginning: str) -> None:
    sanitiser = Sanitiser()
    shown = sanitiser.feed(beginning + " of all this is here and goes on and on")
    assert shown


def test_in_streams_addresses_are_spelled_out_as_code() -> None:
    text = "[docs](https://a.example/x) and https://b.example/?d=1."
    assert sanitise(text, "spell") == "docs (`https://a.example/x`) and `https://b.example/?d=1`."


def test_ordinary_text_is_not_held_back() -> None:
    sanitiser = Sanitiser()
    assert sanitiser.feed("The total is 12") == "The total is 12"
    assert sanitiser.feed(" and **bold") == " and **bold"


@pytest.mark.parametrize(
    "pattern", ["[", "`a", "![", "<h", "\\(", "$$a", "[[a](", "<https://a|", "h", "```", "\n```\n"]
)
def test_hostile_repetition_is_quick(pattern: str) -> None:
    text = pattern * (20_000 // len(pattern))
    assert sanitise(text)
