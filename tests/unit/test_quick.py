from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.support.quick import needs_processes, refuse
from tests.support.world import World


async def starts_a_bot(world: World) -> None:
    await world.start_bot()


async def by_a_detour(world: World) -> None:
    async def inner() -> None:
        await starts_a_bot(world)

    await inner()


async def runs_a_bot(world: World) -> None:
    await world.run_bot()


async def asks(world: World) -> None:
    await world.ask("Is anybody there?")


@pytest.mark.parametrize(
    ("test", "slow"), [(starts_a_bot, True), (by_a_detour, True), (runs_a_bot, True), (asks, False)]
)
def test_who_starts_a_bot_is_not_quick(test: object, slow: bool) -> None:
    assert needs_processes(cast(pytest.Item, SimpleNamespace(obj=test))) is slow


def test_who_takes_a_fixture_that_does_is_not_quick() -> None:
    fixtures = {"world": [SimpleNamespace(func=starts_a_bot)]}
    item: Any = SimpleNamespace(obj=asks, _fixtureinfo=SimpleNamespace(name2fixturedefs=fixtures))
    assert needs_processes(item)


def test_what_slips_through_is_refused() -> None:
    with pytest.raises(AssertionError, match="STARTERS"):
        refuse(["python3", "/here/bot.py"])
    refuse(["python3", "-m", "helper", "1"])
