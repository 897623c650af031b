"""Event streams of both wires."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from azure_assistant.assistants.stream import AssistantsReader
from azure_assistant.errors import AssistantError
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.transport.wire_json import as_objects
from tests.fuzz.source import Source
from tests.fuzz.targets.messages import broken
from tests.hostile.models import ASSISTANTS, RESPONSES, assistants_stream, responses_stream

STREAMS: tuple[tuple[type[ResponsesReader | AssistantsReader], Any], ...] = (
    (ResponsesReader, responses_stream()),
    (AssistantsReader, assistants_stream()),
    *((ResponsesReader, stream) for stream in RESPONSES.values() if stream),
    *((AssistantsReader, stream) for stream in ASSISTANTS.values() if stream),
)


def seeds() -> Iterable[bytes]:
    """Each stream, as it is and broken."""
    return [
        bytes((place, *more)) for place in range(len(STREAMS)) for more in (b"", b"\0\1\0\5\2", b"\0\2\0\7\1\0\3\4")
    ]


def one(data: bytes) -> None:
    """Only errors of ours are raised, and there are no more events than the stream gives reason for."""
    source = Source(data)
    kind, sample = source.choice(STREAMS)
    stream = broken(source, (sample,))
    reader, count = kind(), 0
    for event in stream if isinstance(stream, list) else []:
        try:
            count += len(list(reader.read(as_objects(event))))
        except AssistantError:
            break
    assert count <= 2 * len(stream) + 5 if isinstance(stream, list) else not count
    _ask(reader)


def _ask(reader: ResponsesReader | AssistantsReader) -> None:
    assert isinstance(reader.text, str)
    assert isinstance(reader.cut_short, bool)
    if isinstance(reader, ResponsesReader):
        reader.citations()
        reader.containers()
    if reader.final is not None:
        reader.failure()
