"""Who may use the bot, and where: rules of the settings and rules that admins make in Slack, at every way in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from azure_assistant.events import Finished
from conversations.access.rule_book import DIRECT, RuleBook, read_subject
from conversations.access.rule_table import RuleTable
from conversations.access.rules import Access, Rules
from conversations.errors import (
    AccessError,
    AccessUnknown,
    AccountDeactivated,
    ChannelNotTaken,
    GroupsUnknown,
    GuestNotTaken,
    PersonNotTaken,
    StrangerNotTaken,
    WorkspaceNotTaken,
)
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice
from conversations.ports.testing import FakeWorkplace
from conversations.ports.windows import Modal
from conversations.ports.workplace import Person
from conversations.store.channel_settings import ChannelSettings
from tests.heart.heart import ANN, BEN, CHANNEL, TEAM, Heart, thread_of, turn_of

ADMIN = Person("U9", "Ada", team=TEAM, is_admin=True)
GROUP, OTHER_GROUP = "S1", "S2"


class NoTable:
    """No admin has made a rule."""

    async def book(self, team: str) -> RuleBook:
        return RuleBook()


def workplace() -> FakeWorkplace:
    found = FakeWorkplace(Person(ANN, "Ann", team=TEAM), Person("U7", "Sam", team="T7", is_stranger=True))
    found.names = {CHANNEL: "Sales", "C2": "general"}
    found.groups = {GROUP: {ANN}, OTHER_GROUP: {BEN}}
    return found


def settings(allow: str = "", deny: str = "", **more: Any) -> Rules:
    return Rules(book=RuleBook(frozenset(allow.split()), frozenset(deny.split())), **more)


# ── the decision itself ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("allow", "deny", "refusal"),
    [
        ("", "", None),
        ("C1", "", None),
        ("C2", "", ChannelNotTaken),
        ("", "C1", ChannelNotTaken),
        ("C1", "C1", ChannelNotTaken),
        ("#sales C9", "", None),
        ("#general", "", ChannelNotTaken),
        ("", "#sales", ChannelNotTaken),
        ("", DIRECT, None),
        (DIRECT, "", ChannelNotTaken),
        ("U1", "", None),
        ("U2", "", PersonNotTaken),
        ("", "U1", PersonNotTaken),
        ("S1", "", None),
        ("S2", "", PersonNotTaken),
        ("U2 S1", "", None),
        ("U1 S2", "", None),
        ("U1", "S1", PersonNotTaken),
        ("", "S2", None),
        ("T1", "", None),
        ("T2", "", WorkspaceNotTaken),
        ("", "T1", WorkspaceNotTaken),
        ("T1 C1 S1", "T2 C2 U2", None),
        ("C1 U2", "", PersonNotTaken),
    ],
)
async def test_what_a_rule_denies(allow: str, deny: str, refusal: type[AccessError] | None) -> None:
    access = Access(lambda _: workplace(), NoTable(), settings(allow, deny, contact="U9"))
    if refusal is None:
        await access.check(TEAM, ANN, CHANNEL)
        return
    with pytest.raises(refusal) as caught:
        await access.check(TEAM, ANN, CHANNEL)
    assert caught.value.fields == {"contact": "U9"}


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ({"is_stranger": True}, StrangerNotTaken),
        ({"is_guest": True}, GuestNotTaken),
        ({"is_deactivated": True}, AccountDeactivated),
    ],
)
async def test_whom_the_settings_do_not_admit_is_told_whom_to_ask(
    who: dict[str, Any], refusal: type[AccessError]
) -> None:
    access = Access(lambda _: workplace(), NoTable(), settings(contact="U9"))
    with pytest.raises(refusal) as caught:
        await access.check_known(TEAM, Person("U5", "Eve", team=TEAM, **who), CHANNEL)
    assert caught.value.fields == {"contact": "U9"}


@pytest.mark.parametrize(
    ("allow", "deny", "admitted"), [("C1", "", False), (f"C1 {DIRECT}", "", True), ("", DIRECT, False), ("", "", True)]
)
async def test_direct_messages_have_a_word_of_their_own(allow: str, deny: str, admitted: bool) -> None:
    access = Access(lambda _: workplace(), NoTable(), settings(allow, deny))
    if admitted:
        await access.check(TEAM, ANN, "D1")
    else:
        with pytest.raises(ChannelNotTaken):
            await access.check(TEAM, ANN, "D1")


async def test_a_strangers_workspace_is_asked_about_too() -> None:
    for allow, deny, is_refused in (("T1", "", True), ("T1 T7", "", False), ("", "T7", True), ("", "", False)):
        access = Access(lambda _: workplace(), NoTable(), settings(allow, deny, strangers=True))
        if is_refused:
            with pytest.raises(WorkspaceNotTaken):
                await access.check(TEAM, "U7", CHANNEL)
        else:
            await access.check(TEAM, "U7", CHANNEL)


@pytest.mark.parametrize(
    ("allow", "deny", "is_refused"),
    [
        ("E1", "", True),
        ("E1 E7", "", False),
        ("T1 E7", "", False),
        ("", "E7", True),
        ("", "E1", True),
        ("", "E9", False),
    ],
)
async def test_an_organisation_stands_for_all_its_workspaces(allow: str, deny: str, is_refused: bool) -> None:
    found = workplace()
    found.organisation = "E1"
    found.people["U7"] = replace(found.people["U7"], organisation="E7")
    access = Access(lambda _: found, NoTable(), settings(allow, deny, strangers=True))
    if is_refused:
        with pytest.raises(WorkspaceNotTaken):
            await access.check(TEAM, "U7", CHANNEL)
    else:
        await access.check(TEAM, "U7", CHANNEL)


@pytest.mark.parametrize(
    ("allow", "deny", "channel", "refusal"),
    [
        ("S9", "", CHANNEL, GroupsUnknown),
        ("", "S9", CHANNEL, GroupsUnknown),
        ("U1 S9", "", CHANNEL, None),
        ("U1", "S9", CHANNEL, GroupsUnknown),
        ("#sales", "", "C8", AccessUnknown),
        ("", "#sales", "C8", AccessUnknown),
    ],
)
async def test_what_slack_does_not_tell_admits_nobody(
    allow: str, deny: str, channel: str, refusal: type[AccessError] | None
) -> None:
    access = Access(lambda _: workplace(), NoTable(), settings(allow, deny))
    if refusal is None:
        await access.check(TEAM, ANN, channel)
        return
    with pytest.raises(refusal):
        await access.check(TEAM, ANN, channel)


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("<#C0SALES001|sales>", "C0SALES001"),
        ("<#C0SALES001|>", "C0SALES001"),
        ("<@U0ANN00001|ann>", "U0ANN00001"),
        ("<@W0ANN00001>", "W0ANN00001"),
        ("<!subteam^S0FINANCE1|@finance>", "S0FINANCE1"),
        ("T0123ABCD", "T0123ABCD"),
        ("#Ｓales", "#sales"),
        ("#売上", "#売上"),
        ("Direct", DIRECT),
        ("DIRECT", DIRECT),
        ("sales", ""),
        ("@ann", ""),
        ("#", ""),
        ("#a,b", ""),
        ("<!channel>", ""),
        ("<@U0ANN00001> x", ""),
        ("X0123ABCD", ""),
    ],
)
def test_subjects_are_ids_mentions_and_names(written: str, subject: str) -> None:
    assert read_subject(written) == subject


# ── questions, words, cards, the home tab ───────────────────────────────────────────────────────────────────────────


def refused(heart: Heart) -> list[str]:
    """The refusals that were told in private: whose, and why."""
    told = [what for verb, what in heart.windows.shown if verb == "refuse"]
    return [
        f"{place.asker} {type(error).__name__} {error.fields.get('contact', '')}".strip() for place, error, *_ in told
    ]


async def test_a_denied_question_is_refused_in_private_and_leaves_nothing(idle: Heart) -> None:
    await idle.start(rules=settings(deny=f"{CHANNEL} {BEN}", contact=ADMIN.id))
    first = await idle.ask("how many rows?", files=[idle.share("own.csv")])
    second = await idle.ask("how many rows?", user=BEN, channel="C2")
    assert refused(idle) == [f"{ANN} ChannelNotTaken U9", f"{BEN} PersonNotTaken U9"]
    assert idle.replies.posted == []
    assert idle.replies.signs == []
    assert idle.prompts == []
    assert [(row.outcome, row.text) for row in await idle.rows()] == [("refused", "")] * 2
    assert {first, second} == {row.id for row in await idle.rows()}


async def test_a_denied_double_gets_no_reaction(idle: Heart) -> None:
    await idle.start(rules=settings(deny=CHANNEL))
    held = idle.hold(idle.workplace, "account")
    for channel, reactions in (("C2", 1), (CHANNEL, 1)):
        first = await idle.say("how many rows?", channel=channel)
        await idle.until(lambda: held.inside)
        await idle.say("how many rows?", channel=channel, thread=thread_of(first))
        await idle.until(lambda: idle.replies.reactions and idle.replies.signs)
        await idle.settled()
        assert (len(idle.replies.reactions), len(idle.replies.signs)) == (reactions, reactions), channel
    held.end()


async def test_a_denied_colleague_is_not_told_how_to_ask(idle: Heart) -> None:
    await idle.start()
    first = await idle.ask("how many rows?")
    await RuleTable(idle.database).put(TEAM, [BEN], "deny", ADMIN.id)
    await idle.say("and by month, please?", user=BEN, thread=thread_of(first), mentions_bot=False)
    await idle.ended(f"{first}:hint:{BEN}")
    assert [verb for verb, _ in idle.windows.shown] == []


async def test_a_denied_channel_gets_no_card(idle: Heart) -> None:
    await idle.start(rules=settings(deny=CHANNEL))
    drops = [
        idle.written("", mentions_bot=False, channel=c, files=[idle.share("a.csv", channel=c)]) for c in ("C1", "C2")
    ]
    for drop in drops:
        await idle.take(drop)
        await idle.ended(f"{turn_of(drop)}:card")
    assert [post.place.channel for post in idle.replies.posted] == ["C2"]
    assert refused(idle) == [], "nobody has asked for a card"


async def test_a_denied_person_stops_and_forgets_nothing(idle: Heart) -> None:
    await idle.start()
    idle.model(asyncio.Event(), Finished("never"))
    running = await idle.say("how many rows?")
    await idle.until(lambda: idle.prompts)
    await RuleTable(idle.database).put(TEAM, [ANN], "deny", ADMIN.id)
    stop = await idle.say("stop", thread=thread_of(running))
    await idle.until(lambda: len(refused(idle)) == 1)
    forget = await idle.say("forget", thread=thread_of(running))
    await idle.ended(f"{forget}:interrupt")
    assert (await idle.row(running)).stopped_by == ""
    assert refused(idle)[0] == f"{ANN} PersonNotTaken"
    await RuleTable(idle.database).put(TEAM, [ANN], "remove", ADMIN.id)
    again = await idle.say("stop", thread=thread_of(running))
    await idle.ended(running, stop, forget, again)
    assert idle.outcome(running).kind == "stopped"


async def test_a_denied_person_sees_no_home(idle: Heart) -> None:
    await idle.start(rules=settings(deny=BEN))
    await idle.ask("how many rows?")
    for user in (ANN, BEN):
        await idle.conversations.interactions.home(TEAM, user)
        await idle.conversations.interactions.prompts(TEAM, user, "D1")
    assert [(verb, what[0]) for verb, what in idle.windows.shown] == [
        ("home", ANN),
        ("prompts", "D1"),
        ("refuse_home", BEN),
    ]


async def test_the_home_tab_lists_no_denied_channel(idle: Heart) -> None:
    await idle.start()
    for channel in (CHANNEL, "C2"):
        await idle.ask("how many rows?", channel=channel)
    await RuleTable(idle.database).put(TEAM, ["C2"], "deny", ADMIN.id)
    await idle.conversations.interactions.home(TEAM, ANN)
    (home,) = [what for verb, what in idle.windows.shown if verb == "home"]
    assert [talk.channel for talk in home[2]] == [CHANNEL]


async def test_an_app_is_asked_about_as_well(idle: Heart) -> None:
    idle.workplace.people["UAPP"] = Person("UAPP", "Report", team=TEAM, is_bot=True)
    await idle.start()
    await ChannelSettings(idle.database, "card").add_bot(TEAM, CHANNEL, "UAPP", "Report", lambda _: None)
    assert idle.outcome(await idle.ask("how many rows?", user="UAPP")).kind == "finished"
    for subject in ("UAPP", CHANNEL):
        await RuleTable(idle.database).put(TEAM, [subject], "deny", ADMIN.id)
        turn = await idle.ask("how many rows?", user="UAPP")
        assert (await idle.row(turn)).outcome == "refused"
        await RuleTable(idle.database).put(TEAM, [subject], "remove", ADMIN.id)
    assert refused(idle) == [], "apps meet with silence"


# ── what admins say in Slack ────────────────────────────────────────────────────────────────────────────────────────


async def say(heart: Heart, words: str, user: str = ADMIN.id, team: str = TEAM) -> list[str]:
    """Say something to ``/analyst``; what it answers."""
    press = Press(PressKind.COMMAND, team, user, words, channel=CHANNEL)
    await heart.conversations.slash.answer(press, Modal())
    verb, told = heart.windows.shown[-1]
    if verb == "refuse":
        return [type(told[1]).__name__]
    notice = told[2]
    assert isinstance(notice, Notice)
    return lines_of(notice)


def lines_of(notice: Notice) -> list[str]:
    first = " ".join(map(str, [notice.kind, *notice.fields.values()]))
    return [first, *(line for more in notice.more for line in lines_of(more))]


@pytest.fixture
async def ruled(idle: Heart) -> Heart:
    idle.workplace.people[ADMIN.id] = ADMIN
    await idle.start()
    return idle


async def test_admins_make_rules_and_take_them_back(ruled: Heart) -> None:
    assert await say(ruled, "access") == ["access_open"]
    lines = ["access_in C0SALES001 C1", "access_for S0FINANCE1 U0ANN00001"]
    allowed = "<#C0SALES001|sales> <@U0ANN00001> here <!subteam^S0FINANCE1|@finance>"
    assert await say(ruled, f"access allow {allowed}") == lines
    assert await say(ruled, "Access DENY #board T0123ABCD") == [
        *lines,
        "access_not_in T0123ABCD",
        "access_not_in #board",
    ]
    assert await say(ruled, "access remove T0123ABCD S0FINANCE1 <#C0SALES001> U0ANN00001") == [
        "access_in C1",
        "access_not_in #board",
    ]
    assert await say(ruled, "access deny here") == ["access_not_in #board C1"]
    assert await say(ruled, "access remove here #board") == ["access_open"]
    assert await say(ruled, "access list") == ["access_open"]
    assert await say(ruled, "access", team="T2") == ["AdminsOnly"], "of another workspace"


@pytest.mark.parametrize("words", ["allow", "deny", "remove", "help", "list all", "permit U0ANN00001"])
async def test_what_says_too_little_gets_help(ruled: Heart, words: str) -> None:
    assert await say(ruled, f"access {words}") == ["access_help"]


async def test_of_a_command_with_an_unclear_name_nothing_is_done(ruled: Heart) -> None:
    assert await say(ruled, "access deny U0ANN00001 &amp;co") == ["access_unclear &co"]
    assert await say(ruled, "access") == ["access_open"]


async def test_a_rule_counts_at_once_and_keeps_no_admin_out(ruled: Heart) -> None:
    assert ruled.outcome(await ruled.ask("how many rows?")).kind == "finished"
    assert await say(ruled, "access deny here U9") == ["access_not_in C1", "access_not_for U9"]
    await ruled.ask("and now?")
    assert refused(ruled) == [f"{ANN} ChannelNotTaken"]
    assert await say(ruled, "help") == ["ChannelNotTaken"]
    assert await say(ruled, "status") == ["ChannelNotTaken"]
    assert await say(ruled, "access remove here") == ["access_not_for U9"]
    assert ruled.outcome(await ruled.ask("and now?")).kind == "finished"


@pytest.mark.parametrize(
    "person",
    [
        Person("U9", team=TEAM),
        replace(ADMIN, team="T2"),
        replace(ADMIN, is_deactivated=True),
        replace(ADMIN, is_bot=True),
    ],
)
async def test_only_admins_change_the_rules(idle: Heart, person: Person) -> None:
    idle.workplace.people[ADMIN.id] = person
    await idle.start()
    for words in ("access", "access list", "access deny here", "access help"):
        assert await say(idle, words) == ["AdminsOnly"]
    assert await RuleTable(idle.database).book(TEAM) == RuleBook()


async def test_what_the_settings_deny_stays_denied(idle: Heart) -> None:
    idle.workplace.people[ADMIN.id] = ADMIN
    await idle.start(rules=settings(allow=f"{CHANNEL} C2 {ANN} U9", deny="C2"))
    lines = ["access_settings", "access_in C1 C2", "access_for U1 U9", "access_not_in C2"]
    assert await say(idle, "access") == lines
    more = f"C0000000003 here {BEN}00000000"
    assert await say(idle, f"access allow {more}") == ["access_in C0000000003 C1", f"access_for {BEN}00000000", *lines]
    assert await say(idle, f"access remove {BEN}00000000") == ["access_in C0000000003 C1", *lines]
    for user, channel in ((ANN, "C0000000003"), (ANN, "C2"), (BEN, CHANNEL)):
        await idle.ask("how many rows?", user=user, channel=channel)
    assert refused(idle) == [f"{ANN} ChannelNotTaken", f"{ANN} ChannelNotTaken", f"{BEN} PersonNotTaken"]
    assert idle.outcome(await idle.ask("how many rows?")).kind == "finished"


async def test_an_admin_whom_the_settings_deny_is_none(idle: Heart) -> None:
    idle.workplace.people[ADMIN.id] = ADMIN
    await idle.start(rules=settings(deny="U9"), admins=["U9"])
    assert await say(idle, "access deny here") == ["AdminsOnly"]


async def test_rules_that_are_made_together_are_made_all_or_none(heart: Heart) -> None:
    table, refuses = RuleTable(heart.database), "before insert on access_rules when new.subject = 'C3'"
    await heart.database.execute(text(f"create trigger one {refuses} begin select raise(abort, 'no'); end"))
    with pytest.raises(IntegrityError):
        await table.put(TEAM, ["C2", "C3"], "allow", ADMIN.id)
    assert await table.book(TEAM) == RuleBook()


async def test_a_rule_about_an_id_of_no_kind_breaks_no_other() -> None:
    access = Access(lambda _: workplace(), NoTable(), settings(deny="xyz C2"))
    await access.check(TEAM, ANN, CHANNEL)
    with pytest.raises(ChannelNotTaken):
        await access.check(TEAM, ANN, "xyz", is_there=True)


@pytest.mark.parametrize("where", ["settings", "in Slack"])
async def test_rules_follow_a_channel_that_moves(idle: Heart, where: str) -> None:
    await idle.start(rules=settings(deny=CHANNEL if where == "settings" else ""))
    if where == "in Slack":
        await RuleTable(idle.database).put(TEAM, [CHANNEL], "deny", ADMIN.id)
    await idle.conversations.changes.channel_moved(TEAM, CHANNEL, "C5")
    await idle.ask("how many rows?", channel="C5")
    assert refused(idle) == [f"{ANN} ChannelNotTaken"]


async def test_a_rule_names_a_channel_by_what_it_is_called_now(idle: Heart) -> None:
    await idle.start(rules=settings(deny="#board"))
    idle.workplace.names[CHANNEL] = "sales"
    assert idle.outcome(await idle.ask("how many rows?")).kind == "finished"
    idle.workplace.names[CHANNEL] = "Board"
    await idle.ask("how many rows?")
    assert refused(idle) == [f"{ANN} ChannelNotTaken"]
