"""Long streams against the limits of Slack's streams, five minutes shortened to a second."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from conversations.ports.replies import Footer
from playground.slack.server.server import LocalSlack
from tests.replies.conftest import FAST, World, said
from tests.replies.test_answer import TABLE, WORDS

pytestmark = pytest.mark.thorough

SCALE = 0.004
"""A stream lives for 1.2 s, and is rolled after 0.96 s."""

PACE = replace(FAST, roll_seconds=240 * SCALE)


@pytest.mark.thorough
async def test_an_answer_that_is_written_for_ten_minutes_is_rolled_in_time() -> None:
    """No call comes too late for its stream, in the words and in the code as little as in the tables."""
    code = "```python\n" + "print('a line of code')\n" * 30 + "```\n\n"
    text = WORDS * 40 + "\n\n" + code + TABLE + "\n" + WORDS * 10 + "\n\n" + TABLE + "\n" + code + WORDS * 30
    pieces = [text[begin : begin + 100] for begin in range(0, len(text), 100)]
    async with LocalSlack(seed=1, time_scale=SCALE) as slack, aiohttp.ClientSession() as session:
        world = World(slack, session)
        await world.ask()
        answer = world.answer(pace=PACE)
        for piece in pieces:
            await answer.text(piece)
            await asyncio.sleep(600 * SCALE / len(pieces))
        await answer.finish(text, Footer())
        streams = [slack.called(f"chat.{method}Stream") for method in ("start", "append", "stop")]
        assert [call.error for calls in streams for call in calls if call.error] == []
        assert len(streams[0]) >= 3
        assert world.text().count("Sales rose") == 80
        assert world.text().count("print('a line of code')") == 60
        assert world.text().count("<table 3>") == 2
        assert all(said(message).count("```") % 2 == 0 for message in world.shown())
        assert {message["streaming_state"] for message in world.shown()} == {"completed"}
        await answer.close()
