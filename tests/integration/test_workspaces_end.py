"""Workspaces come and go: removed, installed again, of an organisation; or there is only the one of a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.slack.delivery.app import ORGANIZATION
from tests.integration.installing import KEYS, SECOND, Several, answer, ask, rows, until
from tests.support.world import ANN, SALES, World


async def test_a_workspace_is_ended_and_taken_up_again(tmp_path: Path) -> None:
    async with Several(tmp_path) as world:
        await world.run_bot()
        await world.install_both()
        ts = await ask(world.beside, "[[say before]]")
        await answer(world.beside, ts)
        open_one = await ask(world.beside, "[[wait gate]] [[say never]]")
        await world.beside.wait(lambda slack: slack.status(SALES, open_one), 10)
        await world.beside.human.uninstall()
        await until(
            world, f"select 1 from questions where ts = '{open_one}' and outcome = 'removed' and state = 'done'"
        )
        assert "the first goes on" in await answer(world.slack, await ask(world.slack, "[[say the first goes on]]"))
        assert (await world.install(SECOND))[0] == 200
        assert "back" in await answer(world.beside, await ask(world.beside, "[[say back]]", thread=None))
        assert rows(world, f"select removed_at from installations where id = '{SECOND}'") == [(0.0,)]
        assert rows(world, f"select 1 from questions where ts = '{ts}'"), "what was there is still there"


async def test_an_organisation_installs_it_for_all_its_workspaces_and_keys_are_changed(tmp_path: Path) -> None:
    async with Several(tmp_path) as world:
        await world.run_bot()
        assert (await world.install(ORGANIZATION))[0] == 200
        assert world.slack.bot_token == world.beside.bot_token
        for slack in (world.slack, world.beside):
            assert f"org {slack.team}" in await answer(slack, await ask(slack, f"[[say org {slack.team}]]"))
        assert {row[0] for row in rows(world, "select team from questions")} == {world.slack.team, SECOND}
        [(before,)] = rows(world, "select token from installations where team = ''")
        await world.end_bot()
        world.settings["INSTALLATION_KEYS"] = f"{KEYS[1]},{KEYS[0]}"
        await world.run_bot()
        await until(world, f"select 1 from installations where team = '' and token != '{before}'")
        await world.end_bot()
        world.settings["INSTALLATION_KEYS"] = KEYS[1]
        await world.run_bot()
        assert "new key" in await answer(world.beside, await ask(world.beside, "[[say new key]]"))
        taken = {"type": "team_access_revoked", "team_ids": [SECOND]}
        assert (await world.slack.human.inject_event(taken)).acked
        assert rows(world, "select team from installations where removed_at > 0") == [(SECOND,)]
        unheard = await ask(world.beside, "[[say never]]")
        assert "still" in await answer(world.slack, await ask(world.slack, "[[say still here]]"))
        assert not rows(world, f"select 1 from questions where ts = '{unheard}'")
        assert (await world.slack.human.inject_event(taken | {"type": "team_access_granted"})).acked
        assert "again" in await answer(world.beside, await ask(world.beside, "[[say again]]"))
        await world.slack.human.uninstall()
        await until(world, "select 1 from installations where team = '' and removed_at > 0")
        assert len(rows(world, "select id from installations where removed_at > 0")) == 3


async def test_a_bot_token_chooses_the_one_workspace_whatever_else_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt reads these variables by itself, and would then forget the token."""
    told = {"SLACK_CLIENT_ID": "1111.2222", "SLACK_CLIENT_SECRET": "secret"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as world:
        world.settings = {
            **told,
            "SLACK_SIGNING_SECRET": "x",
            "PUBLIC_URL": "https://x.example",
            "INSTALLATION_KEYS": "x",
        }
        await world.run_bot()
        assert "one" in await world.answer("[[say one]]")
        await world.slack.human.open_home(ANN)
        assert await world.slack.wait(lambda slack: slack.workspace.homes.get(ANN))
        assert rows(world, "select id from installations") == []
