"""The question which file is meant."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.ports.replies import FileQuestion
from replies.markdown.sanitize import escape, on_one_line
from replies.markdown.tables import Block
from replies.views import blocks, buttons
from replies.views.wording import Markup, Wording

_MOST_NAMES = 5


def which_file(wording: Wording, turn: str, question: FileQuestion) -> tuple[str, Sequence[Block]]:
    """The question, in words and as blocks with a button for each file.

    Args:
        wording: The asker's language.
        turn: Whose question it is about.
        question: What is known.
    """
    sentence = _sentence(wording, question)
    if not question.files:
        return sentence, [blocks.section(sentence)]
    pressed = [
        buttons.choose_file(on_one_line(file.name) or file.id, turn, file.id, position)
        for position, file in enumerate(question.files)
    ]
    hint = wording.say("Press it, or write its name here.")
    return sentence, [blocks.section(sentence), blocks.actions(*pressed), *blocks.contexts([hint])]


def chosen(wording: Wording, question: FileQuestion, by: str, name: str) -> tuple[str, Sequence[Block]]:
    """The same when somebody (``by``, a name) has chosen the file ``name``."""
    sentence, choice = _sentence(wording, question), wording.say("{by} chose *{name}*.", by=by, name=name)
    return f"{sentence}\n{choice}", [blocks.section(sentence), *blocks.contexts([choice])]


def _sentence(wording: Wording, question: FileQuestion) -> str:
    if not question.missing:
        return wording.say("There are several files that could be meant. Which one?")
    names = Markup(", ".join(f"*{escape(name)}*" for name in question.missing[:_MOST_NAMES]))
    if not question.files:
        return wording.say("I know no file called {names} here. Please share it here, and ask again.", names=names)
    return wording.say("I know no file called {names} here. Which file do you mean?", names=names)
