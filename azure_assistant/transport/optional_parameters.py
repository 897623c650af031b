"""Parameters that a request can do without: each is left out for good once this service has refused it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence

from azure_assistant.assistant import Json

log = logging.getLogger(__name__)

Path = tuple[str, ...]
_INDEX = re.compile(r"\[\w{0,20}\]")


class OptionalParameters:
    """What one service has refused, by the kind of request. Lives as long as the process."""

    def __init__(self) -> None:
        self._refused: dict[str, set[Path]] = {}

    def of(self, request: str, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Those of the wanted parameters that the service takes in a kind of request; empty ones are not wanted."""
        return _without(wanted, self._refused.get(request, set()))

    def leave_out(self, request: str, wanted: Mapping[str, Json], names: Sequence[str]) -> bool:
        """Leave out the first of the names that is a parameter here; whether that makes it another request."""
        present = list(_paths(self.of(request, wanted)))
        for name in names:
            if path := _path(name, present):
                log.warning("This service takes no %s in %s: left out from now on", ".".join(path), request)
                self._refused.setdefault(request, set()).add(path)
                return True
        return False

    def leave_all_out(self, request: str, wanted: Mapping[str, Json]) -> None:
        """Leave out everything that can be left out."""
        self._refused.setdefault(request, set()).update((name,) for name in wanted)


def _paths(parameters: Mapping[str, Json], above: Path = ()) -> Iterator[Path]:
    """The parameters and those within them; of a list of words, the words."""
    for name, value in parameters.items():
        yield (*above, name)
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, name))
        elif isinstance(value, list):
            yield from ((*above, name, item) for item in value if isinstance(item, str))


def _path(name: str, present: Sequence[Path]) -> Path | None:
    """The parameter that a name means: whole, by its last part, or by what it lies in."""
    plain = _INDEX.sub("", name.replace("[", ".", 1) if re.search(r"\[[a-z]", name) else name).strip(".]")
    exact = [path for path in present if _flat(".".join(path)) == _flat(plain) or path[-1] == plain]
    within = [path for path in present if plain.startswith(".".join(path) + ".")]
    return next(iter(exact), None) or max(within, key=len, default=None)


def _flat(name: str) -> str:
    """``reasoning.effort`` is ``reasoning_effort`` elsewhere."""
    return name.replace("_", ".")


def _without(parameters: Mapping[str, Json], refused: set[Path], above: Path = ()) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for name, value in parameters.items():
        path = (*above, name)
        inner = value
        if isinstance(value, Mapping):
            inner = _without(value, refused, path)
        elif isinstance(value, list):
            inner = [item for item in value if not isinstance(item, str) or (*path, item) not in refused]
        if path not in refused and inner not in ({}, [], "", None):
            kept[name] = inner
    return kept
