"""A model that writes what a test has given it, in the pieces that it was given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from playground.ports import ModelRequest, RunCode


@dataclass(frozen=True)
class Python:
    """A piece of code that the model runs."""

    code: str


class Author:
    """Answers with the pieces that stand under the question's first word; each becomes one delta."""

    trusted = True

    def __init__(self, answers: Mapping[str, Sequence[str | Python]]) -> None:
        self.answers = dict(answers)
        self.requests: list[ModelRequest] = []

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``playground.ports.Model``."""
        self.requests.append(request)
        for piece in self.answers.get(request.user_parts[-1].split()[0], ["hi"]):
            if isinstance(piece, Python):
                await run_code(piece.code)
            else:
                yield piece
