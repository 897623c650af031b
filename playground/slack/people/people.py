"""Who and what is in the workspace from the start, and adding more."""

from __future__ import annotations

from playground.slack.state.entities import Channel, Kind
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

BOT = "U0ANALYST01"
ANN = "U0ANN00001"
KENJI = "U0KENJI0001"
BOB = "U0BOB00001"
SALES = "C0SALES001"
GENERAL = "C0GENERAL1"
RANDOM = "C0NOBOT0001"
BOARD = "G0BOARD0001"


def user(team: str, user_id: str, name: str, display: str, locale: str, zone: tuple[str, int]) -> Json:
    """A person as ``users.info`` shows one; ``zone`` is the IANA name and the offset in seconds."""
    return {
        "id": user_id,
        "team_id": team,
        "name": name,
        "real_name": display,
        "deleted": False,
        "color": "4bbe2e",
        "tz": zone[0],
        "tz_label": zone[0],
        "tz_offset": zone[1],
        "locale": locale,
        "is_bot": False,
        "is_app_user": False,
        "is_admin": user_id == ANN,
        "is_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_stranger": False,
        "profile": {"display_name": display, "real_name": display, "email": None},
        "updated": 1_767_000_000,
    }


def add_user(workspace: Workspace, person: Json) -> str:
    """Add a person together with their direct message with the bot. Returns the direct message's id."""
    workspace.users[person["id"]] = person
    return add_channel(workspace, "D" + person["id"][1:], "", "im", [person["id"], workspace.bot_user]).id


def add_group(workspace: Workspace, group_id: str, handle: str, members: list[str]) -> str:
    """Add a user group (https://docs.slack.dev/reference/objects/usergroup-object/). Returns its id."""
    workspace.groups[group_id] = {
        "id": group_id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "name": handle.title(),
        "description": "",
        "handle": handle,
        "is_external": False,
        "date_create": 1_767_000_000,
        "date_update": 1_767_000_000,
        "date_delete": 0,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
        "users": list(members),
        "user_count": len(members),
    }
    return group_id


def add_channel(workspace: Workspace, channel_id: str, name: str, kind: Kind, members: list[str]) -> Channel:
    """Add a conversation."""
    channel = Channel(
        id=channel_id, name=name, kind=kind, created=1_767_000_000, creator=members[0], members=list(members)
    )
    workspace.channels[channel_id] = channel
    workspace.changes.publish({"type": "channel", "channel": channel_id})
    return channel


def populate(workspace: Workspace) -> None:
    """Ann, 健二 and Bob, three channels and a private one, and the analyst in all but #random."""
    team = workspace.team_id
    bot = user(team, BOT, "analyst", "analyst", "en-US", ("UTC", 0))
    bot |= {"is_bot": True, "profile": bot["profile"] | {"bot_id": workspace.bot_id, "api_app_id": workspace.app_id}}
    del bot["locale"]
    workspace.users[BOT] = bot
    people = [
        user(team, ANN, "ann", "Ann", "en-US", ("America/New_York", -18_000)),
        user(team, KENJI, "kenji", "健二", "ja-JP", ("Asia/Tokyo", 32_400)),
        user(team, BOB, "bob", "Bob", "en-GB", ("Europe/London", 0)),
    ]
    for person in people:
        add_user(workspace, person)
    everyone = [person["id"] for person in people]
    add_channel(workspace, SALES, "sales", "channel", [*everyone, BOT])
    add_channel(workspace, GENERAL, "general", "channel", [*everyone, BOT])
    add_channel(workspace, RANDOM, "random", "channel", list(everyone))
    add_channel(workspace, BOARD, "board", "group", [ANN, BOB, BOT])
