"""A question to people, instead of an answer: which file is meant, or the model's own words."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.ports.replies import Inquiry
from replies.markdown.sanitize import escape, on_one_line
from replies.markdown.tables import Block
from replies.views import blocks, buttons
from replies.views.sentences import N_
from replies.views.wording import Markup, Wording

_NOBODY_ANSWERED = N_("Nobody has answered this for a day. Please ask your question again.")
_NOBODY_CHOSE = N_("Nobody has chosen this for a day.")
_MOST_NAMES = 5
_MOST_FILES = 8


def asked(wording: Wording, turn: str, inquiry: Inquiry) -> tuple[str, Sequence[Block]]:
    """The question, in words and as blocks with a button for each option.

    Args:
        wording: The asker's language.
        turn: Whose question it is about.
        inquiry: What is asked.
    """
    sentence = _sentence(wording, inquiry)
    shown = [blocks.section(sentence)]
    if inquiry.options:
        shown.append(
            blocks.actions(
                *(
                    buttons.choose(on_one_line(option.name) or option.key, turn, option.key, position)
                    for position, option in enumerate(inquiry.options)
                )
            )
        )
    unread = [f":warning: {wording.error(error)}" for error in inquiry.unread[:_MOST_FILES]]
    return sentence, [*shown, *blocks.contexts([*_hint(wording, inquiry), *unread])]


def settled(wording: Wording, inquiry: Inquiry, by: str, name: str) -> tuple[str, Sequence[Block]]:
    """The same when somebody (``by``, a name) has chosen what is called ``name``; nobody, when it is too late."""
    sentence = _sentence(wording, inquiry)
    if by:
        end = wording.say("{by} chose *{name}*.", by=by, name=name)
    else:
        end = wording.say(_NOBODY_CHOSE if inquiry.is_below_answer else _NOBODY_ANSWERED)
    return f"{sentence}\n{end}", [blocks.section(sentence), *blocks.contexts([end])]


def _hint(wording: Wording, inquiry: Inquiry) -> list[str]:
    if inquiry.is_below_answer:
        return []
    if not inquiry.words:
        return [wording.say("Press it, or write its name here.")] if inquiry.options else []
    if inquiry.options:
        return [wording.say("Press one, or write your answer here.")]
    return [wording.say("Write your answer here.")]


def _sentence(wording: Wording, inquiry: Inquiry) -> str:
    if inquiry.is_below_answer:
        return wording.say("The question could also mean something else:")
    if words := "\n".join(filter(None, map(escape, inquiry.words.split("\n")))):
        return words
    if not inquiry.missing:
        return wording.say("There are several files that could be meant. Which one?")
    names = Markup(", ".join(f"*{escape(name)}*" for name in inquiry.missing[:_MOST_NAMES]))
    if not inquiry.options:
        return wording.say("I know no file called {names} here. Please share it here, and ask again.", names=names)
    return wording.say("I know no file called {names} here. Which file do you mean?", names=names)
