"""Row H11: a reader sees where a link of the model leads, and no character that cannot be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conversations.errors import FileEmpty
from conversations.files.code import python_file
from conversations.ports.contents import InMemory
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Deliverable, Footer, UsedFile
from replies.markdown.links import LinkStyle
from replies.markdown.sanitize import Sanitiser, escape, on_one_line, sanitise
from replies.markdown.segments import segments
from replies.markdown.tables import MarkdownTable
from replies.views.how_modal import CodeStep, how_modal
from replies.views.wording import Wording
from tests.hostile.texts import INVISIBLE
from tests.replies.conftest import ANN, World, slack, world  # noqa: F401 - fixtures

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("raw", "shown", "streamed"),
    [
        ("[click](https://evil/q?d=1)", "click (<https://evil/q?d=1>)", "click (`https://evil/q?d=1`)"),
        ("[docs.python.org](https://docs.python.org/3/re.html)",) * 2
        + ("docs.python.org (`https://docs.python.org/3/re.html`)",),
        ("[docs.python.org/3](https://docs.python.org/3/)",) * 2
        + ("docs.python.org/3 (`https://docs.python.org/3/`)",),
        (
            "[**evil.io**](https://evil.io/?d=1)",
            "**evil.io** (<https://evil.io/?d=1>)",
            "**evil.io** (`https://evil.io/?d=1`)",
        ),
        (
            "[evil.io](https://evil.io/" + "s" * 81 + ")",
            f"evil.io (<https://evil.io/{'s' * 81}>)",
            f"evil.io (`https://evil.io/{'s' * 81}`)",
        ),
        ("[bank.com](https://bank.com@evil.io)",) + ("bank.com (`https://bank.com@evil.io`)",) * 2,
        ("https://bank.com@evil.io/x",) + ("`https://bank.com@evil.io/x`",) * 2,
        ("<https://bank.com:443@evil.io>",) + ("`https://bank.com:443@evil.io`",) * 2,
        ("[bank。com](https://evil.io)", "bank。com (<https://evil.io>)", "bank。com (`https://evil.io`)"),
        ("[bank.com](https://bank。com)", "[bank.com](https://bank.com)", "bank.com (`https://bank.com`)"),
        (
            "[apple.com](https://аррӏе.com)",
            "apple.com (<https://xn--80ak6aa92e.com>)",
            "apple.com (`https://xn--80ak6aa92e.com`)",
        ),
        ("https://аррӏе.com/x now", "<https://xn--80ak6aa92e.com/x> now", "`https://xn--80ak6aa92e.com/x` now"),
        ("[ｅｖｉｌ.io](https://ｅｖｉｌ.io)", "ｅｖｉｌ.io (<https://evil.io>)", "ｅｖｉｌ.io (`https://evil.io`)"),
        ("[paypal.com](https://paypaI.com)", "paypal.com (<https://paypai.com>)", "paypal.com (`https://paypai.com`)"),
        ("[x](https:\\\\evil.io)", "x (<https://evil.io>)", "x (`https://evil.io`)"),
        ("[x](https:evil.io)", "x (<https://evil.io>)", "x (`https://evil.io`)"),
        ("[x](https://a.b/&#x3f;d)", "x (<https://a.b/%26#x3f;d>)", "x (`https://a.b/%26#x3f;d`)"),
        ("[x](https://e%76il.io)",) + ("x (`https://e%76il.io`)",) * 2,
        ("[mail](mailto:a@evil.io?body=1)",) + ("mail (<mailto:a@evil.io>)",) * 2,
        ("[a@b.io](mailto:a@b.io?subject=1)",) + ("[a@b.io](mailto:a@b.io)",) * 2,
        ("[call](tel:evil)",) + ("call (<tel:evil>)",) * 2,
        ("[good.io](mailto:good.io/x)",) + ("good.io (<mailto:good.io/x>)",) * 2,
        (
            "https://good.io/[click](https://evil.io)",
            "https://good.io/click (<https://evil.io>)",
            "`https://good.io/`click (`https://evil.io`)",
        ),
        ("[call](tel:+811234)",) + ("call (<tel:+811234>)",) * 2,
        ("[03-1234](tel:031234)",) + ("[03-1234](tel:031234)",) * 2,
        (
            "[a]: https://evil.io\n[b][a]",
            f"[a]{JOINER}: https://evil.io\nb",
            f"[a]{JOINER}: `https://evil.io`\nb",
        ),
        (
            '<a href="https://evil.io">x</a>',
            f'<{JOINER}a href="https://evil.io">x<{JOINER}/a>',
            f'<{JOINER}a href="`https://evil.io`">x<{JOINER}/a>',
        ),
        ("![x](https://evil.io/?d=1)",) + ("x",) * 2,
        (
            "[![x](https://evil.io/a.png)](https://evil.io/?d=1)",
            "x (<https://evil.io/?d=1>)",
            "x (`https://evil.io/?d=1`)",
        ),
        ("<https://evil.io/?d=1|good.io>", "good.io (<https://evil.io/?d=1>)", "good.io (`https://evil.io/?d=1`)"),
        ("見て https://good.io。次", "見て <https://good.io>。次", "見て `https://good.io`。次"),
        ("https://good.io/a。 See", "<https://good.io/a>。 See", "`https://good.io/a`。 See"),
        ("See https://good.io/a.", "See https://good.io/a.", "See `https://good.io/a`."),
        ("[go\u202eoi.live](https://good.io)", "gooi.live (<https://good.io>)", "gooi.live (`https://good.io`)"),
        ("[good\u200b.io](https://good.io)", "[good.io](https://good.io)", "good.io (`https://good.io`)"),
    ],
)
def test_h11_the_address_is_visible(raw: str, shown: str, streamed: str) -> None:
    assert sanitise(raw) == shown
    assert sanitise(raw, "spell") == streamed


LABELS = [
    "click",
    "good.io",
    "https://good.io",
    "good.io/x",
    "**good.io**",
    "bank。com",
    "a@b.io",
    "",
    "[x](https://a.b)",
]
HOSTS = [
    "good.io",
    "evil.io",
    "good.io@evil.io",
    "good。io",
    "ɡood.io",
    "xn--ood-nub.io",
    "evil.io:80",
    "[::1]",
    "GOOD.io",
]
TAILS = ["", "/", "/x", "?d=1", "/x?d=1#y", "#y", "/(a)", "\\x", "/\u202ex", "/&#47;"]
SCHEMES = ["https://", "http:", "mailto:", "tel:", "https:\\\\", "HTTPS://", "javascript:", "//"]
addresses = st.builds("".join, st.tuples(*map(st.sampled_from, (SCHEMES, HOSTS, TAILS))))
links = st.one_of(
    st.builds("[{}]({})".format, st.sampled_from(LABELS), addresses),
    st.builds("<{}>".format, addresses),
    st.builds("<{1}|{0}>".format, st.sampled_from(LABELS), addresses),
    st.builds("[{0}]: {1}\n\n[x][{0}]".format, st.sampled_from(["a", "good.io"]), addresses),
    st.builds("![{}]({})".format, st.sampled_from(LABELS), addresses),
    st.builds('<a href="{}">good.io</a>'.format, addresses),
    addresses,
)
texts = st.lists(
    links | st.sampled_from([" ", "\n", "\n\n", "(", "](", "`", "\\", "word", "。", *INVISIBLE]), max_size=6
)
styles: st.SearchStrategy[LinkStyle] = st.sampled_from(["keep", "spell"])


def rendered(markdown: str) -> Iterator[tuple[str, str]]:
    """Address and label of each link, and of each image, as a renderer of Markdown sees them."""
    parser = MarkdownIt("commonmark")
    parser.normalizeLinkText = lambda url: url  # type: ignore[method-assign, assignment]
    for block in parser.parse(markdown):
        address, label = "", ""
        for token in block.children or []:
            if token.type == "link_open":
                address, label = str(token.attrGet("href")), ""
            elif token.type == "link_close":
                yield address, label
            elif token.type == "image":
                yield str(token.attrGet("src")), ""
            label += token.content


def is_honest(address: str, label: str) -> bool:
    """Whether a label says where its link leads."""
    bare = address.partition(":")[2].removeprefix("//")
    parts = urlsplit(address)
    if label in {address, bare, bare.rstrip("/"), bare.replace("%28", "(").replace("%29", ")")}:
        return "@" not in parts.netloc
    if address.startswith("tel:"):
        return bare.strip("+0123456789") == "" and re.sub(r"\D", "", label) == bare.strip("+")
    return label == parts.netloc and not parts.query and not parts.fragment and len(parts.path) <= 81


@given(texts, styles, st.lists(st.integers(0, 300), max_size=8))
def test_h11_no_link_hides_where_it_leads_however_the_text_is_cut(
    parts: list[str], style: LinkStyle, cuts: list[int]
) -> None:
    text = "".join(parts)
    clean = sanitise(text, style)
    assert [link for link in rendered(clean) if not is_honest(*link)] == []
    assert not set(clean) & set(INVISIBLE)
    sanitiser = Sanitiser(style)
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    assert "".join(sanitiser.feed(text[a:b]) for a, b in pairwise(places)) + sanitiser.close() == clean


@given(st.lists(links | st.sampled_from(["**", "`", "&#60;", *INVISIBLE]), min_size=1, max_size=3))
def test_h11_links_in_the_cells_of_a_table_are_honest(parts: list[str]) -> None:
    cell = "".join(parts).replace("\n", " ").replace("|", "\\|")
    for part in segments(sanitise(f"| a |\n|---|\n| {cell} |\n")):
        if isinstance(part, MarkdownTable):
            linked = [element for row in part.rows for shown in row for element in shown.elements if "url" in element]
            assert [element for element in linked if not is_honest(element["url"], element["text"])] == []
            assert not set(str(part.block("Table"))) & set(INVISIBLE)


def test_h11_a_look_alike_in_a_cell_is_shown_in_ascii() -> None:
    [table] = segments(sanitise("| a |\n|---|\n| [apple.com](https://аррӏе.com) |\n"))
    assert isinstance(table, MarkdownTable)
    elements = table.rows[1][0].elements
    assert [element["text"] for element in elements] == ["apple.com (", "https://xn--80ak6aa92e.com", ")"]


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda char: f"{ord(char):04x}")
def test_h11_what_cannot_be_seen_is_left_out_everywhere(character: str) -> None:
    text = f"a{character}b"
    assert sanitise(text) == sanitise(text, "spell") == escape(text) == on_one_line(text) == "ab"
    assert sanitise(f"`{text}`") == "`ab`"
    assert character not in Wording("en").say("{name}", name=text) + Wording("en").plain("{name}", name=text)
    code = f'print("{text}")'
    spelled = f'print("a{character.encode("unicode-escape").decode()}b")'
    assert spelled in python_file([{"code": code, "output": ""}]).decode()
    assert character not in str(how_modal(Wording("en"), "T:C:1.2", [], [CodeStep(code, text)])["blocks"])


def test_h11_scripts_and_emoji_keep_their_joiners() -> None:
    for text in ("👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "می\u200cخواهم", "葛\U000e0100城"):
        assert sanitise(text) == text
    assert sanitise("e\u200dv\u200d\u200dil") == "evil"
    assert sanitise("a\ufe0f\ufe0f\ufe01b") == "a\ufe0fb"


async def test_h11_titles_alt_texts_names_and_footers_have_none(world: World) -> None:  # noqa: F811
    hidden = "".join(INVISIBLE)
    text = f"See{hidden} it."
    chart = Deliverable(
        "chart:0", "chart", f"{hidden}a.png", f"By {hidden}a", f"Bars{hidden}", "image/png", InMemory(b"x" * 64)
    )
    footer = Footer([UsedFile(f"{hidden}a.csv", f"An{hidden}n", 1.0)], [FileEmpty(name=hidden)], missing=[f"b{hidden}"])
    answer = world.answer()
    await answer.status(Activity.READING, file=f"{hidden}a.csv")
    await answer.code_finished(0, f"# Count {hidden}\nprint(1)", "")
    await answer.finish(text, footer)
    await answer.attach([chart])
    await world.slack.wait(lambda _: any(message.get("files") for message in world.shown()))
    await world.replies().notice(
        world.place, Notice(NoticeKind.FILE_ADDED, {"files": hidden}, [FileEmpty(name=hidden)]), world.journal
    )
    said: list[Any] = [world.shown(), [call.args for call in world.slack.calls]]
    said += [(file.name, file.title, file.alt) for file in world.slack.files.values()]
    assert not set(json.dumps(said, ensure_ascii=False)) & set(INVISIBLE)
