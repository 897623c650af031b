"""Debian's Chromium under Playwright; a loud skip where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Headless Chromium: ``CHROMIUM``, or one that is installed. Without one the test is skipped; in CI it fails."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        reason = "THE PAGE IS NOT TESTED: no Chromium on this machine (apt-get install chromium, or set CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        await browser.close()


@asynccontextmanager
async def browser_page(width: int = 1280, height: int = 860) -> AsyncIterator[Page]:
    """A page in headless Chromium that fails the test on an uncaught error of the page's script."""
    errors: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.5)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert not errors
