"""The same on the Assistants wire: what goes wrong at the start of a run and amid its stream, and how runs end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from azure_assistant import errors
from errors import AnalystError
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from replies.views.sentences import NOTES
from tests.faults.talk import ANSWER, CSV, LONG, SAYS, WARNING, Talk, sentence, shared_files
from tests.support.reading import PNG
from tests.support.world import World, words_of

Options = Mapping[str, Any]
RUNS = "/threads/*/runs"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), ScriptedModel(), ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = "assistants"
        await made.start_bot()
        yield made


FINAL: list[tuple[str, Options, type[AnalystError]]] = [
    ("quota", {}, errors.QuotaExhausted),
    ("no_deployment", {}, errors.DeploymentNotFound),
    ("content_filter_input", {}, errors.QuestionFiltered),
    ("rate_limit", {"path": RUNS, "retry_after": 86400}, errors.RateLimitedLong),
    ("run_requires_action", {}, errors.EmptyAnswer),
    ("run_expired", {}, errors.RunExpired),
    ("run_failed", {"code": "invalid_prompt", "message": "no"}, errors.QuestionFiltered),
]


@pytest.mark.parametrize(("fault", "options", "expected"), FINAL)
async def test_a_run_without_an_answer_is_one_clear_error(
    world: World, talk: Talk, fault: str, options: Options, expected: type[AnalystError]
) -> None:
    world.azure.faults.add(fault, **options)
    said = await talk.ask(SAYS)
    assert sentence(expected) in said
    assert "Try again" in said
    assert ANSWER not in said
    assert ANSWER in await talk.ask(f"And now? {SAYS}"), "the thread is free"


DURING: list[tuple[str, Options, type[AnalystError]]] = [
    ("run_expired", {}, errors.RunExpired),
    ("run_requires_action", {}, errors.EmptyAnswer),
    ("run_failed", {"code": "server_error"}, errors.AzureDown),
    ("content_filter_output", {}, errors.AnswerFiltered),
    ("stream_error_flat", {"code": "server_error"}, errors.AzureDown),
    ("stream_error_nested", {"code": "server_error"}, errors.AzureDown),
    ("stream_error_azure", {"code": "insufficient_quota"}, errors.QuotaExhausted),
]


@pytest.mark.parametrize(("fault", "options", "expected"), DURING)
async def test_an_answer_that_breaks_off_is_its_beginning_and_one_clear_error(
    world: World, talk: Talk, fault: str, options: Options, expected: type[AnalystError]
) -> None:
    world.azure.faults.add(fault, after=35, **options)
    said = await talk.ask(LONG)
    assert "000000 word" in said
    assert sentence(expected) in said
    assert ANSWER in await talk.ask(f"And now? {SAYS}"), "the thread is free"


PASSING: list[tuple[str, Options]] = [
    ("rate_limit", {"path": RUNS, "retry_after": 0.5}),
    ("server_error", {"path": RUNS}),
    ("drop_request", {"path": "/threads/*/messages"}),
    ("run_failed", {"code": "rate_limit_exceeded", "message": "Rate limit reached. Try again in 20ms."}),
    ("silent_eof", {"after": 1}),
    ("drop_socket", {"after": 10}),
    ("bad_json", {"after": 10}),
]


@pytest.mark.parametrize(("fault", "options"), PASSING)
async def test_what_passes_is_not_seen(world: World, talk: Talk, fault: str, options: Options) -> None:
    world.azure.faults.add(fault, **options)
    messages = await talk.messages(f"[[code]] {SAYS}", files={"sales.csv": CSV})
    assert sum(message["text"].count(ANSWER) for message in messages) == 1
    assert WARNING not in "\n".join(map(words_of, messages))


async def test_a_stream_that_breaks_while_people_read_is_completed(world: World, talk: Talk) -> None:
    world.azure.faults.add("drop_socket", after=35)
    said = await talk.ask(f"{LONG} {SAYS}")
    assert [int(number) for number in re.findall(r"^(\d{6}) word", said, re.MULTILINE)] == list(range(31))
    assert ANSWER in said
    assert WARNING not in said


async def test_an_answer_at_the_models_limit_says_so(world: World, talk: Talk) -> None:
    world.azure.faults.add("run_incomplete", after=35)
    said = await talk.ask(LONG)
    assert "000000 word" in said
    assert NOTES["cut_short"] in said


async def test_charts_and_files(world: World, talk: Talk) -> None:
    messages = await talk.messages(f"[[show]] [[file]] chart: {SAYS}", files={"sales.csv": CSV}, shared=2)
    found = shared_files(world, messages)
    assert sorted(data.startswith(PNG) for data in found.values()) == [False, True]
    assert "out.csv" in found
    assert "sandbox:" not in "\n".join(map(words_of, messages))


async def test_a_stopped_run_is_cancelled_and_the_thread_free(world: World, talk: Talk) -> None:
    held = world.azure.faults.add("hold", after=4)
    await talk.begin(SAYS)
    await world.azure.wait(lambda _: held.hits)
    await world.slack.human.post(talk.channel, "stop", thread=talk.thread)
    (message,) = await talk.end()
    assert "Stopped" in words_of(message)
    assert ANSWER in await talk.ask(f"And now? {SAYS}")
    assert world.azure.requests.of("POST", "/threads/*/runs/*/cancel")


async def test_the_twenty_first_file_is_refused_with_a_sentence(world: World, talk: Talk) -> None:
    files = {f"{number:02d}.csv": CSV for number in range(21)}
    said = await talk.ask(f"[[files]] {SAYS}", files=files)
    assert ANSWER in said
    assert "A conversation can hold 20 files at most. Please start a new thread for" in said


async def test_a_service_without_the_api_is_one_error_that_names_the_setting(tmp_path: Path) -> None:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as retired:
        retired.settings["AZURE_OPENAI_API"] = "assistants"
        retired.azure.faults.add("assistants_retired", times=None)
        await retired.start_bot()
        said = await Talk(retired, retired.new_channel()).ask(SAYS)
        assert sentence(errors.ServiceRetired) in said
        assert "AZURE_OPENAI_API=responses" in said
