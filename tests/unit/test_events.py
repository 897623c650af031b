"""What becomes of an event, as far as its payload alone decides it."""

from __future__ import annotations

from typing import Any

import pytest

from slack_api.identity import Identity
from workplace.events import command, deleted_text, edited_text, said, strip_mention, user_text

BOT = "U0BOTAAAA"
IDENTITY = Identity("T1", BOT, "B0BOTAAAA")
TS = "1767224888.280449"
FILE = {"id": "F1", "name": "sales.csv", "size": 10, "mode": "snippet", "filetype": "csv"}


def message(**fields: Any) -> dict[str, Any]:
    base = {"type": "message", "user": "U1", "ts": TS, "text": f"<@{BOT}> Hey", "team": "T1", "channel": "C1"}
    return base | {"event_ts": TS, "channel_type": "channel"} | fields


def test_twins_tell_the_same() -> None:
    twin = message(type="app_mention")
    del twin["channel_type"]
    first, second = user_text(message(), IDENTITY), user_text(twin, IDENTITY)
    assert first
    assert second
    assert (first.complete, second.complete) == (True, False)
    assert (first.team, first.channel, first.ts, first.user) == (second.team, second.channel, second.ts, second.user)
    assert first.mentions_bot
    assert second.mentions_bot


def test_an_upload_with_a_comment_brings_its_files() -> None:
    event = message(subtype="file_share", files=[FILE, FILE], upload=True)
    del event["team"]
    found = user_text(event, IDENTITY)
    assert found
    assert [(file.id, file.name, file.shared_at) for file in found.files] == [("F1", "sales.csv", TS)]
    assert found.team == "T1"


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_people_write_with_these_subtypes(subtype: str) -> None:
    assert user_text(message(subtype=subtype), IDENTITY)


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B0BOTAAAA", "user": BOT},
        {"bot_id": "B0BOTAAAA", "user": "U1"},
        {"subtype": "bot_message", "bot_id": "B0OTHER", "user": "", "text": "Hey"},
        {"subtype": "bot_message", "bot_id": "B0OTHER", "user": "", "edited": {"user": "", "ts": TS}},
        {"subtype": "bot_message", "bot_id": "B0BOTAAAA", "user": ""},
        {"subtype": "bot_message", "user": ""},
        {"subtype": "message_changed", "hidden": True, "message": {}, "previous_message": {}},
        {"subtype": "message_deleted", "hidden": True, "deleted_ts": TS},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
        {"subtype": "tombstone"},
        {"subtype": "assistant_app_thread"},
        {"subtype": "some_subtype_of_tomorrow"},
        {"user": "USLACKBOT"},
        {"user": "USLACK"},
        {"user": None},
        {"hidden": True},
        {"type": "app_mention", "edited": {"user": "U1", "ts": TS}},
        {"type": "reaction_added"},
    ],
)
def test_not_what_a_person_wrote(fields: dict[str, Any]) -> None:
    assert user_text(message(**fields), IDENTITY) is None


def test_an_app_without_a_user_is_known_by_its_bot() -> None:
    found = user_text(message(subtype="bot_message", bot_id="B0OTHER", user=None), IDENTITY)
    assert found
    assert (found.user, found.is_of_nobody, found.text) == ("B0OTHER", True, f"<@{BOT}> Hey")
    person = user_text(message(bot_id="B0OTHER"), IDENTITY)
    assert person
    assert (person.user, person.is_of_nobody) == ("U1", False)


def test_what_an_app_changes_is_no_edit_of_a_persons() -> None:
    now = message(subtype="bot_message", bot_id="B0OTHER", user=None, edited={"user": "B0OTHER", "ts": TS})
    changed = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": now}
    assert edited_text(changed, IDENTITY) is None


def test_the_root_of_a_thread_is_top_level_and_a_reply_is_not() -> None:
    root, reply = message(thread_ts=TS), message(thread_ts="1767224000.000100", parent_user_id="U2")
    assert getattr(user_text(root, IDENTITY), "thread", None) == ""
    assert getattr(user_text(reply, IDENTITY), "thread", None) == "1767224000.000100"


def test_the_installation_decides_the_team_and_the_person_keeps_theirs() -> None:
    found = user_text(message(team="T2", user_team="T2"), IDENTITY)
    assert found
    assert (found.team, found.user_team) == ("T1", "T2")


def test_connect_stubs_and_tombstones_keep_their_kind() -> None:
    stub = {"id": "F2", "mode": "file_access", "file_access": "check_file_info", "user": ""}
    found = user_text(message(subtype="file_share", files=[stub, {"id": "F3", "mode": "tombstone"}]), IDENTITY)
    assert found
    assert [(file.id, file.kind) for file in found.files] == [("F2", "file_access"), ("F3", "tombstone")]


@pytest.mark.parametrize(
    ("text", "mentions_bot", "for_others"),
    [
        ("plain", False, False),
        (f"<@{BOT}> do it", True, False),
        (f"<@{BOT}|analyst> do it", True, False),
        (f"<@U2> what <@{BOT}> said", True, True),
        (f"<@{BOT}> ask <@U2>", True, False),
        ("<@U2> look", False, True),
        ("look, <@U2>", False, True),
        ("<!subteam^S1> look", False, True),
        ("<!here> look", False, True),
        ("see <#C1|sales>", False, False),
        ("see <https://a.example/@U2>", False, False),
    ],
)
def test_whom_it_is_for(text: str, mentions_bot: bool, for_others: bool) -> None:
    found = user_text(message(text=text), IDENTITY)
    assert found
    assert (found.mentions_bot, found.for_others) == (mentions_bot, for_others)


