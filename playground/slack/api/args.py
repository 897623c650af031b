"""The arguments of a Web API call, from a query, a form, multipart or JSON; and the pages that ``cursor`` asks for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from aiohttp import web

from playground.slack.state.errors import Refused
from playground.slack.state.options import Json

T = TypeVar("T")
_JSON_TEXTS = {"files", "blocks", "attachments", "metadata", "prompts", "chunks", "view", "loading_messages", "users"}


class Args:
    """Arguments by name. Unknown ones are ignored, as Slack does."""

    def __init__(self, values: Json) -> None:
        self.values = values

    @classmethod
    async def read(cls, request: web.Request) -> Args:
        """Read them off a request. Raises ``Refused`` for a body that is no JSON although it says so."""
        values: Json = dict(request.query)
        if request.content_type == "application/json":
            values |= _parse(await request.text())
        elif request.can_read_body:
            form = await request.post()
            values |= {key: value for key, value in form.items() if isinstance(value, str)}
        values |= _basic(request.headers.get("Authorization", ""))
        for key in _JSON_TEXTS & values.keys():
            values[key] = _from_text(values[key])
        return cls(values)

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers are written out."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise Refused("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """A boolean in any of the ways in which they are written."""
        return str(self.values.get(name, "")).lower() in {"1", "true", "t", "yes"}

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise Refused("invalid_arguments", [f"must be an integer: {name}"]) from None

    def moment(self, name: str, default: float) -> float:
        """A time in seconds since the epoch."""
        try:
            return float(self.text(name) or default)
        except ValueError:
            raise Refused("invalid_arguments", [f"must be a timestamp: {name}"]) from None

    def optional(self, name: str) -> Any:
        """Whatever was given, or None."""
        return self.values.get(name)


def _basic(header: str) -> Json:
    """The app's credentials, when they come as HTTP Basic authentication."""
    if not header.startswith("Basic "):
        return {}
    try:
        name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Refused("invalid_auth") from None
    return {"client_id": name, "client_secret": secret}


def _parse(text: str) -> Json:
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(values, dict):
        raise Refused("json_not_object")
    return values


def _from_text(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in {"[", "{"}:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def page(items: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str]:
    """The page that begins at ``cursor`` (an opaque text), and the next cursor ("" at the end)."""
    if limit < 1:
        raise Refused("invalid_limit")
    start = _decode(cursor) if cursor else 0
    if start > len(items):
        raise Refused("invalid_cursor")
    end = start + limit
    return items[start:end], _encode(end) if end < len(items) else ""


def _encode(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


def _decode(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor") from None
