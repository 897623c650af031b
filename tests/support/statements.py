"""Statements are compiled once in a process, for all databases of a kind.

SQLAlchemy compiles them for each engine anew. The bot has one of ours and one of DBOS's, the tests hundreds: half of
what a test of the heart takes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect


class _SharedCache:
    """In place of the attribute in which each engine keeps what it has compiled."""

    def __init__(self) -> None:
        self._caches: dict[Any, Any] = {}

    def __get__(self, engine: Any, _: object = None) -> Any:
        return self._caches[_kind(engine.dialect)]

    def __set__(self, engine: Any, cache: object) -> None:
        self._caches.setdefault(_kind(engine.dialect), cache)


def share_statements() -> None:
    """Let engines that are made from now on share what they have compiled."""
    DefaultDialect.__eq__ = _same  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _hash  # type: ignore[method-assign]
    Engine._compiled_cache = _SharedCache()  # type: ignore[assignment]


def _kind(dialect: Any) -> tuple[Any, ...]:
    return type(dialect), dialect.paramstyle, dialect._json_serializer, dialect._json_deserializer


def _same(self: Any, other: object) -> bool:
    return self is other or (isinstance(other, DefaultDialect) and _kind(self) == _kind(other))


def _hash(self: Any) -> int:
    return hash(type(self))
