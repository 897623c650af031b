"""H6: what is acted on stands where it was pressed, and the presser may be there; ids in payloads are not believed.

Kenji is in #sales and not in the private #board, where Ann and Bob have an answer, a running turn and a file card.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from handlers.commands import ANALYSE, SLASH
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.slack.people import people
from playground.slack.people.people import BOARD
from playground.slack.state.ledger import Envelope
from replies.views import buttons, how_modal
from replies.views.modals import FEEDBACK_REASON, FORGET
from tests.hostile.inside import Inside, modals, rows, told
from tests.support.handlers import handler_names, taken
from tests.support.world import ANN, BOB, GENERAL, KENJI, MENTION, SALES, Json, World, words_of

MODULE = pytest.mark.asyncio(loop_scope="module")
ASK = '[[call ask {"question": "Whose is meant?", "choices": ["Ann", "Bob"]}]]'
CSV = b"name,salary\nAnn,70000\nBob,60000\n"
NOT_A_MEMBER, NOT_HERE = "メンバーの方だけ", "対象となるものがここには見つかりません"
"""What Kenji is told, in his language."""


@dataclass(frozen=True)
class Secret:
    """What stands in #board: an answer, a turn that runs until the gate opens, a file card, and what the model asks."""

    answer: str
    answer_ts: str
    running: str
    running_ts: str
    card: str
    asking: str
    file_ts: str
    gate: asyncio.Event

    @property
    def thread(self) -> str:
        """Where the answer stands."""
        return self.answer.rpartition(":")[2]


async def in_board(world: World, model: ScriptedModel) -> Secret:
    slack, turn = world.slack, f"{world.slack.team}:{BOARD}"
    asked = await slack.human.post(BOARD, f"{MENTION} [[code 2]] [[say SECRET]]")
    found = await world.outcomes(BOARD, asked)
    answer_ts = next(message["ts"] for message in found if "show_code" in str(message.get("blocks")))
    file_ts = await slack.human.post(BOARD, files=[("salaries.csv", CSV)], user=BOB)
    await slack.wait(lambda s: s.bot_messages(BOARD, file_ts))
    asking = await slack.human.post(BOARD, f"{MENTION} the salary? {ASK}", thread=asked)
    await world.says(BOARD, asked, "Whose is meant?")
    running = await slack.human.post(BOARD, f"{MENTION} [[say begun]] [[wait held]] [[say ended]]", user=BOB)
    await model.reached("held")
    return Secret(
        f"{turn}:{asked}",
        answer_ts,
        f"{turn}:{running}",
        running,
        f"{turn}:{file_ts}:card",
        f"{turn}:{asking}",
        file_ts,
        model.gate("held"),
    )


# ── every way in, forged ────────────────────────────────────────────────────────────────────────────────────────────

Forge = Callable[[World, Secret], Awaitable[Envelope]]
VALUES: dict[str, Callable[[Secret], str]] = {
    buttons.SHOW_CODE: lambda secret: secret.answer,
    how_modal.CODE_ON: lambda secret: f"1 {secret.answer}",
    how_modal.CODE_BACK: lambda secret: f"0 {secret.answer}",
    how_modal.POST_CODE: lambda secret: secret.answer,
    buttons.TRY_AGAIN: lambda secret: secret.answer,
    buttons.STOP_RUN: lambda secret: secret.running,
    buttons.DELETE_ANSWER: lambda secret: secret.answer,
    buttons.FEEDBACK: lambda secret: f"down {secret.answer}",
    buttons.ASK_SAMPLE: lambda secret: f"{secret.card} total salary?",
    buttons.CHOOSE: lambda secret: f"{secret.asking} 0",
}
"""What each button carries, of #board."""

NUMBERED = {buttons.ASK_SAMPLE, buttons.CHOOSE}


