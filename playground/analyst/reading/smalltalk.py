"""Greetings, thanks and calls for help: answered without touching any data."""

from __future__ import annotations

import re
from typing import Literal

from playground.analyst.reading.language import normal
from playground.analyst.reading.lexicon import WORDS

Talk = Literal["hello", "thanks", "help"]


def small_talk(question: str) -> Talk | None:
    """What kind of talk the whole question is, or None when it asks something."""
    text = re.sub(r"[!！.。、,~〜?？\s]+$", "", normal(question).lower()).strip()
    text = re.sub(r"^(hi|hello|hey)[,! ]+(?=\w)", "", text) if len(text) > 20 else text
    for kind, pattern in WORDS["talk"].items():
        if re.fullmatch(rf"(?:{pattern})", text):
            return kind  # type: ignore[no-any-return]
    return "hello" if not re.search(r"\w", text) else None
