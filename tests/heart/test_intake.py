"""What is for the bot, and what becomes of a message that comes twice, late, or again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from azure_assistant.events import Finished
from conversations.engine import dispatcher
from conversations.errors import FileEmpty
from conversations.planning import file_search, planner
from conversations.ports.incoming import OLD_SECONDS, Press, PressKind, UserText
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Place
from conversations.ports.workplace import Message, Person
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, as_twin, thread_of, turn_of


async def is_taken(heart: Heart, written: UserText) -> bool:
    """Whether a message becomes a question."""
    turn = await heart.take(written)
    if turn not in [row.id for row in await heart.rows()]:
        return False
    await heart.ended(turn)
    return True


# ── what is for the bot ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_at_the_top_of_a_channel_only_a_mention_is_for_the_bot(heart: Heart) -> None:
    assert not await is_taken(heart, heart.written("how many rows?", mentions_bot=False))
    assert await is_taken(heart, heart.written("how many rows?"))


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({"text": "and then?"}, True),
        ({"text": "and then?", "user": BEN}, False),
        ({"text": "and then?", "user": BEN, "mentions_bot": True}, True),
        ({"text": "<@U2> and then?", "for_others": True}, False),
        ({"text": "<@U2> stop", "for_others": True, "command": "stop"}, False),
        ({"text": "thanks!"}, False),
        ({"text": ":tada:"}, False),
        ({"text": "thanks!", "mentions_bot": True}, True),
        ({"text": "thanks, and then?"}, True),
        ({"text": "stop"}, True),
        ({"text": "stop", "user": BEN}, True),
        ({"text": "mute", "user": BEN}, False),
    ],
)
async def test_in_a_conversation_its_people_need_no_mention(heart: Heart, more: dict[str, str], taken: bool) -> None:
    first = await heart.ask("how many rows?")
    written = heart.written(**{"thread": thread_of(first), "mentions_bot": False, **more})  # type: ignore[arg-type]
    assert await is_taken(heart, written) is taken


async def test_who_is_answered_in_a_thread_once_takes_part_from_then_on(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    await heart.ask("and then?", user=BEN, thread=thread_of(first))
    assert await is_taken(heart, heart.written("and after?", user=BEN, thread=thread_of(first), mentions_bot=False))


async def test_who_joins_a_thread_is_told_alone_and_once_that_a_mention_is_wanted(heart: Heart) -> None:
    heart.workplace.people[BEN] = Person(BEN, "Ben", "ja-JP", team=TEAM)
    thread = thread_of(await heart.ask("how many rows?"))
    for text in ("and then?", "hello?"):
        await heart.say(text, user=BEN, thread=thread, mentions_bot=False)
    await heart.ended(f"{TEAM}:{CHANNEL}:{thread}:hint:{BEN}")
    place = Place("", TEAM, CHANNEL, thread, "", BEN, locale="ja-JP")
    assert heart.windows.shown == [("whisper", (place, Notice(NoticeKind.MENTION_ME)))]


async def test_a_thread_that_the_bot_has_no_part_in_is_none_of_its_business(heart: Heart) -> None:
    assert not await is_taken(heart, heart.written("stop", thread=heart.ts(), mentions_bot=False))


async def test_bare_thanks_with_a_file_are_for_the_bot(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    files = [heart.share("more.csv")]
    assert await is_taken(heart, heart.written("thanks", thread=thread_of(first), mentions_bot=False, files=files))


async def test_in_a_direct_message_everything_is_for_the_bot_until_it_is_muted(heart: Heart) -> None:
    first = await heart.ask("hello", channel=DIRECT)
    there = {"channel": DIRECT, "thread": thread_of(first)}
    assert await is_taken(heart, heart.written("thanks", **there))
    await heart.ask("mute", **there)
    assert not await is_taken(heart, heart.written("and then?", **there))
    assert not await is_taken(heart, heart.written("forget", **there))
    assert await is_taken(heart, heart.written("stop", **there))
    assert await is_taken(heart, heart.written("unmute", **there))
    assert await is_taken(heart, heart.written("hello again", channel=DIRECT))


async def test_a_preview_of_a_link_is_for_nobody(heart: Heart) -> None:
    assert not await is_taken(heart, heart.written("", channel=DIRECT))
    first = await heart.ask("hello", channel=DIRECT)
    assert not await is_taken(heart, heart.written("", channel=DIRECT, thread=thread_of(first)))


async def test_a_muted_thread_takes_mentions_and_stops_only(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    there = {"thread": thread_of(first), "mentions_bot": False}
    muted = await heart.ask("mute", **there)
    assert heart.parts(muted) == ["notice:muted"]
    assert not await is_taken(heart, heart.written("and then?", **there))
    assert not await is_taken(heart, heart.written("unmute", **there))
    assert await is_taken(heart, heart.written("stop", **there))
    unmuted = await heart.ask("unmute", thread=thread_of(first))
    assert heart.parts(unmuted) == ["notice:unmuted"]
    assert await is_taken(heart, heart.written("and then?", **there))


# ── the same once more ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", ["message", "mention"])
async def test_the_twins_of_a_mention_are_one_question(heart: Heart, first: str) -> None:
    message = heart.written("how many rows?", files=[heart.share("sales.csv")])
    twins = [message, as_twin(message, files=())]
    heart.post(message)
    for twin in twins if first == "message" else twins[::-1]:
        await heart.conversations.intake.user_text(twin)
    turn = turn_of(message)
    await heart.ended(turn)
    (row,) = await heart.rows()
    assert heart.outcome(turn).text == ANSWER
    assert [file["name"] for file in row.files] == ["sales.csv"]
    assert (row.complete, row.mentioned) == (True, True)
    assert [file.original_name for file in heart.prompts[0].files] == ["sales.csv"]


async def test_a_mention_waits_for_the_files_of_its_twin_and_no_longer(
    heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "TWIN_SECONDS", 60.0)
    message = heart.written("how many rows?", files=[heart.share("sales.csv")])
    turn = await heart.take(as_twin(message, files=()))
    await heart.until(lambda: heart.engine.is_open(turn))
    await heart.settled()
    assert heart.prompts == []
    await heart.take(message)
    await heart.ended(turn)
    assert [file.original_name for file in heart.prompts[0].files] == ["sales.csv"]
    assert len(await heart.rows()) == 1


async def test_the_twin_of_a_mention_in_a_thread_is_known_without_a_mention_of_its_own(heart: Heart) -> None:
    message = heart.written("how many rows?", thread=heart.ts(), files=[heart.share("sales.csv")])
    await heart.take(as_twin(message, files=()))
    await heart.take(replace(message, mentions_bot=False))
    await heart.ended(turn_of(message))
    assert [file.original_name for file in heart.prompts[0].files] == ["sales.csv"]


async def test_a_later_delivery_changes_nothing(heart: Heart) -> None:
    written = heart.written("how many rows?")
    turn = await heart.take(written)
    await heart.ended(turn)
    before = await heart.row(turn)
    await heart.take(written)
    await heart.take(replace(written, files=[heart.share("late.csv")]))
    await heart.settled()
    after = await heart.row(turn)
    assert heart.parts(turn) == ["answer"]
    assert (after.files, after.finished_at) == (before.files, before.finished_at)
    assert len(heart.prompts) == 1


async def test_the_same_words_again_while_they_are_being_answered_are_a_double(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("how many rows?")
    there = {"thread": thread_of(first)}
    double = heart.written("  how many rows? ", **there)
    assert await heart.take(double)
    await heart.until(lambda: heart.replies.reactions)
    assert heart.replies.reactions == [(double.channel, double.ts, "eyes")]
    others = [
        await heart.say("how many rows?", user=BEN, **there),
        await heart.say("how many rows", **there),
        await heart.say("how many rows?", files=[heart.share("other.csv")], **there),
    ]
    go.set()
    await heart.ended(first, *others)
    assert [heart.parts(turn) for turn in (first, turn_of(double), *others)] == [["answer"], [], *[["answer"]] * 3]
    await heart.take(double)
    await heart.settled()
    assert heart.parts(turn_of(double)) == [], "a later delivery makes no question of it either"
    again = await heart.ask("how many rows?", **there)
    assert heart.parts(again) == ["answer"]


async def test_try_again_is_no_double_of_what_it_asks_again(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("how many rows?")
    again = heart.written("how many rows?", thread=thread_of(first), shown_to_thread=True)
    await heart.conversations.intake.user_text(again, repeats=first)
    assert len(await heart.rows()) == 2
    assert heart.replies.reactions == []
    go.set()
    await heart.ended(first, turn_of(again))


# ── late ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("late", "notice"), [(OLD_SECONDS + 5, ["notice:too_old"]), (OLD_SECONDS - 60, ["answer"])])
async def test_an_old_delivery_gets_an_apology_and_no_run(heart: Heart, late: float, notice: list[str]) -> None:
    heart.workplace.people[ANN] = replace(heart.workplace.people[ANN], locale="ja-JP")
    turn = await heart.ask("how many rows?", ts=f"{heart.now() - late:.6f}")
    assert heart.parts(turn) == notice
    assert {post.place.locale for post in heart.replies.posted} == {"ja-JP"}
    assert len(heart.prompts) == (notice == ["answer"])


async def test_a_mention_that_was_added_to_an_old_message_is_new(heart: Heart) -> None:
    written = heart.written("how many rows?", ts=f"{heart.now() - OLD_SECONDS - 60:.6f}")
    heart.post(written)
    await heart.conversations.intake.edited(written, asks_now=True)
    await heart.ended(turn_of(written))
    assert heart.parts(turn_of(written)) == ["answer"]


# ── edits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_waiting_question_takes_its_newest_text_and_a_running_one_does_not(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    running = heart.written("how many rows?")
    await heart.take(running)
    await heart.until(lambda: heart.prompts)
    waiting = heart.written("and then?", thread=running.ts)
    await heart.take(waiting)
    for written in (running, waiting):
        await heart.conversations.intake.edited(replace(written, text="changed"), asks_now=False)
    go.set()
    await heart.ended(turn_of(running), turn_of(waiting))
    assert [prompt.question for prompt in heart.prompts] == ["how many rows?", "changed"]
    await heart.conversations.intake.edited(replace(waiting, text="too late"), asks_now=False)
    assert (await heart.row(turn_of(waiting))).text == "changed"


async def test_an_edit_of_what_is_no_question_is_nothing(heart: Heart) -> None:
    written = heart.written("how many rows?", mentions_bot=False)
    await heart.conversations.intake.edited(written, asks_now=False)
    assert await heart.rows() == []


# ── the first sign ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_sign_says_whether_a_question_waits(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("how many rows?")
    await heart.until(lambda: len(heart.replies.signs) == 1)
    second = await heart.say("and then?", thread=thread_of(first))
    await heart.until(lambda: len(heart.replies.signs) == 2)
    assert [(place.turn, activity, title) for place, activity, title in heart.replies.signs] == [
        (first, Activity.THINKING, ""),
        (second, Activity.QUEUED, ""),
    ]
    assert heart.replies.signs[1][0].thread == thread_of(first)
    go.set()
    await heart.ended(first, second)


async def test_a_turn_lets_first_signs_go_first(idle: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "SIGNS_SECONDS", 60.0)
    await idle.start()
    signs = idle.hold(idle.replies, "first_sign")
    turns = [await idle.say("How many?"), await idle.say("And how much?")]
    await idle.until(lambda: len(signs.inside) == len(turns))
    signs.let()
    await idle.settled()
    assert idle.prompts == [], "the other sign has not left yet"
    signs.let()
    await idle.ended(*turns)


async def test_a_first_sign_that_does_not_leave_keeps_no_turn_for_long(heart: Heart) -> None:
    signs = heart.hold(heart.replies, "first_sign")
    await heart.ask("How many?")
    assert signs.inside
    signs.end()


async def test_the_first_sign_stands_where_the_answer_will(heart: Heart) -> None:
    heart.workplace.people[BEN] = Person(BEN, "Ben", "ja-JP", team="T2")
    written = heart.written("how many rows?", channel=DIRECT, thread=heart.ts(), user=BEN, user_team="T2")
    turn = await heart.take(written)
    await heart.until(lambda: heart.replies.signs)
    await heart.ended(turn)
    ((place, _, _),) = heart.replies.signs
    assert place == Place(turn, TEAM, DIRECT, written.thread, written.ts, BEN, "T2", "ja-JP", is_direct=True)
    assert heart.replies.of(turn)[0].place == replace(place, has_sign=True)


async def test_a_direct_messages_thread_is_called_by_its_first_question(heart: Heart) -> None:
    first = await heart.say("how many rows?", channel=DIRECT)
    await heart.until(lambda: heart.replies.signs)
    await heart.ended(first)
    second = await heart.say("and then?", channel=DIRECT, thread=thread_of(first))
    await heart.until(lambda: len(heart.replies.signs) == 2)
    assert [title for _, _, title in heart.replies.signs] == ["how many rows?", ""]
    await heart.ended(second)


async def test_while_a_question_waits_slack_is_asked_about_its_asker(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("how many rows?")
    await heart.until(lambda: heart.prompts and heart.replies.signs)
    asked, account = list[str](), heart.workplace.account

    async def note(user: str) -> Person:
        asked.append(user)
        return await account(user)

    heart.workplace.account = note  # type: ignore[method-assign]
    second = await heart.say("and then?", user=BEN, thread=thread_of(first))
    await heart.until(lambda: asked)
    assert asked == [BEN]
    go.set()
    await heart.ended(first, second)


async def test_words_to_the_bot_and_strangers_get_no_sign(heart: Heart) -> None:
    heart.workplace.people[BEN] = Person(BEN, "Ben", team=TEAM, is_guest=True)
    await heart.ask("help")
    await heart.ask("how many rows?", user=BEN)
    await heart.settled()
    assert heart.replies.signs == []


# ── files without a question ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["", "&gt; what was said before", "&gt; two lines\n&gt; of it"])
async def test_a_file_without_a_word_of_ones_own_is_added_to_the_conversation(heart: Heart, text: str) -> None:
    first = await heart.ask("how many rows?")
    files = [heart.share("more.csv")]
    turn = await heart.ask(text, thread=thread_of(first), mentions_bot=False, files=files)
    assert heart.parts(turn) == ["notice:file_added"]
    assert len(heart.prompts) == 1
    await heart.ask("and then?", thread=thread_of(first))
    assert [file.original_name for file in heart.prompts[-1].files] == ["more.csv"]


async def test_a_file_that_comes_while_a_question_runs_joins_the_next_one(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("how many rows?")
    await heart.until(lambda: heart.prompts)
    there = {"thread": thread_of(first), "mentions_bot": False}
    turn = await heart.say("", files=[heart.share("more.csv")], **there)
    go.set()
    await heart.ended(first, turn)
    assert heart.parts(turn) == ["notice:joins_next_turn"]


async def test_files_that_are_added_are_named_and_so_is_what_cannot_be_read(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    files = [heart.share("a.csv"), heart.share("empty.csv", b""), heart.share("b.csv")]
    turn = await heart.ask("", thread=thread_of(first), mentions_bot=False, files=files)
    (post,) = heart.replies.of(turn)
    assert isinstance(post.what, Notice)
    assert post.what.fields == {"files": "a.csv, b.csv"}
    assert [(type(error), error.fields["name"]) for error in post.what.unread] == [(FileEmpty, "empty.csv")]


async def test_a_file_that_cannot_be_read_and_stands_alone_is_an_error(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    files = [heart.share("empty.csv", b"")]
    turn = await heart.ask("", thread=thread_of(first), mentions_bot=False, files=files)
    assert type(heart.outcome(turn).error).__name__ == "FileEmpty"
    assert (await heart.row(turn)).outcome == "failed"


async def test_a_file_in_a_channel_gets_a_card_and_one_in_a_strangers_thread_too(heart: Heart) -> None:
    written = heart.written("", mentions_bot=False, files=[heart.share("sales.csv")])
    await heart.take(written)
    await heart.ended(f"{turn_of(written)}:card")
    assert heart.parts(f"{turn_of(written)}:card") == ["card"]
    assert await heart.rows() == []
    first = await heart.ask("how many rows?")
    quiet = heart.written("", thread=thread_of(first), user=BEN, mentions_bot=False, files=[heart.share("b.csv")])
    await heart.take(quiet)
    await heart.settled()
    assert heart.parts(f"{turn_of(quiet)}:card") == []


async def test_of_one_drop_in_several_messages_only_the_first_gets_a_card(heart: Heart) -> None:
    moments = [0.0, 60.0, 61.0 + 60.0]
    drops = [
        heart.written("", ts=f"{heart.began + at:.6f}", mentions_bot=False, files=[heart.share(f"{at}.csv")])
        for at in moments
    ]
    for drop in drops:
        await heart.take(drop)
        await heart.ended(f"{turn_of(drop)}:card")
    assert [heart.parts(f"{turn_of(drop)}:card") for drop in drops] == [["card"], [], ["card"]]


async def test_a_deleted_message_takes_its_card_along(heart: Heart) -> None:
    drop = heart.written("", mentions_bot=False, files=[heart.share("sales.csv")])
    await heart.take(drop)
    await heart.ended(f"{turn_of(drop)}:card")
    await heart.conversations.intake.deleted(TEAM, drop.channel, drop.ts)
    await heart.ended(f"{turn_of(drop)}:withdrawn")
    assert heart.replies.posted == []
    heart.replies.under_way.clear()  # nobody closes what only takes away


async def test_what_ann_writes_does_not_wake_what_ben_waits_for(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question about a file that nobody has shared yet waits for one of the asker's own."""
    monkeypatch.setattr(file_search, "UPLOAD_SECONDS", 60.0)
    turn = await heart.say("how many rows has the file?", user=BEN)
    await heart.until(lambda: heart.engine.is_open(turn))
    await heart.settled()
    await heart.say("", user=ANN, mentions_bot=False, files=[heart.share("anns.csv")])
    await heart.settled()
    assert heart.prompts == []
    written = heart.written("", user=BEN, thread=thread_of(turn), mentions_bot=False, files=[heart.share("bens.csv")])
    await heart.take(written)
    await heart.ended(turn)
    assert "bens.csv" in [file.original_name for file in heart.prompts[0].files]


# ── apps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_app_that_asks_whenever_it_is_answered_is_not_answered_for_ever(heart: Heart) -> None:
    app = heart.workplace.people["U9"] = Person("U9", "Alerts", team=TEAM, is_bot=True)
    heart.workplace.post(CHANNEL, Message(heart.ts(), app.id, "up", is_bot=True))
    chosen = Press(PressKind.CHOOSE_BOTS, TEAM, ANN, "bots add alerts", channel=CHANNEL)
    await heart.conversations.presses.accept(chosen)
    await heart.until(lambda: heart.windows.shown)
    turns = [await heart.ask("how many rows?", user=app.id) for _ in range(planner.APP_PER_HOUR + 3)]
    outcomes = [row.outcome for row in await heart.rows()]
    assert outcomes == ["answered"] * planner.APP_PER_HOUR + ["refused"] * 3
    assert [heart.parts(turn) for turn in turns[-3:]] == [[], [], []]
