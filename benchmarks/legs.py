"""The two legs of a large file, Slack → spool and spool → Azure, by the bot's own code and by a plain copy, in turn.

A program of its own, on the bot's core: it prints the seconds of each copy as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Thread
from conversations.files.spool import Spool
from conversations.ports.workplace import SharedFile
from workplace.download import Downloads

LIMIT = 2**30
PLAIN_CHUNK = 256 * 1024
NAME = "large.csv"


class Legs:
    """One file, ways to carry it."""

    def __init__(self, session: aiohttp.ClientSession, url: str, size: int, folder: Path) -> None:
        self._session = session
        self._file = SharedFile("F0", NAME, size, url=url)
        self._token = os.environ["SLACK_BOT_TOKEN"]
        self._downloads = Downloads(session, self._token, os.environ["SLACK_API_URL"], LIMIT)
        self._spool = Spool(LIMIT, folder / "spool")
        self._copy = folder / "copy.csv"
        self._endpoint = f"{os.environ['AZURE_OPENAI_ENDPOINT']}/openai/v1/"
        self._key = os.environ["AZURE_OPENAI_API_KEY"]
        self._assistant = open_assistant(
            AssistantConfig(
                endpoint=self._endpoint, api_key=self._key, deployment=os.environ["AZURE_OPENAI_DEPLOYMENT"]
            )
        )

    async def from_slack(self) -> None:
        """As the bot does it."""
        async with (
            self._spool.reserve(NAME, self._file.size) as place,
            self._downloads.open(self._file) as chunks,
        ):
            await place.write(chunks)

    async def from_slack_plainly(self) -> None:
        """A response's bytes into a file."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.get(self._file.url, headers=headers) as response:
            with self._copy.open("wb") as target:
                async for chunk in response.content.iter_chunked(PLAIN_CHUNK):
                    target.write(chunk)

    async def to_azure(self) -> None:
        """As the bot does it."""
        thread = Thread("")
        with self._copy.open("rb") as source:
            made = await self._assistant.add_file(thread, NAME, source, self._file.size)
        await self._assistant.remove_file(thread, made.id)

    async def to_azure_plainly(self) -> None:
        """A form with the file in it."""
        headers = {"api-key": self._key}
        with self._copy.open("rb") as source:
            form = aiohttp.FormData({"purpose": "assistants"})
            form.add_field("file", source, filename=NAME, content_type="text/csv")
            async with self._session.post(f"{self._endpoint}files", data=form, headers=headers) as response:
                made = await response.json()
        async with self._session.delete(f"{self._endpoint}files/{made['id']}", headers=headers) as response:
            response.raise_for_status()

    async def close(self) -> None:
        """Remove what was copied."""
        await self._assistant.close()
        await self._spool.close()


async def seconds(copy: Callable[[], Awaitable[None]]) -> float:
    """How long a copy takes."""
    begun = time.monotonic()
    await copy()
    return time.monotonic() - begun


async def main(url: str, size: int, runs: int) -> None:
    """Carry the file ``runs`` times in each way, after once for nothing."""
    with tempfile.TemporaryDirectory() as folder:
        async with aiohttp.ClientSession() as session:
            legs = Legs(session, url, size, Path(folder))
            ways = (legs.from_slack_plainly, legs.from_slack, legs.to_azure_plainly, legs.to_azure)
            rounds = [[await seconds(way) for way in ways] for _ in range(runs + 1)]
            await legs.close()
    taken = {way.__name__: [one[position] for one in rounds[1:]] for position, way in enumerate(ways)}
    sys.stdout.write(json.dumps(taken))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
