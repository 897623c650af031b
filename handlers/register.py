"""Who takes what of all that Slack sends."""

from __future__ import annotations

from conversations.ports.incoming import PressKind
from handlers import actions, commands, events, views
from handlers.envelopes import Envelopes
from replies.views import buttons, how_modal, modals


def register(app: Envelopes) -> None:
    """Connect the handlers. What ``record`` does is on disk before Slack gets its ack; ``show`` comes after it."""
    app.event("message", record=events.message)
    app.event("app_mention", record=events.app_mention)
    app.event("agent_session_stopped", record=events.agent_session_stopped)
    app.event("file_change", record=events.file_change)
    app.event("file_deleted", record=events.file_deleted)
    app.event("channel_id_changed", record=events.channel_id_changed)
    app.event("app_home_opened", show=events.app_home_opened)
    app.event("tokens_revoked", record=events.tokens_revoked)
    app.event("app_uninstalled", record=events.app_uninstalled)
    app.event("team_access_revoked", record=events.team_access_revoked)
    app.event("team_access_granted", record=events.team_access_granted)

    app.action(buttons.STOP_RUN, record=actions.pressed(PressKind.STOP))
    app.action(buttons.TRY_AGAIN, record=actions.pressed(PressKind.AGAIN))
    app.action(buttons.CHOOSE, record=actions.choose)
    app.action(buttons.DELETE_ANSWER, record=actions.pressed(PressKind.DELETE))
    app.action(buttons.ASK_SAMPLE, record=actions.ask_sample)
    app.action(buttons.FEEDBACK, record=actions.judge, show=actions.ask_reason)
    app.action(buttons.SHOW_CODE, show=actions.show_code)
    app.action(how_modal.CODE_BACK, show=actions.turn_page)
    app.action(how_modal.CODE_ON, show=actions.turn_page)
    app.action(how_modal.POST_CODE, record=actions.pressed(PressKind.POST_CODE))

    app.view(modals.FEEDBACK_REASON, record=views.feedback_reason)
    app.view(modals.FORGET, record=views.forget)

    app.shortcut(commands.ANALYSE, record=commands.analyse)
    app.command(commands.SLASH, record=commands.choose, show=commands.answer)
