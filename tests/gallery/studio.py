"""Where the pictures are taken: the whole bot, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.async_api import Locator, Page, expect

from playground import samples
from playground.interpreter.jupyter import JupyterInterpreter
from playground.samples import ENGLISH, JAPANESE
from playground.slack.server.samples import sample_routes
from tests.gallery.model import GalleryModel
from tests.support.browser import browser_page
from tests.support.world import ANN, SALES, World

WIDTH, HEIGHT = 1280, 860
TALL = 3000
"""Points; higher than any answer, so that nothing scrolls while it is cropped."""

SALES_FILE = samples.FOLDER / ENGLISH
JAPANESE_FILE = samples.FOLDER / JAPANESE


@dataclass
class Studio:
    """The bot at work, and a page on it.

    Attributes:
        world: Slack, Azure and the bot.
        model: Who answers.
        page: The playground's page.
        folder: Where pictures are stored.
        taken: The pictures so far.
    """

    world: World
    model: GalleryModel
    page: Page
    folder: Path
    taken: list[Path] = field(default_factory=list)

    async def ask(
        self, text: str, *, file: Path | None = None, user: str = ANN, channel: str = SALES, charts: int = 0
    ) -> str:
        """Ask with a mention, wait for the outcome, and open its thread; returns the thread."""
        files = [(file.name, await asyncio.to_thread(file.read_bytes))] if file else []
        thread = await self.world.ask(text, user=user, channel=channel, files=files)
        await self.world.outcomes(channel, thread, files=charts)
        await self.look(channel, thread=thread, user=user)
        return thread

    async def look(
        self, channel: str, *, thread: str = "", user: str = ANN, tab: str = "", size: tuple[int, int] = (WIDTH, TALL)
    ) -> None:
        """Go to a place on the page and wait until all of it is drawn."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        there = {"user": user, "channel": channel, "thread": thread, "tab": tab}
        await self.page.goto("about:blank")
        await self.page.goto(
            f"{self.world.slack.url}/#{urlencode({key: value for key, value in there.items() if value})}"
        )
        await self.page.locator("body[data-ready]").wait_for()
        await self.settle()

    async def settle(self) -> None:
        """Wait for fonts and pictures."""
        await self.page.evaluate(SETTLED)

    async def thread(self, name: str, count: int) -> None:
        """Take the open thread, from its head to the end of its last message.

        Args:
            name: Of the picture.
            count: How many messages it has.
        """
        pane = self.page.get_by_test_id("thread-pane")
        await expect(pane.get_by_test_id("message")).to_have_count(count)
        await self.settle()
        await self.take(name, pane, until=pane.locator(".log-inner"))

    async def take(self, name: str, what: Locator, *, until: Locator | None = None) -> None:
        """Take a part of the page, cut off below ``until``."""
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("document.activeElement?.blur()")
        # The pane's rounded corner would show what lies behind it.
        await what.evaluate("node => { node.style.borderRadius = 0; node.style.borderLeft = 0; }")
        box, end = await what.bounding_box(), await (until or what).bounding_box()
        assert box, f"nothing to see for {name}"
        assert end, f"nothing to see for {name}"
        height = end["y"] + end["height"] - box["y"]
        left = math.ceil(box["x"])
        clip = {"x": left, "y": box["y"], "width": math.floor(box["x"] + box["width"]) - left, "height": height}
        await self.store(name, await self.page.screenshot(clip=clip, animations="disabled"))  # type: ignore[arg-type]

    async def window(self, path: Path) -> None:
        """Take the whole window."""
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("document.activeElement?.blur()")
        await self.store(path.stem, await self.page.screenshot(animations="disabled"), path)

    async def store(self, name: str, png: bytes, path: Path | None = None) -> None:
        """Write a picture, with few enough colours to be small."""
        path = path or self.folder / f"{name}.png"
        await asyncio.to_thread(path.write_bytes, _reduced(png))
        self.taken.append(path)


SETTLED = """async () => {
    await document.fonts.ready;
    const images = [...document.images];
    for (const image of images) image.loading = "eager";
    await Promise.all(images.map((image) => image.decode().catch(() => null)));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def _reduced(png: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(out, "PNG", optimize=True)
    return out.getvalue()


Scene = Callable[[Studio], Awaitable[None]]


@asynccontextmanager
async def open_studio(folder: Path, pictures: Path) -> AsyncIterator[Studio]:
    """Everything started, and closed again.

    Args:
        folder: For the bot's database.
        pictures: Where pictures are stored.
    """
    await asyncio.to_thread(partial(pictures.mkdir, parents=True, exist_ok=True))
    model = GalleryModel()
    interpreter = await JupyterInterpreter().start()
    routes = sample_routes(samples.FOLDER, samples.DESCRIPTIONS)
    async with World(folder, model, interpreter, routes=routes) as world, browser_page(WIDTH, HEIGHT) as page:
        page.set_default_timeout(20_000)
        await world.start_bot()
        yield Studio(world, model, page, pictures)
