"""Reading messages of channels and threads: text, files, tables, whatever their JSON holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conversations.ports.workplace import Message
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import Source
from tests.hostile.mutate import mutant, paths, replaced
from tests.hostile.payloads import BOT, BOT_ID, MESSAGES
from workplace.parsing import files_of, message
from workplace.reading.message_text import message_text

SAMPLES = tuple(MESSAGES.values())


def seeds() -> Iterable[bytes]:
    """Each message, as it is and broken."""
    return [bytes((place, *more)) for place in range(len(SAMPLES)) for more in (b"", b"\1\0\5\2", b"\2\0\7\1\0\3\4")]


def one(data: bytes) -> None:
    """A message comes out, with what can be read."""
    read(broken(Source(data), SAMPLES))


def broken(source: Source, samples: tuple[Any, ...]) -> Any:
    """A sample with up to three members replaced, and one text by whatever bytes are left."""
    value = mutant(source.choice(samples), source, source.below(4))
    place, text = source.below(64), source.text()
    texts = [path for path in paths(value) if isinstance(_at(value, path), str)]
    return replaced(value, texts[place % len(texts)], text) if texts and text else value


def read(raw: Any) -> None:
    """Read it as history is read."""
    json.dumps(raw)
    if not isinstance(raw, Mapping):
        return
    found = message(raw, BOT, BOT_ID)
    assert isinstance(found, Message)
    assert all(isinstance(word, str) for word in (found.ts, found.user, found.text, found.thread_ts))
    for file in files_of(raw):
        assert file.id
        assert isinstance(file.size, int)
    text = str(message_text(raw))
    assert_linear(lambda grown: str(message_text({**raw, "text": grown})), text)


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value
