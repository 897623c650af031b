"""One payload of every kind that Slack sends, as the app gets it, to be broken by ``mutate``.

Shapes: https://docs.slack.dev/reference/events/, https://docs.slack.dev/reference/interaction-payloads/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

TEAM, CHANNEL, DIRECT, ANN, BOT, BOT_ID = (
    "T0TEAM0001",
    "C0SALES001",
    "D0ANN00001",
    "U0ANN00001",
    "U0BOT00001",
    "B0BOT00001",
)
TS, THREAD = "1795341600.000100", "1795341500.000100"
MENTION = f"<@{BOT}>"

FILE: Json = {
    "id": "F0CSV00001",
    "created": 1795341590,
    "timestamp": 1795341590,
    "name": "sales.csv",
    "title": "Sales",
    "mimetype": "text/csv",
    "filetype": "csv",
    "pretty_type": "CSV",
    "user": ANN,
    "user_team": TEAM,
    "size": 2048,
    "mode": "snippet",
    "is_external": False,
    "external_type": "",
    "url_private": "https://files.slack.com/files-pri/T0TEAM0001-F0CSV00001/sales.csv",
    "url_private_download": "https://files.slack.com/files-pri/T0TEAM0001-F0CSV00001/download/sales.csv",
    "permalink": "https://ws.slack.com/files/U0ANN00001/F0CSV00001/sales.csv",
    "preview": "a,b\n1,2",
    "lines": 100,
    "file_access": "visible",
    "shares": {"public": {CHANNEL: [{"ts": TS, "channel_name": "sales", "team_id": TEAM, "share_user_id": ANN}]}},
}
FILES: Mapping[str, Json] = {
    "stub": {"id": "F0EXT00001", "created": 0, "mode": "file_access", "file_access": "check_file_info", "user": ""},
    "tombstone": {"id": "F0OLD00001", "mode": "tombstone"},
    "hidden": {"id": "F0OLD00002", "mode": "hidden_by_limit"},
    "external": FILE | {"mode": "external", "is_external": True, "external_type": "gdrive"},
    "canvas": FILE | {"mode": "quip", "filetype": "quip", "mimetype": "application/vnd.slack-docs", "name": None},
    "email": FILE
    | {"mode": "email", "filetype": "email", "attachments": [{"filename": "a.csv", "size": 3, "url": "https://x"}]},
    "picture": FILE | {"mode": "hosted", "filetype": "png", "mimetype": "image/png", "original_w": 8, "thumb_360": "x"},
    "nameless": FILE | {"name": "", "title": None, "filetype": "", "mimetype": ""},
}
"""File objects besides ``FILE``."""

TEXT_CELL: Json = {"type": "raw_text", "text": "North"}
RICH: Json = {
    "type": "rich_text",
    "block_id": "r",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "user", "user_id": BOT},
                {"type": "text", "text": " total of ", "style": {"bold": True}},
                {"type": "link", "url": "https://example.com/?a=1&b=2", "text": "this"},
                {"type": "channel", "channel_id": CHANNEL},
                {"type": "usergroup", "usergroup_id": "S0TEAM0001"},
                {"type": "broadcast", "range": "here"},
                {"type": "emoji", "name": "tada", "unicode": "1f389"},
                {"type": "date", "timestamp": 1795341600, "format": "{date}", "fallback": "today"},
                {"type": "color", "value": "#ff0000"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a,b\n1,2"}], "border": 0},
    ],
}
BLOCKS: Sequence[Json] = (
    RICH,
    {"type": "header", "text": {"type": "plain_text", "text": "Latency"}},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*p95* = 1843 ms"},
        "fields": [{"type": "mrkdwn", "text": "*Region*\neu"}, {"type": "plain_text", "text": "4.2 %"}],
        "accessory": {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Open"}, "value": "1"},
    },
    {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": "by Ann"}, {"type": "image", "image_url": "https://x"}],
    },
    {"type": "image", "image_url": "https://example.com/a.gif", "alt_text": "a", "title": {"text": "party"}},
    {"type": "divider"},
    {"type": "markdown", "text": "| a | b |\n|---|---|\n| 1 | 2 |"},
    {"type": "table", "rows": [[TEXT_CELL, TEXT_CELL], [{"type": "raw_number", "value": 3, "text": "3"}, RICH]]},
    {"type": "actions", "elements": [{"type": "button", "action_id": "show_code", "value": f"{TEAM}:{CHANNEL}:{TS}"}]},
    {"type": "file", "external_id": "x", "source": "remote"},
    {"type": "video", "title": {"type": "plain_text", "text": "v"}, "video_url": "https://x", "alt_text": "v"},
    {"type": "novelty", "elements": [[{"x": None}]]},
)
FORWARDED: Json = {
    "id": 1,
    "is_share": True,
    "is_msg_unfurl": True,
    "ts": THREAD,
    "channel_id": "C0OTHER001",
    "channel_team": TEAM,
    "author_id": "U0BOB00001",
    "author_name": "Bob",
    "author_link": "https://ws.slack.com/team/U0BOB00001",
    "from_url": "https://ws.slack.com/archives/C0OTHER001/p1795341500000100",
    "text": "Here are the *Q3* numbers",
    "fallback": "[today] Bob: Here are the Q3 numbers",
    "footer": "Posted in #other",
    "mrkdwn_in": ["text"],
    "message_blocks": [{"team": TEAM, "channel": "C0OTHER001", "ts": THREAD, "message": {"blocks": [RICH]}}],
    "files": [FILE, FILES["stub"]],
}
ALERT: Json = {
    "title": "[FIRING:1] Latency",
    "title_link": "https://alerts.example/1",
    "pretext": "Alert",
    "text": "p95 = 1843 ms on web-3",
    "fallback": "[FIRING:1] Latency",
    "fields": [{"title": "Region", "value": "eu-west", "short": True}],
    "color": "D63232",
    "footer": "Alerting",
    "ts": 1795341600,
    "author_name": "Monitor",
    "image_url": "https://x",
    "actions": [{"type": "button", "text": "Open", "url": "https://x"}],
}
PASTED: Json = {"fallback": "a table", "blocks": [BLOCKS[7]]}
GIF: Json = {
    "title": "party",
    "image_url": "https://x/a.gif",
    "fallback": "giphy: party",
    "footer": "Posted using /giphy",
}


def message(**members: Any) -> Json:
    """A person's message in a channel."""
    body: Json = {
        "type": "message",
        "user": ANN,
        "text": f"{MENTION} total?",
        "ts": TS,
        "client_msg_id": "m",
        "team": TEAM,
    }
    body |= {"blocks": [RICH], "channel": CHANNEL, "event_ts": TS, "channel_type": "channel"}
    return body | members


