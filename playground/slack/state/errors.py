"""Refusals, as Slack words them."""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.state.options import Json


class Refused(Exception):
    """An ``{"ok": false}`` answer.

    Args:
        error: Slack's error code.
        messages: details, which Slack puts into ``errors`` and ``response_metadata.messages``.
        fields: further top-level fields of the answer.
    """

    def __init__(self, error: str, messages: Sequence[str] = (), **fields: object) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.fields = fields

    def answer(self) -> Json:
        """The JSON answer."""
        body: Json = {"ok": False, "error": self.error, **self.fields}
        if self.messages:
            body["errors"] = self.messages
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body
