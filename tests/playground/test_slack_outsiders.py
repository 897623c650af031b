"""Guests, the deactivated, strangers and other bots, as the Web API and events show them."""

from __future__ import annotations

from typing import Any

from playground.slack.people.people import BOARD, BOB, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import bot_of, client_of, running

GUEST = "U0GUEST001"
PARTNER_TEAM = "T0PARTNER1"


async def user_of(slack: LocalSlack, user: str) -> dict[str, Any]:
    answer = await client_of(slack).users_info(user=user, include_locale=True)
    found: dict[str, Any] = answer["user"]
    return found


async def test_guests_are_in_some_channels_only() -> None:
    async with running() as slack:
        slack.outsiders.add_guest(GUEST, "gina", [SALES])
        slack.outsiders.add_guest("U0GUEST002", "gus", [SALES], single=True)
        many, single = await user_of(slack, GUEST), await user_of(slack, "U0GUEST002")
        assert (many["is_restricted"], many["is_ultra_restricted"]) == (True, False)
        assert (single["is_restricted"], single["is_ultra_restricted"]) == (True, True)
        members = await client_of(slack).conversations_members(channel=SALES)
        assert {GUEST, "U0GUEST002"} <= set(members["members"])
        assert GUEST not in slack.channels[BOARD].members
        assert await slack.human.post(SALES, "@analyst total?", user=GUEST)


async def test_the_deactivated_are_shown_without_what_members_have() -> None:
    async with running() as slack:
        slack.outsiders.deactivate(BOB)
        gone = await user_of(slack, BOB)
        assert gone["deleted"]
        assert not {"tz", "locale", "is_admin", "is_restricted"} & gone.keys()


async def test_strangers_come_over_a_shared_channel() -> None:
    async with running() as slack, bot_of(slack) as bot:
        stranger = slack.outsiders.add_stranger("U0STRANGE1", "sam", [SALES], known=False)
        ts = await slack.human.post(SALES, "@analyst total?", user=stranger)
        await slack.wait(lambda _: bot.of("app_mention") and bot.of("message"))
        (payload,) = [body for body in bot.payloads if body["event"]["type"] == "message"]
        assert payload["is_ext_shared_channel"]
        assert payload["team_id"] == PARTNER_TEAM
        assert payload["context_team_id"] == payload["authorizations"][0]["team_id"] == slack.team
        assert (payload["event"]["ts"], payload["event"]["user_team"]) == (ts, PARTNER_TEAM)
        told = await user_of(slack, stranger)
        assert (told["team_id"], told["is_stranger"]) == (PARTNER_TEAM, True)
        assert "locale" not in told


async def test_a_neighbour_is_of_the_same_organization() -> None:
    async with running() as slack:
        told = await user_of(slack, slack.outsiders.add_neighbour("W0NEIGHB01", "nia", [SALES]))
        assert told["team_id"] != slack.team
        assert told["enterprise_user"]["enterprise_id"] == slack.workspace.enterprise_id
        assert not told["is_stranger"]


async def test_a_bots_user_may_write_without_a_bot_id() -> None:
    async with running() as slack, bot_of(slack) as bot:
        other = slack.outsiders.add_bot("U0OTHERBOT", "reporter", [SALES])
        await slack.human.post(SALES, "@analyst total?", user=other)
        await slack.wait(lambda _: bot.of("message"))
        assert "bot_id" not in bot.of("message")[0]
        assert (await user_of(slack, other))["is_bot"]
