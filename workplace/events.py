"""Raw event payloads → what a person wrote. Pure: nothing is asked of Slack.

Twins, subtypes and stubs: https://docs.slack.dev/reference/events/message/ and …/app_mention/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conversations.ports import UserText
from conversations.smalltalk import plain_words
from conversations.tables import pasted_tables
from workplace.parsing import files_of, text_of

Json = Mapping[str, Any]
Command = Literal["mute", "unmute", "forget", "help", "stop"]

_WRITTEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
_SYSTEM_USERS = frozenset({"USLACK", "USLACKBOT"})
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_CALL = re.compile(r"<(?:@([A-Z0-9]+)|!(?:subteam\^[A-Z0-9]+|here|channel|everyone))(?:\|[^>]*)?>")
_CHANNEL_TYPES = {"C": "channel", "G": "group", "D": "im"}


@dataclass(frozen=True)
class EditedText:
    """A message that its author changed: as it stands now, and whether the bot's mention is new in it."""

    now: UserText
    adds_mention: bool


@dataclass(frozen=True)
class DeletedText:
    """A message that is gone; ``files`` are the ids of files it carried."""

    team: str
    channel: str
    ts: str
    thread: str = ""
    files: Sequence[str] = ()


def user_text(event: Json, authorizations: Sequence[Json]) -> UserText | None:
    """What a person wrote, or None: own and other bots, system messages, edits, deletions, unfurls.

    Args:
        event: ``body["event"]`` of type ``message`` or ``app_mention``.
        authorizations: ``body["authorizations"]``: its first entry is the installation that sees the event (over Slack
            Connect ``event["team"]`` may be the other side's).
    """
    if not _is_written_by_person(event) or event.get("hidden") or event.get("edited"):
        return None
    return _user_text(event, event, authorizations)


def edited_text(event: Json, authorizations: Sequence[Json]) -> EditedText | None:
    """An edit by the author of a message, or None: unfurls, bots, other events.

    Slack sends the same ``message_changed`` when it adds link previews; then ``edited`` is missing or unchanged.
    """
    if event.get("type") != "message" or event.get("subtype") != "message_changed":
        return None
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    edited = now.get("edited") or {}
    if not edited or edited == before.get("edited") or not _is_written_by_person(now):
        return None
    text = _user_text(now, event, authorizations)
    bot = _bot_user(authorizations)
    return EditedText(text, adds_mention=text.mentions_bot and not _mentions(text_of(before), bot))


def deleted_text(event: Json, authorizations: Sequence[Json]) -> DeletedText | None:
    """A deletion of a person's message, or None."""
    if event.get("type") != "message" or event.get("subtype") != "message_deleted":
        return None
    before = event.get("previous_message") or {}
    if before.get("bot_id"):
        return None
    ts, thread = str(event.get("deleted_ts") or before.get("ts") or ""), str(before.get("thread_ts") or "")
    return DeletedText(
        team=_team(event, authorizations),
        channel=str(event.get("channel") or ""),
        ts=ts,
        thread="" if thread == ts else thread,
        files=tuple(file.id for file in files_of(before)),
    )


def analysed(body: Json, team: str) -> UserText | None:
    """What the message shortcut asks for: the data on a message, described in its thread; None when it has none.

    https://docs.slack.dev/interactivity/implementing-shortcuts#messages

    Args:
        body: The payload of type ``message_action``.
        team: The installation's team (over Slack Connect the payload's may be the other side's).
    """
    message = body.get("message") or {}
    text, files = text_of(message), files_of(message)
    if not files and not pasted_tables(text):
        return None
    channel = str(body["channel"]["id"])
    return UserText(
        team=team,
        channel=channel,
        ts=str(body["action_ts"]),
        user=str(body["user"]["id"]),
        text="" if files else text,
        thread=str(message.get("thread_ts") or body["message_ts"]),
        user_team=str(body["user"].get("team_id") or ""),
        channel_type=_CHANNEL_TYPES.get(channel[:1], ""),
        files=files,
        mentions_bot=True,
        again=True,
        via="shortcut",
    )


