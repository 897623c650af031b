"""Links of a model's text: everybody sees where they lead, or they are not links at all.

A link whose address is hidden behind other words is how a text that was slipped into a file gets data out of it: the
reader presses it, and the address carries what it should not.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import quote

LinkStyle: TypeAlias = Literal["keep", "spell"]
"""``keep``: links stay links (posts are not unfurled). ``spell``: the address as code (streams could be)."""

_WEB = frozenset({"http", "https"})
_SCHEMES = _WEB | {"mailto", "tel"}
_AUTHORITY = re.compile(r"(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")
_PATH = re.compile(r"[/?#]")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
_NUMBER = frozenset("0123456789+-.() ")
_LONGEST_HOST = 253
_LONGEST_HIDDEN = 80
"""Characters of a path that a label which names the host may hide."""


class Address(NamedTuple):
    """An address as it is shown. ``is_plain``: it leads where a person who reads it thinks."""

    text: str
    is_plain: bool


def is_live(url: str) -> bool:
    """Whether an address may be a link; ``sandbox:``, ``javascript:``, paths and the like may not."""
    return ":" in url and url.partition(":")[0].strip().lower() in _SCHEMES


def address_of(url: str) -> Address:
    """An address as browsers understand it, spelled so that it says which host that is.

    Look-alike letters become the ASCII form of the host (``xn--…``); what is before an ``@`` only looks like a host, so
    such an address is not plain. https://url.spec.whatwg.org/#host-parsing

    Args:
        url: An address that ``is_live``.
    """
    scheme, _, rest = url.strip().partition(":")
    scheme = scheme.lower()
    if scheme not in _WEB:
        return Address(f"{scheme}:{_quoted(rest.partition('?')[0])}", is_plain=True)
    rest = rest.replace("\\", "/").lstrip("/")
    path = _PATH.search(rest)
    end = path.start() if path else len(rest)
    authority = _ascii(rest[:end])
    if _AUTHORITY.fullmatch(authority):
        return Address(f"{scheme}://{authority}{_quoted(rest[end:])}", is_plain=True)
    return Address(f"{scheme}://{_coded(rest)}", is_plain=False)


def markup(label: str, url: str, style: LinkStyle) -> str:
    """A link in Markdown, of an address that ``is_live``; label and address when that does not say it all."""
    address, is_plain = address_of(url)
    is_bare = label in {"", address, url}
    if not is_plain or (style == "spell" and address.startswith("http")):
        return f"`{address}`" if is_bare else f"{label} (`{address}`)"
    if is_bare:
        return f"<{address}>"
    if "](" in label or not _says_all(label.strip("*_~`"), address):
        return f"{label} (<{address}>)"
    return f"[{label}]({address.replace('(', '%28').replace(')', '%29')})"


def base_name(path: str) -> str:
    """The last part of a path or address."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].partition("?")[0].rpartition(":")[2]


def without_punctuation(url: str) -> str:
    """A bare address without the full stop or bracket of the sentence around it."""
    end, unopened = len(url), url.count(")") - url.count("(")
    while end and (url[end - 1] in ".,;:!?'*_]" or (url[end - 1] == ")" and unopened > 0)):
        unopened -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _says_all(label: str, address: str) -> bool:
    """Whether a label is the address, or its host while nothing but a short path is left out."""
    bare = address.partition(":")[2].removeprefix("//")
    host, _, path = bare.partition("/")
    if label in {bare, bare.rstrip("/")}:
        return True
    if address.startswith("tel:"):
        return _NUMBER.issuperset(bare) and _digits(label) == _digits(bare)
    names_host = address.startswith("http") and label.removeprefix("www.") == host.removeprefix("www.")
    return names_host and len(path) <= _LONGEST_HIDDEN and "?" not in bare and "#" not in bare


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _ascii(authority: str) -> str:
    """The part of an address that names the host, in ASCII and lower case; as it is when it has no such form."""
    if authority.isascii():
        return authority.lower()
    host, colon, port = authority.partition(":")
    try:
        return host[:_LONGEST_HOST].encode("idna").decode().lower() + colon + port
    except UnicodeError:
        return authority


def _quoted(text: str) -> str:
    return _ENTITY.sub("%26", quote(text, safe="!#$%&'()*+,/:;=?@[]~-._"))


def _coded(text: str) -> str:
    """For a span of code: as it is, without what would end the span or the line."""
    return "".join(quote(char, safe="") if char in "`<>|" or char.isspace() else char for char in text)
