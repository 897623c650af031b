"""A name that is nowhere is asked about, and the choice is a question of its own: durable, once, by who is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.events import CodeFinished, Finished, TextDelta
from conversations.database.models import StepRow
from conversations.errors import AlreadyChosen, ChoiceTooLate, NotAMember, NotHere, SlackError
from conversations.planning import file_search
from conversations.ports.incoming import Press, PressKind
from conversations.ports.replies import Inquiry
from conversations.ports.workplace import Message
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, TEAM, Heart, thread_of
from tests.heart.test_file_selection import dropped, others, seen

DAY = 24 * 60 * 60


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload of a file that is named and not there is waited for, but not long."""
    monkeypatch.setattr(file_search, "UPLOAD_SECONDS", 0.02)


def asked(heart: Heart, turn: str) -> Inquiry:
    """What a turn asks."""
    (inquiry,) = [post.what for post in heart.replies.of(turn) if isinstance(post.what, Inquiry)]
    return inquiry


def names(heart: Heart, turn: str) -> list[str]:
    return [file.name for file in asked(heart, turn).options]


async def ask_about(heart: Heart, text: str = "total of sales_q2.csv", **more: Any) -> str:
    dropped(heart, "weather.csv", 300)
    dropped(heart, "sales_q3.csv", 100)
    return await heart.ask(text, **more)


async def press(heart: Heart, turn: str, name: str, user: str = BEN, **more: Any) -> Press:
    """Somebody presses the button of a file; it has been followed, or refused, when this returns."""
    file = next((option.key for option in asked(heart, turn).options if option.name == name), name)
    usual: dict[str, Any] = {"value": turn, "more": file, "at": heart.ts(), "channel": CHANNEL}
    pressed = Press(PressKind.CHOOSE, TEAM, user, **{**usual, "thread": thread_of(turn), **more})
    await heart.conversations.presses.accept(pressed)
    await heart.ended(f"{TEAM}:{pressed.channel}:{pressed.at}:press:{PressKind.CHOOSE}:{user}")
    return pressed


def answered_by(pressed: Press) -> str:
    return f"{TEAM}:{CHANNEL}:{pressed.at}"


def refusals(heart: Heart) -> list[Any]:
    """What was told to single people."""
    return [what[1] for verb, what in heart.windows.shown if verb == "refuse"]


async def test_a_name_that_is_nowhere_is_asked_about_and_nothing_is_computed(heart: Heart) -> None:
    turn = await ask_about(heart)
    assert (names(heart, turn), asked(heart, turn).missing) == (["sales_q3.csv", "weather.csv"], ["sales_q2.csv"])
    assert (heart.prompts, heart.assistant.files, heart.assistant.sandboxes) == ([], {}, {})
    assert (await heart.row(turn)).outcome == "asked"
    assert len(heart.replies.of(turn)) == 1


async def test_what_several_files_bear_is_asked_about(heart: Heart) -> None:
    dropped(heart, "sales_q3.xlsx", 200)
    turn = await ask_about(heart, "total of sales_q3")
    assert (names(heart, turn), asked(heart, turn).missing) == (["sales_q3.xlsx", "sales_q3.csv"], [])
    assert heart.prompts == []


async def test_where_nothing_lies_there_is_no_button(heart: Heart) -> None:
    turn = await heart.ask("total of sales_q2.csv")
    assert (names(heart, turn), heart.prompts) == ([], [])


async def test_the_file_that_is_pressed_answers_the_question(heart: Heart) -> None:
    turn = await ask_about(heart)
    pressed = await press(heart, turn, "sales_q3.csv")
    await heart.ended(answered_by(pressed))
    assert heart.outcome(answered_by(pressed)).text == ANSWER
    assert (seen(heart), heart.prompts[-1].question, heart.prompts[-1].context) == (
        ["sales_q3.csv"],
        "total of sales_q2.csv",
        "",
    )
    assert heart.replies.choices == [(turn, "Ben", "sales_q3.csv")]
    assert heart.parts(answered_by(pressed)) == ["answer"]
    row = await heart.row(answered_by(pressed))
    assert (row.user, row.thread, row.outcome) == (BEN, thread_of(turn), "answered")


