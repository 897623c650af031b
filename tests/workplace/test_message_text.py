"""A message is read as its reader sees it: text, blocks, attachments and forwards, each once and without markup."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from untrusted.payload import items
from workplace.reading.attachments import forwards
from workplace.reading.markup import as_seen, references
from workplace.reading.message_text import message_text

NAMES = {"@U0ANN": "Ann", "@UBOB": "Bob", "#C0GEN": "general", "!subteam^S014": "board"}


def read(raw: dict[str, Any]) -> str:
    return as_seen(str(message_text(raw)), NAMES)


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("total revenue for R&amp;D", "total revenue for R&D"),
        ("revenue &gt; 10 &amp;&amp; x &lt; 3", "revenue > 10 && x < 3"),
        ("&amp;lt; stays as typed", "&lt; stays as typed"),
        ("ask <mailto:a@b.example|a@b.example>", "ask a@b.example"),
        ("ask <mailto:a@b.example|Ann>", "ask [Ann](mailto:a@b.example)"),
        ("call <tel:+4930123|+4930123>", "call +4930123"),
        ("call <tel:+4930123> or ask <mailto:a@b.example>", "call +4930123 or ask a@b.example"),
        ("<@U0ANN> and <@UBOB|bob>", "@Ann and @Bob"),
        ("<@U0NOBODY> wrote", "@someone wrote"),
        ("<@W0OTHER|carol> wrote", "@carol wrote"),
        ("in <#C0GEN|general> and <#C0GEN>", "in #general and #general"),
        ("in <#C0SECRET>", "in #a channel"),
        ("<!subteam^S012|@finance> and <!subteam^S013>, <!subteam^S014>", "@finance and @group, @board"),
        ("<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"),
        ("due <!date^1764547200^{date}|Dec 1, 2025>", "due Dec 1, 2025"),
        ("due <!date^1764547200^{date_short}^https://x.example|>", "due 2025-12-01 00:00 UTC"),
        ("due <!date^99999999999999999999^{date}|>", "due "),
        ("see <http://notes.md|notes.md>", "see notes.md"),
        ("see <https://a.example/x?a=1&amp;b=2>", "see https://a.example/x?a=1&b=2"),
        ("see <https://a.example/x|the report>", "see [the report](https://a.example/x)"),
        ("see <https://a.example/|a.example>", "see a.example"),
        ("a < b <c> <", "a < b c <"),
        ("typed &lt;@U0ANN&gt;", "typed <@U0ANN>"),
        ("```x &lt; 1```", "```x < 1```"),
    ],
)
def test_s2_markup_is_read_as_it_is_seen(markup: str, seen: str) -> None:
    assert as_seen(markup, NAMES) == seen


def test_s2_the_names_that_are_needed() -> None:
    text = "<@U0ANN> <@UBOB|x> <#C0GEN|general> <#C0OTHER> <!here> <@nonsense> <https://x>"
    assert references(text) == {"@U0ANN", "@UBOB", "#C0OTHER"}


FORWARD = {
    "is_share": True,
    "is_msg_unfurl": True,
    "author_id": "U0ANN",
    "author_name": "Ann",
    "channel_id": "C0GEN",
    "ts": "1764547200.000100",
    "text": "Here are the Q3 numbers for R&amp;D",
    "files": [{"id": "F1", "name": "q3.csv"}],
    "message_blocks": [
        {
            "message": {
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [{"type": "text", "text": "Here are the Q3 numbers for R&D"}],
                            }
                        ],
                    }
                ]
            }
        }
    ],
}


def test_s1_a_forward_is_a_quotation_with_author_place_time_and_files() -> None:
    assert read({"text": "and the total?", "attachments": [FORWARD]}) == (
        "and the total?\n"
        "> Forwarded message by @Ann in #general 2025-12-01 00:00 UTC:\n"
        "> Here are the Q3 numbers for R&D\n"
        "> [files: q3.csv]"
    )


def test_s1_what_is_forwarded_is_known_by_its_place() -> None:
    [forward] = forwards(items([FORWARD, {"text": "an app", "channel_id": "C1", "ts": "1.0", "files": [{"id": "F2"}]}]))
    assert (forward.channel, forward.ts, [file.id for file in forward.files]) == ("C0GEN", "1764547200.000100", ["F1"])


def test_s1_a_forward_of_a_forward_is_read_with_its_files_and_no_deeper_than_people_forward() -> None:
    outer = FORWARD | {"text": "see this", "message_blocks": [], "files": [], "ts": "1764547300.000100"}
    raw: Any = {"text": "and?", "attachments": [outer | {"attachments": [FORWARD]}]}
    assert read(raw).endswith("> > Here are the Q3 numbers for R&D\n> > [files: q3.csv]")
    assert [[file.id for file in found.files] for found in forwards(items(raw["attachments"]))] == [[], ["F1"]]
    for _ in range(900):
        raw = {"text": "deep", "attachments": [FORWARD | raw]}
    assert len(read(raw)) < 1000
    assert len(list(forwards(items(raw["attachments"])))) == 3


def test_s7_an_alert_is_read() -> None:
    raw = {
        "subtype": "bot_message",
        "bot_id": "B1",
        "text": "",
        "attachments": [
            {
                "fallback": "never shown",
                "title": "[FIRING:1] latency",
                "title_link": "https://alerts.example/1",
                "text": "p95 = 1843 ms on web-3",
                "fields": [{"title": "Severity", "value": "high", "short": True}],
                "footer": "Grafana",
            }
        ],
    }
    assert read(raw) == (
        "> [[FIRING:1] latency](https://alerts.example/1)\n> p95 = 1843 ms on web-3\n> Severity: high\n> Grafana"
    )


def test_s7_the_blocks_of_an_app_are_read_and_not_its_fallback() -> None:
    raw = {
        "bot_id": "B1",
        "text": "Daily report",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Sales & more"}},
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": "*Revenue*\n1,204"}, {"type": "mrkdwn", "text": "*Orders*\n31"}],
            },
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "by <@U0ANN>"}]},
            {"type": "divider"},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Open"}}]},
            {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a chart"},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_text", "text": "1"}]]},
            {"type": "novelty", "title": "New kind", "elements": [{"type": "markdown", "text": "**42**"}]},
        ],
    }
    assert read(raw) == (
        "*Sales & more*\n*Revenue*\n1,204\n*Orders*\n31\nby @Ann\n[image: a chart]\n```csv\na\n1\n```\nNew kind\n**42**"
    )


def test_what_a_person_writes_is_not_doubled() -> None:
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "total by region"}]},
            ],
        }
    ]
    assert read({"text": "total by region", "blocks": blocks}) == "total by region"
    assert read({"blocks": blocks}) == "total by region"


def test_lists_quotes_code_links_and_emoji_of_rich_text() -> None:
    def section(*elements: dict[str, Any]) -> dict[str, Any]:
        return {"type": "rich_text_section", "elements": list(elements)}

    def text(words: str, **style: bool) -> dict[str, Any]:
        return {"type": "text", "text": words, "style": style}

    rich = {
        "type": "rich_text",
        "elements": [
            section(text("x < 1", code=True), {"type": "emoji", "name": "tada", "unicode": "1f389"}),
            {"type": "rich_text_list", "style": "ordered", "elements": [section(text("one")), section(text("two"))]},
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section(text("three"))]},
            {"type": "rich_text_quote", "elements": [text("said\nso")]},
            {"type": "rich_text_preformatted", "elements": [text("a,b\n1,2")]},
            section(
                {"type": "link", "url": "https://a.example/?x=1&y=2", "text": "here"},
                {"type": "user", "user_id": "UBOB"},
            ),
            section(
                {"type": "emoji", "name": "nosuch"},
                {"type": "color", "value": "#fff"},
                {"type": "broadcast", "range": "here"},
            ),
        ],
    }
    assert read({"blocks": [rich]}) == (
        "`x < 1`🎉\n1. one\n2. two\n    • three\n> said\n> so\n```\na,b\n1,2\n```\n"
        "[here](https://a.example/?x=1&y=2)@Bob\n:nosuch:#fff@here"
    )


def leaf(word: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": word}


def markup(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}],
}
ROWS = [
    [{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}],
    [{"type": "raw_number", "value": 1.5}, RICH],
]
UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "a card": (
        {"type": "card", "title": leaf("R&D"), "subtitle": leaf("Q3"), "body": markup("*12* &gt; 5"), "level": "good"},
        "R&D\nQ3\n*12* > 5",
    ),
    "cards": ({"type": "carousel", "items": [{"type": "card", "heading": leaf(x)} for x in "ab"]}, "a\nb"),
    "whatever its members are called": (
        {"type": "new", "verdict": markup("bad"), "inner": {"note": RICH}},
        "bad\nrich",
    ),
    "what is pressed": ({"type": "new", "text": leaf("t"), "actions": [{"type": "button", "text": leaf("Go")}]}, "t"),
    "a table": ({"type": "data_table", "caption": "Cap", "rows": ROWS}, "Cap\n```csv\na,b\n1.5,rich\n```"),
    "Slack's table": ({"type": "table", "rows": [*ROWS, [markup("x &amp; y")]]}, "```csv\na,b\n1.5,rich\nx & y\n```"),
    "a video": (
        {"type": "video", "title": leaf("Demo"), "alt_text": "Demo", "description": leaf("how to")},
        "[video: Demo: how to]",
    ),
    "rich text": (
        {"type": "rich_text", "elements": [{"type": "rich_text_new", "elements": RICH["elements"]}]},
        "rich",
    ),
    "a file in a text": (
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "file", "file_id": "F1", "name": "x.csv"}]}
            ],
        },
        "x.csv",
    ),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_s7_of_blocks_that_nobody_knows_the_words_are_read(kind: str) -> None:
    block, right = UNKNOWN[kind]
    assert read({"text": "", "blocks": [block]}) == right


WORD = st.text(alphabet="abcxyz&<>'é日", min_size=1, max_size=8).map(lambda word: f"w{word}w")


BLOCKS = st.one_of(
    WORD.map(lambda w: ({"type": "section", "text": leaf(w)}, [w])),
    st.tuples(WORD, WORD).map(lambda w: ({"type": "section", "fields": [leaf(w[0]), leaf(w[1])]}, list(w))),
    WORD.map(lambda w: ({"type": "header", "text": leaf(w)}, [w])),
    WORD.map(lambda w: ({"type": "context", "elements": [leaf(w)]}, [w])),
    WORD.map(lambda w: ({"type": "unheard_of", "elements": [{"type": "also", "text": w}]}, [])),
    WORD.map(
        lambda w: (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": w}]}],
            },
            [w],
        )
    ),
    WORD.map(lambda w: ({"type": "table", "rows": [[{"type": "raw_text", "text": w}]]}, [w])),
)


@given(st.lists(BLOCKS, max_size=6), st.booleans(), st.booleans())
def test_nothing_visible_is_lost_or_doubled(blocks: list[Any], forwarded: bool, app: bool) -> None:
    shown = [block for block, _ in blocks]
    raw: dict[str, Any] = {"text": "", "blocks": shown, **({"bot_id": "B1"} if app else {})}
    if forwarded:
        raw = {"text": "", "attachments": [{"is_share": True, "ts": "1.0", "message_blocks": [{"message": raw}]}]}
    seen = read(raw)
    words = [word for _, found in blocks for word in found]
    for word in set(words):
        assert seen.count(word) >= words.count(word) or '"' in seen
    assert len(seen) <= sum(map(len, words)) * 2 + 60 * (len(blocks) + 1)
