"""A question's trace has its steps and calls, and none of its words; without an endpoint nothing is imported for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from telemetry import traces
from tests.support.world import SALES, World

pytest.importorskip(
    "opentelemetry.sdk", reason="LOUD: traces are not tested without `pip install -r deploy/traces.txt`"
)

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

SECRET = "Zebrafink-4711"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    end = traces.open_traces("http://localhost:4318", SimpleSpanProcessor(exporter))
    yield exporter
    end()


def below(span: ReadableSpan, found: list[ReadableSpan]) -> list[str]:
    """What stands directly below a span."""
    assert span.context
    return [one.name for one in found if one.parent and one.parent.span_id == span.context.span_id]


async def test_a_question_is_a_trace_without_words(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        await world.run_bot()
        world.azure.faults.add("server_error", path="/responses", method="POST")
        question = f"{SECRET} [[code 1]] [[say {SECRET}]]"
        ts = await world.ask(question, files=[(f"{SECRET}.csv", f"a\n{SECRET}\n".encode())])
        await world.outcomes(SALES, ts)
        async with asyncio.timeout(20):  # it ends after what it shows, and nothing tells when
            while "turn" not in [span.name for span in spans.get_finished_spans()]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    found = list(spans.get_finished_spans())
    assert SECRET not in " ".join(span.to_json() for span in found)
    (turn,) = [span for span in found if span.name == "turn"]
    assert turn.context
    assert turn.attributes == {"analyst.turn": f"{world.slack.team}:{SALES}:{ts}"}
    steps = below(turn, found)
    assert {"step plan", "step start", "step run", "step text"} <= set(steps)
    assert any(name.startswith("step attach") for name in steps)
    (text,) = [span for span in found if span.name == "step text"]
    assert text.attributes == {"analyst.outcome": "answered"}
    calls = {span.name: span for span in found if span.context and span.context.trace_id == turn.context.trace_id}
    assert {"slack chat.postMessage", "model POST responses", "model POST files"} <= calls.keys()
    failed = [span for span in found if span.name == "model POST responses" and not span.status.is_ok]
    assert [span.attributes["analyst.status"] for span in failed if span.attributes] == ["500"]


def test_an_error_is_told_by_its_type(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=SECRET), traces.span("step"):
        raise ValueError(SECRET)
    (span,) = spans.get_finished_spans()
    assert span.attributes == {"error.type": "ValueError"}
    assert SECRET not in span.to_json()


def test_without_an_endpoint_nothing_is_imported() -> None:
    code = "import app.run, conversations.service, sys; print([m for m in sys.modules if 'opentelemetry' in m])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
