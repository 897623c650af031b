"""The one way to Slack's Web API: what is repeated, what is waited out, and what is said when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import aiohttp
import pytest

from conversations.errors import (
    AppNotAllowed,
    ChannelArchived,
    NotInChannel,
    ReadRefused,
    SlackError,
    SlackUnavailable,
    ThreadClosed,
    ThreadDeleted,
)
from playground.slack.people.people import ANN, SALES
from playground.slack.server.server import LocalSlack
from playground.slack.state.options import SCOPES
from slack_api.api import SlackApi
from slack_api.failures import LONGEST_LIMIT, Refused, Unclear, limit_seconds
from slack_api.rate_budget import WorkspaceBudget


@pytest.fixture
async def api(slack: LocalSlack) -> AsyncIterator[SlackApi]:
    async with aiohttp.ClientSession() as session:
        yield SlackApi(slack.bot_token, slack.api_url, session, budget=WorkspaceBudget(share=100), patience=5.0)


def calls(slack: LocalSlack, method: str) -> int:
    return len([call for call in slack.calls if call.method == method])


async def test_a_post_with_an_unclear_failure_is_not_repeated(slack: LocalSlack, api: SlackApi) -> None:
    slack.faults.http_error("chat.postMessage", 503)
    with pytest.raises(Unclear):
        await api.write("chat.postMessage", channel=SALES, text="hi")
    assert calls(slack, "chat.postMessage") == 1


async def test_what_is_harmless_is_repeated(slack: LocalSlack, api: SlackApi) -> None:
    slack.faults.http_error("users.info", 503, times=5)
    assert (await api.ask("users.info", user=ANN))["user"]["id"] == ANN
    assert calls(slack, "users.info") == 6


async def test_a_limit_that_one_caller_meets_holds_up_all_who_call_that_method(
    slack: LocalSlack, api: SlackApi
) -> None:
    slack.faults.rate_limit("users.info", retry_after=30)
    with pytest.raises(ReadRefused):
        await api.read("users.info", patience=0, user=ANN)
    with pytest.raises(SlackUnavailable):
        await api.ask("users.info", patience=20.0, user=ANN)
    assert calls(slack, "users.info") == 1
    assert api.budget.delay("users.info") > 20
    assert api.budget.delay("conversations.members") == 0


async def test_patience_ends(slack: LocalSlack, api: SlackApi) -> None:
    slack.faults.rate_limit("chat.postMessage", times=9, retry_after=3)
    with pytest.raises(SlackUnavailable):
        await api.write("chat.postMessage", patience=1.0, channel=SALES, text="hi")
    assert calls(slack, "chat.postMessage") == 1


@pytest.mark.parametrize("trouble", ["limit", "outage"])
async def test_a_read_of_one_try_is_not_repeated(slack: LocalSlack, api: SlackApi, trouble: str) -> None:
    if trouble == "limit":
        slack.faults.rate_limit("auth.test", retry_after=1)
    else:
        slack.faults.http_error("auth.test", 503)
    with pytest.raises(ReadRefused) as caught:
        await api.read("auth.test", tries=1, patience=0)
    assert caught.value.fields["error"] == {"limit": "ratelimited", "outage": "HTTP 503"}[trouble]
    assert calls(slack, "auth.test") == 1


async def test_scopes_are_those_of_the_token(api: SlackApi) -> None:
    assert await api.scopes() == set(SCOPES)


@pytest.mark.parametrize(
    ("word", "kind", "ends_thread"),
    [
        ("channel_not_found", NotInChannel, True),
        ("is_archived", ChannelArchived, True),
        ("thread_locked", ThreadClosed, True),
        ("restricted_action_read_only_channel", ThreadClosed, True),
        ("cannot_reply_to_message", ThreadDeleted, True),
        ("token_revoked", AppNotAllowed, True),
        ("missing_scope", AppNotAllowed, True),
        ("invalid_blocks", SlackError, False),
        ("ekm_access_denied", SlackError, False),
        ("an_error_of_tomorrow", SlackError, False),
    ],
)
async def test_refusals_have_sentences(
    slack: LocalSlack, api: SlackApi, word: str, kind: type[SlackError], ends_thread: bool
) -> None:
    slack.faults.slack_error("chat.postMessage", word)
    with pytest.raises(Refused) as caught:
        await api.write("chat.postMessage", channel=SALES, text="hi")
    assert (caught.value.error, type(caught.value.as_error()), caught.value.ends_thread) == (word, kind, ends_thread)


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("status", "word"), [(429, "ratelimited"), (429, "message_limit_exceeded"), (200, "rate_limited")]
)
async def test_s14_limits_without_a_time_are_backed_off(
    slack: LocalSlack, api: SlackApi, status: int, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.02)
    slack.faults.answer("chat.postMessage", {"ok": False, "error": word}, status, times=4)
    await api.write("chat.postMessage", channel=SALES, text="hi")
    times = [call.time for call in slack.called("chat.postMessage")]
    pauses = [after - before for before, after in pairwise(times)]
    assert len(pauses) == 4
    assert pauses[3] > 3 * pauses[0]


async def test_s14_a_quota_is_not_waited_out_for_ever(
    slack: LocalSlack, api: SlackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.02)
    monkeypatch.setattr("slack_api.api.QUOTA_SECONDS", 0.3)
    slack.faults.slack_error("chat.postMessage", "message_limit_exceeded", times=99)
    with pytest.raises(Refused) as caught:
        await api.write("chat.postMessage", channel=SALES, text="hi")
    assert caught.value.error == "message_limit_exceeded"
    assert calls(slack, "chat.postMessage") < 6


@pytest.mark.parametrize(
    ("told", "least"), [("7", 7.0), ("0", 0.0), ("1e9", 1.0), (None, 1.0), ("99999", LONGEST_LIMIT)]
)
def test_limits_are_read_without_trust(told: str | None, least: float) -> None:
    assert least <= limit_seconds(told) <= least + 0.25
