"""Changing JSON by dotted paths, for payloads and events that are to be broken in one place."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def altered(payload: T, changes: Mapping[str, Any], without: Sequence[str] = ()) -> T:
    """A deep copy with values set and members left out.

    Args:
        payload: JSON.
        changes: values by dotted path; numbers are places in lists (``{"actions.0.value": None}``).
        without: paths to leave out.

    Raises:
        LookupError: A path leads through something that is not there.
    """
    changed = copy.deepcopy(payload)
    for path, value in changes.items():
        parent, last = _walk(changed, path)
        parent[last] = value
    for path in without:
        parent, last = _walk(changed, path)
        del parent[last]
    return changed


def _walk(payload: Any, path: str) -> tuple[Any, Any]:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        payload = _checked(payload, step)[step]
    return _checked(payload, last), last


def _checked(parent: Any, step: int | str) -> Any:
    if isinstance(parent, list if isinstance(step, int) else dict):
        return parent
    raise LookupError(step)
