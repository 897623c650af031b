"""The error tree. The docstring of a class is the sentence that the user sees (translated in replies/wording.py).

AnalystError
└── AssistantError           everything that comes from Azure OpenAI
    ├── …                    (see below)
(conversations/errors.py adds what comes from files, limits and Slack.)
"""

from __future__ import annotations

import inspect
from typing import Any


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
        sentence = self.template().format_map(self.fields)
        return f"{sentence} ({self.detail})" if self.detail else sentence


class AssistantError(AnalystError):
    """Azure OpenAI answered with an error that I do not know. Please try again in a minute."""