@pytest.mark.thorough
@pytest.mark.parametrize("user", [ANN, BEN])
async def test_a_name_may_also_be_written_by_anybody(heart: Heart, user: str) -> None:
    turn = await ask_about(heart)
    reply = await heart.ask("sales_q3.csv", thread=thread_of(turn), mentions_bot=False, user=user)
    assert seen(heart) == ["sales_q3.csv"]
    assert (heart.prompts[-1].question, heart.prompts[-1].context) == ("total of sales_q2.csv\n\nsales_q3.csv", "")
    by = {ANN: "Ann", BEN: "Ben"}[user]
    assert heart.replies.choices == [(turn, by, "sales_q3.csv")]
    pressed = await press(heart, turn, "weather.csv")
    assert [(type(error), error.fields["by"]) for error in refusals(heart)] == [(AlreadyChosen, by)]
    assert [row.id for row in await heart.rows()] == [turn, reply], pressed


async def test_a_file_may_be_shared_as_the_answer(heart: Heart) -> None:
    turn = await heart.ask("total of sales_q2.csv")
    late = [heart.share("other name.csv")]
    await heart.ask("", thread=thread_of(turn), mentions_bot=False, files=late)
    assert (seen(heart), heart.prompts[-1].question) == (["other name.csv"], "total of sales_q2.csv")
    assert heart.replies.choices == [(turn, "Ann", "other name.csv")]


@pytest.mark.thorough
async def test_only_the_first_message_is_the_answer(heart: Heart) -> None:
    turn = await ask_about(heart)
    await heart.say("thanks!", thread=thread_of(turn), mentions_bot=False, user=BEN)
    await heart.ask("sales_q3.csv", thread=thread_of(turn), mentions_bot=False, user=BEN)
    await heart.ask("and the mean?", thread=thread_of(turn), mentions_bot=False)
    assert [prompt.question for prompt in heart.prompts] == ["total of sales_q2.csv\n\nsales_q3.csv", "and the mean?"]


@pytest.mark.thorough
async def test_an_answer_after_a_day_is_a_question_of_its_own(heart: Heart) -> None:
    turn = await ask_about(heart)
    await heart.conversations._questions.set(turn, finished_at=heart.now() - DAY - 60)
    await heart.ask("sales_q3.csv", thread=thread_of(turn), mentions_bot=False)
    assert heart.prompts[-1].question == "sales_q3.csv"
    assert heart.replies.choices == []


async def test_the_files_of_the_question_go_along(heart: Heart) -> None:
    turn = await ask_about(heart, "join with sales_q2.csv", files=[heart.share("own.csv")])
    assert set(names(heart, turn)) == {"own.csv", "sales_q3.csv", "weather.csv"}
    pressed = await press(heart, turn, "sales_q3.csv")
    await heart.ended(answered_by(pressed))
    assert sorted(seen(heart)) == ["own.csv", "sales_q3.csv"]


async def test_the_first_choice_counts(heart: Heart) -> None:
    turn = await ask_about(heart)
    first = await press(heart, turn, "sales_q3.csv")
    await press(heart, turn, "weather.csv", user=ANN)
    await heart.ended(answered_by(first))
    (refused,) = refusals(heart)
    assert isinstance(refused, AlreadyChosen)
    assert refused.fields == {"by": "Ben", "name": "sales_q3.csv"}
    assert [row.outcome for row in await heart.rows()] == ["asked", "answered"]
    assert len(heart.prompts) == 1


async def test_of_many_presses_at_once_one_counts(heart: Heart) -> None:
    turn = await ask_about(heart)
    await asyncio.gather(*(press(heart, turn, name, user) for name in names(heart, turn) for user in (ANN, BEN)))
    (row,) = [row for row in await heart.rows() if row.id != turn]
    await heart.ended(row.id)
    assert (len(heart.prompts), len(refusals(heart))) == (1, 3)


@pytest.mark.thorough
@pytest.mark.parametrize(("seconds", "counts"), [(DAY - 60, True), (DAY + 60, False)])
async def test_after_a_day_it_is_too_late(heart: Heart, seconds: float, counts: bool) -> None:
    turn = await ask_about(heart)
    await heart.conversations._questions.set(turn, finished_at=heart.now() - seconds)
    pressed = await press(heart, turn, "sales_q3.csv")
    if counts:
        await heart.ended(answered_by(pressed))
    assert [type(error) for error in refusals(heart)] == ([] if counts else [ChoiceTooLate])
    assert heart.replies.choices == [(turn, "Ben", "sales_q3.csv") if counts else (turn, "", "")]
    assert len(await heart.rows()) == 1 + counts


