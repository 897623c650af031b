"""The dashboard and the alerts speak of metrics that there are, and what is told has no label from outside."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from telemetry import metrics
from telemetry.logs import JsonLines, lines_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAMES = re.compile(r"\b(?:analyst|process)_[a-z_]+")


def exposed() -> dict[str, float]:
    """Every sample, by its name and labels."""
    told = metrics.exposition(waiting=2, running=1, connected=True).decode()
    families = text_string_to_metric_families(told)
    return {f"{one.name}{sorted(one.labels.items())}": one.value for family in families for one in family.samples}


def expressions() -> Iterator[str]:
    """What the dashboard draws and the alerts watch."""
    for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def touch_all() -> None:
    """Let every metric have a sample."""
    metrics.turn_ended("answered", 0.0)
    metrics.reached("first_sign", 0.0)
    metrics.called("slack", "chat.postMessage", "ok")
    metrics.waited("model", 1.5)
    metrics.spent(10, 2, 5, None)
    metrics.stalled()
    metrics.checked("agrees", 2)


def test_dashboard_and_alerts_speak_of_metrics_that_there_are() -> None:
    touch_all()
    known = {name.partition("[")[0] for name in exposed()}
    wanted = {name for expression in expressions() for name in NAMES.findall(expression)}
    assert len(wanted) > 8
    assert wanted <= known


def test_every_metric_is_on_the_dashboard_or_watched() -> None:
    told = " ".join(expressions())
    ours = {family.name for family in metrics.REGISTRY.collect() if family.name.startswith("analyst_")}
    assert [name for name in ours if name not in told] == []


def test_what_is_counted_is_told() -> None:
    before = exposed()
    touch_all()
    after = exposed()
    grown = {name for name in after if after[name] != before.get(name, 0.0) and "created" not in name}
    for part in (
        "analyst_turns_total",
        "analyst_calls_total",
        "analyst_limit_wait_seconds_total",
        "analyst_tokens_total",
    ):
        assert any(name.startswith(part) for name in grown), part
    assert after["analyst_open_turns[('state', 'waiting')]"] == 2
    assert after["analyst_slack_connected[]"] == 1


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    failed = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("conversations.turns", logging.INFO, "x.py", 1, message, arguments, failed)


@pytest.mark.parametrize("text", ["a word", 'quotes " and \\', "two\nlines", "日本語", "\x00\x1b[31m", "\ud800"])
def test_a_line_is_one_json_object_with_its_turn(text: str) -> None:
    with lines_of("T:C:1"):
        line = JsonLines().format(record("it is %s", text))
    assert "\n" not in line
    told = json.loads(line)
    assert (told["message"], told["turn"], told["level"]) == (f"it is {text}", "T:C:1", "INFO")
    assert told["logger"] == "conversations.turns"
    line.encode("ascii")


def test_a_traceback_stays_on_the_line() -> None:
    line = JsonLines().format(record("broke", error=ValueError("x")))
    assert "ValueError: x" in json.loads(line)["traceback"]
    assert "turn" not in json.loads(line)
