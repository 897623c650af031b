"""What Slack's client makes of what people type: mentions, links, escapes, rich text."""

from __future__ import annotations

import re
from collections.abc import Callable

from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

_MARKUP = re.compile(r"<(?:[@#!][^<>\s|]+(?:\|[^<>]*)?|(?:https?|mailto):[^<>\s|]+(?:\|[^<>]*)?)>")
_NAMED = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")
_LINK = re.compile(r"(?<![<|\w])https?://[^\s<>|]+")
_FENCE = re.compile(r"```(.*?)```", re.DOTALL)


def to_markup(workspace: Workspace, typed: str) -> str:
    """Slack's text for something typed. Markup that stands in it already (``<@U…>``) stays."""
    return _outside_markup(typed, lambda plain: _plain(workspace, plain))


def to_mentions(workspace: Workspace, typed: str) -> str:
    """The words of a slash command whose manifest says ``should_escape``: names become mentions.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    return _outside_markup(typed, lambda plain: _NAMED.sub(lambda match: _resolve(workspace, match), plain))


def _outside_markup(typed: str, change: Callable[[str], str]) -> str:
    pieces: list[str] = []
    end = 0
    for match in _MARKUP.finditer(typed):
        pieces += [change(typed[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*pieces, change(typed[end:])])


def to_rich_text(workspace: Workspace, text: str) -> list[Json]:
    """The ``rich_text`` block that Slack's client sends along with the text."""
    if not text:
        return []
    elements: list[Json] = []
    end = 0
    for fence in _FENCE.finditer(text):
        _section(elements, text[end : fence.start()])
        code = {"type": "text", "text": _unescape(fence.group(1).strip("\n"))}
        elements.append({"type": "rich_text_preformatted", "elements": [code]})
        end = fence.end()
    _section(elements, text[end:])
    return [{"type": "rich_text", "block_id": workspace.clock.new_id("")[1:6], "elements": elements}]


def _plain(workspace: Workspace, typed: str) -> str:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = _LINK.sub(lambda match: f"<{match.group()}>", escaped)
    return _NAMED.sub(lambda match: _resolve(workspace, match), escaped)


def _resolve(workspace: Workspace, match: re.Match[str]) -> str:
    sign, name = match.groups()
    if sign == "#":
        found = next((c for c in workspace.channels.values() if c.name == name and c.name), None)
        return f"<#{found.id}|{name}>" if found else match.group()
    if name in {"channel", "here", "everyone"}:
        return f"<!{name}>"
    for user in workspace.users.values():
        if name in {user["name"], user["profile"]["display_name"]}:
            return f"<@{user['id']}>"
    for group in workspace.groups.values():
        if name == group["handle"]:
            return f"<!subteam^{group['id']}>"
    return match.group()


def _section(elements: list[Json], text: str) -> None:
    inner: list[Json] = []
    end = 0
    for match in _MARKUP.finditer(text):
        if match.start() > end:
            inner.append({"type": "text", "text": _unescape(text[end : match.start()])})
        inner.append(_element(match.group()[1:-1]))
        end = match.end()
    if text[end:]:
        inner.append({"type": "text", "text": _unescape(text[end:])})
    if inner:
        elements.append({"type": "rich_text_section", "elements": inner})


def _element(markup: str) -> Json:
    target, _, label = markup.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": _unescape(target)} | ({"text": _unescape(label)} if label else {})


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
