"""Which parameter a refusal is about, in whatever words: OpenAI's, Azure's, Go's, pydantic's, JSON Schema's.

A message names many things. What may be a name is listed, the likeliest first; which of them can be left out, only the
caller knows (``optional_parameters``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_SURE_CODES = frozenset((
    "unknownparameter", "unsupportedparameter", "unsupportedvalue", "unsupportedparamserror", "extraforbidden",
    "unrecognizedparameter", "unexpectedparameter", "unknownfield",
))  # fmt: skip
_SURE = (
    "unknown parameter", "unsupported parameter", "unrecognized request argument", "unrecognized argument",
    "unknown field", "unknown name", "unknown key", "unrecognized field", "unrecognized key", "unexpected keyword",
    "unexpected field", "unexpected parameter", "unexpected property", "extra inputs", "extra fields", "extra field",
    "additional propert", "was unexpected", "does not support parameters", "unsupported value", "not permitted",
)  # fmt: skip
_PERHAPS = (
    "unsupported", "not supported", "does not support", "doesn't support", "unknown", "unrecognized", "unrecognised",
    "not recognized", "not recognised", "not implemented", "not defined in",
    "unexpected", "not allowed", "invalid", "is not valid", "not a valid", "not available",
    "not enabled", "no longer supported", "cannot be used", "can't be used", "must not be", "not accepted",
)  # fmt: skip
_NAME = re.compile(r"[a-z_][\w.\[\]-]{0,120}")
_QUOTED = re.compile("['\"`\u2018\u201c]([a-z_][\\w.\\[\\]-]{0,80})['\"`\u2019\u201d]")
_LISTED = re.compile(
    r"\b(?:parameters?|arguments?|args?|fields?|propert(?:y|ies)|keys?|options?|keyword|names?)\b"
    r"(?:\s{1,3}(?:supplied|provided|named|called|in request|is|are|found|not allowed))?"
    r"\W{1,10}([a-z_][\w.\[\]-]{1,80})"
)
_JOINED = re.compile(r"(?<![\w.])[a-z][a-z0-9]{0,40}(?:[_.][a-z0-9]{1,40}){1,6}(?![\w.])")
_WORD = re.compile(
    r"\b(?:truncation|reasoning|metadata|temperature|instructions|conversation|verbosity|parallel|background|functions)\b"
)
"""Parameters that are ordinary words, which are told from others by nothing; a message has many words."""

_MOST = 60


def is_refusal(codes: Collection[str], message: str, *, surely: bool = False) -> bool:
    """Whether an error says that a part of the request is not taken; ``surely``: it is not merely invalid."""
    if not _SURE_CODES.isdisjoint(codes) or any(phrase in message for phrase in _SURE):
        return True
    return not surely and any(phrase in message for phrase in _PERHAPS)


def named(param: str, message: str) -> tuple[str, ...]:
    """What may be the name of the parameter in a message (in lower case), the likeliest first."""
    return tuple(dict.fromkeys(name for name in _candidates(param.lower(), message) if name))[:_MOST]


def _candidates(param: str, message: str) -> Iterator[str]:
    if _NAME.fullmatch(param):
        yield param.removeprefix("body.")
    yield from (found[1] for found in _QUOTED.finditer(message))
    yield from (found[1].rstrip(".") for found in _LISTED.finditer(message))
    yield from (found[0] for found in _JOINED.finditer(message))
    yield from (found[0] for found in _WORD.finditer(message))
