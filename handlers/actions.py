"""Pressed buttons, one by one; their names and values come from ``replies/views``."""

from __future__ import annotations

from dataclasses import replace

from conversations.ports.incoming import Press, PressKind
from handlers.context import Context
from handlers.envelopes import Handler
from replies.views.buttons import choice, sample, verdict
from replies.views.how_modal import page_of
from untrusted.payload import Json
from workplace import presses


def pressed(kind: PressKind) -> Handler:
    """Takes a button whose value is the turn."""

    async def press(body: Json, context: Context) -> None:
        await _accept(context, replace(_press(body, context), name=kind))

    return press


async def choose(body: Json, context: Context) -> None:
    """What may be chosen below a question of ours."""
    press = _press(body, context)
    turn, key = choice(press.value)
    await _accept(context, replace(press, name=PressKind.CHOOSE, value=turn, more=key))


async def ask_sample(body: Json, context: Context) -> None:
    """A question on a file card."""
    press = _press(body, context)
    card, question = sample(press.value)
    await _accept(context, replace(press, name=PressKind.SAMPLE, value=card, more=question))


async def judge(body: Json, context: Context) -> None:
    """A thumb, below an answer."""
    press = _press(body, context)
    given = verdict(press.value)
    await _accept(context, replace(press, name=PressKind.JUDGE, value=given.turn, more=given.thumb))


async def ask_reason(body: Json, context: Context) -> None:
    """A thumb down: a modal asks why."""
    press = _press(body, context)
    given = verdict(press.value)
    if given.thumb == "down":
        asked = replace(press, name=PressKind.ASK_REASON, value=given.turn)
        await context.conversations.answer_buttons.ask_reason(asked, presses.modal(body))


async def show_code(body: Json, context: Context) -> None:
    """Code, below an answer."""
    asked = replace(_press(body, context), name=PressKind.SHOW_CODE)
    await context.conversations.answer_buttons.show_code(asked, presses.modal(body))


async def turn_page(body: Json, context: Context) -> None:
    """Previous and Next, in the modal with the code."""
    press = _press(body, context)
    page, turn = page_of(press.value)
    asked = replace(press, name=PressKind.SHOW_CODE, value=turn)
    await context.conversations.answer_buttons.show_code(asked, presses.modal(body), page)


def _press(body: Json, context: Context) -> Press:
    return presses.button(body, context.identity.team)


async def _accept(context: Context, press: Press) -> None:
    await context.conversations.presses.accept(press)
