"""The slash command and the message shortcut."""

from __future__ import annotations

from dataclasses import replace

from conversations.jobs.answered_bots import bots_command
from conversations.jobs.interactions import card_mode
from conversations.ports.incoming import PressKind
from handlers.context import Context
from untrusted.payload import Json
from workplace import presses

SLASH = "/analyst"
ANALYSE = "analyze_message"


async def choose(body: Json, context: Context) -> None:
    """What is kept: ``/analyst card on|reaction|off``, ``/analyst bots …``."""
    used = presses.command(body, context.identity.team)
    if kind := _chosen(used.value):
        await context.conversations.presses.accept(replace(used, name=kind))


async def answer(body: Json, context: Context) -> None:
    """``/analyst`` with anything else, which is only answered."""
    used = presses.command(body, context.identity.team)
    if not _chosen(used.value):
        await context.conversations.interactions.command(replace(used, name=PressKind.COMMAND))


async def analyse(body: Json, context: Context) -> None:
    """The shortcut "Analyse this" on a message."""
    pressed = replace(presses.shortcut(body, context.identity.team), name=PressKind.ANALYSE)
    await context.conversations.presses.accept(pressed)


def _chosen(text: str) -> PressKind | None:
    if card_mode(text):
        return PressKind.CHOOSE_CARD
    return PressKind.CHOOSE_BOTS if bots_command(text) else None
