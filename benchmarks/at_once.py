"""Many questions at once, streamed: the bot beside the floor and the naive bot, each freshly started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.stage import Kind, Round
from benchmarks.table import Row, at_most, median, milliseconds, of_floor, quantile

Rounds = Mapping[Kind, Sequence[Round]]

SIGN_GOALS = {30: 0.7, 150: 0.5}
DONE_GOAL = 1.05
CPU_GOAL = 1.5


async def simultaneous(bench: Bench) -> list[Row]:
    """N mentions at once, streamed: first sign, first text, done, CPU; beside the floor and the naive bot."""
    rows = []
    for position, (full, sign_goal) in enumerate(SIGN_GOALS.items()):
        count = bench.sizes(full)
        rounds: dict[Kind, list[Round]] = {"floor": [], "bot": [], "naive": []}
        for _ in range(bench.runs):
            for kind, found in rounds.items():
                if kind != "naive" or not (position or found):
                    found.append(await bench.one_round(kind, count))
        rows += _side_by_side(count, rounds, sign_goal)
        rows += (
            [] if position else [at_most("first text after the model's first token p50", 0.85, _text(rounds["bot"]))]
        )
    return rows


def _side_by_side(count: int, rounds: Rounds, sign_goal: float) -> list[Row]:
    rows = [
        _row(f"first sign p95, {count} at once", sign_goal, {kind: _sign(found) for kind, found in rounds.items()}),
        _row(f"done p95, {count} at once", DONE_GOAL, {kind: _done(found) for kind, found in rounds.items()}),
        _row(
            f"CPU a streamed mention, {count} at once", CPU_GOAL, {kind: cpu(found) for kind, found in rounds.items()}
        ),
    ]
    rows[-1].note = "without what is used when idle"
    acks = quantile([ack for one in rounds["bot"] for ack in one.acks], 0.99)
    lost = sum(one.lost for one in rounds["bot"])
    return [*rows, Row(f"ack p99, {count} at once", "", milliseconds(acks), note=f"{lost} without answer")]


def _row(figure: str, most: float, each: Mapping[Kind, float]) -> Row:
    row = of_floor(figure, most, each["bot"], each["floor"])
    row.naive = milliseconds(each["naive"]) if each["naive"] == each["naive"] else ""
    return row


def _sign(rounds: Sequence[Round]) -> float:
    return median([quantile(one.times(lambda asked: asked.sign), 0.95) for one in rounds])


def _text(rounds: Sequence[Round]) -> float:
    return median(
        [
            quantile([a.spoke - one.first[a.text] for a in one.asked if a.spoke and a.text in one.first], 0.5)
            for one in rounds
        ]
    )


def _done(rounds: Sequence[Round]) -> float:
    return median([done(one) for one in rounds])


def done(one: Round) -> float:
    """Seconds after which 95 of 100 answers were complete."""
    return quantile(one.times(lambda asked: asked.done), 0.95)


def cpu(rounds: Sequence[Round]) -> float:
    """CPU seconds of a question."""
    return median([one.cpu / 1000 for one in rounds])
