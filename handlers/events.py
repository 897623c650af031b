"""Events: what people write, and what happens to files, channels and the app.

https://docs.slack.dev/reference/events
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from conversations.ports.incoming import Press, PressKind, UserText
from handlers.context import Context
from untrusted.payload import Json, identifier, items, mapping, timestamp, values
from workplace import events

log = logging.getLogger(__name__)


async def message(event: Json, context: Context) -> None:
    """What is written, changed or deleted; own posts, other bots, unfurls and system messages come to nothing."""
    intake, identity, heard = context.conversations.intake, context.identity, context.conversations.heard
    said = events.said(event, identity)
    if said and said.data:
        await heard.shared(identity.team, said.channel, said.data)
    if written := events.user_text(event, identity):
        await intake.user_text(addressed(written, identity.user))
    elif edited := events.edited_text(event, identity):
        await intake.edited(addressed(edited.now, identity.user), asks_now=edited.adds_mention)
    elif gone := events.deleted_text(event, identity):
        await intake.deleted(gone.team, gone.channel, gone.ts)
    else:
        if said and said.thread and (said.data or not said.is_own):
            await heard.said(identity.team, said.channel, said.thread, said.ts)
        if said and said.is_own:
            for file in items(event.get("files")):
                context.workspace.written.shared(identifier(file.get("id")))


async def app_mention(event: Json, context: Context) -> None:
    """The twin of a ``message``, sometimes first, sometimes without its files: the second adds to the question."""
    if written := events.user_text(event, context.identity):
        await context.conversations.intake.user_text(addressed(written, context.identity.user))


async def agent_session_stopped(event: Json, context: Context) -> None:
    """Somebody has pressed the Stop button that Slack itself shows in agent apps; the streams have ended already."""
    pressed = Press(
        name=PressKind.STOP_THREAD,
        team=context.identity.team,
        user=identifier(event.get("user")),
        at=timestamp(event.get("event_ts")),
        channel=identifier(event.get("channel")),
        thread=timestamp(event.get("thread_ts")),
    )
    await context.conversations.presses.accept(pressed)


async def file_change(event: Json, context: Context) -> None:
    """A file may have new content."""
    if file := _file(event):
        await context.conversations.heard.changed(context.identity.team, file)
        await context.conversations.changes.file_changed(context.identity.team, file)


async def file_deleted(event: Json, context: Context) -> None:
    """A file is gone."""
    if file := _file(event):
        await context.conversations.heard.changed(context.identity.team, file)
        await context.conversations.changes.file_deleted(context.identity.team, file, timestamp(event.get("event_ts")))


async def channel_id_changed(event: Json, context: Context) -> None:
    """A channel has another id."""
    old, new = identifier(event.get("old_channel_id")), identifier(event.get("new_channel_id"))
    if old and new:
        await context.conversations.changes.channel_moved(context.identity.team, old, new)


async def app_home_opened(event: Json, context: Context) -> None:
    """Somebody looks at the home tab, or at the direct message of the agent view, which offers what to ask."""
    interactions, user = context.conversations.interactions, identifier(event.get("user"))
    if user and event.get("tab") == "messages":
        await interactions.prompts(context.identity.team, user, identifier(event.get("channel")))
    elif user:
        await interactions.home(context.identity.team, user)


async def tokens_revoked(event: Json, context: Context) -> None:
    """Tokens are revoked; those of people are none of the bot's business."""
    if context.identity.user in values(mapping(event.get("tokens")).get("bot")):
        await app_uninstalled(event, context)


async def app_uninstalled(_: Json, context: Context) -> None:
    """The app is removed from the workspace."""
    log.warning("The app was removed from %s, or its bot token was revoked.", context.workspace.installation)
    await context.removed(())


async def team_access_revoked(event: Json, context: Context) -> None:
    """An organisation has taken the app out of some of its workspaces."""
    if teams := _teams(event):
        log.warning("The app was removed from %s.", ", ".join(teams))
        await context.removed(teams)


async def team_access_granted(event: Json, context: Context) -> None:
    """An organisation lets some of its workspaces use the app."""
    if teams := _teams(event):
        await context.granted(teams)


def addressed(message: UserText, bot_user: str) -> UserText:
    """The text without the bot's mention, and the word to the bot that it may be."""
    text = events.strip_mention(message.text, bot_user)
    return replace(message, text=text, command=events.command(text) or "")


def _teams(event: Json) -> Sequence[str]:
    return list(filter(None, map(identifier, values(event.get("team_ids")))))


def _file(event: Json) -> str:
    return identifier(event.get("file_id")) or identifier(mapping(event.get("file")).get("id"))
