"""The sentences of the offline analyst, from ``sentences.toml``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

Language = Literal["en", "ja"]

SENTENCES: dict[str, dict[Language, str]] = tomllib.loads(
    Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8")
)


def say(key: str, language: str, /, **values: object) -> str:
    """A sentence in a language (``en`` or ``ja``)."""
    sentence = SENTENCES[key]["ja" if language == "ja" else "en"].format(**values)
    return re.sub(r"(?<![\d,.])1 rows\b", "1 row", sentence)


def strength(r: float, language: str) -> str:
    """How strong a correlation is called (Cohen's rough steps)."""
    size = abs(r)
    words = (("hardly", "ほぼなし"), ("weakly", "弱い"), ("moderately", "中程度"), ("strongly", "強い"))
    step = 0 if size < 0.1 else 1 if size < 0.3 else 2 if size < 0.6 else 3
    english = words[step][0] + ("" if step == 0 else " negatively" if r < 0 else " positively")
    japanese = words[step][1] + ("" if step == 0 else "負の相関" if r < 0 else "正の相関")
    return japanese if language == "ja" else english
