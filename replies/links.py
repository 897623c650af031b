"""Links of a model's text: shown so that everybody sees where they lead, or not shown as links at all."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

LinkStyle: TypeAlias = Literal["keep", "spell"]
"""``keep``: links stay links (posts are not unfurled). ``spell``: the address as code (streams could be)."""

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_HOST = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[^\W\d_]{2,})(?=[/:?#\s]|$)", re.IGNORECASE)


def is_live(url: str) -> bool:
    """Whether an address may be a link; ``sandbox:``, ``javascript:``, paths and the like may not."""
    return ":" in url and url.partition(":")[0].lower() in _SCHEMES


def markup(label: str, url: str, style: LinkStyle) -> str:
    """A link in Markdown.

    Args:
        label: Cleaned text.
        url: An address that ``is_live``.
        style: See ``LinkStyle``.

    Returns:
        The link; label and address side by side when the label looks like another host.
    """
    address = quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~-._")
    if style == "spell" and address.lower().startswith("http"):
        return f"`{address}`" if label in {"", address} else f"{label} (`{address}`)"
    if not label or label == address:
        return f"<{address}>"
    if _is_disguise(label, address) or "](" in label:
        return f"{label} (<{address}>)"
    return f"[{label}]({address.replace('(', '%28').replace(')', '%29')})"


def base_name(path: str) -> str:
    """The last part of a path or address."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].partition("?")[0].rpartition(":")[2]


def without_punctuation(url: str) -> str:
    """A bare address without the full stop or bracket of the sentence around it."""
    while url and (url[-1] in ".,;:!?'*_]" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def _is_disguise(label: str, address: str) -> bool:
    """Whether the label looks like a host that the address does not lead to."""
    host = _bare_host(_host_of(address))
    plain = unicodedata.normalize("NFKC", "".join(c for c in label if unicodedata.category(c) != "Cf"))
    for named in _HOST.finditer(plain.replace("*", "").replace("`", "")):
        claimed = _bare_host(named[1])
        if host != claimed and not host.endswith("." + claimed):
            return True
    return False


def _host_of(address: str) -> str:
    """The host of an address; "" when it has none that can be read."""
    try:
        return urlsplit(address).hostname or address.rpartition("@")[2]
    except ValueError:
        return ""


def _bare_host(host: str) -> str:
    return host.lower().removeprefix("www.").rstrip(".")