def strip_mention(text: str, bot: str) -> str:
    """The text without the bot's own mention; other people's mentions and line ends stay."""
    without = _MENTION.sub(lambda match: "\0" if match.group(1) == bot else match.group(), text)
    without = re.sub(r"(?m)^[ \t]*(?:\0[ \t]*)+[,:、：]?[ \t]*", "", without)
    return re.sub(r"[ \t]*\0", "", without).strip()


def is_stop(text: str) -> bool:
    """Whether a text is nothing but the word to stop."""
    return command(text) == "stop"


def command(text: str) -> Command | None:
    """The word to the bot that a text consists of, without its mention; None when it is anything else."""
    return _COMMANDS.get(plain_words(_MENTION.sub(" ", text)))


def _is_written_by_person(message: Json) -> bool:
    user = message.get("user") or ""
    return (
        (message.get("type") or "message") in {"message", "app_mention"}
        and (message.get("subtype") or "") in _WRITTEN
        and not message.get("bot_id")
        and bool(user and message.get("ts"))
        and user not in _SYSTEM_USERS
    )


def _user_text(message: Json, event: Json, authorizations: Sequence[Json]) -> UserText:
    text = text_of(message)
    bot = _bot_user(authorizations)
    channel = str(event.get("channel") or "")
    ts, thread = str(message["ts"]), str(message.get("thread_ts") or "")
    return UserText(
        team=_team(event, authorizations),
        channel=channel,
        ts=ts,
        user=str(message["user"]),
        text=text,
        thread="" if thread == ts else thread,
        user_team=str(message.get("user_team") or message.get("source_team") or message.get("team") or ""),
        channel_type=str(event.get("channel_type") or _CHANNEL_TYPES.get(channel[:1], "")),
        files=files_of(message),
        mentions_bot=_mentions(text, bot),
        for_others=_is_for_others(text, bot),
        complete=event.get("type") != "app_mention",
    )


def _bot_user(authorizations: Sequence[Json]) -> str:
    return str(authorizations[0].get("user_id") or "") if authorizations else ""


def _team(event: Json, authorizations: Sequence[Json]) -> str:
    installed = authorizations[0].get("team_id") if authorizations else ""
    return str(installed or event.get("team") or "")


def _mentions(text: str, user: str) -> bool:
    return any(match.group(1) == user for match in _MENTION.finditer(text))


def _is_for_others(text: str, bot: str) -> bool:
    calls = [(match.start(), match.group(1) or "") for match in _CALL.finditer(text)]
    if not calls:
        return False
    begins = len(text) - len(text.lstrip()) == calls[0][0]
    return (begins and calls[0][1] != bot) or all(user != bot for _, user in calls)


_WORDS: dict[Command, tuple[str, ...]] = {
    "stop": (
        *("stop", "stop it", "please stop", "stop please", "cancel", "abort", "cancel it"),
        *(
            "停止",
            "停止して",
            "停止してください",
            "ストップ",
            "中止",
            "中止して",
            "中止してください",
            "止めて",
            "止めてください",
        ),
        *("やめて", "やめてください", "とめて", "キャンセル"),
    ),
    "mute": ("mute", "be quiet", "ミュート", "ミュートして", "静かにして", "黙って"),
    "unmute": ("unmute", "ミュート解除", "ミュートを解除", "ミュート解除して", "ミュートを解除して"),
    "forget": ("forget", "forget this", "forget everything", "忘れて", "忘れてください", "データを削除", "消去"),
    "help": ("help", "help me", "what can you do", "ヘルプ", "使い方", "使い方は", "何ができるの", "何ができますか"),
}

_COMMANDS: dict[str, Command] = {word: name for name, words in _WORDS.items() for word in words}
