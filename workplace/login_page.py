"""Distinguishes Slack's login page from a file that looks like one, such as a CSV whose first cell is ``<html>``."""

from __future__ import annotations

import aiohttp

from conversations.ports.workplace import SharedFile
from tables import extension

SNIFFED = 512
"""Bytes that say whether a body begins like HTML."""

LONGEST = 1024 * 1024
"""Bytes; a login page has fewer."""

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_SAYS_NOTHING = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
_STARTS = (b"<!doctype html", b"<html")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def may_be_login_page(response: aiohttp.ClientResponse, begin: bytes | bytearray, file: SharedFile) -> bool:
    """Whether a body has the type of a login page, or none that says otherwise and begins like one.

    Files are sent as attachments, login pages never. ``begin``: the body's first ``SNIFFED`` bytes, or all.
    """
    if extension(file.name, file.mimetype, file.filetype) in {"html", "htm", "xhtml"}:
        return False
    if response.headers.get("Content-Disposition", "").strip().lower().startswith("attachment"):
        return False
    declared = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    start = bytes(begin[:SNIFFED]).removeprefix(_BYTE_ORDER_MARK).lstrip().lower()
    return declared in _HTML or (declared in _SAYS_NOTHING and start.startswith(_STARTS))


def is_login_page(response: aiohttp.ClientResponse, body: bytes | bytearray, file: SharedFile) -> bool:
    """Whether it really is one: a file has the length that ``files.info`` gives.

    ``body``: all of it, or at least ``SNIFFED`` bytes when its head tells the length, else more than ``LONGEST``.
    """
    if not may_be_login_page(response, body, file):
        return False
    length = length_of(response)
    if length is None and len(body) > LONGEST:
        return False
    return not file.size or (len(body) if length is None else length) != file.size


def length_of(response: aiohttp.ClientResponse) -> int | None:
    """How many bytes a body has, as far as its head tells."""
    return None if response.headers.get("Content-Encoding") else response.content_length
