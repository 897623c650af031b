"""H4 and H10, the model's side: an answer of any length and shape holds up nobody, and comes to its outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from random import Random

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter
from tests.hostile.author import Author, Python
from tests.hostile.beside import acks, nobody_waits
from tests.hostile.texts import SHAPES
from tests.support.world import World, words_of

LONG = 400_000
TABLE = "|" + "c|" * 20 + "\n|" + "-|" * 20 + "\n" + ("|" + "7|" * 20 + "\n") * 50_000
"""A million cells."""

CODE = "# Count\nx = 1" + (" " * 90_000 + "\n") * 20
"""1.8 MB."""

CALLS = "open(" * 12_000


def pieces(text: str) -> list[str]:
    """Deltas of all sizes."""
    chance, found, begin = Random(1), list[str](), 0
    while begin < len(text):
        end = begin + int(10 ** chance.uniform(1, 4.5))
        found.append(text[begin:end])
        begin = end
    return found


ANSWERS: Mapping[str, Sequence[str | Python]] = {
    "words": pieces(SHAPES["words"](LONG)),
    "japanese": [SHAPES["japanese words"](LONG)],
    "brackets": [SHAPES["open brackets"](LONG)],
    "addresses": pieces(SHAPES["addresses"](LONG)),
    "newlines": [SHAPES["newlines between two words"](LONG)],
    "fence": ["```\n", SHAPES["letters"](LONG)],
    "marks": ["| a |\n|---|\n", *["| " + SHAPES["bold words"](1900) + " |\n"] * 30],
    "table": [TABLE],
    "code": [Python(CODE), "It is 1."],
    "calls": [Python(CALLS), "It is 2."],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), Author(ANSWERS), ScriptedInterpreter()) as made:
        await made.start_bot()
        await acks(made)
        yield made


@pytest.mark.asyncio(loop_scope="module")
async def test_h4_h10_whatever_the_model_writes_others_are_acked_and_it_is_answered(world: World) -> None:
    """All answers of a kind, one after the other; the watchdog looks for callbacks that took too long."""
    asked: dict[str, tuple[str, str]] = {}
    for name in ANSWERS:
        channel = world.new_channel()

        async def send(channel: str = channel, name: str = name) -> None:
            asked[name] = (channel, await world.ask(name, channel=channel))

        await nobody_waits(world, send)
    for name, place in asked.items():
        found = await world.outcomes(*place, timeout=120)
        assert ":warning: " not in "\n".join(map(words_of, found)), name
    world.check_stalls()
