"""Tables: found in any cut of a text, shown natively within Slack's limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.slack.state.blocks import Rules, check
from replies.answers.compose import ANSWER, Composer
from replies.markdown.segments import Segment, Segmenter, as_text, segments
from replies.markdown.tables import MarkdownTable
from replies.views.footer import Closing
from replies.views.wording import Wording
from tests.support.budgets import examples

TABLE = "| a | b |\n|---|--:|\n| x | 1 |\n"
PARTS = [
    TABLE,
    "| a | b |\n",
    "|---|---|\n",
    "text ",
    "\n",
    "\n\n",
    "```\n",
    "   |",
    "    | code |\n",
    "|",
    "||\n",
    "- ",
    "|-|\n",
]
texts = st.lists(st.sampled_from(PARTS) | st.text(max_size=12), max_size=25).map("".join)
RULES = Rules("message")
CLOSING = Closing([], "footer", "nothing")


def in_pieces(text: str, sizes: list[int]) -> list[Segment]:
    segmenter, out, rest = Segmenter(), list[Segment](), text
    for size in sizes:
        out += segmenter.feed(rest[:size])
        rest = rest[size:]
    return [*out, *segmenter.feed(rest), *segmenter.close()]


@examples(400)
@given(texts, st.lists(st.integers(1, 20), max_size=20))
def test_any_cut_finds_the_same_tables_and_loses_nothing(text: str, sizes: list[int]) -> None:
    whole = segments(text)
    assert as_text(whole) == text
    cut = in_pieces(text, sizes)
    assert as_text(cut) == text
    assert [p for p in cut if isinstance(p, MarkdownTable)] == [p for p in whole if isinstance(p, MarkdownTable)]


@examples(200)
@given(texts.map(lambda text: text * 3))
def test_whatever_is_composed_passes_slacks_rules(text: str) -> None:
    composer = Composer(Wording("en"), 9000)
    drafts = composer.compose(segments(text), CLOSING, "text")
    assert drafts[-1].part == ANSWER
    for draft in drafts:
        check(draft.blocks, RULES)
        assert draft.markdown
        assert len(draft.markdown) <= 12_000


def test_a_table_in_a_fence_is_code() -> None:
    assert segments("```\n" + TABLE + "```\n") == ["```\n" + TABLE + "```\n"]


def test_cells_keep_their_formatting_and_numbers_go_right() -> None:
    [table] = [
        p for p in segments("| a | **b** | c |\n|---|---|---|\n| `x` | | 1,200 |\n") if isinstance(p, MarkdownTable)
    ]
    block = table.block("Table")
    assert [column["align"] for column in block["column_settings"]] == ["left", "left", "right"]
    assert block["rows"][1][0]["elements"][0]["elements"] == [{"type": "text", "text": "x", "style": {"code": True}}]
    assert block["rows"][1][1] == {"type": "raw_text", "text": "\u00a0"}
    check([block], RULES)


def test_long_tables_can_be_sorted_and_paged() -> None:
    [table] = segments("| city | n |\n|---|---|\n" + "".join(f"| c{n} | {n}.5 |\n" for n in range(40)))
    assert isinstance(table, MarkdownTable)
    block = table.block("Cities")
    assert block["type"] == "data_table"
    assert block["rows"][1][1] == {"type": "raw_number", "value": 0.5, "text": "0.5"}
    check([block], RULES)


def test_wide_and_long_tables_become_a_preview_that_fits() -> None:
    header = "|" + "col|" * 40 + "\n|" + "---|" * 40 + "\n"
    [table] = segments(header + ("|" + "some longer value|" * 40 + "\n") * 300)
    assert isinstance(table, MarkdownTable)
    assert not table.fits
    assert table.preview.fits
    check([table.preview.block("")], RULES)
    assert table.to_csv().decode("utf-8-sig").count("some longer value") == 12_000


def test_two_tables_are_two_messages() -> None:
    drafts = Composer(Wording("en"), 9000).compose(segments(TABLE + "\nand\n\n" + TABLE), CLOSING, "text")
    assert [draft.part for draft in drafts] == ["text:0", ANSWER]
