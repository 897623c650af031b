"""Modals with a sentence or a question: why an answer was bad, whether something is to be forgotten.

Limits of views: https://docs.slack.dev/surfaces/modals (100 blocks, 24 characters of title).
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.ports.windows import Extent
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.wording import Markup, Wording

FEEDBACK_REASON = "feedback_reason"
REASON = "reason"
FORGET = "forget"

_TITLE = 24


def modal(wording: Wording, title: str, shown: Sequence[Block], about: str) -> Block:
    """A view. ``about`` comes back with what is pressed or sent in it."""
    return {
        "type": "modal",
        "title": blocks.plain(title, _TITLE),
        "close": blocks.plain(wording.plain("Close"), _TITLE),
        "private_metadata": about,
        "blocks": list(shown),
    }


def sentence_modal(wording: Wording, sentence: str) -> Block:
    """A view that holds one sentence (mrkdwn), where another cannot be shown, or not yet."""
    return modal(wording, wording.plain("Data analyst"), [blocks.section(sentence)], "")


def feedback_modal(wording: Wording, turn: str) -> Block:
    """Asks what was wrong; submitted as ``FEEDBACK_REASON`` with the text in ``values[REASON][REASON].value``."""
    question: Block = {
        "type": "input",
        "block_id": REASON,
        "optional": True,
        "label": blocks.plain(wording.plain("What was wrong?"), 2000),
        "element": {"type": "plain_text_input", "action_id": REASON, "multiline": True, "max_length": 2000},
    }
    view = modal(wording, wording.plain("Feedback"), [question], turn)
    return _submitted(wording, view, FEEDBACK_REASON, wording.plain("Send"))


def forget_modal(wording: Wording, asked: str, channel: str, extent: Extent) -> Block:
    """Asks whether to forget a channel, or for "" what the person has asked; submitted as ``FORGET`` with ``asked``."""
    if not extent.questions:
        return sentence_modal(wording, wording.say("There is nothing to forget."))
    shown = [
        wording.say("Shall I forget all that was asked in {channel}?", channel=Markup(f"<#{channel}>"))
        if channel
        else wording.say("Shall I forget all that you have asked me in this workspace?"),
        wording.say(
            "*Conversations: {conversations}. Questions: {questions}.*",
            conversations=extent.conversations,
            questions=extent.questions,
        ),
        wording.say(
            "Questions, answers, their code and the names of the files are deleted here and at Azure OpenAI. "
            "Answers that are under way are stopped. What stands in Slack stays. This cannot be undone."
        ),
    ]
    if not channel:
        shown.append(
            wording.say("Where others have asked in the same thread, their questions stay, and I begin anew there.")
        )
    view = modal(wording, wording.plain("Forget"), [blocks.section(line) for line in shown], asked)
    return _submitted(wording, view, FORGET, wording.plain("Forget"))


def _submitted(wording: Wording, view: Block, name: str, button: str) -> Block:
    cancel = blocks.plain(wording.plain("Cancel"), _TITLE)
    return view | {"callback_id": name, "submit": blocks.plain(button, _TITLE), "close": cancel}
