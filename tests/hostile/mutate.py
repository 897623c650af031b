"""JSON broken in one place at a time: every member null, missing, of another type, absurdly large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

Path = tuple[str | int, ...]
T = TypeVar("T")


class Missing:
    """What a mutation puts in place of a member that it takes out."""

    def __repr__(self) -> str:
        return "missing"


MISSING: Final = Missing()
REPLACEMENTS: Mapping[str, Any] = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "fraction": 0.5,
    "huge": 10**30,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "empty text": "",
    "text": "x",
    "half a character": "\ud83d",
    "nothing": "\0",
    "long": "9" * 5_000,
    "empty list": [],
    "nulls": [None],
    "lists": [[[]]],
    "mixed": [None, 0, "x", [], {}],
    "empty object": {},
    "object": {"": None, "type": "x", "id": [], "text": {"text": {}}},
}


class Chooser(Protocol):
    """Where chance comes from: ``random.Random``, or a fuzzer's bytes."""

    def choice(self, values: Sequence[T], /) -> T:
        """One of the values."""
        ...


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all members, the value itself first."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from paths(inner, (*path, key))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """The value with one member replaced; what is not on the way is shared, not copied."""
    if not path:
        return new
    key, *rest = path
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    inner = replaced(changed[key], tuple(rest), new)
    if inner is MISSING:
        del changed[key]
    else:
        changed[key] = inner
    return changed


def mutations(value: Any, replacements: Mapping[str, Any] = REPLACEMENTS) -> Iterator[tuple[Path, str, Any]]:
    """Each member replaced by each replacement: place, name of the replacement, and the result."""
    for path in paths(value):
        for name, new in replacements.items():
            if path or new is not MISSING:
                yield path, name, replaced(value, path, new)


def mutant(value: Any, chance: Chooser, times: int = 3) -> Any:
    """The value with up to ``times`` members replaced."""
    for _ in range(times):
        known = list(paths(value))
        path, name = chance.choice(known), chance.choice(list(REPLACEMENTS))
        if path or REPLACEMENTS[name] is not MISSING:
            value = replaced(value, path, REPLACEMENTS[name])
    return value
