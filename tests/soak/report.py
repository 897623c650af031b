"""What a soak has come to: as JSON, and as lines for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.table import quantile
from playground.azure.server import LocalAzure
from playground.slack.server.server import LocalSlack
from tests.soak.checker import Asked, Evidence, Finding, outcome_of, strict_pairs
from tests.soak.plan import STOPS
from tests.soak.replicas import Life
from tests.support import proof
from tests.support.world import turn_of, words_of

TOO_MANY = 429
YOUNG = 60.0
"""Seconds after which a process has what it needs, and should not grow any more."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """How the soak was run."""

    seed: int
    seconds: float
    questions: int
    threads: int
    replicas: int
    limit_factor: float


def report(
    ran: Ran,
    evidence: Evidence,
    findings: Sequence[Finding],
    slack: LocalSlack,
    azure: LocalAzure,
    lives: Sequence[Life],
    done: Counter[str],
) -> Json:
    """All figures.

    Args:
        ran: How it was run.
        evidence: What is there at the end.
        findings: What the checker says of that.
        slack: The local Slack, with its ledger.
        azure: The local Azure, with its ledger.
        lives: The bots' processes.
        done: How often each trouble was made.
    """
    messages = {turn_of(m): m for found in evidence.messages.values() for m in proof.outcomes(found)}
    questions = [asked for asked in evidence.asked if asked.act in {"question", "withdrawn"}]
    return {
        "ran": asdict(ran),
        "verdict": "each accepted question has one outcome, in order" if not findings else "BROKEN",
        "findings": [asdict(finding) for finding in findings],
        "questions": _questions(questions, evidence),
        "outcomes": dict(Counter(outcome_of(messages[q.turn]) for q in questions if q.turn in messages)),
        "errors": _errors(messages, questions),
        "troubles": dict(sorted(done.items())),
        "met": _met(slack, azure),
        "seconds": _seconds(slack, evidence, messages),
        "memory": _memory(lives),
    }


def _questions(questions: Sequence[Asked], evidence: Evidence) -> Json:
    by_place: dict[tuple[str, str], list[Asked]] = {}
    for asked in questions:
        by_place.setdefault(asked.place, []).append(asked)
    return {
        "asked": len(questions),
        "threads": len(by_place),
        "accepted": sum(asked.acked is not None for asked in questions),
        "never acked": sum(asked.acked is None for asked in questions),
        "withdrawn": sum(asked.act == "withdrawn" for asked in questions),
        "stops": sum(asked.act in STOPS for asked in evidence.asked),
        "pairs in certain order": sum(1 for asked in by_place.values() for _ in strict_pairs(asked)),
    }


def _errors(messages: dict[str, Json], questions: Sequence[Asked]) -> dict[str, int]:
    said = [words_of(m) for q in questions if (m := messages.get(q.turn)) and outcome_of(m) == "error"]
    lines = [line for words in said for line in words.splitlines() if line.startswith(":warning:")]
    return dict(Counter(lines))


def _met(slack: LocalSlack, azure: LocalAzure) -> Json:
    calls = Counter(_fate(call.status, call.error) for call in slack.calls)
    asked = Counter(_fate(entry.status or 0, "") for entry in azure.requests)
    events = [envelope for envelope in slack.envelopes if envelope.kind == "events_api"]
    return {
        "slack": {"calls": len(slack.calls), **{key: n for key, n in calls.items() if key}},
        "slack 429": dict(Counter(call.method for call in slack.calls if call.status == TOO_MANY).most_common()),
        "azure": {"requests": len(azure.requests), **{key: n for key, n in asked.items() if key}},
        "events": len(events),
        "deliveries beyond the first": sum(max(0, len(envelope.attempts) - 1) for envelope in events),
        "events lost": sum(envelope.state == "dropped" for envelope in events),
    }


def _fate(status: int, error: str) -> str:
    if status == TOO_MANY or error == "ratelimited":
        return "429"
    if status == 0:
        return "cut"
    return "5xx" if status >= 500 else ""


def _seconds(slack: LocalSlack, evidence: Evidence, messages: dict[str, Json]) -> Json:
    acks = [e.ack_seconds for e in slack.envelopes if e.ack_seconds is not None]
    ends: dict[str, float] = {}
    for act in slack.acts:
        if act.kind in {"posted", "stream_ended"}:
            ends[act.ts] = act.time
    kinds: dict[str, list[float]] = {"ack": acks, "answer": [], "error": [], "stopped": []}
    for asked in evidence.asked:
        message = messages.get(asked.turn)
        if message and asked.act == "question" and (kind := outcome_of(message)) in kinds:
            end = ends[message["ts"]]
            kinds[kind].append(end - (_stop_before(end, asked, evidence) if kind == "stopped" else asked.written))
    return {kind: _percentiles(values) for kind, values in kinds.items() if values}


def _stop_before(end: float, stopped: Asked, evidence: Evidence) -> float:
    """When the stop was written or pressed that led to an outcome."""
    stops = [one.written for one in evidence.asked if one.place == stopped.place and one.act in STOPS]
    return max((written for written in stops if written < end), default=stopped.written)


def _percentiles(values: Sequence[float]) -> Json:
    shares = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {"n": len(values), **{name: round(quantile(values, share), 3) for name, share in shares.items()}}


def _memory(lives: Sequence[Life]) -> Json:
    """The largest process, and how the one that lived longest has grown since its first minute."""
    sizes = [size for life in lives for _, size in life.memory]
    grown = [
        (life.memory[-1][0], size, life.memory[-1][1])
        for life in lives
        if (size := next((size for age, size in life.memory if age >= YOUNG), 0.0))
    ]
    found: Json = {"processes": len(lives), "largest MB": round(max(sizes, default=0.0), 1)}
    if grown:
        age, first, last = max(grown)
        found |= {"longest life s": round(age), "MB after a minute": round(first, 1), "MB at its end": round(last, 1)}
    return found


def readable(figures: Json) -> str:
    """The same for a person."""
    lines = [f"SOAK: {figures['verdict']}", "  " + _pairs(figures["ran"])]
    lines += [f"  {key:9} {_pairs(figures[key])}" for key in ("questions", "outcomes", "troubles", "memory")]
    met = dict(figures["met"])
    lines += [f"  {key:9} {_pairs(met.pop(key))}" for key in ("slack", "slack 429", "azure")]
    lines.append(f"  events    {_pairs(met)}")
    lines += [f"  {kind:9} {_pairs(values)} s" for kind, values in figures["seconds"].items()]
    lines += [f"  error     {number} × {sentence}" for sentence, number in figures["errors"].items()]
    lines += [f"  FINDING   {f['rule']}: {'/'.join(f['place'])} {f['detail']}" for f in figures["findings"]]
    return "\n".join(lines)


def _pairs(values: Json) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())
