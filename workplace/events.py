"""Raw event payloads → what a person wrote. Pure: nothing is asked of Slack.

Twins, subtypes and stubs: https://docs.slack.dev/reference/events/message/ and …/app_mention/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from conversations.planning.smalltalk import plain_words
from conversations.ports.incoming import UserText
from slack_api.identity import Identity
from tables import is_data
from untrusted.payload import Json, identifier, mapping, string, timestamp
from workplace.parsing import files_of
from workplace.reading.message_text import message_text

Command = Literal["mute", "unmute", "forget", "help", "stop"]

_BY_APP = "bot_message"
_WRITTEN = frozenset({"", "file_share", "thread_broadcast", "me_message", _BY_APP})
_SYSTEM_USERS = frozenset({"USLACK", "USLACKBOT"})
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_CALL = re.compile(r"<(?:@([A-Z0-9]+)|!(?:subteam\^[A-Z0-9]+|here|channel|everyone))(?:\|[^<>]*)?>")
_LONGEST_COMMAND = 2000
"""Characters, mentions and emoji included."""

_CHANNEL_TYPES = {"C": "channel", "G": "group", "D": "im"}


@dataclass(frozen=True)
class EditedText:
    """A message that its author changed: as it stands now, and whether the bot's mention is new in it."""

    now: UserText
    adds_mention: bool


@dataclass(frozen=True)
class DeletedText:
    """A message that is gone."""

    team: str
    channel: str
    ts: str


@dataclass(frozen=True)
class Said:
    """A new message, whoever wrote it. ``thread`` is "" outside of threads; ``data`` are the ids of its data files."""

    channel: str
    ts: str
    thread: str
    data: Sequence[str]
    is_own: bool


def said(event: Json, identity: Identity) -> Said | None:
    """What an event tells of a message that is new, or None."""
    if event.get("type") != "message" or string(event.get("subtype")).startswith("message_"):
        return None
    channel, ts, thread = (
        identifier(event.get("channel")),
        timestamp(event.get("ts")),
        timestamp(event.get("thread_ts")),
    )
    if not (channel and ts):
        return None
    data = [file.id for file in files_of(event) if not file.name or is_data(file.name, file.mimetype, file.filetype)]
    is_own = identifier(event.get("user")) == identity.user
    return Said(channel, ts, "" if thread == ts else thread, data, is_own)


def user_text(event: Json, identity: Identity) -> UserText | None:
    """What somebody wrote, or None: own messages, system messages, edits, deletions, unfurls.

    A tool may post with a person's own token, so ``bot_id`` says nothing; whether a user is a bot ``users.info`` knows.
    What an app without a user says is only taken when it mentions the bot.

    The team is that of the bot: over Slack Connect the event's may be the other side's.
    """
    if event.get("hidden") or event.get("edited") or not _is_written(event, identity):
        return None
    written = _user_text(event, event, identity)
    is_for_bot = written and (written.mentions_bot or event.get("subtype") != _BY_APP)
    return written if is_for_bot else None


def edited_text(event: Json, identity: Identity) -> EditedText | None:
    """An edit by the author of a message, or None: unfurls, bots, other events.

    Slack sends the same ``message_changed`` when it adds link previews; then ``edited`` is missing or unchanged.
    """
    if event.get("type") != "message" or event.get("subtype") != "message_changed":
        return None
    now, before = mapping(event.get("message")), mapping(event.get("previous_message"))
    edited = now.get("edited")
    if not edited or edited == before.get("edited") or now.get("subtype") == _BY_APP:
        return None
    if not _is_written(now, identity):
        return None
    written = _user_text(now, event, identity)
    if written is None:
        return None
    return EditedText(
        written, adds_mention=written.mentions_bot and not _mentions(message_text(before).words, identity.user)
    )


