"""Numbers of answers are computed again: what is shown of it, what may end it, and what a crash leaves."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.assistant import Prompt
from azure_assistant.errors import RunFailed
from azure_assistant.events import (
    Artifact,
    CodeFinished,
    Failed,
    FileReady,
    Finished,
    ReceiptReady,
    RunEvent,
    TextDelta,
    Usage,
)
from conversations.access.budgets import BudgetName, Budgets, Limit
from conversations.checks import checks
from conversations.database.models import AuditRow, BudgetUse, Check
from conversations.ports.checks import CORRECTION, DIFFERENCE, Checked, Difference
from conversations.ports.incoming import Press, PressKind
from conversations.ports.windows import Account, Modal, Number
from conversations.privacy.erasing import delete_before
from receipts.form import Finding, LeftOut
from tables import Column, FileFacts
from tests.heart.heart import Heart, thread_of

FACTS = FileFacts("sales.csv", 8, kind="table", rows=1, columns=(Column("a", "integer"), Column("b", "text")))
QUERY = "SELECT sum(a) FROM sales"
DIFFERS = Finding("differs", "7")
CANNOT = Finding("cannot", why="query")


def receipt(*labels: str, **more: Any) -> bytes:
    numbers = [{"label": one, "value": 6, "stated": "6", "unit": "EUR", "query": QUERY} for one in labels]
    return json.dumps({"version": 1, "numbers": numbers} | more).encode()


def answers(data: bytes, *, by_ref: bool = False, correction: str = "It is 7.") -> Any:
    """A model whose answer has a receipt, and that says something when it is asked about a difference."""
    ref, inline = ({"id": "receipt"}, None) if by_ref else ({}, data)

    def script(prompt: Prompt) -> list[RunEvent | asyncio.Event]:
        if prompt.question.startswith("Your last answer was checked"):
            return [TextDelta(correction), Finished(correction, Usage(5, 0, 3))]
        made = ReceiptReady(Artifact("file", "receipt.json", "application/json", ref, data=inline))
        ran = CodeFinished(0, "print(6)", "6")
        return [ran, TextDelta("The sum is 6."), made, Finished("The sum is 6.", Usage(10, 0, 5))]

    return script


@pytest.fixture
async def asking(idle: Heart) -> Heart:
    """A heart whose workspace has a table."""
    idle.inspector.facts["sales.csv"] = FACTS
    return idle


async def ask(heart: Heart, **more: Any) -> str:
    return await heart.ask("sum of a?", files=[heart.share("sales.csv")], **more)


async def state_of(heart: Heart, turn: str) -> str:
    check = await heart.database.run(lambda session: session.get(Check, turn))
    return check.state if check else ""


@pytest.mark.one_in(2)
@pytest.mark.parametrize("by_ref", [False, True])
async def test_the_footer_says_that_all_numbers_were_checked(asking: Heart, by_ref: bool) -> None:
    asking.assistant.made["receipt"] = receipt("Revenue", "Costs")
    asking.assistant.script = answers(receipt("Revenue", "Costs"), by_ref=by_ref)
    await asking.start()
    turn = await ask(asking)
    assert asking.replies.checked[turn] == Checked(2)
    assert asking.parts(turn) == ["answer"]
    assert asking.checker.asked == [{"sales": b"a,b\n1,2\n"}]
    assert await state_of(asking, turn) == "done"


async def test_the_model_is_told_how_tables_are_called_and_what_a_receipt_is(asking: Heart) -> None:
    await asking.start()
    await ask(asking)
    (prompt,) = asking.prompts
    assert prompt.receipts
    assert [file.tables for file in prompt.files] == ['table sales("a" number, "b" text)']


async def test_without_a_table_no_receipt_is_wanted(heart: Heart) -> None:
    await heart.ask("hello there, what can be done?", files=[heart.share("notes.pdf", b"%PDF")])
    assert [prompt.receipts for prompt in heart.prompts] == [False]


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    "data", [b"", b"{", receipt(), receipt("a", version=9), b"[" * 9999, receipt("a") + b" " * 70_000]
)
async def test_a_malformed_receipt_is_nobodys_business(asking: Heart, data: bytes) -> None:
    asking.assistant.script = answers(data)
    await asking.start()
    turn = await ask(asking)
    assert asking.outcome(turn).text == "The sum is 6."
    assert asking.replies.checked == {}
    assert asking.parts(turn) == ["answer"]


async def test_a_receipt_that_cannot_be_had_is_none(asking: Heart) -> None:
    asking.assistant.script = answers(b"", by_ref=True)
    await asking.start()
    turn = await ask(asking)
    assert (asking.outcome(turn).kind, asking.replies.checked) == ("finished", {})


async def test_both_values_are_told_and_the_model_corrects_itself_once(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Revenue", "Costs", "Profit"))
    asking.checker.findings |= {"Costs": DIFFERS, "Profit": CANNOT}
    await asking.start()
    turn = await ask(asking)
    found = Checked(3, 1, (Difference("Costs", "6 EUR", "7"),))
    assert asking.replies.checked[turn] == found
    assert [(post.part, post.what) for post in asking.replies.of(turn)][1:] == [
        (DIFFERENCE, found),
        (CORRECTION, "It is 7."),
    ]
    first, second = asking.prompts
    assert "- Costs: you stated 6 EUR, the query gives 7" in second.question
    assert [file.file.id for file in second.files] == [file.file.id for file in first.files]
    row = await asking.row(turn)
    assert row.answer == "The sum is 6.\n\nIt is 7."
    assert (row.usage["input_tokens"], row.usage["output_tokens"]) == (15, 8)


async def test_how_shows_the_queries_and_what_they_gave(asking: Heart) -> None:
    left_out = [{"rows": 2, "why": "no revenue"}]
    asking.assistant.script = answers(receipt("Revenue", "Costs", left_out=left_out))
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start()
    turn = await ask(asking)
    press = Press(PressKind.SHOW_CODE, "T1", "U1", value=turn, channel="C1", thread=thread_of(turn))
    await asking.conversations.answer_buttons.show_code(press, Modal("trigger"))
    verb, shown = asking.windows.shown[-1]
    numbers = [Number("Revenue", "6 EUR", QUERY, "agrees", "1"), Number("Costs", "6 EUR", QUERY, "differs", "7")]
    assert (verb, shown[-1]) == ("how", Account(numbers, [LeftOut(2, "no revenue")]))


async def test_quiet_only_changes_the_footer_and_off_does_nothing(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start(check="quiet")
    turn = await ask(asking)
    assert len(asking.replies.checked[turn].differences) == 1
    assert asking.parts(turn) == ["answer"]
    await asking.die()
    asking.replies.checked.clear()
    await asking.start(check="off")
    await ask(asking)
    assert (asking.replies.checked, len(asking.prompts)) == ({}, 2)
    assert not asking.prompts[-1].receipts


@pytest.mark.one_in(2)
@pytest.mark.parametrize("last", [Failed(RunFailed("no")), Finished("  ")])
async def test_a_model_that_says_nothing_corrects_nothing(asking: Heart, last: RunEvent) -> None:
    first = answers(receipt("Costs"))
    asking.assistant.script = lambda prompt: [last] if "was checked" in prompt.question else first(prompt)
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start()
    turn = await ask(asking)
    assert asking.parts(turn) == ["answer", DIFFERENCE]
    assert await state_of(asking, turn) == "done"


async def test_a_file_that_was_changed_or_deleted_meanwhile_cannot_be_checked(asking: Heart) -> None:
    share = asking.share("sales.csv")

    def script(prompt: Prompt) -> Any:
        asking.workplace.share("C1", share, b"a,b\n9,9\n")  # after it was uploaded
        return answers(receipt("Revenue"))(prompt)

    asking.assistant.script = script
    await asking.start()
    turn = await asking.ask("sum of a?", files=[share])
    assert asking.replies.checked[turn] == Checked(1, unchecked=1)
    assert asking.checker.asked == []


async def test_what_takes_long_is_checked_beside_the_next_turn(asking: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "WAIT_SECONDS", 0.01)
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.findings["Costs"] = DIFFERS
    asking.checker.go.clear()
    await asking.start()
    turn = await ask(asking)
    other = await asking.ask("and now?", thread=thread_of(turn))
    assert asking.outcome(other).kind == "finished"
    asking.checker.go.set()
    await asking.ended(f"{turn}:check")
    assert len(asking.replies.checked[turn].differences) == 1
    assert DIFFERENCE not in asking.parts(turn)


async def test_one_answer_is_checked_at_a_time(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.go.clear()
    await asking.start()
    turns = [await asking.say("sum of a?", files=[asking.share("sales.csv")]) for _ in range(2)]
    await asking.until(lambda: asking.checker.asked)
    await asking.settled()
    assert (len(asking.checker.asked), asking.spool.used) == (1, 8)
    asking.checker.go.set()
    await asking.ended(*turns)
    assert len(asking.checker.asked) == 2


@pytest.mark.parametrize("word", ["stop", "forget"])
async def test_stop_and_forget_end_a_check(asking: Heart, word: str) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.go.clear()
    await asking.start()
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    await asking.until(lambda: asking.checker.asked)
    said = await asking.ask(word, thread=thread_of(turn))
    await asking.ended(turn)
    assert asking.replies.checked == {}
    assert asking.outcome(turn).kind == "finished"
    assert await state_of(asking, turn) == ("ended" if word == "stop" else "")
    assert (await asking.row(said)).outcome == "answered"


async def test_stop_ends_the_run_that_corrects(asking: Heart) -> None:
    first, gate = answers(receipt("Costs")), asyncio.Event()
    asking.assistant.script = lambda prompt: [*[gate] * ("was checked" in prompt.question), *first(prompt)]
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start()
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    await asking.until(lambda: len(asking.prompts) == 2)
    said = await asking.ask("stop", thread=thread_of(turn))
    await asking.ended(turn)
    assert asking.parts(said) == ["notice:stopped"]
    assert [run.is_cancelled for run in asking.assistant.runs.values()] == [False, True]
    assert asking.parts(turn) == ["answer", DIFFERENCE]
    assert await state_of(asking, turn) == "ended"


async def test_an_answer_that_is_deleted_ends_its_check(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.go.clear()
    await asking.start()
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    await asking.until(lambda: asking.checker.asked)
    thread = thread_of(turn)
    press = Press(PressKind.DELETE, "T1", "U1", value=turn, channel="C1", thread=thread, at=asking.ts())
    await asking.conversations.presses.accept(press)
    await asking.ended(turn)
    await asking.until(lambda: not asking.replies.of(turn))
    asking.replies.under_way.clear()  # what is retracted need not be closed
    assert (asking.replies.checked, await state_of(asking, turn)) == ({}, "ended")


async def test_a_question_that_is_deleted_ends_its_check(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.go.clear()
    await asking.start()
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    await asking.until(lambda: asking.checker.asked)
    await asking.conversations.intake.deleted("T1", "C1", thread_of(turn))
    await asking.ended(turn)
    assert (asking.replies.checked, await state_of(asking, turn)) == ({}, "ended")


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("port", "verb", "after"),
    [
        ("checker", "check", False),
        ("checker", "check", True),
        ("replies", "show_check", True),
        ("replies", "tell_differences", True),
        ("replies", "correct", False),
        ("replies", "correct", True),
    ],
)
async def test_a_crash_at_any_step_repeats_nothing_that_is_seen(
    asking: Heart, port: str, verb: str, after: bool
) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start()
    stalled = asking.stall(getattr(asking, port), verb, after=after)
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    await stalled.wait()
    await asking.die()
    await asking.ended(turn)
    assert asking.parts(turn) == ["answer", DIFFERENCE, CORRECTION]
    assert sum("was checked" in prompt.question for prompt in asking.prompts) == 1
    assert await state_of(asking, turn) == "done"


async def test_what_a_correction_has_cost_is_counted_and_without_room_nobody_is_asked(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    asking.checker.findings["Costs"] = DIFFERS
    await asking.start(budgets=Budgets({BudgetName("channel", "day"): Limit(tokens=60)}, estimate_tokens=10))
    first, second = await ask(asking), await ask(asking)
    assert CORRECTION in asking.parts(first)
    assert asking.parts(second) == ["answer", DIFFERENCE]
    assert await asking.database.scalars(select(BudgetUse.tokens)) == [15 + 8 + 15]


async def test_what_a_correction_has_cost_is_a_line_of_the_audit(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Revenue"))
    asking.checker.findings["Revenue"] = DIFFERS
    await asking.start()
    turn = await ask(asking)
    (told,) = await asking.database.scalars(select(AuditRow).where(AuditRow.what == "correction"))
    assert (told.about, told.facts) == (turn, {"input_tokens": 5, "output_tokens": 3})


@pytest.mark.thorough
async def test_a_check_that_ends_its_process_is_given_up(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    await asking.start()
    asking.checker.go.clear()
    turn = await asking.say("sum of a?", files=[asking.share("sales.csv")])
    for tries in range(1, 4):
        await asking.until(partial(lambda tries: len(asking.checker.asked) == tries, tries))
        await asking.die()
    await asking.ended(turn)
    assert len(asking.checker.asked) == 3


async def test_a_file_called_so_is_handed_over_by_nobody_else(asking: Heart) -> None:
    made = FileReady(Artifact("file", "clean.csv", "text/csv", {}, data=b"x"))
    first = answers(receipt("Revenue"))
    asking.assistant.script = lambda prompt: [made, *first(prompt)]
    await asking.start()
    turn = await ask(asking)
    assert [post.part for post in asking.replies.of(turn)] == ["answer", "file:0"]


async def test_what_is_past_its_retention_leaves_no_check(asking: Heart) -> None:
    asking.assistant.script = answers(receipt("Costs"))
    await asking.start()
    turn = await ask(asking)
    await asking.database.run(lambda session: delete_before(session, time.time() + 1))
    assert await state_of(asking, turn) == ""
