"""H5 and H15: who may use the bot, and what somebody sees who has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import pytest
import pytest_asyncio

from conversations.access.rule_book import RuleBook
from conversations.access.rules import Access, Rules
from conversations.errors import (
    AccessError,
    AccessUnknown,
    AccountDeactivated,
    AskedByBot,
    GuestNotTaken,
    NotAMember,
    ReadRefused,
    StrangerNotTaken,
)
from conversations.ports.workplace import Person
from playground.slack.people.people import BOARD
from tests.hostile.inside import Inside, rows, told
from tests.support.world import ANN, BOB, MENTION, words_of

MODULE = pytest.mark.asyncio(loop_scope="module")
CSV = b"region,revenue\nNorth,1\nSouth,2\n"
NUMBERS = count(1)
OUTSIDERS = ["guest", "single-channel guest", "deactivated", "stranger", "unknown stranger"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    async with Inside(tmp_path_factory.mktemp("bot"), seed=5) as made:
        yield made


def outsider(world: Inside, kind: str, channel: str) -> tuple[str, str]:
    """Somebody new of a kind in a channel, and the sentence for that person."""
    user, outsiders = f"U0OUTSID{next(NUMBERS):02d}", world.slack.outsiders
    if "guest" in kind:
        outsiders.add_guest(user, "gina", [channel], single=kind != "guest")
        return user, "I do not work for guests; if you need me, please ask an admin of my workspace."
    if "stranger" in kind:
        outsiders.add_stranger(user, "sam", [channel], known=kind == "stranger")
        return (
            user,
            "I work only for the people of my own workspace; if you need me, please ask an admin of my workspace.",
        )
    world.slack.add_user(user, "dora")
    world.slack.channels[channel].members.append(user)
    outsiders.deactivate(user)
    return user, "Your account is deactivated in this workspace; if you need me, please ask an admin of my workspace."


def nothing_done(world: Inside, channel: str, thread: str) -> bool:
    """Whether a thread shows nothing, and Azure was not asked for it."""
    asked = [str(request.body) for request in world.azure.requests if thread in str(request.body)]
    return not world.slack.bot_messages(channel, thread) and not world.slack.status(channel, thread) and not asked


@MODULE
@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_h5_outsiders_are_refused_once_and_in_private(world: Inside, kind: str) -> None:
    slack, channel = world.slack, world.new_channel()
    await slack.human.post(channel, files=[("internal.csv", CSV)], user=BOB)
    user, sentence = outsider(world, kind, channel)
    uploads = len(world.azure.files)
    ts = await slack.human.post(channel, f"{MENTION}", user=user)
    assert await slack.wait(lambda _: told(world, user)) == [sentence]
    await world.until(lambda: rows(world, f"select 1 from questions where ts = '{ts}' and state = 'done'"))
    slack.faults.redeliver()
    again = await slack.human.post(channel, f"{MENTION} total?", user=user, thread=ts)
    await slack.wait(lambda _: told(world, user) == [sentence, sentence])
    shown = [e for e in slack.ephemerals if e["user"] == user]
    assert [(e["channel"], e.get("thread_ts", "")) for e in shown] == [(channel, ""), (channel, ts)]
    assert nothing_done(world, channel, ts)
    assert nothing_done(world, channel, again)
    assert len(world.azure.files) == uploads
    open_ones = f"select 1 from questions where user = '{user}' and state != 'done'"
    await world.until(lambda: not rows(world, open_ones))
    done = rows(world, f"select outcome, text, files from questions where user = '{user}'")
    assert done == [("refused", "", "[]")] * 2
    assert rows(world, f"select * from participants where user = '{user}'") == []
    assert rows(world, f"select * from conversations where thread = '{ts}'") == []


@MODULE
async def test_h5_a_guest_in_a_direct_message_is_answered_with_one_sentence(world: Inside) -> None:
    user, sentence = outsider(world, "guest", world.new_channel())
    direct = world.slack.direct(user)
    ts = await world.slack.human.post(direct, "total?", user=user, files=[("a.csv", CSV)])
    assert sentence in await world.says(direct, ts, sentence)
    assert len(world.slack.bot_messages(direct, ts)) == 1


@MODULE
async def test_h5_other_bots_are_met_with_silence(world: Inside) -> None:
    slack, channel = world.slack, world.new_channel()
    bot = slack.outsiders.add_bot(f"U0OUTSID{next(NUMBERS):02d}", "reporter", [channel])
    asked = await slack.human.post(channel, f"{MENTION} total?", user=bot)
    dropped = await slack.human.post(channel, files=[("report.csv", CSV)], user=bot)
    await world.until(lambda: rows(world, f"select 1 from questions where ts = '{asked}' and outcome = 'refused'"))
    card = await slack.human.post(channel, files=[("mine.csv", CSV)], user=BOB)
    await slack.wait(lambda s: s.bot_messages(channel, card))
    assert nothing_done(world, channel, asked)
    assert nothing_done(world, channel, dropped)
    assert told(world, bot) == []


@MODULE
async def test_h5_facts_are_asked_for_once_a_minute_and_never_before_the_ack(world: Inside) -> None:
    slack, channel, user = world.slack, world.new_channel(), f"U0OUTSID{next(NUMBERS):02d}"
    slack.add_user(user, "nova")
    slack.channels[channel].members.append(user)
    gate = slack.faults.hold("users.info")
    ts = await slack.human.post(channel, f"{MENTION} [[say hello]]", user=user)
    await asyncio.wait_for(gate.reached.wait(), 10)
    await slack.wait(lambda s: all(e.acked for e in s.envelopes if e.event.get("ts") == ts))
    gate.release()
    await world.outcomes(channel, ts)
    await slack.human.post(channel, "[[say again]]", user=user, thread=ts)
    await world.outcomes(channel, ts, 2)
    assert len([call for call in slack.called("users.info") if call.args["user"] == user]) == 1


@MODULE
async def test_h5_who_cannot_be_known_is_told_to_try_again(world: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.access.rules.PATIENCE_SECONDS", 0.0)
    slack, channel, user = world.slack, world.new_channel(), f"U0OUTSID{next(NUMBERS):02d}"
    slack.add_user(user, "nobody")
    slack.channels[channel].members.append(user)
    slack.faults.slack_error("users.info", "no_such_error_is_known", times=100)
    ts = await slack.human.post(channel, f"{MENTION} total?", user=user)
    [said] = await slack.wait(lambda _: told(world, user))
    slack.faults.clear()
    await slack.wait(lambda s: not s.status(channel, ts))
    assert "please try again in a minute" in said.lower()
    assert nothing_done(world, channel, ts)


# ── the decision itself ─────────────────────────────────────────────────────────────────────────────────────────────


class Directory:
    """Knows one person, and after some failures only."""

    organisation = ""

    def __init__(self, person: Person, *, is_member: bool = True, failures: int = 0) -> None:
        self._person = person
        self._is_member = is_member
        self._failures = failures

    async def account(self, user: str) -> Person:
        self._failures -= 1
        if self._failures >= 0:
            raise ReadRefused("users_info", error="unreachable")
        return replace(self._person, id=user)

    async def is_member(self, channel: str, user: str) -> bool:
        return self._is_member

    async def channel_name(self, channel: str) -> str:
        raise AssertionError("no rule names a channel")

    async def group_members(self, group: str) -> frozenset[str]:
        raise AssertionError("no rule names a group")


class NoTable:
    """No admin has made a rule."""

    async def book(self, team: str) -> RuleBook:
        return RuleBook()


def access(directory: Directory, rules: Rules = Rules()) -> Access:  # noqa: B008 - it is never changed
    return Access(lambda _: directory, NoTable(), rules)


MEMBER = Person("U1", team="T1")
ALL = Rules(guests=True, strangers=True)


@pytest.mark.parametrize(
    ("person", "rules", "refusal"),
    [
        (MEMBER, Rules(), None),
        (replace(MEMBER, is_guest=True), Rules(), GuestNotTaken),
        (replace(MEMBER, is_guest=True), Rules(guests=True), None),
        (replace(MEMBER, is_stranger=True), Rules(guests=True), StrangerNotTaken),
        (replace(MEMBER, is_stranger=True), Rules(strangers=True), None),
        (replace(MEMBER, is_stranger=True, is_guest=True), Rules(strangers=True), GuestNotTaken),
        (replace(MEMBER, is_deactivated=True), ALL, AccountDeactivated),
        (replace(MEMBER, is_deactivated=True), Rules(deactivated=True), None),
        (replace(MEMBER, is_bot=True), ALL, AskedByBot),
    ],
)
async def test_h5_the_rules(person: Person, rules: Rules, refusal: type[AccessError] | None) -> None:
    decided = access(Directory(person), rules)
    if refusal is None:
        await decided.check("T1", "U1", "C1")
        return
    with pytest.raises(refusal):
        await decided.check("T1", "U1")


async def test_h5_members_of_another_company_are_members_of_the_channel() -> None:
    """Where strangers are taken, being in the channel is what counts, as for everybody."""
    partner = replace(MEMBER, team="T2", is_stranger=True)
    await access(Directory(partner), ALL).check("T1", "U2", "C1")
    with pytest.raises(NotAMember):
        await access(Directory(partner, is_member=False), ALL).check("T1", "U2", "C1")


async def test_h5_slack_is_asked_again_before_the_answer_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.access.rules.AGAIN_SECONDS", 0.0)
    await access(Directory(MEMBER, failures=3)).check("T1", "U1")
    monkeypatch.setattr("conversations.access.rules.PATIENCE_SECONDS", 0.0)
    with pytest.raises(AccessUnknown):
        await access(Directory(MEMBER, failures=3)).check("T1", "U1")


# ── H15: the home tab ───────────────────────────────────────────────────────────────────────────────────────────────


@MODULE
async def test_h15_the_home_tab_lists_only_places_where_one_still_is(world: Inside) -> None:
    slack = world.slack
    board = await world.ask("[[say 1]] how high are the salaries?", channel=BOARD)
    open_place = world.new_channel()
    other = await world.ask("[[say 2]] total revenue?", channel=open_place)
    await world.outcomes(BOARD, board)
    await world.outcomes(open_place, other)

    def home() -> str:
        view = slack.workspace.views.get(slack.workspace.homes.get(ANN, ""))
        return words_of(view.body) if view else ""

    slack.channels[BOARD].members.remove(ANN)
    await slack.human.open_home(ANN)
    said = await slack.wait(lambda _: home() if "total revenue" in home() else "")
    assert "salaries" not in said
    slack.channels[BOARD].members.append(ANN)
