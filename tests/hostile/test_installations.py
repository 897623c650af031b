"""S13: whatever envelopes say of the installation, the bot knows who it is by ``auth.test``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.hostile.inside import Inside, rows
from tests.support.world import SALES, turn_of

Kind = Literal["organization", "missing", "null", "empty", "nobody"]
TeamOn = Literal["both", "mention", "message"]


@pytest.mark.parametrize("team_on", ["mention", "message"])
@pytest.mark.parametrize("kind", ["organization", "missing", "null", "empty", "nobody"])
async def test_s13_one_question_one_answer(tmp_path: Path, kind: Kind, team_on: TeamOn) -> None:
    async with Inside(tmp_path, authorizations=kind, team_on=team_on, twins="mention_first") as world:
        ts = await world.ask("[[say one]]")
        await world.outcomes(SALES, ts)
        await world.slack.wait(lambda slack: all(envelope.acked for envelope in slack.envelopes))
        follow_up = await world.slack.human.post(SALES, "[[say two]]", thread=ts)  # taken without a mention
        found = await world.outcomes(SALES, ts, 2)
        assert [turn_of(message).rpartition(":")[2] for message in found] == [ts, follow_up]
        assert rows(world, "select team from questions") == [(world.slack.team,)] * 2


async def test_h5_people_of_the_same_organization_are_no_strangers(tmp_path: Path) -> None:
    async with Inside(tmp_path, authorizations="organization") as world:
        channel = world.new_channel()
        neighbour = world.slack.outsiders.add_neighbour("W0NEIGHB01", "nia", [channel])
        assert "welcome" in await world.answer("[[say welcome]]", channel=channel, user=neighbour)
