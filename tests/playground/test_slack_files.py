"""Uploads, downloads, and what files look like."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.people.people import ANN, RANDOM, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import bot_of, client_of, refusal, running

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(time_scale=0.1) as running_slack:
        yield running_slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return client_of(slack)


async def fetch(slack: LocalSlack, url: str, token: str | None = None) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {slack.bot_token if token is None else token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, response.content_type, await response.read()


async def test_an_upload_into_a_thread_comes_after_the_answer(slack: LocalSlack) -> None:
    async with bot_of(slack) as bot:
        client = client_of(slack)
        root = await slack.human.post(SALES, "question")
        upload = {"file": PNG, "filename": "chart.png", "title": "Sales", "alt_txt": "Sales by region"}
        answer = await client.files_upload_v2(
            channel=SALES, thread_ts=root, initial_comment="Here:", file_uploads=[upload, upload | {"title": "Two"}]
        )
        assert [file["title"] for file in answer["files"]] == ["Sales", "Two"]
        assert slack.bot_messages(SALES, root) == []
        message = (await slack.wait(lambda s: s.bot_messages(SALES, root)))[0]
        assert message["text"] == "Here:"
        ids = [file["id"] for file in message["files"]]
        assert ids == [file["id"] for file in answer["files"]]
        assert slack.files[ids[0]].data == PNG
        assert await refusal(_post_image(client, root, ids[0])) == "invalid_blocks"
        await slack.wait(lambda s: s.bot_messages(SALES, root)[0]["files"][0].get("original_w"))
        await _post_image(client, root, ids[0])
        facts = (await client.files_info(file=ids[0]))["file"]
        assert facts["alt_txt"] == "Sales by region"
        assert facts["shares"]["public"][SALES][0]["thread_ts"] == root
        assert bot.of("file_shared") == []  # Bolt drops what the bot did itself…
        shared = [envelope for envelope in slack.envelopes if envelope.type == "file_shared"]
        assert len(shared) == 2  # …but Slack sends it


async def _post_image(client: AsyncWebClient, root: str, file_id: str) -> object:
    block = {"type": "image", "alt_text": "x", "slack_file": {"id": file_id}}
    return await client.chat_postMessage(channel=SALES, thread_ts=root, text="x", blocks=[block])


async def test_uploads_are_checked(slack: LocalSlack, client: AsyncWebClient) -> None:
    url = client.files_getUploadURLExternal
    assert await refusal(url(filename="x.csv", length=0)) == "missing_argument"
    assert await refusal(url(filename="x.csv", length=1, alt_txt="x" * 1001)) == "alt_txt_too_large"
    assert await refusal(url(filename="x.csv", length=1, snippet_type="cobol")) == "unknown_snippet_type"
    begun = await url(filename="x.csv", length=3)
    complete = client.files_completeUploadExternal
    assert await refusal(complete(files=[{"id": begun["file_id"]}], channel_id=SALES)) == "file_not_found"
    async with aiohttp.ClientSession() as session, session.post(begun["upload_url"], data=b"a,b") as response:
        assert await response.text() == "OK - 3"
    files = [{"id": begun["file_id"], "title": "X"}]
    assert await refusal(complete(files=files, channel_id=RANDOM)) == "not_in_channel"
    await complete(files=files)
    assert await refusal(complete(files=files, channel_id=SALES)) == "file_not_found"
    form = aiohttp.FormData()
    form.add_field("filename", b"multipart", filename="y.txt")
    second = await url(filename="y.txt", length=9)
    async with aiohttp.ClientSession() as session, session.post(second["upload_url"], data=form) as response:
        assert response.status == 200
    assert slack.files[second["file_id"]].data == b"multipart"


async def test_a_download_needs_the_token_and_the_scope(slack: LocalSlack) -> None:
    data = "地域,売上\n東京,1\n".encode("cp932")
    await slack.human.post(SALES, files=[("売上.csv", data)])
    url = slack.messages(SALES)[0]["files"][0]["url_private_download"]
    assert await fetch(slack, url) == (200, "text/csv", data)
    status, kind, body = await fetch(slack, url, "xoxb-wrong")
    assert (status, kind) == (200, "text/html")
    assert b"Sign in" in body
    slack.scopes.remove("files:read")
    assert (await fetch(slack, url))[1] == "text/html"


async def test_files_of_other_channels_are_not_visible(slack: LocalSlack, client: AsyncWebClient) -> None:
    await slack.human.post(RANDOM, files=[("secret.csv", b"a\n1")])
    file = slack.messages(RANDOM)[0]["files"][0]
    assert await refusal(client.files_info(file=file["id"])) == "file_not_found"
    assert (await fetch(slack, file["url_private"]))[1] == "text/html"
    assert (await client.files_list())["files"] == []


async def test_deleted_files_become_tombstones(slack: LocalSlack, client: AsyncWebClient) -> None:
    async with bot_of(slack) as bot:
        ts = await slack.human.post(SALES, files=[("a.csv", b"a\n1")])
        file = slack.messages(SALES)[0]["files"][0]
        await slack.human.delete_file(file["id"])
        assert slack.message(SALES, ts)["files"] == [{"id": file["id"], "mode": "tombstone"}]  # type: ignore[index]
        assert await refusal(client.files_info(file=file["id"])) == "file_deleted"
        assert (await fetch(slack, file["url_private"]))[0] == 404
        (event,) = await slack.wait(lambda _: bot.of("file_deleted"))
        assert event["channel_ids"] == [SALES]


async def test_a_changed_file_is_told(slack: LocalSlack, client: AsyncWebClient) -> None:
    async with bot_of(slack) as bot:
        await slack.human.post(SALES, files=[("a.csv", b"a\n1")])
        file = slack.messages(SALES)[0]["files"][0]
        await slack.human.change_file(file["id"], b"a\n1\n2")
        await slack.wait(lambda _: bot.of("file_change"))
        facts = (await client.files_info(file=file["id"]))["file"]
        assert (facts["size"], "edit_timestamp" in facts) == (5, True)


async def test_external_and_connect_files(slack: LocalSlack, client: AsyncWebClient) -> None:
    async with bot_of(slack) as bot:
        slack.channels[SALES].is_ext_shared = True
        eva = "U0EVA000001"
        slack.add_user(eva, "eva", team="T0OTHER001")
        slack.channels[SALES].members.append(eva)
        await slack.human.post(SALES, "look", user=eva, files=[("a.csv", b"a\n1")], connect=True)
        (event,) = await slack.wait(lambda _: bot.of("message"))
        (stub,) = event["files"]
        assert stub["file_access"] == "check_file_info"
        assert bot.payloads[0]["is_ext_shared_channel"]
        assert (await client.files_info(file=stub["id"]))["file"]["name"] == "a.csv"
        ts = await slack.human.share_external(SALES, "Plan", "https://docs.google.com/x")
        external = slack.message(SALES, ts)["files"][0]  # type: ignore[index]
        assert (external["mode"], external["external_type"]) == ("external", "gdrive")


async def test_listing_files(slack: LocalSlack, client: AsyncWebClient) -> None:
    for number in range(3):
        await slack.human.post(SALES, files=[(f"{number}.csv", b"a\n1")])
    answer = await client.files_list(channel=SALES, count=2)
    assert (len(answer["files"]), answer["paging"]["total"], answer["paging"]["pages"]) == (2, 3, 2)
    assert (await client.files_list(channel=SALES, user=slack.bot_user))["files"] == []
    assert await refusal(client.files_list(types="poems")) == "unknown_type"


async def test_only_own_files_can_be_deleted(slack: LocalSlack, client: AsyncWebClient) -> None:
    await slack.human.post(SALES, files=[("a.csv", b"a\n1")])
    theirs = slack.messages(SALES)[0]["files"][0]["id"]
    assert await refusal(client.files_delete(file=theirs)) == "cant_delete_file"
    mine = (await client.files_upload_v2(content=b"x", filename="x.txt"))["files"][0]["id"]
    await client.files_delete(file=mine)
    assert await refusal(client.files_delete(file=mine)) == "file_deleted"


async def test_large_files_come_from_disk(slack: LocalSlack, tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_bytes(b"a,b\n" * 500_000)
    await slack.human.post(SALES, files=[("big.csv", path)])
    file = slack.messages(SALES)[0]["files"][0]
    assert (file["mode"], file["size"]) == ("hosted", 2_000_000)
    assert len((await fetch(slack, file["url_private_download"]))[2]) == 2_000_000


async def test_download_faults(slack: LocalSlack) -> None:
    await slack.human.post(SALES, files=[("a.csv", b"x" * 100)], user=ANN)
    url = slack.messages(SALES)[0]["files"][0]["url_private"]
    slack.faults.download_login()
    assert (await fetch(slack, url))[1] == "text/html"
    slack.faults.http_error("download", 500, times=2)
    assert [(await fetch(slack, url))[0] for _ in range(3)] == [500, 500, 200]
    slack.faults.download_cut(after=10)
    with pytest.raises(aiohttp.ClientError):
        await fetch(slack, url)
    slack.faults.download_slow(0.001, chunk=50)
    assert len((await fetch(slack, url))[2]) == 100
    assert [call.status for call in slack.called("download")] == [200, 500, 500, 200, 0, 200]
