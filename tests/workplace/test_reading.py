from __future__ import annotations

import asyncio

import pytest

from conversations.errors import MissingScope, ReadRefused
from conversations.ports.workplace import Person
from playground.slack.people.people import ANN, BOARD, BOB, KENJI, SALES
from playground.slack.server.server import LocalSlack
from playground.slack.state.options import SCOPES
from tables import pasted_tables
from tests.workplace.conftest import Connect
from workplace import SlackWorkplace

TABLE = {
    "blocks": [
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": "region"}, {"type": "raw_text", "text": "R&D, cost"}],
                [{"type": "raw_text", "text": "East"}, {"type": "raw_text", "text": "12"}],
                [
                    {
                        "type": "rich_text",
                        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "West"}]}],
                    },
                    {"type": "raw_text", "text": "<30>"},
                ],
            ],
        }
    ]
}


async def test_a_thread_is_read_from_its_root_to_its_last_messages(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    root = await slack.human.post(SALES, "root")
    for number in range(230):
        await slack.human.post(SALES, f"reply {number}", thread=root, user=KENJI)
    thread = (await workplace.thread(SALES, root, limit=50)).messages
    assert [message.text for message in thread] == ["root", *(f"reply {number}" for number in range(181, 230))]
    assert thread[0].thread_ts == ""
    assert thread[1].thread_ts == root
    assert thread[1].user == KENJI
    assert (await workplace.thread(SALES, "1700000000.000100")).messages == []


async def test_s6_all_files_of_a_long_thread_are_known(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    root = await slack.human.post(SALES, "root")
    for number in range(230):
        files = {2: [("second.csv", b"a,b")], 220: [("late.csv", b"a,b")]}.get(number, [])
        await slack.human.post(SALES, f"reply {number}", thread=root, files=files)
    found = await workplace.thread(SALES, root, limit=50)
    assert len(found.messages) == 50
    assert [(file.name, file.is_own) for file in found.files] == [("second.csv", False), ("late.csv", False)]


async def test_messages_tell_people_from_bots(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    root = await slack.human.post(SALES, "a question")
    await workplace._api.client.chat_postMessage(channel=SALES, thread_ts=root, text="an answer")
    question, answer = (await workplace.thread(SALES, root)).messages
    assert (question.is_bot, question.is_own, question.user) == (False, False, ANN)
    assert (answer.is_bot, answer.is_own, answer.user) == (True, True, "")


async def test_one_message_is_found_as_it_stands_now(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    root = await slack.human.post(SALES, "first")
    reply = await slack.human.post(SALES, "second", thread=root)
    await slack.human.edit(SALES, reply, "second, better")
    for thread in (root, ""):
        found = await workplace.message(SALES, reply, thread)
        assert found is not None
        assert found.text == "second, better"
    await slack.human.delete(SALES, reply)
    assert await workplace.message(SALES, reply, root) is None
    await slack.human.post(SALES, "third", thread=root)
    await slack.human.delete(SALES, root)
    assert await workplace.message(SALES, root) is None
    assert [message.text for message in (await workplace.thread(SALES, root)).messages] == ["third"]


async def test_a_pasted_table_reads_as_csv(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    ts = await slack.human.post(SALES, "what is this?", attachments=[TABLE])
    message = await workplace.message(SALES, ts)
    assert message
    (table,) = pasted_tables(message.text)
    assert table.data.decode() == 'region,"R&D, cost"\nEast,12\nWest,<30>\n'
    assert message.text.startswith("what is this?")


async def test_missed_messages_come_oldest_first(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    first = await slack.human.post(SALES, "one")
    second = await slack.human.post(SALES, "two")
    third = await slack.human.post(SALES, "three")
    reply = await slack.human.post(SALES, "under one", thread=first)
    assert [raw["ts"] for raw in await workplace.messages_since(SALES, first)] == [second, third]
    assert [raw["ts"] for raw in await workplace.messages_since(SALES, first, thread=first)] == [reply]


async def test_people_have_names_locales_and_zones_and_are_asked_for_once(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    people = await asyncio.gather(*(workplace.person(KENJI) for _ in range(20)))
    assert set(people) == {Person(KENJI, "健二", "ja-JP", "Asia/Tokyo", slack.team, is_bot=False)}
    assert len([call for call in slack.calls if call.method == "users.info"]) == 1
    assert (await workplace.person(slack.bot_user)).is_bot


async def test_an_unknown_person_has_defaults_and_is_asked_for_again(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    assert await workplace.person("U0NOBODY001") == Person("U0NOBODY001")
    assert await workplace.person("") == Person("")
    slack.faults.slack_error("users.info", "user_not_visible")
    assert await workplace.person(ANN) == Person(ANN)
    assert (await workplace.person(ANN)).name == "Ann"


async def test_membership(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    assert await workplace.is_member(BOARD, ANN)
    assert not await workplace.is_member(BOARD, KENJI)
    assert not await workplace.is_member("C0UNKNOWN01", ANN)
    assert await workplace.is_member(slack.direct(BOB), BOB)
    assert not await workplace.is_member(slack.direct(BOB), ANN)
    asked = len(slack.calls)
    assert await workplace.is_member(BOARD, ANN)
    assert len(slack.calls) == asked


async def test_reads_are_repeated_while_slack_is_busy(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    root = await slack.human.post(SALES, "root")
    slack.faults.rate_limit("conversations.replies", retry_after=0)
    slack.faults.http_error("conversations.replies", 503)
    slack.faults.reset("conversations.replies")
    assert [message.text for message in (await workplace.thread(SALES, root)).messages] == ["root"]


@pytest.mark.thorough
async def test_limits_are_waited_out_however_often_they_are_met(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    root = await slack.human.post(SALES, "root")
    slack.faults.rate_limit("conversations.replies", times=20, retry_after=0)
    assert [message.text for message in (await workplace.thread(SALES, root)).messages] == ["root"]


async def test_reads_that_stay_refused_say_so(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    slack.faults.http_error("conversations.replies", 500, times=4)
    with pytest.raises(ReadRefused):
        await workplace.thread(SALES, "1700000000.000100")
    slack.faults.slack_error("conversations.replies", "channel_not_found")
    with pytest.raises(ReadRefused) as caught:
        await workplace.thread(SALES, "1700000000.000100")
    assert caught.value.fields["error"] == "channel_not_found"


async def test_a_missing_scope_is_named(connect: Connect) -> None:
    async with LocalSlack(scopes=tuple(scope for scope in SCOPES if scope != "channels:history")) as slack:
        with pytest.raises(MissingScope) as caught:
            await connect(slack).thread(SALES, "1700000000.000100")
        assert "channels:history" in str(caught.value)


async def test_groups_are_named_and_asked_for_once(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    slack.add_group("S0FINANCE1", "finance")
    slack.add_group("S0BOARD001", "board")
    texts = ["ask <!subteam^S0FINANCE1>", "or <!subteam^S0BOARD001> & <!subteam^S0GONE0001>, <!subteam^S0OLD|@old>"]
    assert await workplace.as_seen(texts) == ["ask @finance", "or @board & @group, @old"]
    assert await workplace.as_seen(texts[:1]) == ["ask @finance"]
    assert len(slack.called("usergroups.list")) == 1
    assert await workplace.as_seen(["nobody"]) == ["nobody"]


async def test_groups_without_the_scope_are_nameless_and_asked_for_once(slack: LocalSlack, connect: Connect) -> None:
    slack.add_group("S0FINANCE1", "finance")
    slack.scopes.discard("usergroups:read")
    workplace = connect(slack)
    for _ in range(3):
        assert await workplace.as_seen(["ask <!subteam^S0FINANCE1>"]) == ["ask @group"]
    assert len(slack.called("usergroups.list")) == 1


async def test_groups_while_slack_is_ill_are_nameless_and_asked_for_again(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    slack.add_group("S0FINANCE1", "finance")
    slack.faults.http_error("usergroups.list", 503, times=2)
    assert await workplace.as_seen(["ask <!subteam^S0FINANCE1>"]) == ["ask @group"]
    assert await workplace.as_seen(["ask <!subteam^S0FINANCE1>"]) == ["ask @finance"]


async def test_what_access_rules_ask_for_is_a_minute_old_at_most(workplace: SlackWorkplace) -> None:
    people, channels, groups = workplace._people, workplace._channels, workplace._groups
    for asked in (people._fresh, channels.is_member, channels.name, groups.members):
        assert asked._LRUCacheWrapper__ttl == 60  # type: ignore[union-attr]


async def test_members_of_a_group_are_those_of_now(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    slack.add_group("S0FINANCE1", "finance", [ANN])
    assert [await workplace.group_members("S0FINANCE1") for _ in range(2)] == [{ANN}, {ANN}]
    assert len(slack.called("usergroups.users.list")) == 1
    slack.workspace.groups["S0FINANCE1"] |= {"users": [BOB], "date_delete": 1_767_000_001}
    workplace._groups.members.cache_clear()  # as a minute does
    assert await workplace.group_members("S0FINANCE1") == {BOB}, "disabled, which allows nothing"


async def test_of_a_group_that_may_not_be_seen_nothing_is_known(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    slack.add_group("S0FINANCE1", "finance", [ANN])
    assert await workplace.group_members("S0NOSUCH01") is None
    slack.scopes.discard("usergroups:read")
    assert await workplace.group_members("S0FINANCE1") is None


async def test_channels_have_the_name_of_now_and_none_where_the_bot_is_not(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    slack.add_channel("G0SECRET01", "secret", [ANN], private=True)
    assert await workplace.channel_name("G0SECRET01") == ""
    assert await workplace.channel_name(SALES) == "sales"
    slack.channels[SALES].name = "revenue"
    workplace._channels.name.cache_clear()
    assert await workplace.channel_name(SALES) == "revenue"
