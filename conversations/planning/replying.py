"""Whether a message below a question of ours is an answer to it. Pure."""

from __future__ import annotations

from conversations.planning.smalltalk import is_bare_thanks
from conversations.store.choices import inquiry_of, on_button
from conversations.store.results import Offer
from untrusted.characters import unescaped


def is_answer(offer: Offer, text: str, *, has_files: bool) -> bool:
    """Whether it says or brings something; thanks, assent and emoji alone do not, unless they may be chosen.

    Args:
        offer: What was asked.
        text: The message, in Slack's markup.
        has_files: Whether it brings files.
    """
    choices = {option.name.casefold() for option in inquiry_of(offer).options}
    said = on_button(unescaped(text)).casefold()
    return has_files or said in choices or (bool(said) and not is_bare_thanks(text))
