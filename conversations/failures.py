"""Errors as JSON, so that a recorded step can end in one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from azure_assistant.errors import AnalystError


def to_json(error: AnalystError) -> dict[str, Any]:
    """The error's class name, fields and detail."""
    return {"kind": type(error).__name__, "fields": error.fields, "detail": error.detail}


def from_json(value: dict[str, Any]) -> AnalystError:
    """The error again; an unknown kind (of a newer version) becomes the root of the tree."""
    kinds = {kind.__name__: kind for kind in _tree(AnalystError)}
    return kinds.get(value["kind"], AnalystError)(value["detail"], **value["fields"])


def _tree(kind: type[AnalystError]) -> Iterator[type[AnalystError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)
