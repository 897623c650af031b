"""Greetings, thanks and calls for help: answered without touching any data."""

from __future__ import annotations

import re
from typing import Literal

from playground.analyst.reading.language import normal

Talk = Literal["hello", "thanks", "help"]

PATTERNS: tuple[tuple[Talk, str], ...] = (
    (
        "help",
        r"help( me)?|what can you do|what do you do|who are you|how (do|can) (i|you)( use this| work| help)?"
        r"|what are you"
        r"|ヘルプ|使い方(は|を教えて)?|何ができ(る|ます)(の|か)*|あなたは(誰|何)(です)?か?",
    ),
    (
        "thanks",
        r"(ok(ay)?,? )?(many )?(thanks|thank you|thx|ty|cheers)( a lot| so much| very much)?( for .{0,30})?"
        r"|(great|nice|perfect|cool|awesome|good job|well done|ok|okay)"
        r"|(どうも)?ありがとう(ございます|ございました)?|サンキュー|助かりました|了解(です|しました)?"
        r"|お疲れ様(です|でした)?",
    ),
    (
        "hello",
        r"(hi|hello|hey|yo|good (morning|afternoon|evening|day))( there| everyone| all)?|how are you( doing)?"
        r"|bye|goodbye|see you"
        r"|こんにち[はわ]|おはよう(ございます)?|こんばんは|はじめまして|よろしく(お願いします)?|さようなら",
    ),
)


def small_talk(question: str) -> Talk | None:
    """What kind of talk the whole question is, or None when it asks something."""
    text = re.sub(r"[!！.。、,~〜?？\s]+$", "", normal(question).lower()).strip()
    text = re.sub(r"^(hi|hello|hey)[,! ]+(?=\w)", "", text) if len(text) > 20 else text
    for kind, pattern in PATTERNS:
        if re.fullmatch(rf"(?:{pattern})", text):
            return kind
    return "hello" if not re.search(r"\w", text) else None
