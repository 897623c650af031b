"""Turn 60 knows what was said in turn 1: the real bot, on both wires, with a model that reads little at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.settings import Settings
from replies.views.sentences import NOTES
from tests.support.world import SALES, World

WINDOW = 6000
"""Tokens; the instructions alone have about 1,000."""
FACT = "Revenue means net of VAT, and Kyoto counts as West."
TURNS = 60
NEAR_THE_END = 55


@pytest.mark.parametrize(("api", "compacts"), [("responses", True), ("assistants", False)])
async def test_what_was_agreed_on_at_the_beginning_is_known_at_the_end(
    tmp_path: Path, api: str, compacts: bool
) -> None:
    model = ScriptedModel()
    async with World(tmp_path, model, interpreter := ScriptedInterpreter()) as world:
        await world.azure.stop()
        world.azure = LocalAzure(model, interpreter, Settings(context_tokens=WINDOW, compacts=compacts))
        await world.azure.start()
        world.settings |= {"MODEL_WINDOW": str(WINDOW), "AZURE_OPENAI_API": api}
        await world.run_bot()
        ts = await world.ask(f"{FACT} [[code]] [[long 900]]", files=[("sales.csv", b"region,revenue\nEast,10\n")])
        await world.outcomes(SALES, ts)
        for number in range(2, TURNS + 1):
            await world.ask(f"And how is it in region {number}? [[code]] [[long 900]]", thread=ts)
            found = await world.outcomes(SALES, ts, number)
        assert len(model.requests) == TURNS
        for request in model.requests[NEAR_THE_END:]:
            read = "\n".join([*(past.text for past in request.history), *request.user_parts])
            assert FACT in read
            assert "sales.csv" in "".join(request.user_parts)
        told = sum(NOTES["condensed"] in str(message) for message in found)
        assert told == 0 if compacts else 0 < told < TURNS // 4
