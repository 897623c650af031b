"""What the model is asked."""

from __future__ import annotations

import hashlib
import re

from azure_assistant.assistant import Prompt
from conversations.files.uploads import prompt_files
from conversations.turns.smalltalk import asks_for_computing
from conversations.turns.turn import Turn

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\uffef]")

DESCRIBE = {
    "en": "Describe this data: what it contains, its columns, its quality, and what stands out.",
    "ja": "このデータについて説明してください。内容、列、品質、そして目立つ点を教えてください。",
}


def prompt_of(turn: Turn, transcript: str) -> Prompt:
    """The prompt of a turn.

    Args:
        turn: The turn, planned and with its files.
        transcript: Questions and answers of its conversation so far, for an assistant that has lost them.
    """
    question, plan = turn.question, turn.plan
    files = prompt_files(turn.files)
    text = plan.question or DESCRIBE["ja" if plan.asker.locale.startswith("ja") else "en"]
    names = " ".join(row.name for row in turn.files)
    return Prompt(
        question=text,
        context=plan.context,
        files=files,
        other_files=plan.others,
        locale=plan.asker.locale,
        timezone=plan.asker.timezone,
        asker=hashlib.sha256(f"{question.team}:{question.user}".encode()).hexdigest()[:32],
        transcript=transcript,
        compute=bool(files) or asks_for_computing(text),
        cjk_font=any(row.cjk for row in turn.files) or has_cjk(text) or has_cjk(names),
    )


def has_cjk(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None
