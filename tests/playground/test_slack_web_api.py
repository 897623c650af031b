"""The Web API's door and its plain methods, with the real SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.people.people import ANN, BOARD, KENJI, RANDOM, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import client_of, refusal, running


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(time_scale=0.02) as running_slack:
        yield running_slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return client_of(slack)


async def test_tokens_are_checked(slack: LocalSlack) -> None:
    assert await refusal(client_of(slack, "xoxb-nobody").auth_test()) == "invalid_auth"
    assert await refusal(client_of(slack, slack.app_token).auth_test()) == "not_allowed_token_type"
    assert await refusal(client_of(slack).apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    async with aiohttp.ClientSession() as session, session.post(slack.api_url + "auth.test") as response:
        assert (await response.json())["error"] == "not_authed"


async def test_a_missing_scope_is_named(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.scopes.remove("users:read")
    with pytest.raises(SlackApiError) as refused:
        await client.users_info(user=ANN)
    assert refused.value.response["needed"] == "users:read"
    assert "chat:write" in refused.value.response["provided"]


async def test_scopes_stand_in_the_headers(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert "files:read" in answer.headers["x-oauth-scopes"].split(",")
    assert answer["user_id"] == slack.bot_user


async def test_unknown_methods_and_broken_json_are_refused(slack: LocalSlack, client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("chat.shout")) == "unknown_method"
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + "chat.postMessage", data="{", headers=headers) as response,
    ):
        assert (await response.json())["error"] == "invalid_json"


async def test_arguments_come_as_json_form_query_or_multipart(slack: LocalSlack) -> None:
    given = {"channel": SALES, "text": "hello", "token": slack.bot_token, "blocks": '[{"type":"divider"}]'}
    multipart = aiohttp.FormData(default_to_multipart=True)
    for key, value in given.items():
        multipart.add_field(key, value)
    url = slack.api_url + "chat.postMessage"
    async with aiohttp.ClientSession() as session:
        for kwargs in ({"json": given}, {"data": given}, {"params": given}, {"data": multipart}):
            async with session.post(url, **kwargs) as response:
                body = await response.json()
                assert body["ok"], body
                assert body["message"]["blocks"][0]["type"] == "divider"
    assert all("token" not in call.args for call in slack.calls)


async def test_posting_into_a_thread_counts_on_its_root(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    reply = await client.chat_postMessage(channel=SALES, thread_ts=root, text="answer")
    nested = await client.chat_postMessage(channel=SALES, thread_ts=reply["ts"], text="more")
    assert nested["message"]["thread_ts"] == root
    shown = slack.messages(SALES, root)
    assert [message["text"] for message in shown] == ["question", "answer", "more"]
    assert shown[0]["reply_count"] == 2
    assert shown[0]["latest_reply"] == nested["ts"]
    assert shown[1]["parent_user_id"] == ANN
    await client.chat_delete(channel=SALES, ts=nested["ts"])
    assert slack.messages(SALES, root)[0]["reply_count"] == 1


async def test_where_the_bot_may_not_post(slack: LocalSlack, client: AsyncWebClient) -> None:
    post = client.chat_postMessage
    assert await refusal(post(channel=RANDOM, text="x")) == "not_in_channel"
    assert await refusal(post(channel="C0UNKNOWN", text="x")) == "channel_not_found"
    await slack.human.kick(BOARD)
    assert await refusal(post(channel=BOARD, text="x")) == "channel_not_found"
    assert await refusal(post(channel=SALES, text="x", thread_ts="1700000000.000001")) == "thread_not_found"
    assert await refusal(post(channel=SALES, text="x", thread_ts="yesterday")) == "invalid_thread_ts"
    assert await refusal(post(channel=SALES, text=" ")) == "no_text"
    assert await refusal(post(channel=SALES, text="x", markdown_text="y")) == "markdown_text_conflict"
    assert await refusal(post(channel=SALES, markdown_text="y" * 12_001)) == "msg_too_long"
    slack.channels[SALES].restriction = "restricted_action_read_only_channel"
    assert await refusal(post(channel=SALES, text="x")) == "restricted_action_read_only_channel"
    await slack.human.archive(SALES)
    assert await refusal(post(channel=SALES, text="x")) == "is_archived"


async def test_a_direct_message_by_user_id(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=KENJI, text="こんにちは")
    assert answer["channel"] == slack.direct(KENJI)


async def test_updating(slack: LocalSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=SALES, text="a", blocks=[{"type": "divider"}])
    answer = await client.chat_update(channel=SALES, ts=posted["ts"], text="b")
    assert "blocks" not in answer["message"]
    assert answer["message"]["edited"]["user"] == "B0ANALYST01"
    assert await refusal(client.chat_update(channel=SALES, ts=posted["ts"], text="x" * 4001)) == "msg_too_long"
    theirs = await slack.human.post(SALES, "mine")
    assert await refusal(client.chat_update(channel=SALES, ts=theirs, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=SALES, ts=theirs)) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=SALES, ts="1.000001", text="x")) == "message_not_found"


async def test_deleting_a_root_leaves_a_tombstone(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SALES, text="root"))["ts"]
    await client.chat_postMessage(channel=SALES, text="reply", thread_ts=root)
    await client.chat_delete(channel=SALES, ts=root)
    assert slack.messages(SALES, root)[0]["subtype"] == "tombstone"
    assert [act.kind for act in slack.acts] == ["posted", "posted", "deleted"]


async def test_metadata_is_kept_and_shown_on_demand(slack: LocalSlack, client: AsyncWebClient) -> None:
    metadata = {"event_type": "analyst_turn", "event_payload": {"turn": "T:C:1", "part": "1"}}
    root = (await client.chat_postMessage(channel=SALES, text="x", metadata=metadata))["ts"]
    plain = await client.conversations_replies(channel=SALES, ts=root)
    full = await client.conversations_replies(channel=SALES, ts=root, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata
    await client.chat_update(channel=SALES, ts=root, text="y")
    assert slack.messages(SALES)[0]["metadata"] == metadata
    wrong = {"event_type": "x", "event_payload": {"a": "b" * 9000}}
    assert await refusal(client.chat_postMessage(channel=SALES, text="x", metadata=wrong)) == "metadata_too_large"
    assert await refusal(client.chat_postMessage(channel=SALES, text="x", metadata={"a": 1})) == (
        "invalid_metadata_schema"
    )


async def test_history_is_newest_first_and_replies_oldest_first(slack: LocalSlack, client: AsyncWebClient) -> None:
    tops = [await slack.human.post(SALES, f"top {number}") for number in range(5)]
    for number in range(4):
        await slack.human.post(SALES, f"reply {number}", thread=tops[0])
    first = await client.conversations_history(channel=SALES, limit=3)
    assert [message["ts"] for message in first["messages"]] == tops[:1:-1]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=SALES, limit=3, cursor=cursor)
    assert [message["ts"] for message in rest["messages"]] == [tops[1], tops[0]]
    texts: list[str] = []
    async for page in await client.conversations_replies(channel=SALES, ts=tops[0], limit=2):
        texts += [message["text"] for message in page["messages"]]
    assert texts == ["top 0", "reply 0", "reply 1", "reply 2", "reply 3"]
    late = await client.conversations_history(channel=SALES, oldest=tops[2])
    assert [message["ts"] for message in late["messages"]] == [tops[4], tops[3]]
    assert await refusal(client.conversations_replies(channel=SALES, ts="1.000001")) == "thread_not_found"
    assert await refusal(client.conversations_history(channel=SALES, cursor="??")) == "invalid_cursor"
    assert await refusal(client.conversations_history(channel=RANDOM)) == "not_in_channel"


async def test_history_scopes_are_per_kind_of_channel(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.scopes.remove("groups:history")
    await client.conversations_history(channel=SALES)
    assert await refusal(client.conversations_history(channel=BOARD)) == "missing_scope"


async def test_people_and_channels(slack: LocalSlack, client: AsyncWebClient) -> None:
    person = (await client.users_info(user=KENJI, include_locale=True))["user"]
    assert (person["locale"], person["tz"], person["profile"]["display_name"]) == ("ja-JP", "Asia/Tokyo", "健二")
    assert "locale" not in (await client.users_info(user=KENJI))["user"]
    assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"
    channel = (await client.conversations_info(channel=SALES, include_num_members=True))["channel"]
    assert (channel["is_member"], channel["is_private"], channel["num_members"]) == (True, False, 4)
    assert not (await client.conversations_info(channel=RANDOM))["channel"]["is_member"]
    members = await client.conversations_members(channel=SALES, limit=2)
    assert len(members["members"]) == 2
    assert members["response_metadata"]["next_cursor"]
    assert (await client.conversations_info(channel=slack.direct(ANN)))["channel"]["user"] == ANN
    mine = await client.users_conversations(types="public_channel,private_channel,im")
    assert {c["id"] for c in mine["channels"]} >= {SALES, BOARD, slack.direct(ANN)}
    assert RANDOM not in {c["id"] for c in mine["channels"]}
    assert await refusal(client.conversations_open(users=ANN)) == "missing_scope"
    slack.scopes.add("im:write")
    assert (await client.conversations_open(users=ANN))["channel"]["id"] == slack.direct(ANN)


async def test_reactions(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = await slack.human.post(SALES, "look")
    await client.reactions_add(channel=SALES, timestamp=ts, name="eyes")
    assert slack.messages(SALES)[0]["reactions"] == [{"name": "eyes", "users": [slack.bot_user], "count": 1}]
    assert await refusal(client.reactions_add(channel=SALES, timestamp=ts, name="eyes")) == "already_reacted"
    await client.reactions_remove(channel=SALES, timestamp=ts, name="eyes")
    assert "reactions" not in slack.messages(SALES)[0]
    assert await refusal(client.reactions_remove(channel=SALES, timestamp=ts, name="eyes")) == "no_reaction"
    assert await refusal(client.reactions_add(channel=SALES, timestamp="1.000001", name="eyes")) == "bad_timestamp"


async def test_ephemeral_and_permalink(slack: LocalSlack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=SALES, user=ANN, text="only you")
    assert slack.ephemerals[0]["user"] == ANN
    assert slack.messages(SALES) == []
    call = client.chat_postEphemeral(channel=BOARD, user=KENJI, text="x")
    assert await refusal(call) == "user_not_in_channel"
    ts = await slack.human.post(SALES, "x")
    link = (await client.chat_getPermalink(channel=SALES, message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/{SALES}/p{ts.replace('.', '')}")


async def test_status_is_shown_and_cleared_by_a_post(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await slack.human.post(SALES, "question")
    await client.assistant_threads_setStatus(channel_id=SALES, thread_ts=root, status="is reading")
    assert slack.status(SALES, root) == "is reading"
    await client.chat_postMessage(channel=SALES, thread_ts=root, text="answer")
    assert slack.status(SALES, root) == ""
    call = client.assistant_threads_setStatus(channel_id=SALES, thread_ts="1.000001", status="x")
    assert await refusal(call) == "invalid_thread_ts"


async def test_a_status_ends_by_itself() -> None:
    async with running(time_scale=0.002) as slack:
        root = await slack.human.post(SALES, "question")
        client = client_of(slack)
        await client.assistant_threads_setStatus(channel_id=SALES, thread_ts=root, status="is waiting")
        assert slack.status(SALES, root)
        await slack.wait(lambda s: s.status(SALES, root) == "", channel=SALES, thread=root)


async def test_titles_prompts_and_sessions(slack: LocalSlack, client: AsyncWebClient) -> None:
    direct = slack.direct(ANN)
    root = await slack.human.post(direct, "question")
    await client.assistant_threads_setTitle(channel_id=direct, thread_ts=root, title="Sales")
    prompts = [{"title": "Summarise", "message": "Summarise it"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=direct, thread_ts=root, prompts=prompts)
    assert slack.workspace.prompts == {}
    await client.api_call("assistant.threads.setSuggestedPrompts", json={"channel_id": direct, "prompts": prompts})
    assert slack.workspace.prompts[direct]["prompts"] == prompts
    session = {"channel_id": direct, "thread_ts": root, "status": "processing"}
    answer = await client.api_call("agents.sessions.setStatus", json=session)
    assert (answer["agent_status"], answer["title"]) == ("processing", "Sales")
    unknown = client.api_call("agents.sessions.rename", json={"channel_id": SALES, "title": "x"})
    assert await refusal(unknown) == "not_authorized"


@pytest.mark.thorough
async def test_rate_tiers() -> None:
    async with running(limits=True, time_scale=0.5) as strict:
        client = client_of(strict)
        outcomes = await asyncio.gather(
            *(refusal(client.chat_postMessage(channel=SALES, text=str(number))) for number in range(5))
        )
        assert sorted(outcomes) == ["accepted"] * 3 + ["ratelimited"] * 2
        limited = next(call for call in strict.calls if call.status == 429)
        assert limited.error == "ratelimited"
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        await client.chat_postMessage(channel=SALES, text="patient")
