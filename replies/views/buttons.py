"""The buttons, and how handlers/ reads their values back. Values carry the turn's id."""

from __future__ import annotations

from typing import Literal, NamedTuple

from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.wording import Wording

SHOW_CODE = "show_code"
TRY_AGAIN = "try_again"
STOP_RUN = "stop_run"
DELETE_ANSWER = "delete_answer"
FEEDBACK = "answer_feedback"
ASK_SAMPLE = "ask_sample"
CHOOSE = "choose_file"


class Verdict(NamedTuple):
    """A pressed feedback button: which way, and about which turn."""

    thumb: Literal["up", "down"]
    turn: str


def verdict(value: str) -> Verdict:
    """The value of a pressed feedback button, read back."""
    thumb, _, turn = value.partition(" ")
    return Verdict("up" if thumb == "up" else "down", turn)


def show_code(wording: Wording, turn: str) -> Block:
    """Opens what lies behind an answer."""
    return blocks.button(wording.plain("How"), SHOW_CODE, turn)


def try_again(wording: Wording, turn: str) -> Block:
    """Asks the same question again."""
    return blocks.button(wording.plain("Try again"), TRY_AGAIN, turn, style="primary")


def stop_run(wording: Wording, turn: str) -> Block:
    """Ends the running turn."""
    return blocks.button(wording.plain("Stop"), STOP_RUN, turn, style="danger")


def ask_sample(question: str, card: str, position: int) -> Block:
    """Asks one of a file card's questions; read back by ``sample``."""
    return blocks.button(question, f"{ASK_SAMPLE}:{position}", f"{card} {question}")


def sample(value: str) -> tuple[str, str]:
    """The card and the question in the value of a pressed ``ask_sample``."""
    card, _, question = value.partition(" ")
    return card, question


def choose(name: str, turn: str, key: str, position: int) -> Block:
    """Answers what a turn has asked; read back by ``choice``."""
    return blocks.button(name, f"{CHOOSE}:{position}", f"{turn} {key}")


def choice(value: str) -> tuple[str, str]:
    """The turn and the option's key in the value of a pressed ``choose``."""
    turn, _, key = value.partition(" ")
    return turn, key


def judgement(wording: Wording, turn: str, asker: str) -> Block:
    """Thumbs up and down, and a bin that only the asker sees."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": {
                    "text": blocks.plain(wording.plain("Good answer"), 75),
                    "value": f"up {turn}",
                    "accessibility_label": wording.plain("This answer was helpful"),
                },
                "negative_button": {
                    "text": blocks.plain(wording.plain("Bad answer"), 75),
                    "value": f"down {turn}",
                    "accessibility_label": wording.plain("This answer was not helpful"),
                },
            },
            {
                "type": "icon_button",
                "icon": "trash",
                "text": blocks.plain(wording.plain("Delete"), 75),
                "action_id": DELETE_ANSWER,
                "value": turn,
                "visible_to_user_ids": [asker],
                "confirm": {
                    "title": blocks.plain(wording.plain("Delete this answer?"), 100),
                    "text": blocks.plain(wording.plain("It is removed for everyone, with its charts and files."), 300),
                    "confirm": blocks.plain(wording.plain("Delete"), 30),
                    "deny": blocks.plain(wording.plain("Keep"), 30),
                },
            },
        ],
    }