def deleted_text(event: Json, identity: Identity) -> DeletedText | None:
    """A deletion of a person's message, or None."""
    if event.get("type") != "message" or event.get("subtype") != "message_deleted":
        return None
    before = mapping(event.get("previous_message"))
    ts = timestamp(event.get("deleted_ts")) or timestamp(before.get("ts"))
    channel = identifier(event.get("channel"))
    is_own = identifier(before.get("user")) == identity.user
    return None if is_own or not (ts and channel) else DeletedText(identity.team, channel, ts)


def strip_mention(text: str, bot: str) -> str:
    """The text without the bot's own mention; other people's mentions and line ends stay."""
    without = _mention_of(bot).sub("\0", text.replace("\0", ""))
    without = re.sub(r"(?m)^[ \t]*(?:\0[ \t]*)+[,:、：]?[ \t]*", "", without)
    *parts, last = without.split("\0")
    return ("".join(part.rstrip(" \t") for part in parts) + last).strip()


def command(text: str) -> Command | None:
    """The command that a text consists of, apart from the bot's mention; None when it is anything else."""
    return _COMMANDS.get(plain_words(_MENTION.sub(" ", text))) if len(text) <= _LONGEST_COMMAND else None


def _is_written(message: Json, identity: Identity) -> bool:
    user = _author(message)
    return (
        string(message.get("type") or "message") in {"message", "app_mention"}
        and string(message.get("subtype")) in _WRITTEN
        and message.get("bot_id") != identity.bot
        and bool(user and timestamp(message.get("ts")))
        and user not in {*_SYSTEM_USERS, identity.user}
    )


def _author(message: Json) -> str:
    user = identifier(message.get("user"))
    return user or identifier(message.get("bot_id")) if message.get("subtype") == _BY_APP else user


def _user_text(message: Json, event: Json, identity: Identity) -> UserText | None:
    said, channel = message_text(message), identifier(event.get("channel"))
    if not channel:
        return None
    ts, thread = timestamp(message.get("ts")), timestamp(message.get("thread_ts"))
    teams = (message.get("user_team"), message.get("source_team"), message.get("team"))
    return UserText(
        team=identity.team,
        channel=channel,
        ts=ts,
        user=_author(message),
        text=str(said) if said.words or said.forwards else "",
        thread="" if thread == ts else thread,
        user_team=next(filter(None, map(identifier, teams)), ""),
        channel_type=string(event.get("channel_type")) or _CHANNEL_TYPES.get(channel[:1], ""),
        files=files_of(message),
        mentions_bot=_mentions(said.words, identity.user),
        for_others=_is_for_others(said.words, identity.user),
        complete=event.get("type") != "app_mention",
        wordless=said.forwards and not strip_mention(said.words, identity.user),
    )


def _mentions(text: str, user: str) -> bool:
    return _mention_of(user).search(text) is not None


@cache
def _mention_of(user: str) -> re.Pattern[str]:
    """Of one user: a pattern that begins with a known text is looked for ten times as fast."""
    return re.compile(rf"<@{re.escape(user)}(?:\|[^<>]*)?>")


def _is_for_others(text: str, bot: str) -> bool:
    first = _CALL.search(text)
    if first is None:
        return False
    begins = len(text) - len(text.lstrip()) == first.start()
    return (begins and first[1] != bot) or not _mentions(text, bot)


_WORDS: dict[Command, str] = {
    "stop": "stop, stop it, please stop, stop please, cancel, abort, cancel it, 停止, 停止して, 停止してください, "
    "ストップ, 中止, 中止して, 中止してください, 止めて, 止めてください, やめて, やめてください, とめて, キャンセル",
    "mute": "mute, be quiet, ミュート, ミュートして, 静かにして, 黙って",
    "unmute": "unmute, ミュート解除, ミュートを解除, ミュート解除して, ミュートを解除して",
    "forget": "forget, forget this, forget everything, 忘れて, 忘れてください, データを削除, 消去",
    "help": "help, help me, what can you do, ヘルプ, 使い方, 使い方は, 何ができるの, 何ができますか",
}

_COMMANDS: dict[str, Command] = {word: name for name, words in _WORDS.items() for word in words.split(", ")}
