"""Harmful characters of any text: those that cannot be sent or stored, and invisible ones.

Which ones are invisible: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point; which ones turn the
direction of a text so that it reads as something else: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
"""

from __future__ import annotations

import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_LONE = re.compile("(?:[\ud800-\udbff](?![\udc00-\udfff]))++|(?:(?<![\ud800-\udbff])[\udc00-\udfff])++")
_HIDDEN = (
    "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_IS_HIDDEN = re.compile(f"[{_HIDDEN}]+")
_JOINERS, _SELECTORS = "\u200c\u200d", "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_IDLE = re.compile(f"(?<=[\0-\x7f{_JOINERS}])[{_JOINERS}]+|(?<=[{_SELECTORS}])[{_SELECTORS}]+")
"""Scripts and emoji need joiners and selectors: one, behind a character that can be joined or has variants."""


def whole(text: str) -> str:
    """A text that UTF-8 and every database can hold.

    Halves of surrogate pairs are joined where they meet; lone ones and NUL, which PostgreSQL does not take, become
    U+FFFD.
    """
    text = text.replace("\0", "\ufffd")
    if text.isascii() or not _HALF.search(text):
        return text
    pairs = _LONE.sub(lambda found: "\ufffd" * len(found[0]), text)
    return pairs.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def visible(text: str, before: str = "") -> str:
    """A text, going on from ``before``, without the characters that nobody sees: they hide, part or turn words."""
    if text.isascii() and text.isprintable():
        return text
    return _IDLE.sub("", before + _IS_HIDDEN.sub("", text))[len(before) :]


def spelled(text: str) -> str:
    r"""A text, such as code, in which the characters that nobody sees are written as Python writes them: ``\u202e``."""
    return _IS_HIDDEN.sub(lambda found: found[0].encode("unicode-escape").decode(), text)


def unescaped(text: str) -> str:
    """A text as it was typed: Slack hands over ``&<>`` as entities, and nothing else.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escaped(text: str) -> str:
    """The reverse of ``unescaped``."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def all_whole(value: Any) -> Any:
    """JSON whose strings are ``whole``, the keys of objects left alone; lists and objects are changed in place.

    Without recursion: JSON may be nested deeper than Python calls.
    """
    if isinstance(value, str):
        return whole(value)
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            places: Any = list(inner.items())
        elif isinstance(inner, list):
            places = list(enumerate(inner))
        else:
            continue
        for place, item in places:
            if isinstance(item, str):
                inner[place] = whole(item)
            elif isinstance(item, (dict, list)):
                waiting.append(item)
    return value
