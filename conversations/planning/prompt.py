"""The prompt: what the model is asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from azure_assistant.assistant import Prompt
from conversations.database.models import ConversationFile, Question
from conversations.files.uploads import prompt_files
from conversations.planning.smalltalk import is_small_talk
from conversations.planning.tools import tools
from conversations.store.plan import Plan

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\uffef]")

DESCRIBE = {
    "en": "Describe this data: what it contains, its columns, its quality, and what stands out.",
    "ja": "このデータについて説明してください。内容、列、品質、そして目立つ点を教えてください。",
}

COMPUTE = (
    "Your answer was not shown: it states numbers, and no Python has run for them. Compute them now with Python, from "
    "the files in the sandbox, and give the whole answer again. Say so without numbers if they cannot be computed."
)
"""Asked in place of the person; never shown."""


def prompt_of(
    question: Question, plan: Plan, rows: Sequence[ConversationFile], transcript: str, *, may_call: bool
) -> Prompt:
    """The prompt of a turn.

    Args:
        question: Its question.
        plan: Its plan.
        rows: The conversation's files that Azure has.
        transcript: The conversation so far, for an assistant that has lost it.
        may_call: Whether the model may still call functions of ours.
    """
    files = prompt_files(rows)
    return Prompt(
        question=_asked(plan),
        context=plan.context,
        files=files,
        nearby=plan.told,
        tools=tools(plan.nearby) if may_call and wants_computing(plan) else (),
        locale=plan.asker.locale,
        timezone=plan.asker.timezone,
        asker=hashlib.sha256(f"{question.team}:{question.user}".encode()).hexdigest()[:32],
        transcript=transcript,
        compute=wants_computing(plan),
        cjk_font=wants_font(plan, rows),
    )


def to_compute(prompt: Prompt) -> Prompt:
    """The prompt that has the numbers of an answer computed; the thread knows all the rest."""
    return replace(prompt, question=COMPUTE, context="", nearby="")


def wants_computing(plan: Plan) -> bool:
    """Whether a question may need data, and Python: all but small talk does, with a file or without."""
    return not is_small_talk(_asked(plan))


def wants_font(plan: Plan, rows: Sequence[ConversationFile]) -> bool:
    """Whether charts may need Chinese, Japanese or Korean characters; files that are still coming have but names."""
    names = [*(file.name for file in plan.files), *(row.name for row in rows)]
    return any(row.cjk for row in rows) or has_cjk(_asked(plan)) or has_cjk(" ".join(names))


def _asked(plan: Plan) -> str:
    return plan.question or DESCRIBE["ja" if plan.asker.locale.startswith("ja") else "en"]


def has_cjk(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None
