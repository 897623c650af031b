"""A turn: from an accepted question to its one visible outcome."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import delete, select

from azure_assistant.assistant import Prompt
from azure_assistant.errors import FileGone, FileLost, RateLimited, RunFailed
from azure_assistant.events import (
    Artifact,
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    Gone,
    RunEvent,
    RunStarted,
    TextDelta,
    Usage,
    Waiting,
)
from conversations.access.limits import Limits
from conversations.database.models import Conversation, Made, Participant, StepRow
from conversations.errors import ChannelArchived, FileDeleted, RunTooLong
from conversations.files.answer_budget import AT_ONCE, KEPT_TEXT, MOST_FILES, MOST_TEXT
from conversations.files.code import CODE_FILE
from conversations.planning.transcript import MOST_OF_A_TEXT
from conversations.ports.notices import Notice
from conversations.ports.replies import Activity, Deliverable, UsedFile
from conversations.ports.workplace import Person
from receipts.charts import Axes, Drawn, Series
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, thread_of

TEXT = "x" * 30


def chart(name: str = "sales.png", data: bytes | None = b"png", **more: Any) -> ChartReady:
    return ChartReady(Artifact("chart", name, "image/png", {"id": name}, data=data, **more))


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_question_is_answered_once(heart: Heart) -> None:
    turn = await heart.ask("what is the sum of 1, 2 and 3?")
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, outcome.text) == ("finished", ANSWER)
    assert outcome.footer is not None
    assert (outcome.footer.has_code, outcome.footer.archived) == (False, 0)
    assert [*outcome.footer.used, *outcome.footer.unread] == []
    assert heart.parts(turn) == ["answer"]
    assert (row.state, row.outcome, row.answer, row.stopped_by) == ("done", "answered", ANSWER, "")
    assert 0 < row.started_at <= row.finished_at
    assert await heart.database.scalars(select(StepRow.name)) == []


async def test_the_model_is_told_who_asks_and_what(heart: Heart) -> None:
    heart.workplace.people[ANN] = Person(ANN, "Ann", "ja-JP", "Asia/Tokyo", TEAM)
    await heart.ask("棒グラフを描いて")
    await heart.ask("who are you?", user=BEN)
    first, second = heart.prompts
    assert (first.question, first.locale, first.timezone) == ("棒グラフを描いて", "ja-JP", "Asia/Tokyo")
    assert (first.compute, first.cjk_font) == (True, True)
    assert (second.compute, second.cjk_font, second.locale) == (False, False, "en-US")
    assert first.asker == hashlib.sha256(f"{TEAM}:{ANN}".encode()).hexdigest()[:32]
    assert second.asker != first.asker


async def test_a_conversation_has_one_thread_and_knows_what_was_said(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    second = await heart.ask("and then?", thread=thread_of(first), mentions_bot=False)
    other = await heart.ask("something else")
    assert list(heart.assistant.threads.values()) == [
        {"slack_team": TEAM, "slack_channel": CHANNEL, "slack_thread": thread_of(turn)} for turn in (first, other)
    ]
    asked = heart.prompts[1]
    assert asked.transcript == f"User: how many rows?\nAssistant: {ANSWER}"
    assert asked.context == ""
    assert heart.outcome(second).kind == "finished"
    assert heart.prompts[2].transcript == ""


async def test_code_usage_and_activities_are_kept_and_shown(heart: Heart) -> None:
    heart.model(
        Waiting(3.0),
        CodeStarted(0),
        CodeFinished(0, "print(6)", "6\n"),
        TextDelta("The sum "),
        TextDelta("is 6."),
        Finished("The sum is 6.", Usage(10, 2, 5), missing=["lost.csv"], notes=["cut_short"]),
    )
    turn = await heart.ask("add them")
    row, footer = await heart.row(turn), heart.outcome(turn).footer
    assert row.code == [{"code": "print(6)", "output": "6\n"}]
    assert (row.usage["input_tokens"], row.usage["output_tokens"]) == (10, 5)
    assert footer is not None
    assert footer.has_code
    assert (list(footer.missing), list(footer.notes)) == (["lost.csv"], ["cut_short"])
    assert 0 <= footer.seconds < 60


async def test_the_answer_is_shown_live(heart: Heart) -> None:
    go = asyncio.Event()
    code = (CodeStarted(0), CodeFinished(0, "print(6)", "6\n"))
    heart.model(Waiting(2.4), TextDelta("The "), *code, go, TextDelta("end"), Finished("The end"))
    turn = await heart.say("tell me")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live == "The ")
    (answer,) = heart.replies.under_way
    await heart.until(lambda: Activity.RUNNING_CODE in answer.activities)
    assert not answer.recovering
    assert heart.parts(turn) == []
    go.set()
    await heart.ended(turn)
    assert answer.live == "The end"
    assert answer.activities == [Activity.THINKING, Activity.THINKING, Activity.WAITING, Activity.RUNNING_CODE]
    assert answer.code == [("print(6)", "6\n")]
    assert answer.details[Activity.WAITING] == {"seconds": "2"}


async def test_charts_and_files_follow_the_text_each_once_and_in_order(heart: Heart) -> None:
    heart.assistant.made["table.csv"] = b"a,b\n"
    table = FileReady(Artifact("file", "table.csv", "text/csv", {"id": "table.csv"}))
    gone = FileReady(Artifact("file", "gone.csv", "text/csv", {"id": "gone.csv"}))
    empty = chart("empty.png", b"")
    heart.model(chart("sales_by_month.png", alt="sales_by_month.png"), table, gone, empty, Finished("Done."))
    turn = await heart.ask("draw it")
    assert heart.parts(turn) == ["answer", "chart:0", "file:1", "lost"]
    shown, file, lost = (post for post in heart.replies.of(turn)[1:])
    assert isinstance(shown.what, Deliverable)
    assert (shown.data, shown.what.title, shown.what.media_type) == (b"png", "Sales by month", "image/png")
    assert isinstance(file.what, Deliverable)
    assert (file.data, file.what.title) == (b"a,b\n", "table.csv")
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert list(footer.missing) == ["empty.png"]
    assert [error.fields for error in cast("list[FileGone]", lost.what)] == [{"name": "gone.csv"}]
    assert await heart.database.scalars(select(Made.turn)) == []


async def test_what_a_chart_shows_comes_along_and_survives_a_death(heart: Heart) -> None:
    shown = Drawn("a.png", "", [Axes("bar", "", "", "", True, [Series("", ["a"], [1.5], 1)])])
    heart.assistant.made |= {"a.png": b"a", "b.png": b"b"}
    heart.assistant.held["a.png"] = asyncio.Event()
    heart.model(chart("a.png", None, drawn=shown), chart("b.png"), Finished("Done."))
    turn = await heart.say("draw it")
    await heart.until(lambda: heart.parts(turn) == ["answer"])
    await heart.die()
    heart.assistant.held["a.png"].set()
    await heart.ended(turn)
    first, second = (post.what for post in heart.replies.of(turn)[1:])
    assert isinstance(first, Deliverable)
    assert isinstance(second, Deliverable)
    assert (first.drawn, second.drawn) == (shown, None)


def drawn(heart: Heart, *names: str) -> list[RunEvent]:
    """A run that has made charts which come only when they are let go."""
    heart.assistant.made |= {name: name.encode() for name in names}
    heart.assistant.held |= {name: asyncio.Event() for name in names}
    return [*(chart(name, None) for name in names), Finished("Done.")]


async def test_the_text_waits_for_no_chart_and_charts_are_fetched_side_by_side(heart: Heart) -> None:
    names = ["a.png", "b.png", "c.png"]
    heart.model(*drawn(heart, *names))
    turn = await heart.say("draw them")
    await heart.until(lambda: heart.parts(turn) == ["answer"])
    await heart.until(lambda: heart.assistant.reads == names)
    for name in reversed(names):
        heart.assistant.held[name].set()
    await heart.ended(turn)
    assert [post.data for post in heart.replies.of(turn)[1:]] == [name.encode() for name in names]
    assert heart.assistant.reads == names, "each is fetched once"


async def test_no_more_charts_are_fetched_at_once_than_agreed(heart: Heart) -> None:
    names = [f"{number}.png" for number in range(AT_ONCE + 1)]
    heart.model(*drawn(heart, *names))
    turn = await heart.say("draw them")
    await heart.until(lambda: heart.assistant.reads == names[:-1])
    await heart.settled()
    assert heart.assistant.reads == names[:-1]
    for held in heart.assistant.held.values():
        held.set()
    await heart.ended(turn)
    assert len(heart.replies.of(turn)) == 1 + len(names)


async def test_charts_on_their_way_survive_a_death(heart: Heart) -> None:
    heart.model(*drawn(heart, "a.png", "b.png"))
    turn = await heart.say("draw them")
    await heart.until(lambda: heart.parts(turn) == ["answer"])
    heart.assistant.held["a.png"].set()
    await heart.until(lambda: "chart:0" in heart.parts(turn))
    await heart.die()
    heart.assistant.held["b.png"].set()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer", "chart:0", "chart:1"]


async def test_a_question_that_is_deleted_while_its_charts_are_on_their_way_leaves_nothing(heart: Heart) -> None:
    heart.model(*drawn(heart, "a.png"))
    turn = await heart.say("draw it")
    await heart.until(lambda: heart.parts(turn) == ["answer"])
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    heart.assistant.held["a.png"].set()
    await heart.ended(turn)
    assert heart.parts(turn) == []
    assert (await heart.row(turn)).outcome == "dropped"


@pytest.mark.parametrize(("made", "archived"), [(MOST_FILES, 0), (MOST_FILES + 1, 2)])
async def test_of_many_files_the_last_ones_go_into_an_archive(heart: Heart, made: int, archived: int) -> None:
    heart.model(*(chart(f"{number}.png") for number in range(made)), Finished("Done."))
    turn = await heart.ask("draw them")
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert footer.archived == archived
    assert len(heart.parts(turn)) == 1 + MOST_FILES
    assert ("archive:0" in heart.parts(turn)) is bool(archived)


async def test_a_wordless_mention_with_a_file_asks_for_a_description(heart: Heart) -> None:
    turn = await heart.ask("", files=[heart.share("sales.csv")])
    assert heart.prompts[0].question.startswith("Describe this data")
    assert heart.outcome(turn).kind == "finished"
    heart.workplace.people[BEN] = Person(BEN, "Ben", "ja-JP", "Asia/Tokyo", TEAM)
    await heart.ask("", user=BEN, files=[heart.share("sales.csv")])
    assert heart.prompts[1].question.startswith("このデータ")


async def test_a_file_is_named_while_it_is_read_and_below_the_answer(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    file = heart.share("sales.csv")
    turn = await heart.say("how many rows?", files=[file])
    await heart.until(lambda: heart.prompts)
    (answer,) = heart.replies.under_way
    assert answer.details[Activity.READING] == {"file": "sales.csv"}
    go.set()
    await heart.ended(turn)
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert list(footer.used) == [UsedFile("sales.csv", "Ann", file.created)]


async def test_an_answer_that_is_too_long_is_cut_and_that_is_said(heart: Heart) -> None:
    heart.model(TextDelta("x" * MOST_TEXT), TextDelta("y"), Finished("x" * MOST_TEXT + "y", notes=["cut_short"]))
    turn = await heart.ask("tell me all")
    outcome = heart.outcome(turn)
    assert outcome.text == "x" * MOST_TEXT
    assert outcome.footer is not None
    assert list(outcome.footer.notes) == ["cut_short", "too_long"]


async def test_no_more_of_an_answer_is_shown_live_either(heart: Heart) -> None:
    heart.model(TextDelta("x" * (MOST_TEXT - 1)), TextDelta("yz"), TextDelta("z"), Failed(RateLimited("429")))
    turn = await heart.ask("tell me all")
    assert heart.outcome(turn).text == "x" * (MOST_TEXT - 1) + "y"


async def test_code_that_is_too_long_goes_along_as_a_file(heart: Heart) -> None:
    code = "print(6)\n" * 40_000
    heart.model(CodeFinished(0, code, "6"), Finished("Done.", notes=["cut_short"]))
    turn = await heart.ask("add them")
    assert heart.parts(turn) == ["answer", "file:0"]
    file = heart.replies.of(turn)[1]
    assert isinstance(file.what, Deliverable)
    assert (file.what.name, file.what.media_type) == (CODE_FILE, "text/x-python")
    assert code in file.data.decode()
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert list(footer.notes) == ["cut_short", "long_code"]


async def test_a_mention_of_nothing_gets_help_and_costs_nothing(heart: Heart) -> None:
    turn = await heart.ask("")
    assert heart.parts(turn) == ["notice:help"]
    assert heart.replies.cleared == {turn}, "its first sign goes"
    assert heart.prompts == []
    assert (await heart.row(turn)).outcome == "answered"


@pytest.mark.parametrize(("origin", "notice"), [("card", "notice:asked"), ("", "notice:asked_again")])
async def test_a_question_that_was_pressed_is_shown_to_the_thread(heart: Heart, origin: str, notice: str) -> None:
    turn = await heart.ask("how &lt;many&gt;?", shown_to_thread=True, origin=origin)
    assert heart.parts(turn) == [notice, "answer"]
    told = heart.replies.of(turn)[0].what
    assert isinstance(told, Notice)
    assert told.fields == {"by": "Ann", "question": "how <many>?"}


async def test_a_pressed_question_that_cannot_be_shown_is_answered_all_the_same(
    heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise ChannelArchived(error="is_archived")

    monkeypatch.setattr(heart.replies, "notice", refuse)
    turn = await heart.ask("how many?", shown_to_thread=True)
    assert heart.parts(turn) == ["answer"]
    assert heart.outcome(turn).text == ANSWER


async def test_who_has_no_name_is_called_by_the_id(heart: Heart) -> None:
    heart.workplace.people[BEN] = Person(BEN, "", team=TEAM)
    turn = await heart.ask("how many?", user=BEN, shown_to_thread=True)
    told = heart.replies.of(turn)[0].what
    assert isinstance(told, Notice)
    assert told.fields["by"] == BEN


async def test_a_wordless_request_by_shortcut_is_shown_as_one(heart: Heart) -> None:
    turn = await heart.ask("", shown_to_thread=True, origin="shortcut", files=[heart.share("sales.csv")])
    assert heart.parts(turn) == ["notice:asked_to_look", "answer"]


# ── failures ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_that_fails_is_told_with_what_came_and_let_go(heart: Heart) -> None:
    heart.model(TextDelta("The sum"), Failed(RateLimited("429"), usage=Usage(7)))
    turn = await heart.ask("add them")
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, outcome.text, type(outcome.error)) == ("failed", "The sum", RateLimited)
    assert (row.outcome, row.answer, row.usage["input_tokens"]) == ("failed", "The sum", 7)
    assert next(iter(heart.assistant.runs.values())).is_cancelled
    assert heart.parts(turn) == ["answer"]


async def test_what_breaks_is_told_without_its_words(heart: Heart) -> None:
    def breaks(_: object) -> list[TextDelta]:
        raise ValueError("secret")

    heart.assistant.script = breaks
    turn = await heart.ask("add them")
    outcome = heart.outcome(turn)
    assert outcome.kind == "failed"
    assert "secret" not in str(outcome.error)


async def test_a_run_that_takes_too_long_is_ended(idle: Heart) -> None:
    await idle.start(limits=Limits(run_minutes=0.0005))
    idle.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    turn = await idle.ask("add them")
    outcome = idle.outcome(turn)
    assert (outcome.kind, outcome.text, type(outcome.error)) == ("failed", "so far", RunTooLong)
    assert outcome.error is not None
    assert outcome.error.fields == {"minutes": "0.0005"}
    assert next(iter(idle.assistant.runs.values())).is_cancelled


async def test_a_run_that_is_lost_is_asked_again_twice(heart: Heart) -> None:
    answers: list[list[RunEvent]] = [[Gone()], [TextDelta("half"), Gone()], [TextDelta("whole"), Finished("whole")]]
    heart.assistant.script = lambda _: answers[len(heart.prompts)]
    turn = await heart.ask("add them")
    assert heart.outcome(turn).text == "whole"
    assert len(heart.prompts) == 3
    assert (await heart.row(turn)).run_id == list(heart.assistant.runs)[-1]


async def test_of_a_run_that_is_asked_again_only_its_costs_stay(heart: Heart) -> None:
    lost: list[RunEvent] = [
        TextDelta("x" * MOST_TEXT),
        CodeFinished(0, "print(6)\n" * 40_000, "6"),
        chart(),
        Failed(FileLost(file_ids=[]), usage=Usage(7, 1, 3)),
    ]
    whole: list[RunEvent] = [TextDelta("wh"), TextDelta("ole"), Failed(RateLimited("429"), usage=Usage(10, 2, 5))]
    heart.assistant.script = lambda _: whole if heart.prompts else lost
    turn = await heart.ask("add them")
    row = await heart.row(turn)
    assert (heart.outcome(turn).text, row.code) == ("whole", [])
    assert heart.parts(turn) == ["answer"]
    assert [row.usage[name] for name in ("input_tokens", "cached_tokens", "output_tokens")] == [17, 3, 8]


async def test_a_run_that_fails_keeps_its_code_but_hands_over_no_file(heart: Heart) -> None:
    heart.model(CodeFinished(0, "print(6)\n" * 40_000, "6"), CodeFinished(1, "x", "y"), Failed(RateLimited("429")))
    turn = await heart.ask("add them")
    assert heart.parts(turn) == ["answer"]
    assert {"code": "x", "output": "y"} not in (await heart.row(turn)).code


async def test_a_long_answer_is_kept_as_far_as_the_next_question_needs_it(heart: Heart) -> None:
    heart.model(Finished("a" + "x" * KEPT_TEXT))
    first = await heart.ask("tell me all")
    assert (await heart.row(first)).answer == "a" + "x" * (KEPT_TEXT - 1)
    assert len(heart.outcome(first).text) == KEPT_TEXT + 1
    await heart.ask("and then?", thread=thread_of(first))
    told = "a" + "x" * (MOST_OF_A_TEXT - 1)
    assert heart.prompts[-1].transcript == f"User: tell me all\nAssistant: {told}"


async def test_the_transcript_is_in_order_and_calls_people_by_name(heart: Heart) -> None:
    first = await heart.ask("ask <@U2>")
    await heart.ask("mute", thread=thread_of(first))
    await heart.ask("and then?", thread=thread_of(first))
    await heart.ask("at last?", thread=thread_of(first))
    said = [("ask @Ben", ANSWER), ("and then?", ANSWER)]
    assert heart.prompts[-1].transcript == "\n\n".join(f"User: {text}\nAssistant: {answer}" for text, answer in said)


async def test_a_run_that_is_lost_again_and_again_fails(heart: Heart) -> None:
    heart.model(Gone())
    turn = await heart.ask("add them")
    assert isinstance(heart.outcome(turn).error, RunFailed)
    assert len(heart.prompts) == 3


async def test_what_waits_for_azure_before_its_run_exists_says_so(
    heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, go = heart.assistant.run, asyncio.Event()

    async def wait(*asked: Any) -> AsyncIterator[RunEvent]:
        yield Waiting(7.4)
        await go.wait()
        async for event in run(*asked):
            yield event

    monkeypatch.setattr(heart.assistant, "run", wait)
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and Activity.WAITING in heart.replies.under_way[0].details)
    (answer,) = heart.replies.under_way
    assert answer.details[Activity.WAITING] == {"seconds": "7"}
    go.set()
    await heart.ended(turn)
    assert heart.outcome(turn).text == ANSWER


async def test_a_run_that_cannot_be_begun_fails_and_says_why(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("add them")
    await heart.until(lambda: heart.prompts)
    ((name, run),) = heart.assistant.runs.items()
    heart.assistant.runs[f"{name} of somebody else"] = replace(run)
    await heart.ask("stop", thread=thread_of(first))
    await heart.ended(first)
    second = await heart.ask("and then?", thread=thread_of(first))
    assert type(heart.outcome(second).error).__name__ == "ThreadBusy"
    assert len(heart.prompts) == 2, "it is not asked"


async def test_each_step_is_written_once_and_as_the_next_version_reads_it(heart: Heart) -> None:
    go, written = asyncio.Event(), heart.watch("INSERT INTO steps")
    heart.model(go, chart(), Finished(ANSWER, missing=["lost.csv"], notes=["cut_short"]))
    turn = await heart.say("add them", shown_to_thread=True, files=[heart.share("sales.csv")])
    await heart.until(lambda: heart.prompts)
    stalled = heart.stall(heart.replies, "post")
    go.set()
    await asyncio.wait_for(stalled.wait(), 5)
    steps = {step.name: step.result for step in await heart.database.scalars(select(StepRow))}
    assert list(steps) == ["plan", "asked", "attach:F0", "start", "run"]
    assert len(written) == 5
    assert steps["asked"] == {}
    assert steps["start"] == {"run_id": (await heart.row(turn)).run_id, "unread": [], "stopped": False}
    assert steps["run"] == {
        "outcome": "answered",
        "made": 1,
        "missing": ["lost.csv"],
        "notes": ["cut_short"],
        "error": None,
        "unread": [],
    }
    await heart.die()
    await heart.ended(turn)


async def test_a_run_that_is_begun_anew_has_its_new_id_recorded(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(RunStarted("run_anew"), go, Finished("Done."))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.assistant.runs)
    go.set()
    await heart.ended(turn)
    assert (await heart.row(turn)).run_id == "run_anew"


async def test_a_file_that_azure_has_lost_is_uploaded_again(heart: Heart) -> None:
    file = heart.share("sales.csv")
    first = await heart.ask("how many rows?", files=[file])
    heart.assistant.files.clear()
    second = await heart.ask("and columns?", thread=thread_of(first))
    assert heart.outcome(second).kind == "finished"
    assert [name for name, _ in heart.assistant.files.values()] == ["sales.csv"]
    assert [file.original_name for file in heart.prompts[-1].files] == ["sales.csv"]


async def test_a_file_that_azure_loses_during_the_run_is_uploaded_again_or_named(heart: Heart) -> None:
    written = heart.written("how many rows?", files=[heart.share("a.csv"), heart.share("b.csv")])

    def lost(prompt: Prompt) -> list[RunEvent]:
        if len(heart.prompts) == 1:
            return [Finished(ANSWER)]
        ids = [file.file.id for file in prompt.files]
        heart.workplace.remove(CHANNEL, written.ts)
        heart.share("a.csv")
        return [TextDelta("half"), Failed(FileLost(file_ids=ids[1:]))]

    heart.assistant.script = lost
    turn = await heart.take(written)
    await heart.ended(turn)
    footer = heart.outcome(turn).footer
    assert heart.outcome(turn).text == ANSWER
    assert [file.original_name for file in heart.prompts[-1].files] == ["a.csv"]
    assert footer is not None
    assert [type(error) for error in footer.unread] == [FileDeleted]


async def test_files_that_are_lost_one_after_the_other_are_all_named(heart: Heart) -> None:
    written = heart.written("how many rows?", files=[heart.share("a.csv"), heart.share("b.csv")])

    def lost(prompt: Prompt) -> list[RunEvent]:
        if not prompt.files:
            return [Finished(ANSWER)]
        if not heart.prompts:
            heart.workplace.remove(CHANNEL, written.ts)
        return [Failed(FileLost(file_ids=[prompt.files[0].file.id]))]

    heart.assistant.script = lost
    turn = await heart.take(written)
    await heart.ended(turn)
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert [(type(error), error.fields["name"]) for error in footer.unread] == [
        (FileDeleted, "a.csv"),
        (FileDeleted, "b.csv"),
    ]
    assert list(footer.used) == []


async def test_a_lost_file_that_slack_has_not_either_is_left_out_and_named(heart: Heart) -> None:
    written = heart.written("how many rows?", files=[heart.share("sales.csv")])
    first = await heart.take(written)
    await heart.ended(first)
    heart.assistant.files.clear()
    heart.workplace.remove(CHANNEL, written.ts)
    second = await heart.ask("and columns?", thread=written.ts)
    footer = heart.outcome(second).footer
    assert footer is not None
    assert [type(error) for error in footer.unread] == [FileDeleted]
    assert heart.prompts[-1].files == []


async def test_what_slack_does_not_take_closes_the_turn_all_the_same(heart: Heart) -> None:
    heart.replies.refuses = ChannelArchived(error="is_archived")
    turn = await heart.ask("add them")
    after = await heart.ask("again?", thread=thread_of(turn))
    assert heart.replies.posted == []
    assert [(row.state, row.outcome) for row in await heart.rows()] == [("done", "failed")] * 2
    assert after != turn


# ── who is not answered ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        (Person(BEN, "Ben", team=TEAM, is_guest=True), "GuestNotTaken"),
        (Person(BEN, "Ben", team="T2", is_stranger=True), "StrangerNotTaken"),
        (Person(BEN, "Ben", team=TEAM, is_deactivated=True), "AccountDeactivated"),
        (Person(BEN, "Ben"), "AccessUnknown"),
        (Person(BEN, "Ben", team=TEAM, is_bot=True), ""),
    ],
)
async def test_who_is_not_taken_is_told_alone_and_nothing_is_kept(heart: Heart, person: Person, refusal: str) -> None:
    heart.workplace.people[BEN] = person
    turn = await heart.ask("add them", user=BEN, files=[heart.share("sales.csv")])
    row = await heart.row(turn)
    assert heart.replies.posted == []
    assert [type(what[1]).__name__ for _, what in heart.windows.shown] == ([refusal] if refusal else [])
    assert (row.outcome, row.text, row.files) == ("refused", "", [])
    assert heart.prompts == []
    later = await heart.say("me too", user=BEN, thread=thread_of(turn), mentions_bot=False)
    assert later not in [known.id for known in await heart.rows()], "the thread is none of ours"


async def test_a_conversation_that_was_cleaned_away_meanwhile_begins_anew(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("add them")
    await heart.until(lambda: heart.prompts)
    second = await heart.say("and then?", user=BEN, thread=thread_of(first))
    for table in (Conversation, Participant):
        await heart.database.execute(delete(table))
    go.set()
    await heart.ended(first, second)
    (row,) = await heart.database.scalars(select(Conversation))
    assert (row.team, row.channel, row.thread) == (TEAM, CHANNEL, thread_of(first))
    assert await heart.database.scalars(select(Participant.user)) == [BEN]
    assert heart.outcome(second).text == ANSWER


async def test_in_a_direct_message_no_mention_is_needed(heart: Heart) -> None:
    turn = await heart.ask("what can you add?", channel=DIRECT)
    assert heart.outcome(turn).kind == "finished"
    (post,) = heart.replies.of(turn)
    assert post.place.is_direct
    assert post.place.thread == thread_of(turn)
