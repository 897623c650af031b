"""Which events come, and what they say."""

from __future__ import annotations

from typing import Any

from playground.slack.people.people import ANN, BOARD, BOB, GENERAL, KENJI, RANDOM, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import bot_of, client_of, refusal, running


async def settled(slack: LocalSlack, count: int) -> None:
    """So many envelopes were sent and acknowledged, and no more are under way."""
    await slack.wait(lambda s: len(s.envelopes) >= count and all(e.state != "waiting" for e in s.envelopes))
    assert len(slack.envelopes) == count, [e.event for e in slack.envelopes]


async def test_a_mention_comes_twice() -> None:
    async with running(twins="mention_first") as slack, bot_of(slack) as bot:
        ts = await slack.human.post(SALES, "@analyst what is the total?", user=KENJI)
        await settled(slack, 2)
        mention, message = bot.events
        assert (mention["type"], message["type"]) == ("app_mention", "message")
        assert mention["ts"] == message["ts"] == ts
        assert message["text"] == f"<@{slack.bot_user}> what is the total?"
        assert message["channel_type"] == "channel"
        assert "channel_type" not in mention
        first, second = bot.payloads
        assert first["event_id"] != second["event_id"]
        assert "context_team_id" not in first
        assert second["authorizations"][0]["user_id"] == slack.bot_user


async def test_twins_come_in_random_order() -> None:
    async with running(seed=1) as slack, bot_of(slack) as bot:
        for number in range(12):
            await slack.human.post(SALES, f"@analyst {number}")
        await settled(slack, 24)
        firsts: dict[str, str] = {}
        for envelope in slack.envelopes:
            firsts.setdefault(envelope.event["ts"], envelope.type)
        assert set(firsts.values()) == {"app_mention", "message"}
        assert len(bot.events) == 24


async def test_an_upload_with_a_mention() -> None:
    options: dict[str, Any] = {"mention_files": False, "twins": "message_first"}
    async with running(**options) as slack, bot_of(slack) as bot:
        await slack.human.post(SALES, "@analyst this", files=[("a.csv", b"a\n1")])
        await settled(slack, 3)
        (message,) = bot.of("message")
        (mention,) = bot.of("app_mention")
        (shared,) = bot.of("file_shared")
        assert (message["subtype"], message["files"][0]["name"]) == ("file_share", "a.csv")
        assert "team" not in message
        assert "files" not in mention
        assert shared["file_id"] == message["files"][0]["id"]
    async with running(mention_on_upload=False) as slack, bot_of(slack) as bot:
        await slack.human.post(SALES, "@analyst this", files=[("a.csv", b"a\n1")])
        await settled(slack, 2)
        assert bot.of("app_mention") == []


async def test_a_direct_message_is_never_a_mention() -> None:
    async with running() as slack, bot_of(slack) as bot:
        await slack.human.look_at(SALES, user=BOB)
        await slack.human.post(slack.direct(BOB), "@analyst hello", user=BOB)
        await settled(slack, 2)
        (message,) = bot.of("message")
        assert message["channel_type"] == "im"
        assert message["app_context"]["entities"][0]["value"] == SALES


async def test_only_channels_with_the_bot() -> None:
    async with running() as slack, bot_of(slack) as bot:
        await slack.human.post(RANDOM, "@analyst hello?", files=[("a.csv", b"a\n1")])
        await slack.human.invite(RANDOM)
        await settled(slack, 2)
        assert [event["type"] for event in bot.events] == ["member_joined_channel"]  # Bolt drops the bot's "has joined"
        await slack.human.kick(RANDOM)
        await slack.human.post(RANDOM, "still there?")
        await slack.human.post(BOARD, "private")
        await settled(slack, 3)
        assert bot.of("message")[-1]["channel_type"] == "group"


async def test_only_subscribed_types_with_their_scope() -> None:
    events = ("app_mention", "message.channels", "reaction_added")
    async with running(events=events) as slack, bot_of(slack) as bot:
        ts = await slack.human.post(BOARD, "not subscribed")
        await slack.human.react(BOARD, ts, "eyes")
        slack.scopes.remove("app_mentions:read")
        await slack.human.post(SALES, "@analyst x")
        await settled(slack, 1)
        assert [event["type"] for event in bot.events] == ["message"]
        slack.scopes.add("reactions:read")
        await slack.human.react(GENERAL, await slack.human.post(GENERAL, "y"), "tada", user=BOB)
        await settled(slack, 3)
        assert bot.of("reaction_added")[0]["item_user"] == ANN


async def test_edits_unfurls_deletions_and_broadcasts() -> None:
    async with running() as slack, bot_of(slack) as bot:
        ts = await slack.human.post(SALES, "one")
        await slack.human.edit(SALES, ts, "two")
        await slack.human.unfurl(SALES, ts, "https://example.org")
        await slack.human.post(SALES, "reply", thread=ts, broadcast=True, user=BOB)
        other = await slack.human.post(SALES, "gone")
        await slack.human.delete(SALES, other)
        await settled(slack, 6)
        edited, unfurled = [event for event in bot.events if event.get("subtype") == "message_changed"]
        assert (edited["message"]["text"], edited["previous_message"]["text"]) == ("two", "one")
        assert edited["message"]["edited"]["user"] == ANN
        assert unfurled["message"]["edited"] == edited["message"]["edited"]
        (deleted,) = [event for event in bot.events if event.get("subtype") == "message_deleted"]
        assert deleted["deleted_ts"] == other
        (broadcast,) = [event for event in bot.events if event.get("subtype") == "thread_broadcast"]
        assert (broadcast["thread_ts"], broadcast["root"]["ts"]) == (ts, ts)
        assert [message["text"] for message in slack.messages(SALES)] == ["two", "reply"]


async def test_the_bots_own_posts_come_back() -> None:
    async with running() as slack, bot_of(slack) as bot:
        await client_of(slack).chat_postMessage(channel=SALES, text="mine")
        await settled(slack, 1)
        event = slack.envelopes[0].event
        assert (event["bot_id"], event["user"], "subtype" in event) == ("B0ANALYST01", slack.bot_user, False)
        assert bot.events == []


async def test_home_tabs_and_uninstalling() -> None:
    async with running() as slack, bot_of(slack) as bot:
        await slack.human.open_home(ANN)
        await slack.human.open_dm(ANN)
        await settled(slack, 2)
        assert [event["tab"] for event in bot.of("app_home_opened")] == ["home", "messages"]
        await slack.human.uninstall()
        await settled(slack, 4)
        assert {"tokens_revoked", "app_uninstalled"} <= {event["type"] for event in bot.events}
        assert await refusal(client_of(slack).auth_test()) == "token_revoked"


async def test_what_people_type_becomes_markup() -> None:
    async with running() as slack:
        await slack.human.post(SALES, "@健二 & @channel see #general <b> https://x.org/?a=1&b=2 @nobody mail@ann.org")
        text = slack.messages(SALES)[0]["text"]
        link = "<https://x.org/?a=1&amp;b=2>"
        expected = f"<@{KENJI}> &amp; <!channel> see <#{GENERAL}|general> &lt;b&gt; {link} @nobody mail@ann.org"
        assert text == expected
