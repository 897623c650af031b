"""The targets. Each module has ``seeds()``, inputs to begin with, and ``one(data)``, which raises for a find."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Protocol, cast

NAMES = ("payloads", "messages", "tables", "cleaning", "splitting", "streams", "errors", "receipts")


class Target(Protocol):
    """What the fuzzer needs of a target."""

    def seeds(self) -> Iterable[bytes]:
        """Inputs to begin with."""
        ...

    def one(self, data: bytes) -> None:
        """Check one input; raises when a property does not hold."""
        ...


def load(name: str) -> Target:
    """Import a target, and what it tests with it: not before the fuzzer can instrument that."""
    return cast("Target", importlib.import_module(f"tests.fuzz.targets.{name}"))