def from_elsewhere(button: str, user: str = KENJI, channel: str = SALES) -> Forge:
    """A button in a thread of its own that names something of #board."""

    async def forge(world: World, secret: Secret) -> Envelope:
        ts = await world.slack.human.post(channel, "my own thread", user=user)
        action = f"{button}:0" if button in NUMBERED else button
        value = VALUES[button](secret)
        return await world.slack.human.forge_press(action, value, user=user, channel=channel, message_ts=ts)

    return forge


def claimed(button: str) -> Forge:
    """A button that says that it was pressed where its subject stands."""

    async def forge(world: World, secret: Secret) -> Envelope:
        action = f"{button}:0" if button in NUMBERED else button
        value = VALUES[button](secret)
        thread = {buttons.STOP_RUN: secret.running_ts, buttons.ASK_SAMPLE: secret.file_ts}.get(button, secret.thread)
        return await world.slack.human.forge_press(
            action, value, user=KENJI, channel=BOARD, message_ts=secret.answer_ts, thread_ts=thread
        )

    return forge


def in_a_modal(button: str) -> Forge:
    """The same in a modal, which stands nowhere."""

    async def forge(world: World, secret: Secret) -> Envelope:
        action = f"{button}:0" if button in NUMBERED else button
        return await world.slack.human.forge_press(action, VALUES[button](secret), user=KENJI, view_id="V0FORGED01")

    return forge


async def submission(world: World, secret: Secret) -> Envelope:
    said = {"reason": {"reason": {"type": "plain_text_input", "value": "bad"}}}
    return await world.slack.human.forge_submission(
        FEEDBACK_REASON, private_metadata=secret.answer, values=said, user=KENJI
    )


async def someone_elses(world: World, _: Secret) -> Envelope:
    """What Ann was asked about #board, confirmed by somebody who is not there."""
    return await world.slack.human.forge_submission(FORGET, private_metadata=await noted(world, ANN), user=KENJI)


async def of_the_place(world: World, _: Secret) -> Envelope:
    return await world.slack.human.forge_submission(FORGET, private_metadata=BOARD, user=KENJI)


async def noted(world: World, user: str) -> str:
    """What the modal carries that somebody sees who wants #board to be forgotten."""
    await world.slack.human.slash(SLASH, "forget channel", user=user, channel=BOARD)
    views = world.slack.workspace.views
    shown = await world.slack.wait(
        lambda _: [key for key, view in views.items() if view.user == user and view.body["callback_id"] == FORGET]
    )
    note = str(views[shown[0]].body["private_metadata"])
    await world.slack.human.close_view(shown[0], user=user)
    return note


async def forgotten_channel(world: World, _: Secret) -> Envelope:
    return await world.slack.human.slash(SLASH, "forget channel", user=KENJI, channel=BOARD)


async def shortcut(world: World, secret: Secret) -> Envelope:
    return await world.slack.human.forge_shortcut(ANALYSE, channel=BOARD, message_ts=secret.file_ts, user=KENJI)


async def choice(world: World, _: Secret) -> Envelope:
    return await world.slack.human.slash(SLASH, "card off", user=KENJI, channel=BOARD)


async def list_of_files(world: World, _: Secret) -> Envelope:
    return await world.slack.human.slash(SLASH, "files", user=KENJI, channel=BOARD)


async def status(world: World, _: Secret) -> Envelope:
    return await world.slack.human.slash(SLASH, "status", user=KENJI, channel=BOARD)


async def pause(world: World, _: Secret) -> Envelope:
    return await world.slack.human.slash(SLASH, "pause", user=KENJI, channel=BOARD)


async def session(world: World, secret: Secret) -> Envelope:
    event = {"type": "agent_session_stopped", "channel": BOARD, "user": KENJI, "thread_ts": secret.running_ts}
    return await world.slack.human.inject_event(event)


