"""One bot, several workspaces: installed by OAuth, and never mixed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.installing import SECOND, Several, answer, ask, browser, rows
from tests.support.world import ANN, MENTION, SALES

CSV = b"a,b\n1,2\n"
MODULE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Several]:
    """Installed in both."""
    async with Several(tmp_path_factory.mktemp("bot")) as made:
        await made.run_bot()
        await made.install_both()
        yield made


@MODULE
async def test_each_is_answered_with_its_own_token_and_nothing_is_mixed(both: Several) -> None:
    places = (both.slack, both.beside)
    assert len({slack.bot_token for slack in places}) == 2
    asked = await asyncio.gather(
        *(ask(slack, f"[[say this is {slack.team}]]", files=[("sales.csv", CSV)]) for slack in places)
    )
    for slack, ts in zip(places, asked, strict=True):
        said = await answer(slack, ts)
        assert f"this is {slack.team}" in said
        assert {row[0] for row in rows(both, "select team from questions")} == {both.slack.team, SECOND}
    listed = [await slack.human.slash("/analyst", "files", channel=SALES) for slack in places]
    assert all(envelope.acked for envelope in listed)


@MODULE
async def test_the_home_tab_and_a_follow_up_know_the_own_workspace_only(both: Several) -> None:
    ts = await ask(both.slack, "[[say first secret]]")
    await answer(both.slack, ts)
    await both.beside.human.open_home(ANN)
    home = await both.beside.wait(lambda slack: slack.workspace.homes.get(ANN, ""), 10)
    assert "first secret" not in str(both.beside.workspace.views[home].body)
    assert not [m for m in both.beside.messages(SALES) if "first secret" in str(m)]


@MODULE
async def test_tokens_are_encrypted_in_the_bytes_of_the_database(both: Several) -> None:
    data = b"".join(path.read_bytes() for path in both.folder.glob("analyst*.db*"))
    assert both.slack.team.encode() in data
    for slack in (both.slack, both.beside):
        assert slack.bot_token.startswith("xoxb-")
        assert slack.bot_token.encode() not in data


@MODULE
async def test_an_installation_is_begun_and_ended_in_one_browser(both: Several) -> None:
    async with browser() as visitor:
        url, cookie = await visitor.allow(both.address, SECOND)
        assert (await visitor.get(url))[0] == 400, "sent to somebody else, who has no cookie"
        other = (await visitor.begin(both.address))[1]
        assert (await visitor.get(url, other))[0] == 400
        forged = url.replace("state=", "state=x")
        assert (await visitor.get(forged, cookie))[0] == 400
        assert (await visitor.get(forged, {"Cookie": cookie["Cookie"].replace("state=", "state=x")}))[0] == 401
        assert (await visitor.get(url, cookie))[0] == 200
        assert (await visitor.get(url, cookie))[0] == 401, "Slack takes a code once"
        url, cookie = await visitor.allow(both.address, SECOND, "cancel")
        status, page = await visitor.get(url, cookie)
        assert (status, "access_denied" in page) == (200, True)
    assert "code-" not in both.log


@MODULE
async def test_nothing_in_an_address_gets_into_a_page_or_into_where_it_leads(both: Several) -> None:
    async with browser() as visitor:
        for team, expected in (("T1%26scope=admin%26redirect_uri=https://x", ""), ("%22%3E%3Cb%3E", ""), ("T1", "T1")):
            page = (await visitor.get(f"{both.address}/slack/install?team={team}"))[1]
            (link,) = re.findall(r'href="([^"]+/oauth/v2/authorize[^"]+)"', page)
            asked = parse_qs(urlsplit(unescape(link)).query)
            assert (asked.get("team", [""]), len(asked["scope"]), asked["redirect_uri"]) == ([expected], 1, [both.back])
        for error in ("Call+1-900-555", "<script>", "x" * 600):
            page = (await visitor.get(f"{both.back}?error={quote(error)}"))[1]
            assert error not in page
        strange = {"Cookie": 'slack-app-oauth-state="; a b=\xe9; $Path=x; =;;'}
        assert (await visitor.get(f"{both.back}?state=x&code=y&code=z&state=", strange))[0] == 401
    assert "Traceback" not in both.log


@MODULE
async def test_what_is_no_page_is_not_there(both: Several) -> None:
    async with aiohttp.ClientSession() as session:
        for method, path, status in (("POST", "/slack/install", 404), ("GET", "/slack/events", 405), ("GET", "/", 404)):
            async with session.request(method, both.address + path) as got:
                assert got.status == status


@MODULE
async def test_a_persons_revoked_token_ends_nothing(both: Several) -> None:
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [ANN], "bot": []}}
    assert (await both.beside.human.inject_event(revoked)).acked
    assert "still here" in await answer(both.beside, await ask(both.beside, "[[say still here]]"))


@MODULE
async def test_what_comes_from_nowhere_is_acked_and_done_by_nobody(both: Several) -> None:
    before = len(rows(both, "select id from questions"))
    event = {
        "type": "app_mention",
        "channel": SALES,
        "user": ANN,
        "text": f"{MENTION} hello",
        "ts": "1767225600.000100",
    }
    envelope = await both.slack.human.inject_event(event, changes={"team_id": "T0NOWHERE1", "authorizations": []})
    assert envelope.acked
    assert len(rows(both, "select id from questions")) == before
