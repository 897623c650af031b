"""Blocks of a message → the text that its reader sees, as Slack markup.

Plain text is escaped and references stay references (``<@U…>``), so that all of a message is resolved in one place
(``markup.py``). Blocks of unknown types are read by what all of them share: text objects under whatever name, titles
and captions, tables, and what stands in lists.
https://docs.slack.dev/reference/block-kit/blocks/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from untrusted.characters import escaped
from untrusted.payload import Json, flag, identifier, items, mapping, moment, number, string, values

DEEPEST = 10
"""How deep lists in lists, and unknown blocks in blocks, are read."""

_CONTROLS = frozenset({"actions", "input", "divider", "context_actions", "feedback_buttons"})
"""What people press or fill in: no words of the message."""

_WORDS = frozenset({
    "title", "subtitle", "heading", "label", "caption", "text", "body", "description", "details", "output", "summary",
    "footer", "alt_text",
})  # fmt: skip
_PRESSED = frozenset({"accessory", "actions", "buttons", "element", "confirm", "options", "option_groups"})
"""Parts of a block that are no words of it, either."""


def blocks_text(blocks: Sequence[Json], depth: int = DEEPEST) -> str:
    """What blocks say, one below the other; tables as CSV in code fences."""
    return "\n".join(filter(None, (_block(block, depth) for block in blocks)))


def table_fences(blocks: Sequence[Json]) -> list[str]:
    """The tables among blocks, each as CSV in a code fence."""
    return [text for block in blocks if block.get("type") == "table" and (text := _table(block))]


def quoted(text: str) -> str:
    """A text as a quotation, line by line."""
    return ("> " + text.replace("\n", "\n> ")).replace("> \n", ">\n").rstrip(" ")


def composition(value: object) -> str:
    """A text object (``mrkdwn`` or ``plain_text``), or a bare string, which is markup.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object/
    """
    if isinstance(value, str):
        return string(value)
    text = mapping(value)
    if text.get("type") == "rich_text":
        return _rich_text(text)
    shown = string(text.get("text"))
    return escaped(shown) if text.get("type") == "plain_text" else shown


def _block(block: Json, depth: int) -> str:
    kind = string(block.get("type"))
    if kind in _CONTROLS or not depth:
        return ""
    if reader := _READERS.get(kind):
        return reader(block)
    return "\n".join(filter(None, (_member(key, value, depth) for key, value in block.items() if key not in _PRESSED)))


def _member(key: str, value: object, depth: int) -> str:
    """What a member of a block whose type nobody knows shows of itself."""
    if isinstance(value, list):
        is_table = key == "rows" and any(isinstance(row, list) for row in value)
        return _table({"rows": value}) if is_table else blocks_text(items(value), depth - 1)
    if isinstance(value, Mapping) and value.get("type") not in ("mrkdwn", "plain_text"):
        return _block(value, depth - 1)
    return composition(value) if key in _WORDS or isinstance(value, Mapping) else ""


def _section(block: Json) -> str:
    shown = [composition(block.get("text")), *map(composition, values(block.get("fields")))]
    return "\n".join(filter(None, [*shown, _picture(mapping(block.get("accessory")))]))


def _header(block: Json) -> str:
    text = composition(block.get("text"))
    return f"*{text}*" if text else ""


def _context(block: Json) -> str:
    parts = (_picture(part) or composition(part) for part in items(block.get("elements")))
    return " ".join(filter(None, parts))


def _markdown(block: Json) -> str:
    return escaped(string(block.get("text")))


def _picture(block: Json) -> str:
    if block.get("type") not in ("image", "video"):
        return ""
    title, alt = composition(block.get("title")), escaped(string(block.get("alt_text")))
    told = [title, "" if alt in title else alt, composition(block.get("description"))]
    words = ": ".join(filter(None, told))
    return f"[{string(block.get('type'))}: {words}]" if words else ""


def _rich_text(block: Json) -> str:
    return "\n".join(_rich_part(part, DEEPEST) for part in items(block.get("elements"))).strip("\n")


def _rich_part(part: Json, depth: int) -> str:
    kind, elements = part.get("type"), items(part.get("elements"))
    if kind == "rich_text_list":
        return _rich_list(part, depth)
    inline = "".join(_rich_inline(element, depth) for element in elements)
    if kind == "rich_text_preformatted":
        return f"```\n{inline}\n```"
    return quoted(inline) if kind == "rich_text_quote" else inline


def _rich_list(part: Json, depth: int) -> str:
    if not depth:
        return ""
    indent, first = "    " * min(number(part.get("indent")), DEEPEST), number(part.get("offset")) + 1
    ordered = part.get("style") == "ordered"
    lines = (_rich_part(item, depth - 1) for item in items(part.get("elements")))
    return "\n".join(
        f"{indent}{f'{place}.' if ordered else '•'} {line}" for place, line in enumerate(lines, start=first)
    )


def _rich_inline(element: Json, depth: int) -> str:
    kind = string(element.get("type"))
    if kind in _REFERENCES:
        pattern, key = _REFERENCES[kind]
        known = identifier(element.get(key))
        return pattern.format(known) if known else ""
    if kind == "emoji":
        return _emoji(element)
    if kind == "date":
        return f"<!date^{moment(element.get('timestamp'))}^x|{escaped(string(element.get('fallback')))}>"
    if kind == "link":
        return _link(element)
    if inner := items(element.get("elements")):
        return "".join(_rich_inline(part, depth - 1) for part in inner) if depth else ""
    shown = (string(element.get(key)) for key in ("text", "value", "fallback", "name", "url"))
    text = escaped(next(filter(None, shown), ""))
    return f"`{text}`" if flag(mapping(element.get("style")).get("code")) and text else text


def _link(element: Json) -> str:
    url, text = string(element.get("url")).replace("|", "%7C"), string(element.get("text"))
    if any(sign in url for sign in "<> \n"):
        return escaped(text or url)
    return f"<{escaped(url)}|{escaped(text)}>" if text else f"<{escaped(url)}>"


def _emoji(element: Json) -> str:
    """The characters themselves, where Slack tells them: ``1f44d-1f3fd``. Any code at all may stand there."""
    codes = string(element.get("unicode")).split("-")
    try:
        shown = "".join(chr(int(code, 16)) for code in codes) if codes[0] and len(codes) <= DEEPEST else ""
    except (ValueError, OverflowError):
        shown = ""
    return escaped(string(shown)) or _name(element)


def _name(element: Json) -> str:
    name = escaped(string(element.get("name")))
    return f":{name}:" if name else ""


def _table(block: Json) -> str:
    rows = [[" ".join(_cell(cell).split()) for cell in values(row)] for row in values(block.get("rows"))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row for row in rows if any(row))
    text = out.getvalue().replace("```", "'''")
    return f"```csv\n{text}```" if text else ""


def _cell(raw: object) -> str:
    cell = mapping(raw)
    if cell.get("type") in ("rich_text", "mrkdwn"):
        return composition(cell)
    return escaped(string(cell.get("text")) or string(cell.get("value")))


_REFERENCES = {
    "user": ("<@{}>", "user_id"),
    "channel": ("<#{}>", "channel_id"),
    "usergroup": ("<!subteam^{}>", "usergroup_id"),
    "broadcast": ("<!{}>", "range"),
    "team": ("{}", "team_id"),
}

_READERS = {
    "rich_text": _rich_text,
    "section": _section,
    "header": _header,
    "context": _context,
    "markdown": _markdown,
    "image": _picture,
    "video": _picture,
    "table": _table,
}
