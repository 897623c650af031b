"""Questions asked through the heart, with a scripted assistant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from azure_assistant.assistant import Prompt
from azure_assistant.errors import AssistantError
from azure_assistant.events import (
    Artifact,
    CallsMade,
    ChartReady,
    CodeFinished,
    Failed,
    Finished,
    FunctionCall,
    ReceiptReady,
    RunEvent,
    TextDelta,
    Usage,
)
from conversations.ports.checks import Checked, Difference
from conversations.store.questions import QuestionStore
from evals.answers import Judged
from evals.asking import Bench, ask_all
from evals.cases import Case, Expected, Turn
from receipts.form import Finding
from tables import Column, FileFacts
from tests.heart.heart import Heart

pytestmark = pytest.mark.thorough

RIGHT = {"right": True, "refused": False, "uncomputed": False, "receipt": False}
PNG = b"\x89PNG\r\n\x1a\n"


def bench(heart: Heart) -> Bench:
    return Bench(
        heart.conversations,
        QuestionStore(heart.database),
        heart.workplace,
        heart.replies,
        heart.engine,
        lambda usage: usage.get("output_tokens", 0) / 10,
    )


def answers(prompt: Prompt) -> Sequence[RunEvent | asyncio.Event]:
    """Says 6 to what is asked first, the number of known files to what follows, and breaks down on demand."""
    if "break" in prompt.question:
        return [Failed(AssistantError("gone"))]
    if "which" in prompt.question:
        asks = FunctionCall("c1", "ask", '{"question": "Net or gross?", "choices": ["net", "gross"]}')
        return [CallsMade([asks])]
    chart = ChartReady(Artifact("chart", "a.png", "image/png", {"id": "a"}, data=PNG))
    text = f"It is {len(prompt.files)}." if prompt.question.startswith("And") else "It is 6."
    done = Finished(text, Usage(input_tokens=10, output_tokens=5))
    return [CodeFinished(0, "plt.bar(x, y)", "6"), TextDelta(text), chart, done]


def cases(folder: Path) -> list[Case]:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("a\n1\n2\n3\n")
    first = Turn("What is the sum of a in a.csv?", Expected(values=[6], chart="bar"))
    return [
        Case(
            "sum", [folder / "a.csv"], [first, Turn("And how many files of a?", Expected(values=[1]))], locale="ja-JP"
        ),
        Case("both", [folder / "a.csv", folder / "b.csv"], [Turn("And in all files?", Expected(values=[2]))]),
        Case("broken", [folder / "a.csv"], [Turn("Please break the sum of a.", Expected(values=[6]))]),
        Case("unclear", [folder / "a.csv"], [Turn("Tell me which sum of a.", Expected(ambiguous=True))]),
    ]


def differs(prompt: Prompt) -> Sequence[RunEvent | asyncio.Event]:
    """Says 6 with a receipt, and 7 when it is told that the files say so."""
    if prompt.question.startswith("Your last answer was checked"):
        return [TextDelta("It is 7."), Finished("It is 7.")]
    number = {"label": "sum", "value": 6, "stated": "6", "query": "SELECT sum(a) FROM a"}
    data = json.dumps({"version": 1, "numbers": [number]}).encode()
    made = ReceiptReady(Artifact("file", "receipt.json", "application/json", {}, data=data))
    return [TextDelta("It is 6."), made, Finished("It is 6.")]


async def asked(heart: Heart, folder: Path, at_once: int = 3) -> tuple[Sequence[Judged], list[str]]:
    heart.assistant.script = answers
    told: list[str] = []
    return await ask_all(bench(heart), cases(folder), at_once, lambda one: told.append(one.id)), told


async def test_each_question_comes_to_its_verdicts_in_the_sets_order(heart: Heart, folder: Path) -> None:
    judged, told = await asked(heart, folder)
    assert [one.id for one in judged] == ["sum", "sum/2", "both", "broken", "unclear"]
    assert sorted(told) == sorted(one.id for one in judged)
    first, second, both, broken, unclear = judged
    assert first.verdicts == RIGHT | {"chart": True}
    assert second.verdicts == both.verdicts == RIGHT
    assert broken.verdicts == RIGHT | {"right": False, "refused": True}
    assert broken.given.error
    assert unclear.verdicts == {"asked_if_ambiguous": True}
    assert "Net or gross?" in unclear.given.text
    assert "- gross" in unclear.given.text


async def test_what_an_answer_was_made_of_is_kept(heart: Heart, folder: Path) -> None:
    (first, *_), _ = await asked(heart, folder)
    assert first.given.code == [("plt.bar(x, y)", "6")]
    assert [(chart.name, chart.data) for chart in first.given.charts] == [("a.png", PNG)]
    assert (first.given.tokens, first.given.cost) == (15, 0.5)
    assert first.given.seconds >= 0
    assert {prompt.locale for prompt in heart.prompts} == {"ja-JP", "en-US"}


async def test_no_conversation_sees_the_files_of_another_and_none_is_left_at_the_service(
    heart: Heart, folder: Path
) -> None:
    await asked(heart, folder)
    assert {len(prompt.files) for prompt in heart.prompts if "files" not in prompt.question} == {1}
    assert heart.assistant.threads == {}
    assert heart.assistant.files == {}


async def test_no_more_conversations_are_held_at_once_than_are_wanted(heart: Heart, folder: Path) -> None:
    held = heart.hold(heart.assistant, "create_thread")
    asking = asyncio.create_task(asked(heart, folder, at_once=2))
    await heart.until(lambda: len(held.inside) == 2)
    await heart.settled()
    assert held.most == 2
    held.end()
    await asking


async def test_what_came_of_the_receipt_is_judged_and_a_correction_is_part_of_the_answer(
    heart: Heart, folder: Path
) -> None:
    (folder / "a.csv").write_text("a\n1\n2\n4\n")
    heart.inspector.facts["a.csv"] = FileFacts("a.csv", 8, kind="table", rows=3, columns=(Column("a", "integer"),))
    heart.checker.findings["sum"] = Finding("differs", "7")
    heart.assistant.script = differs
    case = Case("sum", [folder / "a.csv"], [Turn("What is the sum of a?", Expected(values=[7]))])
    (judged,) = await ask_all(bench(heart), [case], 1, lambda _: None)
    assert judged.given.text == "It is 6.\n\nIt is 7."
    assert judged.given.checked == Checked(1, 0, (Difference("sum", "6", "7"),))
    assert judged.verdicts["receipt"]
    assert not judged.verdicts["agreed"]
