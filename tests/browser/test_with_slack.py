"""The page on the real local Slack, with slack_sdk as the app."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server.server import LocalSlack
from tests.browser.conftest import OpenPage
from tests.browser.stage import ANN, BOT, SALES, csv

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_question_with_a_file_and_a_streamed_answer(open_page: OpenPage) -> None:
    async with LocalSlack() as slack:
        app = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        page = await open_page(f"{slack.url}/#channel={SALES}")
        await page.get_by_test_id("file-input").set_input_files(csv("orders.csv", b"region,units\nEU,1\n"))
        await page.get_by_test_id("composer").fill("@analyst <b>sum</b> & chart?")
        await page.get_by_test_id("composer").press("Enter")
        await expect(page.get_by_test_id("file")).to_contain_text("orders.csv")
        [question] = slack.messages(SALES)
        assert question["text"] == f"<@{BOT}> &lt;b&gt;sum&lt;/b&gt; &amp; chart?"
        await expect(page.get_by_test_id("message-text").first).to_have_text("@analyst <b>sum</b> & chart?")

        place = {"channel_id": SALES, "thread_ts": question["ts"]}
        await app.assistant_threads_setStatus(**place, status="is reading orders.csv…")
        pane = page.get_by_test_id("thread-pane")
        await expect(pane.get_by_test_id("status")).to_have_text("analyst is reading orders.csv…")
        stream = await app.chat_stream(
            channel=SALES, thread_ts=question["ts"], recipient_team_id=slack.team, recipient_user_id=ANN, buffer_size=1
        )
        await stream.append(markdown_text="The sum is **one**.")
        await expect(pane.locator(".caret")).to_be_visible()
        await expect(pane.locator(".markdown strong, .rich-text strong")).to_have_text("one")
        await stream.stop()
        await expect(pane.locator(".caret")).to_have_count(0)
        await expect(page.get_by_test_id("thread-reply-count")).to_have_text("1 reply")
        await pane.get_by_test_id("composer-thread").fill("thanks")
        await pane.get_by_test_id("composer-thread").press("Enter")
        await expect(pane.get_by_test_id("message")).to_have_count(3)


async def test_stop_ends_the_stream(open_page: OpenPage) -> None:
    async with LocalSlack() as slack:
        app = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        question = await slack.human.post(SALES, "@analyst go")
        page = await open_page(f"{slack.url}/#channel={SALES}&thread={question}")
        stream = await app.chat_stream(
            channel=SALES, thread_ts=question, recipient_team_id=slack.team, recipient_user_id=ANN, buffer_size=1
        )
        await stream.append(markdown_text="Working on it")
        await page.get_by_test_id("stop").click()
        await expect(page.get_by_test_id("stop")).to_be_hidden()
        assert slack.messages(SALES, question)[-1]["streaming_state"] != "in_progress"
