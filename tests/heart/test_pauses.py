"""The off switch: what runs is finished, what waits and what comes gets one sentence, words to the bot still work."""

from __future__ import annotations

import asyncio

import pytest

from azure_assistant.events import Finished
from conversations.access.pauses import WORKSPACE, Pauses
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, TEAM, Heart, thread_of, turn_of

ELSEWHERE = "C2"


async def slash(heart: Heart, words: str, *, user: str = ANN, channel: str = CHANNEL, team: str = TEAM) -> list[str]:
    """Say something to ``/analyst``; the kinds of the lines that it answers with."""
    press = Press(PressKind.PAUSE, team, user, words, at=heart.ts(), channel=channel)
    await heart.conversations.presses.accept(press)
    await heart.ended(f"{team}:{channel}:{press.at}:press:pause:{user}")
    verb, told = heart.windows.shown[-1]
    if verb == "refuse":
        return [type(told[1]).__name__]
    notice = told[2]
    assert isinstance(notice, Notice)
    return [str(notice.kind), *(str(line.kind) for line in notice.more)]


def refusal(heart: Heart, turn: str) -> str:
    (post,) = heart.replies.of(turn)
    error = heart.outcome(turn).error
    return f"{post.place.thread} {type(error).__name__}"


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("words", "error"), [("pause", "PausedHere"), ("Pause workspace", "PausedWorkspace")])
async def test_running_turns_finish_and_all_others_get_one_sentence(idle: Heart, words: str, error: str) -> None:
    await idle.start(admins={ANN})
    go = asyncio.Event()
    idle.model(go, Finished(ANSWER))
    running = await idle.say("one?")
    queued = await idle.say("two?", thread=thread_of(running))
    await idle.until(lambda: idle.assistant.runs)
    await slash(idle, words)
    new = await idle.ask("three?", user=BEN)
    assert refusal(idle, new) == f"{thread_of(new)} {error}"
    go.set()
    await idle.ended(running, queued)
    assert idle.outcome(running).text == ANSWER
    assert refusal(idle, queued) == f"{thread_of(running)} {error}"
    assert [bool((await idle.row(turn)).refused) for turn in (running, queued, new)] == [False, True, True]
    assert len(idle.prompts) == 1
    await slash(idle, words.lower().replace("pause", "resume"))
    assert idle.outcome(await idle.ask("four?")).kind == "finished"


async def test_a_refused_question_stays_refused_when_its_process_dies(idle: Heart) -> None:
    await idle.start(admins={ANN})
    go = asyncio.Event()
    idle.model(go, Finished(ANSWER))
    running = await idle.say("one?")
    queued = await idle.say("two?", thread=thread_of(running))
    await idle.until(lambda: idle.assistant.runs)
    await slash(idle, "pause")
    stalled = idle.stall(idle.workplace, "account")
    go.set()
    await asyncio.wait_for(stalled.wait(), 5)
    await Pauses(idle.database).switch(TEAM, CHANNEL, is_on=False, by=ANN, at=idle.now())
    await idle.die()
    await idle.ended(queued)
    assert refusal(idle, queued) == f"{thread_of(running)} PausedHere"


async def test_stop_forget_and_help_work_while_it_is_paused(idle: Heart) -> None:
    await idle.start(admins={ANN})
    idle.model(asyncio.Event(), Finished(ANSWER))
    first = await idle.say("one?")
    await slash(idle, "pause")
    stop = await idle.say("stop", thread=thread_of(first))
    await idle.ended(first, stop)
    assert idle.outcome(first).kind == "stopped"
    assert idle.parts(await idle.ask("help", thread=thread_of(first))) == ["notice:help"]
    assert idle.parts(await idle.ask("forget", thread=thread_of(first))) == ["notice:forgotten"]
    assert (await idle.row(first)).text == ""


@pytest.mark.thorough
async def test_only_the_place_that_is_paused_keeps_quiet(idle: Heart) -> None:
    await idle.start(admins={ANN})
    assert await slash(idle, "pause") == ["paused_here"]
    assert idle.outcome(await idle.ask("one?", channel=ELSEWHERE)).kind == "finished"
    assert await slash(idle, "pause workspace", channel=ELSEWHERE) == ["paused_workspace"]
    assert idle.outcome(await idle.ask("two?", channel=ELSEWHERE)).kind == "failed"
    assert idle.outcome(await idle.ask("three?", team="T2", channel=ELSEWHERE)).kind == "finished", "another workspace"
    assert await slash(idle, "resume") == ["paused_workspace"], "what still keeps it quiet"
    assert await slash(idle, "pause") == ["paused_workspace", "paused_here"]
    assert await slash(idle, "resume workspace") == ["paused_here"]
    assert await slash(idle, "resume") == ["not_paused"]


async def test_who_is_no_admin_pauses_and_resumes_nothing(idle: Heart) -> None:
    await idle.start(admins={ANN})
    assert await slash(idle, "pause", user=BEN) == ["AdminsOnly"]
    assert idle.outcome(await idle.ask("one?")).kind == "finished"
    await slash(idle, "pause")
    assert await slash(idle, "resume", user=BEN) == ["AdminsOnly"]
    idle.workplace.absent.add((CHANNEL, ANN))
    assert await slash(idle, "resume") == ["NotAMember"]
    assert idle.outcome(await idle.ask("two?")).kind == "failed"


async def test_what_was_said_last_counts_and_not_what_is_done_again(heart: Heart) -> None:
    """A press is done again after a crash, perhaps when another one has been done meanwhile."""
    pauses = Pauses(heart.database)
    await pauses.switch(TEAM, WORKSPACE, is_on=True, by=ANN, at=1.0)
    await pauses.switch(TEAM, WORKSPACE, is_on=False, by=BEN, at=2.0)
    await pauses.switch(TEAM, WORKSPACE, is_on=True, by=ANN, at=1.0)
    assert await pauses.of(TEAM, CHANNEL) == []


@pytest.mark.thorough
async def test_files_get_no_card_while_it_is_paused(idle: Heart) -> None:
    await idle.start(admins={ANN})
    await slash(idle, "pause")
    drop = idle.written("", mentions_bot=False, files=[idle.share("own.csv")])
    await idle.take(drop)
    await idle.ended(f"{turn_of(drop)}:card")
    assert idle.replies.posted == []


async def test_a_pause_follows_a_channel_that_moves(idle: Heart) -> None:
    await idle.start(admins={ANN})
    await slash(idle, "pause")
    await idle.conversations.changes.channel_moved(TEAM, CHANNEL, "C5")
    new = await idle.ask("one?", channel="C5")
    assert refusal(idle, new) == f"{thread_of(new)} PausedHere"
    assert idle.outcome(await idle.ask("two?")).kind == "finished", "who has the old id now"