async def test_buttons_that_count_no_more_go_within_the_hour(heart: Heart) -> None:
    turn = await ask_about(heart)
    assert heart.engine.hourly is not None
    await heart.engine.hourly()
    assert heart.replies.choices == []
    await heart.conversations._questions.set(turn, finished_at=heart.now() - DAY - 60)
    for _ in range(2):
        await heart.engine.hourly()
    assert heart.replies.choices == [(turn, "", "")]


async def test_the_offer_outlives_the_night(heart: Heart) -> None:
    turn = await ask_about(heart)
    await heart.conversations._clean()
    pressed = await press(heart, turn, "sales_q3.csv")
    await heart.ended(answered_by(pressed))
    assert seen(heart) == ["sales_q3.csv"]


async def test_what_was_not_offered_cannot_be_pressed(heart: Heart) -> None:
    secret = heart.share("secret.csv", channel="C2")
    turn, other = await ask_about(heart), await heart.ask("hello")
    await press(heart, turn, secret.id)
    await press(heart, turn, "")
    await press(heart, turn, "sales_q3.csv", thread="1.000000")
    await press(heart, turn, "sales_q3.csv", value=other, thread=thread_of(other))
    heart.workplace.absent.add((CHANNEL, BEN))
    await press(heart, turn, "sales_q3.csv")
    assert [type(error) for error in refusals(heart)] == [NotHere] * 4 + [NotAMember]
    assert [row.id for row in await heart.rows()] == [turn, other]


async def test_what_is_forgotten_cannot_be_pressed(heart: Heart) -> None:
    turn = await ask_about(heart)
    offered = asked(heart, turn).options[0].key
    await heart.ask("forget", thread=thread_of(turn))
    assert await heart.database.scalars(select(StepRow.name)) == []
    await press(heart, turn, offered)
    assert [type(error) for error in refusals(heart)] == [NotHere]


async def test_who_has_chosen_is_not_asked_again(heart: Heart) -> None:
    turn = await ask_about(heart, "compare sales_q1.csv with sales_q2.csv")
    pressed = await press(heart, turn, "sales_q3.csv")
    await heart.ended(answered_by(pressed))
    assert heart.outcome(answered_by(pressed)).text == ANSWER
    again = Press(
        PressKind.AGAIN, TEAM, ANN, answered_by(pressed), at=heart.ts(), channel=CHANNEL, thread=thread_of(turn)
    )
    await heart.conversations.presses.accept(again)
    await heart.ended(answered_by(again))
    assert "answer" in heart.parts(answered_by(again))


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("port", "verb"), [("replies", "inquire"), ("workplace", "recent_files")])
@pytest.mark.parametrize("after", [False, True])
async def test_a_death_while_asking_leaves_one_question(heart: Heart, port: str, verb: str, after: bool) -> None:
    dropped(heart, "sales_q3.csv", 100)
    stalled = heart.stall(getattr(heart, port), verb, after=after)
    turn = await heart.say("total of sales_q2.csv")
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn)
    assert names(heart, turn) == ["sales_q3.csv"]
    pressed = await press(heart, turn, "sales_q3.csv")
    await heart.ended(answered_by(pressed))
    assert seen(heart) == ["sales_q3.csv"]


async def test_a_death_after_the_choice_leaves_one_answer(heart: Heart) -> None:
    turn = await ask_about(heart)
    stalled = heart.stall(heart.replies, "show_choice")
    pressing = asyncio.create_task(press(heart, turn, "sales_q3.csv"))
    await asyncio.wait_for(stalled.wait(), 5)
    pressing.cancel()
    await heart.die()
    await heart.until(lambda: heart.replies.choices)
    (row,) = [row for row in await heart.rows() if row.id != turn]
    await heart.ended(row.id)
    assert heart.replies.choices == [(turn, "Ben", "sales_q3.csv")]
    assert (seen(heart), heart.parts(row.id), len(heart.prompts)) == (["sales_q3.csv"], ["answer"], 1)
    assert refusals(heart) == []


