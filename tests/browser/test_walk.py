"""The newcomer's walk in a real browser, with the real bot, real Python and the sample file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from playground import samples
from playground.analyst import OfflineAnalyst
from playground.interpreter import JupyterInterpreter
from playground.samples import ENGLISH
from playground.slack.server.samples import sample_routes
from tests.browser.conftest import OpenPage
from tests.support.world import ANN, BOB, KENJI, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIXELS = """async image => {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return colours.size;
}"""
"""How many colours an image on the page has; a blank one has one."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Comes after the browser, so that a skip costs nothing."""
    interpreter = await JupyterInterpreter(spare=False).start()
    routes = sample_routes(samples.FOLDER, samples.DESCRIPTIONS)
    async with World(tmp_path_factory.mktemp("bot"), OfflineAnalyst(), interpreter, routes=routes) as made:
        await made.run_bot()
        yield made


async def ask(page: Page, where: str, text: str) -> None:
    suffix = "-thread" if where == "thread" else ""
    await page.get_by_test_id(f"composer{suffix}").fill(text)
    await page.get_by_test_id(f"send{suffix}").click()


async def test_drop_the_sample_mention_see_text_and_chart_and_follow_up(world: World, open_page: OpenPage) -> None:
    channel = world.new_channel()
    page = await open_page(world.slack.url)
    await page.get_by_test_id(f"channel-{channel.lower()}").click()
    await page.get_by_test_id("file-input").set_input_files(samples.FOLDER / ENGLISH)
    await ask(page, "channel", "@analyst average revenue by region")
    await page.get_by_test_id("thread-reply-count").click(timeout=60_000)

    thread = page.get_by_test_id("thread-pane")
    await expect(thread).to_contain_text("average revenue", ignore_case=True, timeout=60_000)
    await expect(thread).to_contain_text("West")
    chart = thread.get_by_test_id("image").first
    await chart.wait_for(timeout=60_000)
    assert await chart.evaluate(PIXELS) > 10

    await ask(page, "thread", "and by month?")
    await expect(thread.get_by_test_id("image")).to_have_count(2, timeout=60_000)
    await expect(thread).to_contain_text("2025-12")
    second = thread.get_by_test_id("image").nth(1)
    assert await second.evaluate(PIXELS) > 10
    assert "sandbox:" not in await thread.inner_text()


async def test_the_page_offers_the_samples(world: World, open_page: OpenPage) -> None:
    page = await open_page(world.slack.url)
    await page.get_by_test_id("channel-sales").click()
    await expect(page.get_by_test_id("sample-card")).to_have_count(2)
    await page.get_by_test_id("sample-card").first.click()
    await expect(page.get_by_test_id("attachment")).to_have_count(1)


CSV = b"region,revenue\nNorth,150\nSouth,7\n"
OTHER = b"region,revenue\nNorth,1\nSouth,1\n"


async def in_new_thread(page: Page, said: str) -> None:
    """Open the thread that somebody's words have begun."""
    message = page.get_by_test_id("message").filter(has_text=said)
    await message.get_by_test_id("thread-reply-count").click(timeout=60_000)


async def test_forward_a_message_with_a_table_and_ask(world: World, open_page: OpenPage) -> None:
    source = world.slack.add_channel("C0FINANCE1", "finance", [ANN, KENJI, world.slack.bot_user]).id
    channel = world.new_channel()
    await world.slack.human.post(channel, files=[("other.csv", OTHER)], user=BOB)
    await world.slack.human.post(source, "Here are the Q3 numbers", files=[("Q3 report.csv", CSV)], user=KENJI)
    page = await open_page(world.slack.url)
    await page.get_by_test_id("channel-finance").click()
    original = page.get_by_test_id("message").filter(has_text="Here are the Q3 numbers")
    await original.hover()
    await original.get_by_test_id("more").click()
    await page.get_by_test_id("forward").click()
    await page.get_by_test_id("forward-to").select_option(channel)
    await page.get_by_test_id("forward-text").fill("@analyst total revenue, no chart")
    await page.get_by_test_id("forward-send").click()
    await page.get_by_test_id(f"channel-{channel.lower()}").click()
    await in_new_thread(page, "total revenue, no chart")
    thread = page.get_by_test_id("thread-pane")
    await expect(thread.get_by_test_id("forwarded")).to_have_text("健二")
    await expect(thread).to_contain_text("157", timeout=60_000)
    await expect(thread).to_contain_text("Q3 report.csv (健二")
    assert "other.csv" not in await thread.inner_text()


async def test_name_a_file_with_blanks_and_one_that_is_nowhere(world: World, open_page: OpenPage) -> None:
    channel = world.new_channel()
    await world.slack.human.post(channel, files=[("Q3 report.csv", CSV)], user=KENJI)
    await world.slack.human.post(channel, files=[("newest.csv", OTHER)], user=BOB)
    page = await open_page(world.slack.url)
    await page.get_by_test_id(f"channel-{channel.lower()}").click()
    thread = page.get_by_test_id("thread-pane")
    await ask(page, "channel", "@analyst total revenue in Q3 report.csv, no chart")
    await in_new_thread(page, "in Q3 report.csv")
    await expect(thread).to_contain_text("157", timeout=60_000)
    assert "newest" not in await thread.inner_text()

    await ask(page, "channel", "@analyst total revenue in Q4_report.csv, no chart")
    await in_new_thread(page, "in Q4_report.csv")
    await expect(thread).to_contain_text("Which file do you mean?", timeout=60_000)
    await thread.get_by_role("button", name="Q3 report.csv").click()
    await expect(thread).to_contain_text("Ann chose Q3 report.csv.", timeout=60_000)
    await expect(thread).to_contain_text("157", timeout=60_000)

    await ask(page, "channel", "@analyst total revenue, no chart")
    await in_new_thread(page, "@analyst total revenue, no chart")
    await expect(thread).to_contain_text("From newest.csv, the newest here:", timeout=60_000)
