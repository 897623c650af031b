"""A model that takes its time: silent at first, then an answer in even pieces."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playground.ports import ModelRequest, RunCode

END = "That is all."
PATH = re.compile(r"`(/mnt/data/[^`]+)`")


@dataclass
class Tempo:
    """How an answer comes.

    Args:
        silence: Seconds before the first piece.
        pieces: How many pieces.
        pause: Seconds between two.
        characters: Of the whole answer.
        charts: How many are drawn in the silence, and linked at the end.
    """

    silence: float = 3.4
    pieces: int = 20
    pause: float = 0.08
    characters: int = 400
    charts: int = 0

    @property
    def seconds(self) -> float:
        """How long the model works on an answer."""
        return self.silence + self.pieces * self.pause


AT_ONCE = Tempo(silence=0.0, pieces=1, pause=0.0, characters=60)


class TimedModel:
    """Answers every question in the same way, in the tempo that holds when it is asked.

    Attributes:
        code: What it runs first, with the first file's path for ``{path}``; it says what that printed.
        asked: When it was asked, by the question's text (epoch seconds).
        first: When the first piece of an answer was sent.
        ended: When the last one was.
    """

    trusted = True

    def __init__(self) -> None:
        self.tempo = Tempo()
        self.code = ""
        self.asked: dict[str, float] = {}
        self.first: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        tempo = self.tempo
        question = request.user_parts[-1].strip() if request.user_parts else ""
        self.asked[question] = time.time()
        await asyncio.sleep(tempo.silence)
        if self.code:
            path = next(iter(PATH.findall("\n".join(request.user_parts))), "")
            yield (await run_code(self.code.replace("{path}", path))).logs
        charts = [f"chart_{number}.png" for number in range(tempo.charts)]
        if charts:
            await run_code("\n".join(f"write {chart}" for chart in charts))
        self.first[question] = time.time()
        words = ("word " * (tempo.characters // 5 + 1))[: tempo.characters - len(END)]
        size = -(-len(words) // tempo.pieces)
        for start in range(0, len(words), size):
            yield words[start : start + size]
            await asyncio.sleep(tempo.pause)
        for chart in charts:
            yield f"\n\n[{chart}](sandbox:/mnt/data/{chart})"
        yield f"\n\n{END}" if charts else END
        self.ended[question] = time.time()
