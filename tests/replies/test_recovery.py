"""A process dies at any call to Slack; the next one ends the turn in exactly one outcome."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from conversations.ports.contents import InMemory
from conversations.ports.replies import Deliverable, Footer
from playground.slack.delivery.faults import When
from tests.replies.conftest import World, said

WORDS = "Sales rose in every region this year. "
LONG = WORDS * 10 + "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n" + WORDS * 600
FOOTER = Footer(seconds=1.0)
CHART = Deliverable("chart:0", "chart", "c.png", "C", "Bars", "image/png", InMemory(b"\x89PNG\r\n\x1a\n" + b"0" * 64))


async def run(world: World, text: str, *, recovering: bool) -> None:
    """A turn from the first word to the chart."""
    answer = world.answer(recovering=recovering)
    if not recovering:
        for begin in range(0, len(text), 2000):
            await answer.text(text[begin : begin + 2000])
        await asyncio.sleep(0.05)
    await answer.prepare([CHART])
    await answer.finish(text, FOOTER)
    await answer.attach([CHART])


@pytest.mark.one_in(5)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize(
    "method",
    [
        "chat.startStream",
        "chat.appendStream",
        "chat.stopStream",
        "chat.postMessage",
        "files.getUploadURLExternal",
        "upload",
        "files.completeUploadExternal",
    ],
)
async def test_death_at_any_call_leaves_one_outcome(world: World, method: str, call: int, when: When) -> None:
    gate = world.slack.faults.hold(method, when=when, skip=call - 1)
    first = asyncio.create_task(run(world, LONG, recovering=False))
    reached = asyncio.create_task(gate.reached.wait())
    await asyncio.wait([first, reached], return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await world.answers[0]._live.close()
    await world.answers[0]._uploader.close()
    gate.release()

    await run(world, LONG, recovering=True)
    await world.slack.wait(lambda _: any(message.get("files") for message in world.shown()))

    words = [message for message in world.shown() if not message.get("files")]
    text = "".join(said(message) for message in words)
    assert text.count("Sales rose") == 610
    assert text.count("<table 2>") == 1
    completed = [m for m in words if m.get("metadata", {}).get("event_payload", {}).get("part") == "answer"]
    assert len(completed) == 1
    assert completed[0] is words[-1] or completed[0]["ts"] == words[-1]["ts"]
    assert sum(len(message.get("files", [])) for message in world.shown()) == 1
    assert len(world.shared_files()) == 1


async def test_another_turns_answer_is_left_alone(world: World) -> None:
    await world.answer().finish("First.", FOOTER)
    before = world.place
    ts = await world.slack.human.post(before.channel, "And now?", thread=before.thread)
    world.journal.notes.clear()
    world.place = type(before)(
        f"{before.turn}x", before.team, before.channel, before.thread, ts, before.asker, before.asker_team
    )
    await world.answer(recovering=True).finish("Second.", FOOTER)
    assert world.text() == "First.Second."


TABLE = "| n | square |\n|--:|--:|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(150)) + "\n\n"
TOO_LONG = WORDS * 10 + "\n\n" + TABLE + WORDS * 3000
ARCHIVE = Deliverable("archive:0", "file", "files.zip", "files.zip", "", "application/zip", InMemory(b"PK" + b"0" * 64))


@pytest.mark.thorough
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("streams", "method", "call"),
    [
        (True, "chat.startStream", 1),
        (True, "chat.postMessage", 1),
        (False, "chat.postMessage", 5),
        (False, "chat.postMessage", 10),
        (False, "files.completeUploadExternal", 1),
        (True, "files.completeUploadExternal", 2),
        (True, "files.completeUploadExternal", 3),
        (False, "upload", 1),
        (True, "upload", 2),
    ],
)
async def test_death_leaves_one_of_each_file_that_goes_beside(
    world: World, streams: bool, method: str, call: int, when: When
) -> None:
    """A text that is too long for its messages, a table that is too large, and an archive."""
    gate = world.slack.faults.hold(method, when=when, skip=call - 1)
    first = asyncio.create_task(beside(world, streams=streams))
    reached = asyncio.create_task(gate.reached.wait())
    await asyncio.wait([first, reached], return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await world.answers[0]._live.close()
    await world.answers[0]._uploader.close()
    gate.release()

    await beside(world, streams=None)
    names = ["c.png", "files.zip", "table-1.csv", "answer.md"]
    await world.slack.wait(lambda _: len(shown_files(world)) >= len(names))
    assert sorted(shown_files(world)) == sorted(names)
    assert len(world.shared_files()) == len(names)
    words = [message for message in world.shown() if not message.get("files")]
    assert len(words) <= 10
    assert sum(message["metadata"]["event_payload"]["part"] == "answer" for message in words) == 1
    assert "all of it is in answer.md" in str(words[-1]["blocks"])


async def beside(world: World, *, streams: bool | None) -> None:
    """A turn of much text; ``streams`` is None for the one that recovers it."""
    answer = world.answer(recovering=streams is None)
    if streams:
        for begin in range(0, len(TOO_LONG), 20_000):
            await answer.text(TOO_LONG[begin : begin + 20_000])
        await asyncio.sleep(0.05)
    await answer.prepare([CHART, ARCHIVE])
    await answer.finish(TOO_LONG, FOOTER)
    await answer.attach([CHART, ARCHIVE])


def shown_files(world: World) -> list[str]:
    return [file["name"] for message in world.shown() for file in message.get("files", [])]
