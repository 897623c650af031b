"""``/analyst forget mine`` and ``forget channel``: many conversations at once, here and at Azure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from azure_assistant.events import CodeFinished, Finished, TextDelta
from conversations.database.models import Conversation, ConversationFile, Deletion, Job, StepRow
from conversations.errors import ChannelNotYours, NotAMember, NotHere
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Extent, Modal
from conversations.store.results import Chosen
from tests.heart.heart import ANN, BEN, CHANNEL, TEAM, Heart, thread_of

OTHER = "C2"
ADMINS = {"admins": (ANN,)}


async def asked(heart: Heart, words: str, user: str = ANN, channel: str = CHANNEL) -> tuple[str, Extent]:
    """Use the command: what the modal carries, and how much it names."""
    press = Press(PressKind.COMMAND, TEAM, user, value=f"forget {words}", channel=channel)
    await heart.conversations.slash.answer(press, Modal("trigger"))
    verb, shown = heart.windows.shown[-1]
    assert verb == "forget", heart.windows.shown[-1]
    return shown[2], shown[-1]


async def confirm(heart: Heart, key: str, user: str = ANN, view: str = "V1") -> None:
    """Press "Forget" in the modal."""
    press = Press(PressKind.FORGET, TEAM, user, value=key, at=view, in_modal=True)
    await heart.conversations.presses.accept(press)
    await heart.ended(f"{TEAM}::{view}:press:forget:{user}")


def told(heart: Heart) -> list[NoticeKind]:
    return [what[-1].kind for verb, what in heart.windows.shown if verb == "tell"]


async def forget(heart: Heart, words: str, **more: str) -> None:
    """Have it forgotten, to the end."""
    key, _ = await asked(heart, words, **more)
    await confirm(heart, key, more.get("user", ANN))
    await heart.until(lambda: told(heart))


async def kept(heart: Heart, turns: Sequence[str]) -> list[bool]:
    """Which of some questions have words."""
    return [bool((await heart.row(turn)).text) for turn in turns]


async def test_mine_is_forgotten_everywhere_and_nobody_elses(heart: Heart) -> None:
    heart.model(CodeFinished(0, "print(6)", "6"), Finished("The sum is 6."))
    elsewhere = await heart.ask("only Ben", user=BEN)
    alone = await heart.ask("how many rows?", files=[heart.share("mine.csv")])
    shared = await heart.ask("and here?", channel=OTHER, files=[heart.share("ours.csv", channel=OTHER)])
    bens = await heart.ask(
        "and mine?",
        user=BEN,
        channel=OTHER,
        thread=thread_of(shared),
        files=[heart.share("bens.csv", channel=OTHER, user=BEN)],
    )
    assert (await asked(heart, "mine"))[1] == Extent(2, 2)
    await forget(heart, "mine")
    assert await kept(heart, [alone, shared, bens, elsewhere]) == [False, False, True, True]
    mine = await heart.row(alone)
    assert (mine.answer, mine.code, mine.files, mine.forgotten, mine.outcome) == ("", [], [], True, "answered")
    assert (await heart.row(bens)).answer == "The sum is 6."
    assert await heart.database.scalars(select(ConversationFile.name)) == ["bens.csv"]
    used = {row.id: row.assistant_thread for row in await heart.database.scalars(select(Conversation))}
    assert [bool(used[turn]) for turn in (alone, shared, elsewhere)] == [False, False, True]
    assert len(heart.assistant.threads) == 1, "Ben's own"
    (used_by_ben,) = await heart.database.scalars(select(StepRow.result).where(StepRow.turn == bens))
    assert [file["name"] for file in used_by_ben["files"]] == ["bens.csv"]
    assert set(await heart.engine.unknown_among([alone, shared, bens])) == {alone, shared}
    assert told(heart) == ["forgotten_mine"]
    assert (await asked(heart, "mine"))[1] == Extent(0, 0)
    assert [job.id for job in await heart.database.scalars(select(Job)) if job.id.split(":")[3] == "forget"] == []


@pytest.mark.thorough
async def test_others_go_on_without_the_forgotten_words(heart: Heart) -> None:
    first = await heart.ask("secret of Ann's?")
    await heart.ask("what of mine?", user=BEN, thread=thread_of(first))
    await forget(heart, "mine")
    await heart.ask("and now?", user=BEN, thread=thread_of(first))
    prompt = heart.prompts[-1]
    assert "what of mine?" in prompt.transcript
    assert "secret" not in f"{prompt.transcript} {prompt.context}"


@pytest.mark.thorough
async def test_what_others_have_asked_in_my_words_goes_too(heart: Heart) -> None:
    first = await heart.ask("secret of Ann's?")
    again = Press(PressKind.AGAIN, TEAM, BEN, value=first, at=heart.ts(), channel=CHANNEL, thread=thread_of(first))
    await heart.conversations.presses.accept(again)
    repeated = f"{TEAM}:{CHANNEL}:{again.at}"
    await heart.ended(repeated)
    assert (await heart.row(repeated)).text == "secret of Ann's?"
    chosen = Chosen("Ann", "2024", f"{TEAM}:{CHANNEL}:1.0:press:choose_file:{ANN}").to_json()
    row = {"turn": repeated, "name": "chosen", "result": chosen}
    own = await heart.ask("my own", user=BEN, thread=thread_of(first))
    await heart.database.run(lambda session: heart.database.upsert(session, StepRow, row | {"turn": own}))
    await forget(heart, "mine")
    assert await kept(heart, [first, repeated, own]) == [False, False, True]
    (step,) = await heart.database.scalars(select(StepRow.result))
    assert step["by"] == "…"


@pytest.mark.thorough
async def test_my_answers_are_stopped_and_others_are_left_to_end(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(TextDelta("so far"), go, Finished("Done."))
    mine = await heart.say("slow")
    bens = await heart.say("slow too", user=BEN, channel=OTHER)
    queued = await heart.say("and mine", channel=OTHER, thread=thread_of(bens))
    await heart.until(lambda: len(heart.prompts) == 2)
    key, extent = await asked(heart, "mine")
    assert extent == Extent(2, 2)
    await confirm(heart, key)
    await heart.ended(mine)
    assert heart.outcome(mine).kind == "stopped"
    assert told(heart) == [], "Ben's answer is under way"
    go.set()
    await heart.ended(bens, queued)
    await heart.until(lambda: told(heart))
    assert (heart.outcome(bens).kind, heart.outcome(queued).kind) == ("finished", "stopped")
    assert await kept(heart, [mine, bens, queued]) == [False, True, False]


@pytest.mark.parametrize(
    ("user", "admins", "creator", "refused"),
    [
        (ANN, (ANN,), "", None),
        (ANN, (), ANN, None),
        (ANN, (BEN,), BEN, ChannelNotYours),
        ("U9", (), "U9", NotAMember),
    ],
)
async def test_who_may_have_a_channel_forgotten(
    idle: Heart, user: str, admins: tuple[str, ...], creator: str, refused: type | None
) -> None:
    await idle.start(admins=admins)
    idle.workplace.creators[CHANNEL] = creator
    idle.workplace.people["U9"] = replace(idle.workplace.people[ANN], id="U9")
    idle.workplace.absent.add((CHANNEL, "U9"))
    turns = [await idle.ask("how many?"), await idle.ask("which?", user=BEN), await idle.ask("there", channel=OTHER)]
    if refused is None:
        await forget(idle, "channel", user=user)
        assert await kept(idle, turns) == [False, False, True]
        assert told(idle) == ["forgotten_channel"]
        return
    press = Press(PressKind.COMMAND, TEAM, user, value="forget channel", channel=CHANNEL)
    await idle.conversations.slash.answer(press, Modal("trigger"))
    assert [type(what[1]) for verb, what in idle.windows.shown if verb == "refuse"] == [refused]
    assert await kept(idle, turns) == [True, True, True]


@pytest.mark.thorough
async def test_who_is_no_longer_an_admin_confirms_nothing(idle: Heart) -> None:
    await idle.start(**ADMINS)
    turn = await idle.ask("how many?")
    key, _ = await asked(idle, "channel")
    idle.policy = replace(idle.policy, admins=())
    await idle.die()
    await confirm(idle, key)
    assert [type(what[1]) for verb, what in idle.windows.shown if verb == "refuse"] == [ChannelNotYours]
    assert await kept(idle, [turn]) == [True]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("value", ["", CHANNEL, f"{TEAM}:{CHANNEL}:0:forget_asked", "of Ann's"])
async def test_what_nobody_was_asked_is_not_confirmed(idle: Heart, value: str) -> None:
    """The modal's own note is looked up, and is its reader's: nothing that the payload says is believed."""
    await idle.start(**ADMINS)
    turn = await idle.ask("how many?")
    key, _ = await asked(idle, "channel")
    await confirm(idle, key if value == "of Ann's" else value, BEN)
    assert [type(what[1]) for verb, what in idle.windows.shown if verb == "refuse"] == [NotHere]
    assert await kept(idle, [turn]) == [True]


async def test_unknown_words_get_help(heart: Heart) -> None:
    press = Press(PressKind.COMMAND, TEAM, ANN, value="forget everything", channel=CHANNEL)
    await heart.conversations.slash.answer(press, Modal("trigger"))
    assert heart.windows.shown[-1][1][-1] == Notice(NoticeKind.SLASH_HELP)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("verb", ["delete_thread", "without_names"])
async def test_a_death_in_the_middle_loses_nothing(heart: Heart, verb: str) -> None:
    turns = [await heart.ask(f"question {number}") for number in range(3)]
    key, _ = await asked(heart, "mine")
    stalled = heart.stall(heart.assistant, verb)
    press = Press(PressKind.FORGET, TEAM, ANN, value=key, at="V1", in_modal=True)
    await heart.conversations.presses.accept(press)
    await stalled.wait()
    assert told(heart) == []
    await heart.die()
    await heart.until(lambda: told(heart))
    assert await kept(heart, turns) == [False, False, False]
    assert heart.assistant.threads == {}
    assert told(heart) == ["forgotten_mine"]


@pytest.mark.thorough
async def test_what_azure_keeps_is_said_and_tried_again(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure_assistant.errors import AzureDown

    async def refuse(_: object) -> None:
        raise AzureDown("503")

    await heart.ask("how many rows?")
    monkeypatch.setattr(heart.assistant, "delete_thread", refuse)
    await forget(heart, "mine")
    assert told(heart) == ["forgotten_but_at_azure"]
    monkeypatch.undo()
    assert heart.engine.nightly is not None
    await heart.engine.nightly()
    assert heart.assistant.threads == {}


@pytest.mark.thorough
async def test_what_an_outage_has_broken_is_done_in_the_night(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = await heart.ask("how many rows?")
    monkeypatch.setattr("conversations.privacy.work.AGAIN_AFTER", 0.0)

    async def broken(*_: object) -> None:
        raise RuntimeError("outage")

    key, _ = await asked(heart, "mine")
    with monkeypatch.context() as outage:
        outage.setattr("conversations.privacy.forgetting.Forgetting.part", broken)
        await confirm(heart, key)
        await heart.ended(f"{TEAM}:{CHANNEL}:V1:forget:{thread_of(turn)}")
    assert await kept(heart, [turn]) == [True]
    assert heart.engine.nightly is not None
    await heart.engine.nightly()
    assert await kept(heart, [turn]) == [False]
    assert told(heart) == ["forgotten_mine"]
    assert await heart.database.scalars(select(Deletion.thread).where(~Deletion.done)) == []
