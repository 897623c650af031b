"""What was said so far, for a model that has not got it any more: all of it in short, the latest answers in full.

What people say is cut last: definitions, units and exclusions are agreed on in their words.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_TURNS = 300
MOST_OF_A_TEXT = 8_000
"""Characters that are looked at of a question or an answer."""
MOST = 48_000
"""Characters of a transcript."""
_LATE = 10
"""Turns whose answers come before all earlier ones."""
_TURN = "User: {question}\nAssistant: {answer}"
_BETWEEN = "\n\n"
_CUT = "…"


def transcript(turns: Sequence[tuple[str, str]], most: int = MOST) -> str:
    """Questions and answers, oldest first, in at most so many characters."""
    frame = len(_TURN.format(question="", answer="")) + len(_BETWEEN)
    turns = turns[-max(1, most // (2 * frame)) :]
    room = most - frame * len(turns)
    questions = fitted([question for question, _ in turns], room // 2)
    room -= sum(map(len, questions))
    late = fitted([answer for _, answer in turns[-_LATE:]], room * 2 // 3)
    early = fitted([answer for _, answer in turns[:-_LATE]], room - sum(map(len, late)))
    told = zip(questions, [*early, *late], strict=True)
    return _BETWEEN.join(_TURN.format(question=question, answer=answer) for question, answer in told)


def fitted(texts: Sequence[str], room: int) -> list[str]:
    """Texts cut so that all together have at most so many characters: the longest are cut, the others stay whole."""
    cap = _cap([len(text) for text in texts], max(0, room))
    return [text if len(text) <= cap else text[: max(0, cap - len(_CUT))] + _CUT[:cap] for text in texts]


def _cap(lengths: Sequence[int], room: int) -> int:
    """The length up to which texts stay whole."""
    left = room
    for position, length in enumerate(sorted(lengths)):
        count = len(lengths) - position
        if length * count > left:
            return left // count
        left -= length
    return max(lengths, default=0)