MESSAGES: Mapping[str, Json] = {
    "plain": message(),
    "in a thread": message(thread_ts=THREAD, parent_user_id="U0BOB00001"),
    "direct": message(channel=DIRECT, channel_type="im", text="total?", app_context={"entities": []}),
    "with files": message(subtype="file_share", files=[FILE, *FILES.values()], upload=True, display_as_bot=False),
    "broadcast": message(subtype="thread_broadcast", thread_ts=THREAD, root=message(ts=THREAD, reply_count=2)),
    "about oneself": message(subtype="me_message"),
    "forward": message(attachments=[FORWARDED]),
    "wordless forward": message(text="", blocks=[], attachments=[FORWARDED]),
    "all blocks": message(text="", blocks=list(BLOCKS)),
    "alert": message(user=None, text="", subtype="bot_message", bot_id="B1", username="Alerting", attachments=[ALERT]),
    "pasted table": message(attachments=[PASTED]),
    "GIF": message(text="", blocks=[BLOCKS[4]], attachments=[GIF]),
    "by a tool": message(bot_id="B0TOOL0001", app_id="A0TOOL0001"),
    "by a bot": message(bot_id="B0BOT00002", app_id="A2", bot_profile={"id": "B0BOT00002", "name": "other"}, user="U2"),
    "own": message(user=BOT, bot_id=BOT_ID, app_id="A1", metadata={"event_type": "x", "event_payload": {}}),
    "workflow": message(user=None, subtype="bot_message", bot_id="B3", username="Standup"),
    "foreign": message(user_team="T0OTHER001", source_team="T0OTHER001", team="T0OTHER001"),
    "edited": {
        **message(subtype="message_changed", hidden=True, text=None, user=None),
        "message": message(text="new", edited={"user": ANN, "ts": TS}),
        "previous_message": message(),
    },
    "unfurled": {
        **message(subtype="message_changed", hidden=True, text=None, user=None),
        "message": message(attachments=[{"from_url": "https://x", "title": "x"}]),
        "previous_message": message(),
    },
    "deleted": {
        **message(subtype="message_deleted", hidden=True, text=None, user=None, deleted_ts=TS),
        "previous_message": message(files=[FILE]),
    },
    "joined": message(subtype="channel_join", inviter="U0BOB00001"),
    "tombstone": message(subtype="tombstone", user="USLACKBOT", text="This message was deleted."),
    "session": message(subtype=None, assistant_app_thread={"title": "x", "artifacts": []}),
}
"""Messages as events carry them."""


def _event(kind: str, **members: Any) -> Json:
    return {"type": kind, "event_ts": TS, **members}


