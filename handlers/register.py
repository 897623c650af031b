"""Which handler takes what: recorded before the ack (``Envelopes``), or shown after it (Bolt's listeners)."""

from __future__ import annotations

import re

from slack_bolt.async_app import AsyncApp

from conversations.service import Conversations
from handlers.actions import Actions
from handlers.changes import FileChanges, Removal
from handlers.commands import ANALYSE, SLASH, Commands
from handlers.envelopes import Envelopes
from handlers.feedback import FeedbackReasons
from handlers.home import Home
from handlers.mentions import Mentions
from handlers.messages import Messages
from handlers.sessions import Sessions
from replies.views.code_modal import FEEDBACK_REASON
from slack_api.identity import Identity

SUBSCRIBED = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_id_changed",
    "file_change",
    "file_deleted",
    "message",
    "tokens_revoked",
)
"""Event types of manifest.yml (``message`` stands for the four ``message.*``)."""


def register(
    app: AsyncApp, envelopes: Envelopes, conversations: Conversations, identity: Identity, removal: Removal
) -> None:
    """Connect the handlers."""
    team = identity.team
    changes, actions, commands = (
        FileChanges(conversations, team),
        Actions(conversations, team),
        Commands(conversations, team),
    )
    envelopes.on("event", "message", Messages(conversations, identity).handle)
    envelopes.on("event", "app_mention", Mentions(conversations, identity).handle)
    envelopes.on("event", "agent_session_stopped", Sessions(conversations, team).stopped)
    envelopes.on("event", "file_change", changes.changed)
    envelopes.on("event", "file_deleted", changes.deleted)
    envelopes.on("event", "channel_id_changed", changes.moved)
    envelopes.on("block_actions", "", actions.record)
    envelopes.on("view_submission", FEEDBACK_REASON, FeedbackReasons(conversations, team).record)
    envelopes.on("message_action", ANALYSE, commands.record_analyse)
    envelopes.on("command", SLASH, commands.record_choice)

    app.event("app_home_opened")(Home(conversations, team).opened)
    app.event("tokens_revoked")(removal.revoked)
    app.event("app_uninstalled")(removal.uninstalled)
    app.action(re.compile(".*"))(actions.show)
    app.command(SLASH)(commands.slash)
    envelopes.follow_with(
        app,
        ("event", "app_home_opened"),
        ("event", "tokens_revoked"),
        ("event", "app_uninstalled"),
        ("block_actions", ""),
        ("command", SLASH),
    )
