"""Where the app is installed, as it is kept: encrypted, found by workspace or organisation, removed and taken up."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import select

from conversations.database.database import Database
from conversations.database.models import AuditRow
from conversations.database.models import Installation as Row
from conversations.store import installations
from conversations.store.installations import Installations
from installations import store as module
from installations.cipher import Cipher, KeyLost
from installations.store import InstallationStore, StateStore
from tests.support.postgres import fresh_database

_TOKENS = select(Row.id, Row.token)
pytestmark = pytest.mark.thorough

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'x.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres")))
        made = Database(url)
        await made.open()
        yield made
        await made.close()


@pytest.fixture
def store(database: Database) -> InstallationStore:
    return InstallationStore(Installations(database), Cipher([OLD]))


def installation(team: str | None = "T1", token: str = "xoxb-1", **more: object) -> Installation:
    usual = {"bot_id": "B1", "bot_user_id": "U1", "user_id": "U2", "is_enterprise_install": team is None}
    return Installation(team_id=team, bot_token=token, **{**usual, **more})  # type: ignore[arg-type]


async def token(store: InstallationStore, team: str | None, enterprise: str | None = None) -> str | None:
    bot = await store.async_find_bot(enterprise_id=enterprise, team_id=team)
    return bot.bot_token if bot else None


async def remove(database: Database, which: str, at: float) -> list[str]:
    return sorted(await database.run(lambda session: installations.remove(session, which, at)))


async def test_a_workspaces_own_installation_goes_before_its_organisations(store: InstallationStore) -> None:
    await store.async_save(installation("T1", "xoxb-own", enterprise_id="E1"))
    await store.async_save(installation(None, "xoxb-whole", enterprise_id="E1"))
    assert await token(store, "T1", "E1") == "xoxb-own"
    assert await token(store, "T2", "E1") == "xoxb-whole"
    assert await token(store, "T2") == "xoxb-whole", "it is known now whose it is"
    assert await token(store, "T3") is None
    assert await token(store, None, "E1") == "xoxb-whole"
    assert await token(store, "T3", "E2") is None
    assert await token(store, "E1") is None, "an organisation is no workspace"


async def test_what_is_removed_is_gone_until_it_is_installed_again(
    store: InstallationStore, database: Database
) -> None:
    await store.async_save(installation("T1", "xoxb-own", enterprise_id="E1"))
    await store.async_save(installation(None, "xoxb-whole", enterprise_id="E1"))
    await token(store, "T2", "E1")
    assert await remove(database, "E1", time.time()) == ["T2"]
    assert (await token(store, "T1"), await token(store, "T2", "E1")) == ("xoxb-own", None)
    assert sorted(await Installations(database).removed_before(time.time() + 1)) == ["E1", "T2"]
    await store.async_save(installation(None, "xoxb-again", enterprise_id="E1"))
    assert await token(store, "T2") == "xoxb-again"
    assert await Installations(database).removed_before(time.time() + 1) == []
    assert await remove(database, "T1", time.time()) == ["T1"]
    assert await token(store, "T1") == "xoxb-again", "its organisation has it"


async def test_an_organisation_takes_it_out_of_one_workspace(store: InstallationStore, database: Database) -> None:
    await store.async_save(installation(None, "xoxb-whole", enterprise_id="E1"))
    await store.async_save(installation("T3", "xoxb-own"))
    for team in ("T1", "T2"):
        await token(store, team, "E1")
    gone = await database.run(lambda session: installations.remove(session, "E1", time.time(), ["T1", "T3", "T9"]))
    assert list(gone) == ["T1"], "what is another's is not ended"
    assert [await token(store, team) for team in ("T1", "T2", "T3")] == [None, "xoxb-whole", "xoxb-own"]
    assert await token(store, "T1", "E1") is None, "late events do not bring it back"
    await Installations(database).grant("E1", ["T1", "T9"])
    assert await token(store, "T1") == "xoxb-whole"


async def test_news_from_before_an_installation_do_not_end_it(store: InstallationStore, database: Database) -> None:
    await store.async_save(installation())
    assert await remove(database, "T1", time.time() - 3600) == []
    assert await token(store, "T1") == "xoxb-1"


async def test_no_token_lies_in_the_file_and_a_new_key_takes_over(database: Database, store: InstallationStore) -> None:
    await store.async_save(installation(token="xoxb-very-secret"))
    await store.async_save(installation("T2", "xoxb-of-a-lost-key"))
    both, new = (InstallationStore(Installations(database), Cipher(keys)) for keys in ([NEW, OLD], [NEW]))
    with pytest.raises(KeyLost):
        await token(new, "T1")
    await new.reencrypt()  # what it cannot open stays
    assert await token(both, "T1") == "xoxb-very-secret"
    await both.reencrypt()
    assert await token(new, "T1") == "xoxb-very-secret"
    with pytest.raises(KeyLost):
        await token(store, "T1")
    kept = [token for _, token in await database.run(lambda session: session.execute(_TOKENS).all())]
    assert len(kept) == 2
    assert "xoxb-" not in str(kept)


@pytest.mark.parametrize(
    "wrong",
    [{"bot_id": None}, {"bot_user_id": ""}, {"token": ""}, {"team": None}, {"bot_refresh_token": "xoxe-1"}],
    ids=str,
)
async def test_what_cannot_be_served_is_not_kept(wrong: dict[str, str]) -> None:
    nowhere: Any = None
    with pytest.raises(BoltError):
        await InstallationStore(nowhere, Cipher([OLD])).async_save(installation(**wrong))


async def test_a_state_is_ours_fresh_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    states, others = StateStore(Cipher([OLD])), StateStore(Cipher([NEW]))
    state = await states.async_issue()
    assert state != await states.async_issue()
    assert await states.async_consume(state)
    for wrong in (
        await others.async_issue(),
        state[:-1],
        state + "A",
        "",
        "état",
        "=",
        Cipher([OLD]).encrypt("xoxb-1"),
    ):
        assert not await states.async_consume(wrong)
    monkeypatch.setattr(module, "STATE_SECONDS", -1)
    assert not await states.async_consume(state)


@pytest.mark.parametrize("keys", [[], ["short"], ["A" * 44], [OLD, "x"], ["é" * 44]])
def test_what_is_no_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="must"):
        Cipher(keys)


async def test_who_installs_it_where_is_a_line_of_the_audit(store: InstallationStore, database: Database) -> None:
    await store.async_save(installation("T1"))
    await store.async_save(installation(None, enterprise_id="E1"))
    rows = await database.scalars(select(AuditRow).order_by(AuditRow.at))
    assert [(row.what, row.team, row.user, row.facts) for row in rows] == [
        ("setting", "T1", "U2", {"app": "installed"}),
        ("setting", "E1", "U2", {"app": "installed"}),
    ]