FORGERIES: dict[str, dict[str, Forge]] = {
    **{
        button: {"elsewhere": from_elsewhere(button), "claimed": claimed(button), "modal": in_a_modal(button)}
        for button in VALUES
    },
    FEEDBACK_REASON: {"submitted": submission},
    FORGET: {"submitted": of_the_place, "someone else's": someone_elses},
    ANALYSE: {"claimed": shortcut},
    SLASH: {
        "choice": choice,
        "files": list_of_files,
        "status": status,
        "pause": pause,
        "forget": forgotten_channel,
    },
    "agent_session_stopped": {"claimed": session},
}
"""By the name of the way in. A way in without any has no test, and ``test_h6_every_way_in`` fails."""

WRITTEN_OR_SHOWN_TO_ONESELF = {
    *("message", "app_mention"),
    *("file_change", "file_deleted", "channel_id_changed", "tokens_revoked", "app_uninstalled"),
    *("team_access_granted", "team_access_revoked"),
    "app_home_opened",
}
"""Events that nobody presses. The home tab shows what ``test_h15`` says."""

CASES = [(name, way) for name, ways in FORGERIES.items() for way in ways]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    async with Inside(tmp_path_factory.mktemp("bot"), seed=6) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secret(world: Inside) -> AsyncIterator[Secret]:
    made = await in_board(world, world.model)
    yield made
    made.gate.set()
    assert "ended" in await world.says(BOARD, made.running_ts, "ended"), "nobody has stopped it"


def state_of_board(world: World, secret: Secret) -> Json:
    """All that a press of Kenji's may not change or add to."""
    here = f"channel = '{BOARD}'"
    return {
        "messages": [world.slack.messages(BOARD, thread) for thread in (secret.thread, secret.file_ts)],
        "feedback": rows(world, "select * from feedback"),
        "choices": rows(world, "select * from steps where name in ('offer', 'chosen')"),
        "settings": rows(world, f"select * from channel_settings where {here}"),
        "pauses": rows(world, "select * from pauses"),
        "questions": rows(world, f"select id, text, stopped_by, outcome from questions where {here}"),
        "participants": rows(world, f"select * from participants where user = '{KENJI}'"),
        "runs": len(world.azure.requests.of("POST", "/responses")),
    }


def shown_to(world: World, user: str) -> str:
    return "\n".join([*told(world, user), *modals(world, user)])


@MODULE
@pytest.mark.parametrize(("name", "way"), CASES, ids=[f"{name}-{way}" for name, way in CASES])
async def test_h6_a_forged_press_shows_and_does_nothing(world: Inside, secret: Secret, name: str, way: str) -> None:
    before, sentences = state_of_board(world, secret), len(told(world, KENJI))
    envelope = await FORGERIES[name][way](world, secret)
    assert envelope.acked
    await world.slack.wait(lambda _: len(told(world, KENJI)) > sentences or modals(world, KENJI))
    said = shown_to(world, KENJI)
    assert NOT_A_MEMBER in said or NOT_HERE in said
    assert not any(word in said for word in ("SECRET", "print(", "salaries", "70000"))
    assert state_of_board(world, secret) == before


@MODULE
@pytest.mark.parametrize("channel", [SALES, BOARD])
@pytest.mark.parametrize("button", VALUES)
async def test_h6_what_is_pressed_must_stand_there(world: Inside, secret: Secret, button: str, channel: str) -> None:
    """Ann may be in both places, and still acts on nothing of another one, or of another thread."""
    before, sentences = state_of_board(world, secret), len(told(world, ANN))
    assert (await from_elsewhere(button, ANN, channel)(world, secret)).acked
    await world.slack.wait(lambda _: len(told(world, ANN)) > sentences)
    assert "I find nothing here" in told(world, ANN)[-1] + told(world, ANN)[0]
    assert modals(world, ANN) == []
    assert state_of_board(world, secret) == before


