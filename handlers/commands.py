"""The slash command and the message shortcut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from conversations.ports.incoming import PressKind
from conversations.slash.answered_bots import bots_command
from conversations.slash.channels import card_mode
from conversations.slash.pausing import pause_command
from handlers.context import Context
from untrusted.payload import Json
from workplace import presses

SLASH = "/analyst"
ANALYSE = "analyze_message"

_KEPT: Mapping[PressKind, Callable[[str], object]] = {
    PressKind.CHOOSE_CARD: card_mode,
    PressKind.CHOOSE_BOTS: bots_command,
    PressKind.PAUSE: pause_command,
}
"""What is a press, recorded before its ack, and what recognises its words."""


async def choose(body: Json, context: Context) -> None:
    """``/analyst`` with words whose effect must not be lost."""
    used = presses.command(body, context.identity.team)
    if kind := _chosen(used.value):
        await context.conversations.presses.accept(replace(used, name=kind))


async def answer(body: Json, context: Context) -> None:
    """``/analyst`` with anything else, which is only answered."""
    used = presses.command(body, context.identity.team)
    if not _chosen(used.value):
        await context.conversations.slash.answer(replace(used, name=PressKind.COMMAND), presses.modal(body))


async def analyse(body: Json, context: Context) -> None:
    """The shortcut "Analyse this" on a message."""
    pressed = replace(presses.shortcut(body, context.identity.team), name=PressKind.ANALYSE)
    await context.conversations.presses.accept(pressed)


def _chosen(text: str) -> PressKind | None:
    return next((kind for kind, reads in _KEPT.items() if reads(text)), None)
