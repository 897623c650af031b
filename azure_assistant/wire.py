"""The service's JSON as it comes. For streams: the SDK's models cost several times as much as all else of an event."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class WireObject(SimpleNamespace):
    """A JSON object with its members as attributes; what the service leaves out is None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def as_objects(value: Any) -> Any:
    """A JSON value whose objects are ``WireObject``."""
    if isinstance(value, dict):
        return WireObject(**{str(key): as_objects(inner) for key, inner in value.items()})
    return [as_objects(inner) for inner in value] if isinstance(value, list) else value
