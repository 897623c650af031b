"""One form for all spellings of a name. Pure."""

from __future__ import annotations

import re
import unicodedata

from untrusted.characters import visible

GLUE = "\x1f"
"""Stands for what joins two words without a blank."""

_MARKS = 8
"""Combining marks of one letter that are kept: normalising takes the square of their number."""

_QUOTES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "＇": "'",
        "´": "'",
        "`": "'",
        "ʼ": "'",
        "ı": "i",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
    }
)
_SAME = re.compile(r"[\s_\-‐-―−]+")


def plain(text: str) -> str:
    """A text in which all spellings of a name are one: width, case, Unicode form, quotes, blanks and hyphens.

    What nobody sees is no part of a name, nor is a blank before its ending.
    """
    return marked(text).replace(GLUE, " ").strip()


def marked(text: str) -> str:
    """The same, where ``GLUE`` stands for what joins two words without a blank."""
    folded = (
        unicodedata.normalize("NFKC", _few_marks(visible(text)).replace("´", "'"))
        .casefold()
        .replace("%20", " ")
        .replace("i\u0307", "i")
    )
    parted = _SAME.sub(
        lambda run: GLUE if run[0].strip() == run[0] and "—" not in run[0] else " ", folded.translate(_QUOTES)
    )
    return parted.replace(" .", ".").replace(f"{GLUE}.", ".")


def _few_marks(text: str) -> str:
    """A text without long runs of combining marks."""
    if text.isascii():
        return text
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MARKS:
            kept.append(char)
    return "".join(kept)
