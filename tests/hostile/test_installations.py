"""S13: whatever envelopes say of the installation, the bot knows who it is by ``auth.test``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Literal

import pytest
import pytest_asyncio

from tests.hostile.inside import Inside, rows
from tests.support.world import turn_of

Kind = Literal["own", "organization", "missing", "null", "empty", "nobody"]
TeamOn = Literal["both", "mention", "message"]
MODULE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    """A bot that is installed for a whole organization."""
    async with Inside(tmp_path_factory.mktemp("bot"), authorizations="organization", twins="mention_first") as made:
        yield made


@MODULE
@pytest.mark.parametrize("team_on", ["both", "mention", "message"])
@pytest.mark.parametrize("kind", ["own", "organization", "missing", "null", "empty", "nobody"])
async def test_s13_one_question_one_answer(world: Inside, kind: Kind, team_on: TeamOn) -> None:
    slack, channel = world.slack, world.new_channel()
    slack.workspace.options = replace(slack.options, authorizations=kind, team_on=team_on)
    ts = await world.ask("[[say one]]", channel=channel)
    await world.outcomes(channel, ts)
    await slack.wait(lambda _: all(envelope.acked for envelope in slack.envelopes))
    follow_up = await slack.human.post(channel, "[[say two]]", thread=ts)  # taken without a mention
    found = await world.outcomes(channel, ts, 2)
    assert [turn_of(message).rpartition(":")[2] for message in found] == [ts, follow_up]
    assert rows(world, f"select team from questions where channel = '{channel}'") == [(slack.team,)] * 2


@MODULE
async def test_h5_people_of_the_same_organization_are_no_strangers(world: Inside) -> None:
    channel = world.new_channel()
    neighbour = world.slack.outsiders.add_neighbour("W0NEIGHB01", "nia", [channel])
    assert "welcome" in await world.answer("[[say welcome]]", channel=channel, user=neighbour)
