"""What cannot be helped at Azure is one clear error; the thread goes on with the next question."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest

from azure_assistant import errors
from errors import AnalystError
from replies.views.sentences import NOTES
from tests.faults.talk import ANSWER, LONG, SAYS, Talk, Talks, sentence
from tests.support.world import World

Options = Mapping[str, Any]

BEFORE: list[tuple[str, Options, type[AnalystError]]] = [
    ("rate_limit", {"path": "/responses", "retry_after": 86400}, errors.RateLimitedLong),
    ("quota", {}, errors.QuotaExhausted),
    ("content_filter_input", {}, errors.QuestionFiltered),
    ("context_too_long", {}, errors.ContextTooLong),
    ("unauthorized", {"path": "/responses"}, errors.WrongKey),
    ("unauthorized", {"path": "/responses", "flat": True}, errors.WrongKey),
    ("no_deployment", {}, errors.DeploymentNotFound),
    ("http", {"path": "/responses", "status": 403, "message": "Access denied"}, errors.RoleMissing),
    ("http", {"path": "/responses", "status": 404, "message": "Resource not found"}, errors.EndpointWrong),
    ("http", {"path": "/responses", "status": 400, "code": "OperationNotSupported", "times": 2}, errors.NotSupported),
    ("http", {"path": "/responses", "status": 418, "message": "what?", "times": 3}, errors.UnknownError),
    ("http", {"path": "/responses", "status": 400, "message": "API version not supported"}, errors.ApiVersionWrong),
    ("gateway_quota", {"path": "/responses"}, errors.QuotaPaused),
    ("sign_in_page", {"path": "/responses"}, errors.WebPageAnswered),
]


@pytest.mark.parametrize(("fault", "options", "expected"), BEFORE)
async def test_a_run_that_cannot_start(
    world: World, talk: Talk, fault: str, options: Options, expected: type[AnalystError]
) -> None:
    world.azure.faults.add(fault, **options)
    said = await talk.ask(SAYS)
    proves(said, expected)
    assert ANSWER not in said
    assert ANSWER in await talk.ask(f"And now? {SAYS}")


def proves(said: str, expected: type[AnalystError]) -> None:
    """The sentence, whole, with a way out."""
    assert sentence(expected) in said
    assert "Try again" in said
    assert not re.search(r"[{}]|Traceback|sandbox:", said)


async def test_what_was_filtered_is_named(world: World, talk: Talk) -> None:
    world.azure.faults.add("content_filter_input")
    assert "(jailbreak)" in await talk.ask(SAYS)


async def test_a_long_limit_says_how_long(world: World, talk: Talk) -> None:
    world.azure.faults.add("rate_limit", path="/responses", retry_after=86400)
    assert "1,440 minutes" in await talk.ask(SAYS)


LASTING = {
    "server_error": errors.AzureDown,
    "timeout": errors.AzureTimeout,
    "drop_request": errors.Unreachable,
}


async def test_what_does_not_pass_is_told_after_four_attempts(world: World, new_talk: Talks) -> None:
    """All at once, as each takes its time: a fault strikes the question that names it."""

    async def ask(fault: str, expected: type[AnalystError]) -> None:
        armed = world.azure.faults.add(
            fault, path="/responses", times=None, where=lambda body: f"not {fault}" in str(body)
        )
        proves(await new_talk().ask(f"not {fault}! {SAYS}"), expected)
        assert armed.hits == 4

    await asyncio.gather(*(ask(fault, expected) for fault, expected in LASTING.items()))


DURING: list[tuple[str, Options, type[AnalystError]]] = [
    ("stream_error_nested", {"code": "server_error"}, errors.AzureDown),
    ("stream_error_flat", {"code": "server_error"}, errors.AzureDown),
    ("stream_error_azure", {"code": "insufficient_quota"}, errors.QuotaExhausted),
    ("run_failed", {"code": "server_error"}, errors.AzureDown),
    ("content_filter_output", {}, errors.AnswerFiltered),
]


@pytest.mark.parametrize(("fault", "options", "expected"), DURING)
async def test_an_answer_that_breaks_off_is_its_beginning_and_one_clear_error(
    world: World, talk: Talk, fault: str, options: Options, expected: type[AnalystError]
) -> None:
    world.azure.faults.add(fault, after=30, **options)
    said = await talk.ask(LONG)
    assert "000000 word" in said
    proves(said, expected)
    assert ANSWER in await talk.ask(f"And now? {SAYS}")


async def test_a_run_that_died_with_its_connection(world: World, talk: Talk) -> None:
    world.azure.faults.add("cancel_on_drop")
    world.azure.faults.add("drop_socket", after=30)
    said = await talk.ask(LONG)
    assert "000000 word" in said
    proves(said, errors.StreamCut)


async def test_an_answer_at_the_models_limit_says_so(world: World, talk: Talk) -> None:
    world.azure.faults.add("run_incomplete", after=30)
    said = await talk.ask(LONG)
    assert "000000 word" in said
    assert NOTES["cut_short"] in said
