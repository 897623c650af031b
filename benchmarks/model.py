"""A model that takes its time: silent at first, then an answer in even pieces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playground.ports import ModelRequest, RunCode

END = "That is all."


@dataclass
class Tempo:
    """How an answer comes.

    Args:
        silence: Seconds before the first piece.
        pieces: How many pieces.
        pause: Seconds between two.
        characters: Of the whole answer.
    """

    silence: float = 3.4
    pieces: int = 20
    pause: float = 0.08
    characters: int = 400

    @property
    def seconds(self) -> float:
        """How long the model works on an answer."""
        return self.silence + self.pieces * self.pause


AT_ONCE = Tempo(silence=0.0, pieces=1, pause=0.0, characters=60)


class TimedModel:
    """Answers every question in the same way, in the tempo that holds when it is asked.

    Attributes:
        first: When the first piece of an answer was sent, by the question's text (epoch seconds).
    """

    trusted = True

    def __init__(self) -> None:
        self.tempo = Tempo()
        self.first: dict[str, float] = {}

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        tempo = self.tempo
        question = request.user_parts[-1].strip() if request.user_parts else ""
        await asyncio.sleep(tempo.silence)
        self.first[question] = time.time()
        words = ("word " * (tempo.characters // 5 + 1))[: tempo.characters - len(END)]
        size = -(-len(words) // tempo.pieces)
        for start in range(0, len(words), size):
            yield words[start : start + size]
            await asyncio.sleep(tempo.pause)
        yield END
