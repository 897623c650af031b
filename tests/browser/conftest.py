"""A real Chromium for the tests of the page. Where there is none they are skipped, loudly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio
from playwright.async_api import Browser, Error, Page, ViewportSize

from tests.browser.stage import Stage
from tests.support.browser import chromium

BLANK = "about:blank"
SIZE: ViewportSize = {"width": 1280, "height": 800}
STORED = "localStorage.length + sessionStorage.length + document.cookie.length"
OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """One tab for all tests: a profile with a process of its own costs each a second of CPU."""
    page = await browser.new_page(viewport=SIZE)
    page.set_default_timeout(8000)
    yield page
    await page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(tab: Page) -> AsyncIterator[OpenPage]:
    """Opens an address; any uncaught error of the page's script, and anything that it stores, fails the test."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    async def open_(address: str) -> Page:
        await tab.goto(BLANK)  # from its own address to another fragment of it, the page would not begin anew
        await tab.goto(address)
        await tab.locator("body[data-ready]").wait_for()
        return tab

    tab.on("pageerror", note)
    await tab.set_viewport_size(SIZE)
    yield open_
    stored = await tab.evaluate(STORED)
    await tab.goto(BLANK)
    tab.remove_listener("pageerror", note)
    assert errors == []
    assert stored == 0, "the next test would find it"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def theatre(browser: Browser) -> AsyncIterator[Stage]:
    """One server for all tests, whose files the browser keeps; comes after it, so that a skip costs nothing."""
    stage = Stage()
    await stage.start()
    yield stage
    await stage.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(theatre: Stage, open_page: OpenPage) -> Stage:
    """A stage with nothing on it yet; the page of the test before has left it."""
    await theatre.connected(lambda pages: pages == 0)
    theatre.clear()
    return theatre