@MODULE
async def test_h6_what_was_asked_about_one_channel_deletes_no_other(world: Inside, secret: Secret) -> None:
    """Bob is in #board, and neither its creator nor an admin; Ann, who is, was asked about another channel."""
    before = state_of_board(world, secret)
    note, sentences = await noted(world, ANN), len(told(world, BOB))
    for user, metadata in ((BOB, note), (BOB, BOARD), (ANN, BOARD), (ANN, note.replace(BOARD, SALES))):
        await world.slack.human.forge_submission(FORGET, private_metadata=metadata, user=user, view_id=f"V{user}")
    await world.slack.human.slash(SLASH, "forget channel", user=BOB, channel=BOARD)
    await world.slack.wait(lambda _: any("who has made this channel" in said for said in told(world, BOB)[sentences:]))
    await world.slack.wait(lambda _: any("I find nothing here" in said for said in told(world, BOB)[sentences:]))
    assert state_of_board(world, secret) == before


NONSENSE = ["", "x", "down", "::", "T0OTHER001:C0SALES001:1.0", "C0SALES001:1.0:card", "\ud83d", "9" * 2000]


@MODULE
@pytest.mark.parametrize("button", VALUES)
async def test_h6_nonsense_leaves_no_trace(world: Inside, secret: Secret, button: str) -> None:
    before, thread = state_of_board(world, secret), await world.slack.human.post(SALES, "nonsense")
    action = f"{button}:0" if button in NUMBERED else button
    for value in (*NONSENSE, f"{world.slack.team}:{SALES}:{thread}", f"down {world.slack.team}:{SALES}:{thread}:card"):
        sentences = len(told(world, ANN))
        forged = world.slack.human.forge_press(
            action, value, user=ANN, channel=SALES, message_ts=thread, changes={"team.id": "T0OTHER001"}
        )
        assert (await forged).acked
        await world.slack.wait(lambda _, count=sentences: len(told(world, ANN)) > count)  # type: ignore[misc]
    assert state_of_board(world, secret) == before
    assert rows(world, f"select * from questions where thread = '{thread}'") == []


def test_h6_every_way_in_has_its_forgery() -> None:
    """A new button, modal, shortcut, command or event fails here until it is forged above."""
    assert {name for _, name in handler_names()} - WRITTEN_OR_SHOWN_TO_ONESELF == set(FORGERIES)


def test_h6_every_button_that_is_shown_is_taken() -> None:
    source = "\n".join(file.read_text() for file in Path("replies").rglob("*.py"))
    names = set(re.findall(r'(?:"action_id": |blocks\.button\(.*, f?"?\{?)([A-Z_]{4,})', source))
    shown = {getattr(buttons, name, None) or getattr(how_modal, name) for name in names - {"REASON"}}
    assert shown == taken("block_actions")


# ── what must go on ─────────────────────────────────────────────────────────────────────────────────────────────────


@MODULE
@pytest.mark.parametrize("kind", ["private channel", "direct message", "group message"])
async def test_h6_who_is_there_is_served(world: Inside, kind: str) -> None:
    slack, text = world.slack, "[[code 1]] [[say done]]"
    if kind == "direct message":
        channel = slack.direct(BOB)
    elif kind == "private channel":
        channel = slack.add_channel("G0PRIVATE1", "private", [BOB, slack.bot_user], private=True).id
    else:
        channel = people.add_channel(slack.workspace, "G0GROUPDM1", "", "mpim", [BOB, ANN, slack.bot_user]).id
    ts = await slack.human.post(channel, text if kind == "direct message" else f"{MENTION} {text}", user=BOB)
    message = next(m for m in await world.outcomes(channel, ts) if "show_code" in str(m.get("blocks")))
    await slack.human.press(message["ts"], "show_code", user=BOB, channel=channel)
    [view] = await slack.wait(lambda s: [v.body for v in s.workspace.views.values() if v.user == BOB])
    assert "print(0)" in words_of(view)
    await slack.human.press("", "post_code", user=BOB, view_id=view["id"])
    await world.says(channel, ts, "posted by Bob")
    await slack.human.press(message["ts"], "answer_feedback", user=BOB, channel=channel)
    await slack.wait(lambda _: any("Thank you" in said for said in told(world, BOB)))
    await slack.human.close_view(view["id"], user=BOB)
    slack.ephemerals.clear()


