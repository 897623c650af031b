"""The newcomer's walk in a real browser, with the real bot, real Python and the sample file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from playground import samples
from playground.analyst import OfflineAnalyst
from playground.interpreter import JupyterInterpreter
from playground.samples import ENGLISH
from playground.slack.server.samples import sample_routes
from tests.support.browser import browser_page
from tests.support.world import World

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


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    interpreter = await JupyterInterpreter().start()
    routes = sample_routes(samples.FOLDER, samples.DESCRIPTIONS)
    async with World(tmp_path, OfflineAnalyst(), interpreter, routes=routes) as made:
        await made.start_bot()
        yield made


async def ask(page: Page, where: str, text: str) -> None:
    suffix = "-thread" if where == "thread" else ""
    await page.get_by_test_id(f"composer{suffix}").fill(text)
    await page.get_by_test_id(f"send{suffix}").click()


async def test_drop_the_sample_mention_see_text_and_chart_and_follow_up(world: World) -> None:
    async with browser_page() as page:
        await page.goto(world.slack.url)
        await page.get_by_test_id("channel-sales").click()
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


async def test_the_page_offers_the_samples(world: World) -> None:
    async with browser_page() as page:
        await page.goto(world.slack.url)
        await page.get_by_test_id("channel-sales").click()
        await expect(page.get_by_test_id("sample-card")).to_have_count(2)
        await page.get_by_test_id("sample-card").first.click()
        await expect(page.get_by_test_id("attachment")).to_have_count(1)