_ITEM = {"type": "message", "channel": CHANNEL, "ts": TS}
_USER: Json = {
    "id": ANN,
    "team_id": TEAM,
    "name": "ann",
    "is_bot": False,
    "deleted": False,
    "profile": {"email": "a@b.c"},
}
_PLACE: Json = {"id": CHANNEL, "name": "sales", "created": 1, "creator": ANN}
EVENTS: Mapping[str, Json] = {
    **{f"message: {name}": event for name, event in MESSAGES.items()},
    "app_mention": {key: value for key, value in message().items() if key != "channel_type"} | {"type": "app_mention"},
    "file_shared": _event("file_shared", file_id="F1", user_id=ANN, file={"id": "F1"}, channel_id=CHANNEL),
    "file_change": _event("file_change", file_id="F1", user_id=ANN, file={"id": "F1"}),
    "file_created": _event("file_created", file_id="F1", user_id=ANN, file={"id": "F1"}),
    "file_deleted": _event("file_deleted", file_id="F1", channel_ids=[CHANNEL]),
    "file_unshared": _event("file_unshared", file_id="F1", channel_id=CHANNEL, file={"id": "F1"}),
    "file_public": _event("file_public", file_id="F1", user_id=ANN, file={"id": "F1"}),
    "app_home_opened": _event("app_home_opened", user=ANN, channel=DIRECT, tab="home", view={"id": "V1", "blocks": []}),
    "app_home_opened: messages": _event("app_home_opened", user=ANN, channel=DIRECT, tab="messages", context={}),
    "app_context_changed": _event(
        "app_context_changed",
        channel=DIRECT,
        user=ANN,
        context={"entities": [{"type": "slack#/types/channel_id", "value": CHANNEL, "team_id": TEAM}]},
    ),
    "agent_session_stopped": _event(
        "agent_session_stopped", channel=CHANNEL, user=ANN, thread_ts=THREAD, streaming_message_ts=[TS]
    ),
    "agent_session_title_changed": _event("agent_session_title_changed", channel=DIRECT, user=ANN, title="new"),
    "assistant_thread_started": _event(
        "assistant_thread_started",
        assistant_thread={"user_id": ANN, "channel_id": DIRECT, "thread_ts": TS, "context": {"channel_id": CHANNEL}},
    ),
    "assistant_thread_context_changed": _event("assistant_thread_context_changed", assistant_thread={"user_id": ANN}),
    "member_joined_channel": _event("member_joined_channel", user=BOT, channel=CHANNEL, channel_type="C", team=TEAM),
    "member_left_channel": _event("member_left_channel", user=BOT, channel=CHANNEL, channel_type="C", team=TEAM),
    "reaction_added": _event("reaction_added", user=ANN, reaction="bar_chart", item=_ITEM, item_user=BOT),
    "reaction_removed": _event("reaction_removed", user=ANN, reaction="bar_chart", item=_ITEM, item_user=BOT),
    "team_access_granted": _event("team_access_granted", team_ids=["T0NOWHERE1"]),
    "team_access_revoked": _event("team_access_revoked", team_ids=["T0NOWHERE1"]),
    "tokens_revoked": _event("tokens_revoked", tokens={"oauth": [ANN], "bot": [BOT]}),
    "app_uninstalled": _event("app_uninstalled"),
    "channel_id_changed": _event("channel_id_changed", old_channel_id="G1", new_channel_id="C9"),
    "channel_rename": _event("channel_rename", channel=_PLACE),
    "function_executed": _event(
        "function_executed",
        function={"id": "Fn1", "callback_id": "analyze", "input_parameters": []},
        inputs={"channel": CHANNEL},
        function_execution_id="Fx1",
        bot_access_token="xwfp-1",
    ),
    "user_change": _event("user_change", user=_USER),
    "link_shared": _event("link_shared", channel=CHANNEL, user=ANN, message_ts=TS, links=[{"url": "https://x"}]),
}
"""Events by name; what stands after a colon tells several of one type apart."""

_OTHERS = """
app_deleted app_installed app_rate_limited app_requested app_uninstalled_team call_rejected channel_archive
channel_created channel_deleted channel_history_changed channel_left channel_shared channel_unarchive channel_unshared
dnd_updated dnd_updated_user email_domain_changed emoji_changed entity_details_requested file_comment_added
file_comment_deleted file_comment_edited grid_migration_finished grid_migration_started group_archive group_close
group_deleted group_history_changed group_left group_open group_rename group_unarchive im_close im_created
im_history_changed im_open invite_requested message_metadata_deleted message_metadata_posted message_metadata_updated
pin_added pin_removed resources_added resources_removed scope_denied scope_granted shared_channel_invite_accepted
shared_channel_invite_approved shared_channel_invite_declined shared_channel_invite_received
shared_channel_invite_requested star_added star_removed subteam_created subteam_members_changed subteam_self_added
subteam_self_removed subteam_updated team_access_granted team_access_revoked team_domain_change team_join team_rename
url_verification user_connection user_huddle_changed user_profile_changed user_resource_denied user_resource_granted
user_resource_removed user_status_changed workflow_deleted workflow_published workflow_step_deleted
workflow_step_execute workflow_unpublished novelty
"""
OTHER_EVENT_TYPES: Sequence[str] = tuple(_OTHERS.split())
"""Event types that the bot has no use for."""