def test_text_comes_from_the_blocks_when_there_is_none() -> None:
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "user", "user_id": BOT}, {"type": "text", "text": " a < b"}],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x,y"}]},
            ],
        }
    ]
    found = user_text(message(text="", blocks=blocks), IDENTITY)
    assert found
    assert found.text == f"<@{BOT}> a &lt; b\n```\nx,y\n```"
    assert found.mentions_bot


def changed(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    event = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": "C1",
        "ts": "1767224900.000200",
    }
    return event | {"channel_type": "channel", "message": now, "previous_message": before}


def test_an_edit_tells_whether_it_adds_the_mention() -> None:
    before = {"type": "message", "user": "U1", "ts": TS, "text": "old"}
    edited = {"edited": {"user": "U1", "ts": "1767224899.000000"}}
    plain = edited_text(changed(before | edited | {"text": "new"}, before), IDENTITY)
    assert plain
    assert (plain.now.ts, plain.now.channel, plain.now.text, plain.adds_mention) == (TS, "C1", "new", False)
    mention = edited_text(changed(before | edited | {"text": f"<@{BOT}> new"}, before), IDENTITY)
    assert mention
    assert mention.adds_mention
    had_it = edited_text(changed(mention_of(before, edited), before | {"text": f"<@{BOT}>"}), IDENTITY)
    assert had_it
    assert not had_it.adds_mention


def mention_of(before: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    return before | edited | {"text": f"<@{BOT}> again"}


def test_unfurls_and_bots_edits_are_no_edits() -> None:
    before = {"type": "message", "user": "U1", "ts": TS, "text": "https://a.example"}
    assert edited_text(changed(before | {"attachments": [{}]}, before), IDENTITY) is None
    edited = before | {"edited": {"user": "U1", "ts": "1.0"}}
    assert edited_text(changed(edited | {"attachments": [{}]}, edited), IDENTITY) is None
    own = {"type": "message", "user": BOT, "bot_id": "B1", "ts": TS, "edited": {"user": "B1", "ts": "2.0"}}
    assert edited_text(changed(own, own | {"edited": None}), IDENTITY) is None
    assert edited_text(message(), IDENTITY) is None


def test_a_deletion_names_the_message() -> None:
    event = message(subtype="message_deleted", hidden=True, deleted_ts=TS, previous_message=message(files=[FILE]))
    found = deleted_text(event, IDENTITY)
    assert found
    assert (found.team, found.channel, found.ts) == ("T1", "C1", TS)
    assert deleted_text(message(), IDENTITY) is None


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        (f"<@{BOT}> total?", "total?"),
        (f"<@{BOT}>, total?", "total?"),
        (f"<@{BOT}|analyst>: total?", "total?"),
        (f"please <@{BOT}> total", "please total"),
        (f"total? <@{BOT}>", "total?"),
        (f"<@{BOT}> <@U2> said\n  indented", "<@U2> said\n  indented"),
        (f"<@{BOT}>\n```\na,b\n  1,2\n```", "```\na,b\n  1,2\n```"),
        (f"<@{BOT}>", ""),
    ],
)
def test_strip_mention(text: str, stripped: str) -> None:
    assert strip_mention(text, BOT) == stripped


@pytest.mark.parametrize(
    "text", ["stop", "Stop!", "STOP.", f"<@{BOT}> stop", "停止", "ストップ！", "やめて", "キャンセル"]
)
def test_stop(text: str) -> None:
    assert command(text) == "stop"


@pytest.mark.parametrize("text", ["stop words by count", "non-stop", "when did sales stop?", "停止した店舗は？", ""])
def test_not_stop(text: str) -> None:
    assert command(text) != "stop"


def test_commands() -> None:
    assert [command(text) for text in ("Mute", f"<@{BOT}> unmute", "忘れて", "ヘルプ", "help me with this csv")] == [
        "mute",
        "unmute",
        "forget",
        "help",
        None,
    ]


CSV = {"id": "F1", "name": "sales.csv", "mimetype": "text/csv", "filetype": "csv", "size": 9, "mode": "hosted"}
PNG = {"id": "F2", "name": "sales.png", "mimetype": "image/png", "filetype": "png", "size": 9, "mode": "hosted"}


@pytest.mark.parametrize(
    ("fields", "thread", "data", "is_own"),
    [
        ({}, "", [], False),
        ({"thread_ts": TS}, "", [], False),
        ({"thread_ts": "1700000000.000000", "files": [CSV, PNG]}, "1700000000.000000", ["F1"], False),
        ({"subtype": "bot_message", "bot_id": "B9", "user": None}, "", [], False),
        ({"subtype": "file_share", "user": BOT, "files": [{"id": "F3"}]}, "", ["F3"], True),
    ],
)
def test_what_is_said_by_whom_and_with_which_data(
    fields: dict[str, Any], thread: str, data: list[str], is_own: bool
) -> None:
    told = said(message(**fields), IDENTITY)
    assert told is not None
    assert (told.ts, told.thread, list(told.data), told.is_own) == (TS, thread, data, is_own)


@pytest.mark.parametrize(
    "fields", [{"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"ts": "x"}, {"type": "app_mention"}]
)
def test_what_is_no_new_message(fields: dict[str, Any]) -> None:
    assert said(message(**fields), IDENTITY) is None
