"""Submitted modals."""

from __future__ import annotations

from dataclasses import replace

from conversations.ports.incoming import PressKind
from handlers.context import Context
from replies.views.modals import REASON
from untrusted.payload import Json
from workplace import presses


async def feedback_reason(body: Json, context: Context) -> None:
    """What was wrong with an answer; the ack closes the modal."""
    sent = presses.sent_modal(body, context.identity.team)
    given = replace(sent, name=PressKind.GIVE_REASON, more=presses.written(body, REASON))
    await context.conversations.presses.accept(given)


async def forget(body: Json, context: Context) -> None:
    """The confirmation that something is to be forgotten."""
    sent = presses.sent_modal(body, context.identity.team)
    await context.conversations.presses.accept(replace(sent, name=PressKind.FORGET))