def envelope(event: Any, **members: Any) -> Json:
    """The payload around an event."""
    who = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
    body: Json = {"token": "t", "team_id": TEAM, "context_team_id": TEAM, "api_app_id": "A1", "event": event}
    body |= {"type": "event_callback", "event_id": "Ev1", "event_time": 1795341600, "authorizations": [who]}
    return body | {"is_ext_shared_channel": False, "event_context": "4-x"} | members


def _interaction(kind: str, **members: Any) -> Json:
    body: Json = {"type": kind, "user": {"id": ANN, "username": "ann", "name": "ann", "team_id": TEAM}, "token": "t"}
    body |= {"api_app_id": "A1", "trigger_id": "1.2.x", "team": {"id": TEAM, "domain": "ws"}, "enterprise": None}
    return body | {"is_enterprise_install": False, "action_ts": TS} | members


_ANSWER = message(user=BOT, bot_id=BOT_ID, app_id="A1", thread_ts=THREAD, blocks=list(BLOCKS))
_VIEW: Json = {
    "id": "V1",
    "type": "modal",
    "callback_id": "code",
    "private_metadata": '{"turn": "T0TEAM0001:C0SALES001:1795341600.000100"}',
    "state": {"values": {"name": {"value": {"type": "plain_text_input", "value": "a.py"}}}},
    "blocks": [],
    "hash": "1.x",
    "root_view_id": "V1",
}
ACTIONS = (
    "show_code",
    "post_code",
    "try_again",
    "ask_sample",
    "stop_run",
    "delete_answer",
    "answer_feedback",
    "novelty",
)


def pressed(action: str, value: Any = f"{TEAM}:{CHANNEL}:{TS}") -> Json:
    """A press of a button of an answer."""
    container = {"type": "message", "message_ts": TS, "channel_id": CHANNEL, "is_ephemeral": False, "thread_ts": THREAD}
    act = {
        "type": "button",
        "action_id": action,
        "block_id": "b",
        "value": value,
        "action_ts": TS,
        "text": {"text": "x"},
    }
    body = _interaction("block_actions", container=container, channel={"id": CHANNEL, "name": "sales"}, actions=[act])
    return body | {"message": _ANSWER, "state": {"values": {}}, "response_url": "https://hooks.slack.com/x"}


INTERACTIONS: Mapping[str, Json] = {
    **{f"press {action}": pressed(action) for action in ACTIONS},
    "press in a view": _interaction(
        "block_actions", container={"type": "view", "view_id": "V1"}, view=_VIEW, actions=pressed("x")["actions"]
    ),
    "select": pressed("pick") | {"actions": [{"type": "static_select", "action_id": "pick", "selected_option": {}}]},
    "submission": _interaction("view_submission", view=_VIEW, response_urls=[]),
    "closed": _interaction("view_closed", view=_VIEW, is_cleared=False),
    "shortcut": _interaction("shortcut", callback_id="analyze"),
    "message shortcut": _interaction(
        "message_action",
        callback_id="analyze_message",
        channel={"id": CHANNEL, "name": "sales"},
        message_ts=TS,
        message=MESSAGES["with files"],
        response_url="https://hooks.slack.com/x",
    ),
    "suggestion": _interaction("block_suggestion", action_id="x", block_id="b", value="a", container={}),
    "old button": _interaction("interactive_message", actions=[], callback_id="x", original_message={}),
    "dialog": _interaction("dialog_submission", callback_id="x", submission={}, state="s"),
}
COMMAND: Json = {
    "token": "t",
    "team_id": TEAM,
    "team_domain": "ws",
    "channel_id": CHANNEL,
    "channel_name": "sales",
    "user_id": ANN,
    "user_name": "ann",
    "command": "/analyst",
    "text": "help",
    "api_app_id": "A1",
    "is_enterprise_install": "false",
    "response_url": "https://hooks.slack.com/x",
    "trigger_id": "1.2.x",
}

PAYLOADS: Mapping[str, Json] = {
    **{name: envelope(event) for name, event in EVENTS.items()},
    **{name: envelope(_event(name)) for name in OTHER_EVENT_TYPES},
    **INTERACTIONS,
    "command": COMMAND,
}
"""Everything, whole."""
