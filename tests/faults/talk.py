"""A thread with the bot in a world that is shared, and what tests of faults at Azure look at there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import aiohttp

from errors import AnalystError
from replies.views.wording import Wording
from tests.support.world import Json, World, part_of, turn_of, words_of

CSV = b"region,revenue\nEast,10\nWest,20\n"
SAYS = "[[say The total is 30.]]"
ANSWER = "The total is 30."
LONG = "[[code]] [[long 1200]]"
"""Long enough to be streamed, so that the fault comes when people read already."""
WARNING = ":warning:"


@dataclass
class Talk:
    """A thread of its own, in a channel of its own: ``turns`` were asked there, ``seen`` messages were looked at."""

    world: World
    channel: str
    thread: str = ""
    turns: int = 0
    seen: int = 0

    async def ask(self, text: str, *, files: Mapping[str, bytes] | None = None, shared: int = 0) -> str:
        """Ask, and return the words of what is new in the thread, once it is all there.

        Args:
            text: The question.
            files: To upload with it, by name.
            shared: How many files the bot is to have shared in the thread by then.
        """
        return "\n".join(map(words_of, await self.messages(text, files=files, shared=shared)))

    async def messages(self, text: str, *, files: Mapping[str, bytes] | None = None, shared: int = 0) -> list[Json]:
        """Ask, and return what is new in the thread: one message with words, and one for each file."""
        await self.begin(text, files=files)
        return await self.end(shared)

    async def begin(self, text: str, *, files: Mapping[str, bytes] | None = None) -> str:
        """Ask, without waiting for anything; returns the question's ts."""
        uploads = list((files or {}).items())
        ts = await self.world.ask(text, channel=self.channel, thread=self.thread or None, files=uploads)
        self.thread = self.thread or ts
        self.turns += 1
        return ts

    async def end(self, shared: int = 0) -> list[Json]:
        """What is new in the thread, once every question has its outcome."""
        found = await self.world.outcomes(self.channel, self.thread, self.turns, files=shared)
        fresh, self.seen = found[self.seen :], len(found)
        own = [message for message in fresh if turn_of(message) and not message.get("files")]
        texts = [message for message in own if not part_of(message).endswith(":refused")]  # files that cannot be had
        assert len(texts) == 1, f"one visible outcome: {texts}"
        return fresh

    def conversations(self) -> list[str]:
        """Ids at Azure, of the thread's conversation and of those that replaced it."""
        held = self.world.azure.conversations.values()
        return [one.id for one in held if one.metadata.get("slack_thread") == self.thread]

    def asked(self) -> list[Json]:
        """What was sent to Azure as questions of this thread."""
        known = self.conversations()
        bodies = [entry.body or {} for entry in self.world.azure.requests.of("POST", "/responses")]
        return [body for body in bodies if body.get("conversation") in known]


Talks = Callable[[], Talk]
"""Makes one more."""


def sentence(kind: type[AnalystError]) -> str:
    """How the sentence of an error begins, up to what it names."""
    return Wording("en-US").say(kind.template().partition("{")[0].rstrip("( `*"))


def shared_files(world: World, messages: Iterable[Json]) -> dict[str, bytes]:
    """The files that messages show, by name."""
    files = [file for message in messages for file in message.get("files", [])]
    assert len({file["name"] for file in files}) == len(files), "each once"
    return {file["name"]: world.slack.files[file["id"]].content() for file in files}


def copies(world: World, data: bytes) -> list[str]:
    """Ids of the files at Azure that have these bytes."""
    return [file.id for file in world.azure.files.values() if file.data == data]


async def lose(world: World, path: str) -> None:
    """Delete something at Azure behind the bot's back."""
    url = f"{world.azure.endpoint}/openai/v1{path}"
    async with aiohttp.ClientSession(headers={"api-key": world.azure.api_key}) as client, client.delete(url) as answer:
        assert answer.status == 200, await answer.text()
