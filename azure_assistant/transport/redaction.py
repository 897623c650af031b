"""What the log may keep of an answer: its shape and its words, never a secret and nothing that people wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LONGEST = 200
_MOST = 20
_DEEPEST = 4
_ECHO = re.compile(
    r"['\"]?\binput(?:_value)?['\"]?\s{0,2}[:=]|\b(?:received|got|value is|you provided)\s{0,2}:", re.IGNORECASE
)
_SECRET = re.compile(
    r"\bsk-\S{4,}|\beyJ[\w.-]{10,}|\bbearer\s{1,3}\S+|(?<![\w-])[0-9a-f]{32}(?![\w-])|(?<![\w-])[A-Za-z0-9+/]{60,}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}|(?<=[?&])[\w.-]{1,40}=[^\s&]{1,2000}",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,40}")


def redacted(message: str) -> str:
    """The first 200 characters of a message, up to where it quotes the request, without anything like a secret."""
    echo = _ECHO.search(message[:_LONGEST])
    return _SECRET.sub("…", message[: echo.start() if echo else _LONGEST * 2])[:_LONGEST]


def outline(body: object, depth: int = 0) -> str:
    """Keys and kinds of a body, without its values: ``{error: {code: str, message: str}}``."""
    if isinstance(body, Mapping) and depth < _DEEPEST:
        inner = (
            f"{name if _NAME.fullmatch(str(name)) else '?'}: {outline(value, depth + 1)}"
            for name, value in list(body.items())[:_MOST]
        )
        return f"{{{', '.join(inner)}}}"
    if isinstance(body, list) and depth < _DEEPEST:
        return f"[{outline(body[0], depth + 1)}, …]" if body else "[]"
    return type(body).__name__
