"""``python -m tests.walk``: starts the playground and the bot as ``make try`` does, and asks one question.

It needs what a newcomer has installed and nothing of the tests, so that it runs on any Python.
"""

from __future__ import annotations

import asyncio
import platform
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp

from playground.samples import ENGLISH, FOLDER

ROOT = Path(__file__).resolve().parents[1]
CHANNEL = "C0SALES001"
QUESTION = "<@U0ANALYST01> average revenue by region"
ANSWER_SECONDS = 90.0

Json = dict[str, Any]


async def walk() -> str:
    """Start, ask, and end.

    Returns:
        What the bot has said.
    """
    playground = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--port", "0"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession(await address(playground)) as page:
            said = await answer(page)
    finally:
        if playground.returncode is None:
            playground.send_signal(signal.SIGINT)
        status = await playground.wait()
    if status:
        raise SystemExit(f"The playground ended with {status}.")
    return said


async def address(playground: asyncio.subprocess.Process) -> str:
    """The page's address, as the playground prints it for a person."""
    assert playground.stdout
    async for line in playground.stdout:
        if "Ready. Open " in (text := line.decode()):
            return text.split()[2]
    raise SystemExit("The playground did not start.")


async def answer(page: aiohttp.ClientSession) -> str:
    """Share the sample file with a question, and wait for words and a chart in its thread."""
    form = aiohttp.FormData({"channel": CHANNEL, "text": QUESTION})
    form.add_field("files", (FOLDER / ENGLISH).read_bytes(), filename=ENGLISH)
    async with page.ws_connect("/human/live") as changes:
        async with page.post("/human/post", data=form) as response:
            place = {"channel": CHANNEL, "ts": (await response.json())["ts"]}
        async for _ in changes:
            async with page.get("/human/thread", params=place) as response:
                replies: list[Json] = (await response.json())["messages"][1:]
            said = str([message.get("blocks") for message in replies])
            if "West" in said and any(message.get("files") for message in replies):
                return said
    raise SystemExit("The page was closed before there was an answer.")


if __name__ == "__main__":
    asyncio.run(walk())
    sys.stdout.write(f"Python {platform.python_version()} with SQLite {sqlite3.sqlite_version}: answered.\n")
