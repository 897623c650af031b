"""The metrics, by their Prometheus names. None has a label that somebody outside chooses.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import time
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest

Service = Literal["slack", "model"]
Milestone = Literal["first_sign", "first_text", "done"]

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640)
_TURNS = Counter("analyst_turns", "Questions that have their outcome.", ["outcome"], registry=REGISTRY)
_WAITED_FOR = Histogram(
    "analyst_turn_seconds",
    "From a question's acceptance to what its asker sees.",
    ["until"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_CALLS = Counter("analyst_calls", "Calls of services.", ["service", "method", "status"], registry=REGISTRY)
_LIMITS = Counter("analyst_limit_wait_seconds", "Waited for a service's limits.", ["service"], registry=REGISTRY)
_TOKENS = Counter(
    "analyst_tokens", "Tokens that answers took; cached ones are input, too.", ["kind"], registry=REGISTRY
)
_COST = Counter("analyst_cost", "What answers cost, in the currency of PRICE_CURRENCY.", registry=REGISTRY)
_NUMBERS = Counter("analyst_numbers", "Numbers of answers, computed again.", ["verdict"], registry=REGISTRY)
_STALLS = Counter("analyst_loop_stalls", "How often the event loop was held up.", registry=REGISTRY)
_OPEN = Gauge("analyst_open_turns", "Questions without an outcome, of all replicas.", ["state"], registry=REGISTRY)
_CONNECTED = Gauge("analyst_slack_connected", "Whether Slack reaches this process (1 or 0).", registry=REGISTRY)


def turn_ended(outcome: str, accepted_at: float) -> None:
    """A question has its outcome; ``accepted_at``: epoch seconds."""
    _TURNS.labels(outcome).inc()
    reached("done", accepted_at)


def reached(milestone: Milestone, accepted_at: float) -> None:
    """The asker of a question sees something."""
    _WAITED_FOR.labels(milestone).observe(max(0.0, time.time() - accepted_at))


def called(service: Service, method: str, status: str) -> None:
    """A call of a service has ended: ``ok``, or the name of our error for it."""
    _CALLS.labels(service, method, status).inc()


def waited(service: Service, seconds: float) -> None:
    """A call waits because a service limits us."""
    _LIMITS.labels(service).inc(seconds)


def spent(input_tokens: int, cached_tokens: int, output_tokens: int, cost: float | None) -> None:
    """What a run took; ``cost`` is None where no prices are set."""
    for kind, number in (("input", input_tokens), ("cached", cached_tokens), ("output", output_tokens)):
        _TOKENS.labels(kind).inc(number)
    _COST.inc(cost or 0.0)


def checked(verdict: str, numbers: int) -> None:
    """Numbers were computed again: they agree, differ, or cannot be checked; ``malformed`` counts receipts."""
    _NUMBERS.labels(verdict).inc(numbers)


def stalled() -> None:
    """The event loop was held up."""
    _STALLS.inc()


def exposition(*, waiting: int, running: int, connected: bool) -> bytes:
    """All metrics as Prometheus reads them, with what is asked for just now."""
    _OPEN.labels("waiting").set(waiting)
    _OPEN.labels("running").set(running)
    _CONNECTED.set(connected)
    return generate_latest(REGISTRY)
