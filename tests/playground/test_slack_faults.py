"""The fault switches, in the process and over HTTP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.people.people import ANN, SALES
from playground.slack.server.server import LocalSlack
from playground.slack.state.ledger import Call
from tests.playground.slack_client import client_of, refusal, running


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(time_scale=0.01) as running_slack:
        yield running_slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return client_of(slack)


async def test_rate_limits_with_retry_after(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after=30, skip=1)
    await client.chat_postMessage(channel=SALES, text="passes")
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=SALES, text="x")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "30"
    await client.chat_postMessage(channel=SALES, text="passes")
    assert [call.status for call in slack.calls] == [200, 429, 429, 200]
    assert len(slack.messages(SALES)) == 2


async def test_errors_of_slack_and_of_http(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.slack_error("chat.postMessage", "fatal_error", where=lambda args: args["text"] == "bad")
    await client.chat_postMessage(channel=SALES, text="good")
    assert await refusal(client.chat_postMessage(channel=SALES, text="bad")) == "fatal_error"
    slack.faults.http_error("*", 503)
    with pytest.raises(SlackApiError) as failed:
        await client.auth_test()
    assert failed.value.response.status_code == 503
    slack.faults.html("auth.test")
    with pytest.raises(SlackApiError, match="The request to the Slack API failed"):
        await client.auth_test()
    slack.faults.http_error("chat.postMessage", 500, when="after")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=SALES, text="done all the same")
    assert [message["text"] for message in slack.messages(SALES)] == ["good", "done all the same"]


async def test_resets_before_and_after(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.reset("chat.postMessage", when="before")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=SALES, text="never done")
    slack.faults.reset("chat.postMessage", when="after")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=SALES, text="done, nobody told")
    assert [message["text"] for message in slack.messages(SALES)] == ["done, nobody told"]
    assert [(call.status, call.processed) for call in slack.calls] == [(0, False), (0, True)]


async def test_a_hook_runs_between_doing_and_answering(slack: LocalSlack, client: AsyncWebClient) -> None:
    seen: list[tuple[str, int]] = []

    def note(call: Call) -> None:
        seen.append((call.ts, len(slack.messages(SALES))))

    slack.faults.on_processed("chat.postMessage", note, call=2)
    answers = [await client.chat_postMessage(channel=SALES, text=str(number)) for number in range(3)]
    assert seen == [(answers[1]["ts"], 2)]


async def test_a_gate_holds_a_call(slack: LocalSlack, client: AsyncWebClient) -> None:
    gate = slack.faults.hold("chat.postMessage", when="before")
    posting = asyncio.create_task(client.chat_postMessage(channel=SALES, text="x"))
    await gate.reached.wait()
    assert slack.messages(SALES) == []
    gate.release()
    await posting
    assert len(slack.messages(SALES)) == 1


async def test_upload_faults(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.http_error("upload", 500)
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    async with aiohttp.ClientSession() as session:
        async with session.post(begun["upload_url"], data=b"x") as response:
            assert response.status == 500
        async with session.post(begun["upload_url"], data=b"x") as response:
            assert response.status == 200


async def test_clearing(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.slack_error("*", "internal_error", times=1000)
    slack.faults.clear()
    await client.auth_test()


async def test_all_of_it_over_http(slack: LocalSlack, client: AsyncWebClient) -> None:
    async with aiohttp.ClientSession(slack.url) as session:

        async def control(path: str, **fields: object) -> dict[str, object]:
            async with session.post(f"/_ctl/{path}", json=fields) as response:
                body: dict[str, object] = await response.json()
                return body

        data = base64.b64encode(b"a,b\n").decode()
        posted = await control("human", act="post", channel=SALES, text="@analyst go", files=[["a.csv", data]])
        assert posted["ok"]
        root = str(posted["ts"])
        assert (await control("fault", fault="slack_error", method="auth.test", error="fatal_error"))["ok"]
        assert await refusal(client.auth_test()) == "fatal_error"
        assert not (await control("fault", fault="burn"))["ok"]
        gate = (await control("fault", fault="hold", method="chat.postMessage"))["gate"]
        posting = asyncio.create_task(client.chat_postMessage(channel=SALES, thread_ts=root, text="answer"))
        async with session.get(f"/_ctl/gate/{gate}") as response:
            assert (await response.json())["ok"]
        assert not posting.done()
        await control(f"gate/{gate}")
        await posting
        async with session.get("/_ctl/ledger") as response:
            ledger = await response.json()
        assert [call["method"] for call in ledger["calls"]] == ["auth.test", "chat.postMessage"]
        assert len(ledger["envelopes"]) == 4
        async with session.get("/_ctl/questions") as response:
            (question,) = (await response.json())["questions"]
        assert (question["ts"], question["user"]) == (root, ANN)
        assert [answer["text"] for answer in question["answers"]] == ["answer"]


async def test_other_web_sites_are_kept_out(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession(slack.url) as session:
        async with session.get("/human/state", headers={"Origin": "https://evil.example"}) as response:
            assert response.status == 403
        async with session.get("/human/state", headers={"Host": "evil.example"}) as response:
            assert response.status == 403
        async with session.get("/human/state", headers={"Origin": slack.url}) as response:
            assert response.status == 200
