"""Rules that deny a place or a person, against forged payloads: Kenji is in #board, and an admin denies #board."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from handlers.commands import SLASH
from playground.slack.people.people import BOARD
from replies.views import buttons
from replies.views.modals import FORGET
from tests.hostile.inside import Inside, rows, told
from tests.hostile.test_people import nothing_done
from tests.hostile.test_presses import (
    CASES,
    CSV,
    FORGERIES,
    NOT_HERE,
    Secret,
    in_board,
    noted,
    shown_to,
    state_of_board,
)
from tests.support.world import ANN, BOB, KENJI, MENTION, SALES

WAYS = [(name, way) for name, way in CASES if name != FORGET]  # of which the next test tells more
pytestmark = pytest.mark.thorough
MODULE = pytest.mark.asyncio(loop_scope="module")
DENIED = "ここではご利用いただけない設定になっています。ここで必要な場合は<@U0BOB00001>にご相談ください。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    made = Inside(tmp_path_factory.mktemp("bot"), seed=16)
    made.settings |= {"DENY_CHANNELS": "payroll", "ALLOW_GUESTS": "on", "ACCESS_CONTACT": BOB}
    async with made:
        yield made


async def admin(world: Inside, words: str) -> None:
    """Ann is an admin of the workspace."""
    before = len(told(world, ANN))
    await world.slack.human.slash(SLASH, f"access {words}", user=ANN, channel=SALES)
    await world.slack.wait(lambda _: len(told(world, ANN)) > before)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secret(world: Inside) -> AsyncIterator[Secret]:
    await world.slack.human.invite(BOARD, KENJI)
    made = await in_board(world, world.model)
    await admin(world, f"deny <#{BOARD}|board>")
    yield made
    made.gate.set()
    assert "ended" in await world.says(BOARD, made.running_ts, "ended"), "what ran goes on, and nobody has stopped it"


@MODULE
@pytest.mark.parametrize(("name", "way"), WAYS, ids=[f"{name}-{way}" for name, way in WAYS])
async def test_what_is_denied_is_denied_at_every_way_in(world: Inside, secret: Secret, name: str, way: str) -> None:
    """Wherever it is pressed, and whatever the payload says: the place is that of what is acted on."""
    for view in [key for key, view in world.slack.workspace.views.items() if view.user == KENJI]:
        await world.slack.human.close_view(view, user=KENJI)
    sentence = NOT_HERE if way == "elsewhere" else DENIED
    before, times = state_of_board(world, secret), shown_to(world, KENJI).count(sentence)
    assert (await FORGERIES[name][way](world, secret)).acked
    await world.slack.wait(lambda _: shown_to(world, KENJI).count(sentence) > times)
    assert not any(word in shown_to(world, KENJI) for word in ("SECRET", "print(", "salaries", "70000"))
    assert state_of_board(world, secret) == before


@MODULE
async def test_what_was_asked_before_is_not_deleted_afterwards(world: Inside, secret: Secret) -> None:
    """The modal stays open while an admin denies its channel."""
    await admin(world, f"remove <#{BOARD}|board>")
    note = await noted(world, ANN)
    await admin(world, f"deny <#{BOARD}|board>")
    before, sentence = state_of_board(world, secret), "I am not meant to work here"
    times = shown_to(world, ANN).count(sentence)
    assert (await world.slack.human.forge_submission(FORGET, private_metadata=note, user=ANN)).acked
    await world.slack.wait(lambda _: shown_to(world, ANN).count(sentence) > times)
    assert state_of_board(world, secret) == before


@MODULE
async def test_the_workspace_that_a_payload_names_is_not_believed(world: Inside, secret: Secret) -> None:
    times = shown_to(world, KENJI).count(DENIED)
    changes = {"team.id": "T0OTHER001", "user.team_id": "T0OTHER001", "enterprise": {"id": "E0OTHER001"}}
    forged = await world.slack.human.forge_press(
        buttons.TRY_AGAIN,
        secret.answer,
        user=KENJI,
        channel=BOARD,
        message_ts=secret.answer_ts,
        thread_ts=secret.thread,
        changes=changes,
    )
    assert forged.acked
    await world.slack.wait(lambda _: shown_to(world, KENJI).count(DENIED) > times)


@MODULE
async def test_a_denied_question_uploads_and_posts_nothing(world: Inside) -> None:
    channel = world.new_channel()
    await admin(world, f"deny <#{channel}|secret>")
    uploads, gate = len(world.azure.files), world.slack.faults.hold("users.info")
    ts = await world.slack.human.post(channel, f"{MENTION} total?", user=KENJI, files=[("salaries.csv", CSV)])
    await world.slack.wait(lambda s: all(e.acked for e in s.envelopes if e.event.get("ts") == ts))
    gate.release()
    await world.slack.wait(lambda _: any(DENIED in said for said in told(world, KENJI)))
    await world.until(lambda: rows(world, f"select 1 from questions where ts = '{ts}' and outcome = 'refused'"))
    assert nothing_done(world, channel, ts)
    assert len(world.azure.files) == uploads


@MODULE
async def test_the_settings_deny_a_channel_by_its_name_and_admit_guests(world: Inside) -> None:
    slack, channel = world.slack, world.new_channel()
    slack.add_channel("C0PAYROLL1", "payroll", [ANN, slack.bot_user])
    await slack.human.post("C0PAYROLL1", f"{MENTION} total?", user=ANN)
    sentence = "I am not meant to work here; if you need me here, please ask <@U0BOB00001>."
    await slack.wait(lambda _: sentence in told(world, ANN))
    slack.outsiders.add_guest("U0GUEST001", "gina", [channel])
    ts = await slack.human.post(channel, f"{MENTION} [[say welcome]]", user="U0GUEST001")
    assert "welcome" in await world.says(channel, ts, "welcome")


@MODULE
async def test_a_group_is_who_is_in_it_and_without_the_scope_nobody(world: Inside) -> None:
    slack, channel = world.slack, world.new_channel()
    slack.add_group("S0TRAINEES", "trainees", [BOB])
    slack.add_group("S0LOCKED01", "locked", [])
    await admin(world, "deny @trainees")
    [listed] = [said for said in told(world, ANN) if "I do not work for <!subteam^S0TRAINEES>." in said]
    assert listed.endswith("My settings, which only the person who runs me can change:\nI do not work in #payroll.")
    await slack.human.post(channel, f"{MENTION} total?", user=BOB)
    await slack.wait(lambda _: any("I am not meant to work for you" in said for said in told(world, BOB)))
    assert "hello" in await world.answer("[[say hello]]", channel=channel)
    assert len(slack.called("usergroups.users.list")) == 1, "one question a minute"
    await admin(world, "deny <!subteam^S0LOCKED01|@locked>")
    slack.scopes.discard("usergroups:read")
    await slack.human.post(channel, f"{MENTION} total?", user=ANN)
    await slack.wait(lambda _: any("Slack does not tell me who is in them" in said for said in told(world, ANN)))
    slack.scopes.add("usergroups:read")
    await admin(world, "remove S0TRAINEES S0LOCKED01")
