"""Slack's markup → the text as its reader sees it: names, dates and links in words, and ``&<>`` as they were typed.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from untrusted.characters import unescaped
from untrusted.payload import LAST_SECOND

_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
_PERSON = re.compile(r"@([UW][A-Z0-9]{1,31})")
_CHANNEL = re.compile(r"#([CGD][A-Z0-9]{1,31})")
_GROUP = re.compile(r"!subteam\^(S[A-Z0-9]{1,31})")
_SCHEME = re.compile(r"(?:https?://|mailto:|tel:)")


def references(text: str) -> set[str]:
    """The people (``@U…``), channels (``#C…``) and groups (``!subteam^S…``) whose names a text needs.

    Channels mostly bring theirs, and groups did so.
    """
    tokens = [token[1].partition("|") for token in _TOKEN.finditer(text)]
    return {target for target, _, label in tokens if _PERSON.fullmatch(target) or (not label and _is_named(target))}


def as_seen(text: str, names: Mapping[str, str]) -> str:
    """A text as a person sees it.

    Args:
        text: Slack's markup.
        names: By reference (``@U…``, ``#C…``, ``!subteam^S…``), without the sign; a label in the text stands in for
            what is missing.
    """
    shown = []
    end = 0
    for token in _TOKEN.finditer(text):
        shown += [unescaped(text[end : token.start()]), _shown(token[1], names)]
        end = token.end()
    return "".join([*shown, unescaped(text[end:])])


def _is_named(target: str) -> bool:
    return bool(_CHANNEL.fullmatch(target) or _GROUP.fullmatch(target))


def _shown(token: str, names: Mapping[str, str]) -> str:
    target, _, label = token.partition("|")
    label = unescaped(label)
    if target[:1] in "@#":
        name = names.get(target) or label.lstrip("@#")
        return f"{target[0]}{name or _NAMELESS[target[0]]}"
    if target[:1] == "!":
        return _command(target[1:], names.get(target) or label)
    return _link(unescaped(target), label)


def _command(target: str, label: str) -> str:
    kind, _, rest = target.partition("^")
    if kind == "date":
        return label or _date(rest.partition("^")[0])
    if kind == "subteam":
        return f"@{label.lstrip('@') or 'group'}"
    return f"@{kind}" if kind in _EVERYBODY else label or f"@{kind}"


def _date(seconds: str) -> str:
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= len(str(LAST_SECOND))):
        return ""
    moment = min(int(seconds), LAST_SECOND)
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _link(url: str, label: str) -> str:
    """A label that Slack made of an address, or of a name such as ``notes.md``, is what was typed."""
    bare = url[scheme.end() :] if (scheme := _SCHEME.match(url)) else url
    if not label or label == url:
        return url if url.startswith("http") else bare
    return label if label.rstrip("/") == bare.rstrip("/") else f"[{label}]({url})"


_NAMELESS = {"@": "someone", "#": "a channel"}
_EVERYBODY = frozenset({"here", "channel", "everyone"})