# ── what is known ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_s6_all_files_of_a_long_thread_are_known(heart: Heart) -> None:
    root = heart.written("look", user=BEN, mentions_bot=False)
    heart.post(root)
    heart.post(heart.written("", user=BEN, thread=root.ts, files=[heart.share("second.csv", user=BEN, created=1)]))
    for number in range(56):
        heart.post(heart.written(f"{number}", user=BEN, thread=root.ts))
    dropped(heart, "newer.csv", 900)
    await heart.ask("what is the total in the file above?", thread=root.ts)
    assert (seen(heart), others(heart)) == (["second.csv"], ["newer.csv"])


async def test_s17_a_file_of_the_bots_is_known_by_its_name(heart: Heart) -> None:
    heart.share("cleaned.csv", user="UBOT", is_own=True)
    dropped(heart, "other.csv", 900)
    await heart.ask("chart cleaned.csv")
    assert seen(heart) == ["cleaned.csv"]
    await heart.ask("chart it")
    assert seen(heart) == ["other.csv"]


async def test_s17_also_one_of_the_thread_that_is_old(heart: Heart) -> None:
    root = heart.written("look", user=BEN, mentions_bot=False)
    heart.post(root)
    made = heart.share("cleaned.csv", user="UBOT", created=1)
    heart.workplace.post(
        CHANNEL, Message(heart.ts(), "UBOT", "here", [made], is_bot=True, is_own=True, thread_ts=root.ts)
    )
    await heart.ask("chart cleaned.csv", thread=root.ts)
    assert seen(heart) == ["cleaned.csv"]


async def test_the_name_of_a_file_that_the_conversation_has_is_known(heart: Heart) -> None:
    dropped(heart, "first.csv", 10)
    first = await heart.ask("what is the total?")
    heart.workplace._files.clear()
    await heart.ask("and in first.csv?", thread=thread_of(first))
    assert (seen(heart), len(heart.assistant.files)) == (["first.csv"], 1)


async def test_a_file_that_is_just_being_uploaded_is_waited_for(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_search, "UPLOAD_SECONDS", 5.0)
    turn = await heart.say("total of late.csv")
    await heart.settled()
    late = heart.written("", thread=thread_of(turn), mentions_bot=False, files=[heart.share("late.csv")])
    await heart.take(late)
    await heart.ended(turn)
    assert seen(heart) == ["late.csv"]


async def test_without_slacks_list_a_question_that_has_data_is_answered(heart: Heart) -> None:
    async def refuse(_channel: str) -> None:
        raise SlackError(error="missing_scope")

    heart.workplace.recent_files = refuse  # type: ignore[method-assign, assignment]
    turn = await heart.ask("total of it?", files=[heart.share("own.csv")])
    assert (heart.outcome(turn).kind, seen(heart)) == ("finished", ["own.csv"])
    turn = await heart.ask("total of the file?")
    assert heart.outcome(turn).kind == "failed"


async def test_the_first_line_names_what_was_taken_because_it_is_the_newest(heart: Heart) -> None:
    dropped(heart, "newest.csv", 10)
    dropped(heart, "beside.csv", 9)
    heart.model(TextDelta("It "), Finished("It is 12."))
    turn = await heart.ask("what is the total?")
    assert heart.outcome(turn).newest == ["beside.csv", "newest.csv"]
    again = await heart.ask("and by month?", thread=thread_of(turn), mentions_bot=False)
    assert heart.outcome(again).newest == []


@pytest.mark.parametrize("place", ["message", "thread", "named", "unreadable", "small talk"])
async def test_no_first_line_names_what_needs_no_naming(heart: Heart, place: str) -> None:
    root = heart.written("look", mentions_bot=False, files=[heart.share("other.csv")] if place == "thread" else [])
    heart.post(root)
    dropped(heart, "newest.csv", 10, kind="external" if place == "unreadable" else "hosted")
    files = [heart.share("own.csv")] if place == "message" else []
    text = {"named": "total of newest.csv?", "small talk": "who are you?"}.get(place, "what is the total?")
    turn = await heart.ask(text, files=files, thread=root.ts)
    assert heart.outcome(turn).newest == []


async def test_the_first_line_is_the_same_after_a_crash(heart: Heart) -> None:
    dropped(heart, "newest.csv", 10)
    heart.model(CodeFinished(0, "add()", ""), TextDelta("The sum "), asyncio.Event(), Finished(ANSWER))
    turn = await heart.say("what is the total?")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    next(iter(heart.assistant.runs.values())).events = [Finished(ANSWER)]
    await heart.die()
    await heart.ended(turn)
    assert heart.outcome(turn).newest == ["newest.csv"]
