"""OpenTelemetry traces: a span for each turn, in it one for each step and each call of a service. Names, no contents.

Nothing of OpenTelemetry is imported before ``open_traces``, and until then spans cost a comparison.
https://opentelemetry.io/docs/specs/semconv/
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

NAME = "slack-data-analyst"
PACKAGES = "deploy/traces.txt"

_tracer: Tracer | None = None


class PackagesMissing(Exception):
    """OpenTelemetry is not installed."""


def open_traces(endpoint: str, processor: SpanProcessor | None = None) -> Callable[[], None]:
    """Begin to trace.

    Args:
        endpoint: Where spans go, by OTLP over HTTP: a collector's address, to which ``/v1/traces`` is added.
        processor: What takes them instead, for tests.

    Returns:
        What ends it: what is not sent yet is sent. It blocks.

    Raises:
        PackagesMissing: See ``PACKAGES``.
    """
    global _tracer  # noqa: PLW0603 - one process has one
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise PackagesMissing(str(error)) from error
    provider = TracerProvider(resource=Resource.create().merge(Resource({SERVICE_NAME: NAME})))
    address = f"{endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter(address)))
    _tracer = provider.get_tracer(NAME)

    def end() -> None:
        global _tracer  # noqa: PLW0603
        _tracer = None
        provider.shutdown()

    return end


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """What is done meanwhile is a span, within that of who does it. Of an error its type is told, and no word."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import StatusCode

    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield
        except BaseException as error:
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_status(StatusCode.ERROR)
            raise


def mark(**attributes: str) -> None:
    """Add to the span of what is being done."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(attributes)


def called(service: str, method: str, status: str, began: float, *, failed: bool) -> None:
    """A call of a service has ended just now, as a span of its own; ``began``: epoch seconds."""
    if _tracer is not None:
        from opentelemetry.trace import SpanKind, StatusCode

        told = {"peer.service": service, "rpc.method": method, "analyst.status": status}
        opened = _tracer.start_span(
            f"{service} {method}", kind=SpanKind.CLIENT, attributes=told, start_time=int(began * 1e9)
        )
        if failed:
            opened.set_status(StatusCode.ERROR)
        opened.end(int(time.time() * 1e9))