@MODULE
async def test_h6_who_only_looks_into_a_public_channel_is_told_so(world: Inside) -> None:
    slack, channel = world.slack, world.new_channel()
    world.azure.faults.add("content_filter_output")
    ts = await world.ask("[[say 5]]", channel=channel, files=[("numbers.csv", CSV)])
    await world.outcomes(channel, ts)
    await slack.human.kick(channel, KENJI)
    message = next(m for m in slack.bot_messages(channel, ts) if "try_again" in str(m.get("blocks")))
    before = len(slack.messages(channel, ts))
    for press in (
        slack.human.press(message["ts"], "try_again", user=KENJI, channel=channel),
        slack.human.shortcut("analyze_message", ts, user=KENJI, channel=channel),
    ):
        slack.ephemerals.clear()
        assert (await press).acked
        [shown] = await slack.wait(lambda s: s.ephemerals)
        assert (shown["user"], shown["channel"], shown["thread_ts"]) == (KENJI, channel, ts)
        assert NOT_A_MEMBER in words_of(shown["message"])
    assert len(slack.messages(channel, ts)) == before


@MODULE
@pytest.mark.parametrize(("user", "expected"), [(ANN, "print(0)"), (KENJI, NOT_A_MEMBER)], ids=["member", "stranger"])
async def test_h6_while_slack_thinks_a_modal_asks_for_a_moment(world: Inside, user: str, expected: str) -> None:
    slack, channel = world.slack, world.new_channel()
    ts = await world.ask("[[code 1]] [[say done]]", channel=channel)
    found = await world.outcomes(channel, ts)
    message = next(m for m in found if "show_code" in str(m.get("blocks")))
    slack.channels[channel].members.remove(KENJI)
    gate = slack.faults.hold("conversations.members")
    assert (await slack.human.press(message["ts"], "show_code", user=user, channel=channel)).acked
    [moment] = await slack.wait(lambda _: modals(world, user))
    assert "One moment" in moment or "少しお待ちください" in moment
    gate.release()
    await slack.wait(lambda _: expected in "".join(modals(world, user)))
    for view in [key for key, view in slack.workspace.views.items() if view.user == user]:
        await slack.human.close_view(view, user=user)


@MODULE
async def test_h6_answers_go_to_no_address_but_slacks(world: Inside) -> None:
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", note)
    server = TestServer(app)
    async with server:
        forged = world.slack.human.forge_press(
            "show_code",
            "x",
            user=BOB,
            channel=SALES,
            message_ts="1.0",
            changes={"response_url": str(server.make_url("/"))},
        )
        assert (await forged).acked
        await world.slack.wait(lambda _: any("I find nothing here" in said for said in told(world, BOB)))
    assert asked == []


# ── by the real bot as a process ────────────────────────────────────────────────────────────────────────────────────


async def test_h6_while_presses_are_forged_another_channel_is_answered(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with World(tmp_path, model, ScriptedInterpreter(), seed=6) as world:
        await world.start_bot()
        secret = await in_board(world, model)
        before = state_of_board(world, secret)
        forged = [forge(world, secret) for ways in FORGERIES.values() for forge in ways.values()]
        envelopes, said = await asyncio.gather(
            asyncio.gather(*forged), world.answer("[[say meanwhile]]", channel=GENERAL)
        )
        assert all(envelope.acked for envelope in envelopes)
        assert "meanwhile" in said
        await world.slack.wait(lambda _: len(told(world, KENJI)) > len(VALUES))
        shown = shown_to(world, KENJI)
        assert not any(word in shown for word in ("SECRET", "print(", "salaries", "70000"))
        after = state_of_board(world, secret)
        assert after | {"runs": 0} == before | {"runs": 0}
        secret.gate.set()
        await world.says(BOARD, secret.running_ts, "ended")
