"""The root of the error tree, and errors as JSON. Each room keeps its own branch.

The docstring of a class is the sentence that the user sees (translated in replies/views/wording.py). Branches:
azure_assistant/errors.py and conversations/errors.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any


class _Fields(dict[str, Any]):
    """Placeholders without a value read ``?``: a sentence must never fail to be said."""

    def __missing__(self, key: str) -> str:
        return "?"


class AnalystError(Exception):
    """Something went wrong on my side. Please try again; if it happens again, tell the person who runs me."""

    def __init__(self, detail: str = "", **fields: Any) -> None:
        """Keep what the sentence names and what the log needs.

        Args:
            detail: Technical detail for the log; never shown, never secret.
            **fields: Values for the ``{placeholders}`` in the docstring.
        """
        super().__init__(detail)
        self.detail = detail
        self.fields = fields

    @classmethod
    def template(cls) -> str:
        """The sentence with its ``{placeholders}``: the class's own docstring."""
        return " ".join(inspect.cleandoc(cls.__doc__ or AnalystError.__doc__ or "").split())

    def __str__(self) -> str:
        sentence = self.template().format_map(_Fields(self.fields))
        return f"{sentence} ({self.detail})" if self.detail else sentence


class CannotStart(Exception):
    """What the person who runs the bot must put right; the text says how, and is shown without a traceback."""


def error_to_json(error: AnalystError) -> dict[str, Any]:
    """The error's class name, fields and detail, so that a recorded step can end in it."""
    return {"kind": type(error).__name__, "fields": error.fields, "detail": error.detail}


def error_from_json(value: dict[str, Any]) -> AnalystError:
    """The error again; an unknown kind (of a newer version) becomes the root of the tree."""
    kinds = {kind.__name__: kind for kind in _tree(AnalystError)}
    return kinds.get(value["kind"], AnalystError)(value["detail"], **value["fields"])


def _tree(kind: type[AnalystError]) -> Iterator[type[AnalystError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)
