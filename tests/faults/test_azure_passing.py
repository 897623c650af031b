"""What passes at Azure, or can be made up for, is not seen: the answer comes, whole and once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from playground.azure.service.faults import catalogue
from replies.views.sentences import NOTES
from tests.faults.talk import ANSWER, CSV, LONG, SAYS, WARNING, Talk, shared_files
from tests.support.reading import PNG
from tests.support.world import World, words_of

HERE = Path(__file__).parent

PASSING: list[tuple[str, Mapping[str, Any]]] = [
    ("rate_limit", {"path": "/responses", "retry_after": 0.5, "times": 2}),
    ("server_error", {"path": "/responses"}),
    ("timeout", {"path": "/containers/*/files", "method": "POST"}),
    ("drop_request", {"path": "/responses"}),
    ("drop_answer", {"path": "/conversations"}),
    ("server_error", {"path": "/containers"}),
    ("conversation_locked", {}),
    ("silent_eof", {"after": 0}),
    ("silent_eof", {"after": 8}),
    ("drop_socket", {"after": 8}),
    ("bad_json", {"after": 8}),
    ("keepalive", {"times": None}),
    ("comment", {"after": 8}),
    ("half_event", {"after": 8}),
    ("extra_event", {"after": 8, "raw": 'event: response.unheard_of\ndata: {"type": "response.unheard_of"}\n\n'}),
    ("repeat_event", {"event": "response.output_text.delta"}),
    ("alter_event", {"event": "response.output_item.done", "changes": {"item.content": None}}),
    ("alter_answer", {"path": "/containers/*/files", "method": "GET", "changes": {"data": None}}),
    ("not_streamed", {}),
    ("stream_error_last", {"code": "rate_limit_exceeded", "message": "Please try again in 20ms."}),
    ("parameter_refused", {"path": "/responses", "parameter": "stream_options", "spelling": "json_field"}),
    ("parameter_refused", {"path": "/files", "parameter": "expires_after", "spelling": "bad_request"}),
    ("http", {"path": "/responses", "status": 424, "message": "Failed dependency"}),
]


@pytest.mark.parametrize(("fault", "options"), PASSING)
async def test_what_passes_is_not_seen(world: World, talk: Talk, fault: str, options: Mapping[str, Any]) -> None:
    world.azure.faults.add(fault, **options)
    messages = await talk.messages(f"[[code]] {SAYS}", files={"sales.csv": CSV})
    assert sum(message["text"].count(ANSWER) for message in messages) == 1
    assert WARNING not in "\n".join(map(words_of, messages))


@pytest.mark.parametrize("fault", ["silent_eof", "drop_socket", "bad_json"])
async def test_a_stream_that_breaks_while_people_read_is_completed(world: World, talk: Talk, fault: str) -> None:
    world.azure.faults.add(fault, after=25)
    messages = await talk.messages(f"{LONG} {SAYS}")
    said = "\n".join(message["text"] for message in messages)  # a post, beyond Slack's streams, has it in blocks, too
    assert [int(number) for number in re.findall(r"^(\d{6}) word", said, re.MULTILINE)] == list(range(31))
    assert ANSWER in said
    assert WARNING not in "\n".join(map(words_of, messages))
    assert len(talk.asked()) == 1, "asked once"


async def test_a_question_that_a_failed_run_left_behind_is_not_asked_twice(world: World, talk: Talk) -> None:
    world.azure.faults.add("orphan_user_item")
    world.azure.faults.add("run_failed", code="server_error")
    assert ANSWER in await talk.ask(SAYS)
    (message,) = await talk.messages("[[history]]")
    assert message["text"].count(SAYS) == 1


async def test_a_run_that_azure_holds_can_be_stopped(world: World, talk: Talk) -> None:
    world.azure.faults.add("cancel_on_drop")
    held = world.azure.faults.add("hold", after=4)
    await talk.begin(SAYS)
    await world.azure.wait(lambda _: held.hits)
    await world.slack.human.post(talk.channel, "stop", thread=talk.thread)
    (message,) = await talk.end()
    assert "Stopped" in words_of(message)
    assert ANSWER in await talk.ask(f"And now? {SAYS}")


async def test_a2_a_file_that_is_not_taken_is_told_and_the_others_answer(world: World, talk: Talk) -> None:
    world.azure.faults.add("extension_refused", times=None, extensions=["sh", "zip"])
    said = await talk.ask(f"[[files]] {SAYS}", files={"job.sh": b"echo 1\n", "REPORT.CSV": CSV})
    assert ANSWER in said
    assert "did not take the file job.sh (Invalid extension zip." in said.replace("*", "")
    assert "REPORT.csv" in said
    assert "Slack did not take" not in said


async def test_a3_a_conversation_that_azure_cannot_continue_goes_on_from_its_transcript(
    world: World, talk: Talk
) -> None:
    assert ANSWER in await talk.ask(SAYS)
    world.azure.faults.add("conversation_broken")
    said = await talk.ask(f"[[context]] {SAYS}")
    assert "Assistant: The total is 30." in said
    assert NOTES["new_thread"] in said
    assert NOTES["new_thread"] not in await talk.ask(f"And now? {SAYS}")


async def test_a18_a_conversation_that_is_too_long_goes_on_from_its_transcript(world: World, talk: Talk) -> None:
    assert ANSWER in await talk.ask(SAYS)
    world.azure.faults.add("context_too_long")
    said = await talk.ask(f"And now? {SAYS}")
    assert ANSWER in said
    assert NOTES["condensed"] in said


# ── charts and files ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_link_to_nothing_is_taken_out_and_named(world: World, talk: Talk) -> None:
    world.azure.faults.add("dangling_link")
    said = await talk.ask(f"[[code]] {SAYS}")
    assert ANSWER in said
    assert "sandbox:" not in said
    assert "never made: never_made.csv" in said


async def test_what_has_no_citation_is_found(world: World, talk: Talk) -> None:
    world.azure.faults.add("no_citation")
    messages = await talk.messages(f"[[chart sales.png]] [[file]] {SAYS}", shared=2)
    found = shared_files(world, messages)
    assert sorted(found) == ["out.csv", "sales.png"]
    assert found["sales.png"].startswith(PNG)


@pytest.mark.parametrize("fault", ["download_missing", "download_error"])
async def test_a_chart_that_is_not_there_at_once_is_fetched_again(world: World, talk: Talk, fault: str) -> None:
    armed = world.azure.faults.add(fault)
    messages = await talk.messages("[[chart sales.png]]", shared=1)
    assert armed.hits == 1
    assert list(shared_files(world, messages)) == ["sales.png"]


async def test_what_cannot_be_fetched_is_shown_as_displayed_or_named(world: World, talk: Talk) -> None:
    armed = world.azure.faults.add("download_missing", times=None)
    messages = await talk.messages(f"chart: [[both sales.png]] [[file]] {SAYS}", shared=1)
    assert armed.hits == 8
    ((name, data),) = shared_files(world, messages).items()
    assert name == "sales.png"
    assert data.startswith(PNG)
    assert "out.csv" in "\n".join(map(words_of, messages)).partition(ANSWER)[2]


async def test_no_run_is_in_the_background_where_outputs_are_lost(world: World, talk: Talk) -> None:
    world.azure.faults.add("background_drops_outputs")
    messages = await talk.messages("chart: [[show]] [[say Drawn.]]", shared=1)
    assert all(data.startswith(PNG) for data in shared_files(world, messages).values())


async def test_a_service_that_takes_its_time_is_waited_for(world: World, talk: Talk) -> None:
    armed = world.azure.faults.add("latency", seconds=0.2, path="/responses")
    assert ANSWER in await talk.ask(SAYS)
    assert armed.hits


# ── nothing is left out ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_switch_has_a_test() -> None:
    """One that names it; that it has struck there, the fixture ``world`` and the tests see to."""
    source = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    assert [name for name in catalogue() if f'"{name}"' not in source] == []
