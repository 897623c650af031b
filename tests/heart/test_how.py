"""What lies behind an answer: the files as they were when it used them, for as long as the question is known."""

from __future__ import annotations

import pytest

from azure_assistant.events import CodeFinished, Finished
from conversations.ports.incoming import Press, PressKind
from conversations.ports.windows import Modal, Part, Source
from tables import FileFacts, Reading, Trap
from tests.heart.heart import ANN, CHANNEL, TEAM, Heart, thread_of

TOTALS = Trap("totals", examples=("total",), count=1)
FACTS = FileFacts(
    "sales.csv", 8, "table", "csv", "cp932", delimiter=";", rows=2, column_count=2, traps=(TOTALS,),
    readings=(Reading("date", "day_first"),),
)  # fmt: skip


async def behind(heart: Heart, turn: str) -> list[Source]:
    """What the button How shows."""
    press = Press(PressKind.SHOW_CODE, TEAM, ANN, value=turn, channel=CHANNEL, thread=thread_of(turn))
    await heart.conversations.answer_buttons.show_code(press, Modal("trigger"))
    verb, shown = heart.windows.shown[-1]
    assert verb == "how"
    return list(shown[3])


async def test_files_of_an_answer_are_shown_with_what_was_found_in_them(heart: Heart) -> None:
    heart.inspector.facts["sales.csv"] = FACTS
    turn = await heart.ask("how much?", files=[heart.share("sales.csv")])
    assert "BEWARE: totals of other rows: 1" in heart.prompts[-1].files[0].remark
    (source,) = await behind(heart, turn)
    assert (source.name, source.encoding, source.delimiter, source.parts) == (
        "sales.csv",
        "cp932",
        ";",
        [Part("", 2, 2)],
    )
    assert (source.traps, source.readings) == ([TOTALS], list(FACTS.readings))


async def test_each_answer_keeps_its_own(heart: Heart) -> None:
    first = await heart.ask("how much?", files=[heart.share("a.csv")])
    second = await heart.ask("and this?", thread=thread_of(first), files=[heart.share("b.csv")])
    assert [source.name for source in await behind(heart, first)] == ["a.csv"]
    press = Press(PressKind.SHOW_CODE, TEAM, ANN, value=second, channel=CHANNEL, thread=thread_of(first))
    await heart.conversations.answer_buttons.show_code(press, Modal("trigger"))
    assert [source.name for source in heart.windows.shown[-1][1][3]] == ["a.csv", "b.csv"]


async def test_an_answer_without_files_has_none(heart: Heart) -> None:
    heart.model(CodeFinished(0, "print(6)", "6"), Finished("The sum is 6."))
    assert await behind(heart, await heart.ask("2 * 3?")) == []


async def test_what_is_forgotten_is_not_shown(heart: Heart) -> None:
    turn = await heart.ask("how much?", files=[heart.share("a.csv")])
    await heart.ask("forget", thread=thread_of(turn))
    assert await behind(heart, turn) == []


@pytest.mark.parametrize("later", [{"new": 1}, {"traps": [{"kind": "new", "column": "a", "more": 1}]}])
def test_what_a_later_version_has_kept_can_be_read(later: dict[str, object]) -> None:
    assert Source.from_json({"name": "a.csv", **later}).name == "a.csv"
