"""Budgets as people see them: a refusal says when it goes on, admins are warned, and ``usage`` tells the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from app.commands.usage import budget_report
from app.settings import read_settings
from conversations.access.ledger import read_standings
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import ANN, BOB, SALES, World, words_of

SETTINGS = {
    "BUDGET_CHANNEL_DAY": "1 question",
    "BUDGET_WORKSPACE_MONTH": "9 questions, 1000000 tokens",
    "BUDGET_TIMEZONE": "Asia/Tokyo",
    "ADMINS": BOB,
}


async def usage(world: World) -> list[str]:
    """What ``python bot.py usage`` tells of budgets."""
    settings = read_settings(world.environment, dotenv=None)
    budgets = settings.policy.budgets
    told = budget_report(await read_standings(settings.database_url, budgets), budgets.zone)
    return [re.sub(r"  +", " | ", line) for line in told.splitlines() if line]


async def test_a_channel_uses_its_budget_up(tmp_path: Path) -> None:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        world.settings |= SETTINGS
        await world.run_bot()
        assert "one" in await world.answer("[[say one]]")
        asked = await world.ask("[[say two]]", files=[("sales.csv", b"a,b\n1,2\n")])
        said = words_of((await world.outcomes(SALES, asked))[-1])
        assert "The budget of this channel is used up" in said
        [until] = [int(found) for found in re.findall(r"<!date\^(\d+)\^", said)]
        assert datetime.fromtimestamp(until, UTC).strftime("%H:%M") == "15:00", "midnight in Tokyo"
        assert "try_again" in str(world.slack.bot_messages(SALES, asked))
        assert len(world.azure.responses) == 1
        assert world.uploads == []

        direct = world.slack.direct(BOB)
        [warning] = await world.slack.wait(lambda slack: slack.messages(direct))
        assert f"Most of a budget of <#{SALES}> is used:\n`BUDGET_CHANNEL_DAY`: 1 of 1 questions." in warning["text"]

        await world.slack.human.slash("/analyst", "status", user=ANN, channel=SALES)
        [status] = await world.slack.wait(lambda slack: [words_of(one["message"]) for one in slack.ephemerals])
        assert "`BUDGET_CHANNEL_DAY`: 1 of 1 questions" in status
        head, channel, questions, tokens = await usage(world)
        assert head == "budget | of | unit | used | limit | left | begins anew"
        assert channel.startswith(f"BUDGET_CHANNEL_DAY | {SALES} | questions | 1 | 1 | 0% | ")
        assert questions.startswith(f"BUDGET_WORKSPACE_MONTH | {world.slack.team} | questions | 1 | 9 | 89% | ")
        assert "tokens" in tokens
        assert channel.endswith(" 00:00 JST")
