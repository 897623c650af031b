"""The sandbox fits the data: its memory is chosen, told, paid for, and grows with what is shared later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Assistant, Prompt, PromptFile, Thread
from azure_assistant.events import FileReady, Finished, RunEvent, Usage
from azure_assistant.sandbox_memory import Tier, fitting
from playground.azure.server import LocalAzure
from tests.azure.support import Cell, TestInterpreter, TestModel, ask, attach, content

MEGABYTE = 2**20
CSV = b"a,b\n1,2\n"
MADE = b"region,sum\nEast,3\n"
WRITES = Cell("df.to_csv('/mnt/data/sums.csv')", "", [], {"sums.csv": MADE})


async def sized(assistant: Assistant, thread: Thread, name: str, megabytes: int) -> PromptFile:
    """A file that is said to be that large."""
    file = await attach(assistant, thread, name, CSV)
    return replace(file, file=replace(file.file, size=megabytes * MEGABYTE))


def finished(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    return last


def limits(azure: LocalAzure) -> list[str | None]:
    """What was asked for, container by container."""
    return [entry.body.get("memory_limit") for entry in azure.requests.of("POST", "/containers")]


@pytest.mark.parametrize(
    ("megabytes", "largest", "tier"),
    [
        (0, "64g", "1g"),
        (170, "64g", "1g"),
        (171, "64g", "4g"),
        (682, "64g", "4g"),
        (683, "64g", "16g"),
        (5000, "64g", "64g"),
        (10**9, "64g", "64g"),
        (5000, "4g", "4g"),
        (500, "1g", "1g"),
    ],
)
def test_six_times_the_data(megabytes: int, largest: Tier, tier: Tier) -> None:
    assert fitting(megabytes * MEGABYTE, largest) == tier


async def test_large_data_gets_a_large_sandbox(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    files = [await sized(assistant, thread, name, 100) for name in ("a.csv", "b.csv")]
    events = await ask(assistant, thread, Prompt("How many?", files=files))
    assert limits(azure) == ["4g"]
    assert "4 GB of memory" in model.requests[-1].user_parts[0]
    assert "Parquet" in model.requests[-1].instructions
    assert finished(events).usage.sandboxes == {"1g": 0, "4g": 1, "16g": 0, "64g": 0}
    assert not finished(events).notes
    await ask(assistant, thread, Prompt("And now?", files=files))
    assert len(limits(azure)) == 1


async def test_small_data_asks_for_nothing(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    files = [await sized(assistant, thread, "a.csv", 1)]
    events = await ask(assistant, thread, Prompt("How many?", files=files))
    assert limits(azure) == [None]
    assert "1 GB of memory" in model.requests[-1].user_parts[0]
    assert finished(events).usage.containers == finished(events).usage.sandboxes["1g"] == 1


async def test_a_later_file_that_needs_more(
    azure: LocalAzure, interpreter: TestInterpreter, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    small = await sized(assistant, thread, "small.csv", 1)
    model.answers = lambda _: [WRITES, "Made."]
    await ask(assistant, thread, Prompt("Sum it.", files=[small]))
    (first,) = azure.containers
    model.answers = lambda _: ["Done."]
    large = await sized(assistant, thread, "large.csv", 300)
    events = await ask(assistant, thread, Prompt("And with this?", files=[small, large]))

    assert limits(azure) == [None, "4g"]
    assert first not in azure.containers
    (second,) = azure.containers.values()
    assert second.memory_limit == "4g"
    by_name = {file.name.partition("-")[2]: file for file in second.files.values() if file.file_id is None}
    assert set(by_name) == {"sums.csv"}
    told = model.requests[-1].user_parts[0]
    assert "replaced by a larger one" in told
    assert f"- `{by_name['sums.csv'].path}` (first `/mnt/data/sums.csv`)" in told
    assert all(file.path in told for file in second.files.values() if file.file_id and "-chart-" not in file.path)
    assert finished(events).notes == ["larger_sandbox"]
    assert finished(events).usage.sandboxes == {"1g": 0, "4g": 1, "16g": 0, "64g": 0}

    model.answers = lambda _: [Cell("print(1)", "1"), f"[Sums](sandbox:{by_name['sums.csv'].path})"]
    events = await ask(assistant, thread, Prompt("Give me the sums again.", files=[small, large]))
    assert finished(events).notes == []
    assert "replaced" not in model.requests[-1].user_parts[0]
    (again,) = [event for event in events if isinstance(event, FileReady)]
    assert await content(assistant, again.artifact.ref) == MADE


async def test_a_sandbox_that_turns_out_too_small_before_any_run_is_replaced_without_a_word(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    """Slack does not tell every file's size before it has come."""
    await assistant.open_sandbox(thread, 0)
    files = [await sized(assistant, thread, "large.csv", 300)]
    events = await ask(assistant, thread, Prompt("How many?", files=files))
    assert limits(azure) == [None, "4g"]
    assert len(azure.containers) == 1
    assert finished(events).notes == []
    assert "replaced" not in model.requests[-1].user_parts[0]


async def test_a_sandbox_that_is_replaced_before_the_run_keeps_what_was_made(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    small = await sized(assistant, thread, "small.csv", 1)
    model.answers = lambda _: [WRITES, "Made."]
    await ask(assistant, thread, Prompt("Sum it.", files=[small]))
    await assistant.open_sandbox(thread, 300 * MEGABYTE)
    await assistant.discard_sandbox(thread)
    assert limits(azure) == [None, "4g"]
    (container,) = azure.containers.values()
    assert ["chart-style" in file.name for file in container.files.values()] == [True, False]
    assert list(container.files.values())[1].name.endswith("-sums.csv")
    model.answers = lambda _: ["Done."]
    assert finished(await ask(assistant, thread, Prompt("And now?", files=[small]))).notes == ["larger_sandbox"]
    assert len(limits(azure)) == 2


async def test_what_was_carried_comes_along_again(
    azure: LocalAzure, config: AssistantConfig, model: TestModel, thread: Thread
) -> None:
    assistant = open_assistant(replace(config, largest_sandbox="16g"))
    files = [await sized(assistant, thread, "small.csv", 1)]
    model.answers = lambda _: [WRITES, "Made."]
    await ask(assistant, thread, Prompt("Sum it.", files=files))
    model.answers = lambda _: ["Done."]
    for name in ("large.csv", "larger.csv"):
        files.append(await sized(assistant, thread, name, 600))
        await ask(assistant, thread, Prompt("And with this?", files=files))
    (last,) = azure.containers.values()
    assert last.memory_limit == "16g"
    (carried,) = [file for file in last.files.values() if file.file_id is None]
    assert f"- `{carried.path}` (first `/mnt/data/sums.csv`)" in model.requests[-1].user_parts[0]
    await assistant.close()


async def test_what_cannot_be_carried_stays_behind(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    small = await sized(assistant, thread, "small.csv", 1)
    model.answers = lambda _: [WRITES, "Made."]
    await ask(assistant, thread, Prompt("Sum it.", files=[small]))
    azure.faults.add("download_missing", times=None)
    model.answers = lambda _: ["Done."]
    large = await sized(assistant, thread, "large.csv", 300)
    events = await ask(assistant, thread, Prompt("And with this?", files=[small, large]))
    assert finished(events).text == "Done."
    assert "sums.csv" not in model.requests[-1].user_parts[0]


@pytest.fixture(params=["unsupported", "unknown", "value", "ignored"])
def stubborn(request: pytest.FixtureRequest, azure: LocalAzure, assistant: Assistant) -> Assistant:
    """The assistant at a service that does not let the memory be chosen."""
    if request.param == "value":
        azure.faults.add(
            "http",
            path="/containers",
            method="POST",
            times=None,
            where=lambda body: "memory_limit" in body,
            status=400,
            message="This size is none of yours.",
        )
    elif request.param == "ignored":
        azure.faults.add("alter_answer", path="/containers", method="POST", times=None, changes={"memory_limit": "1g"})
    else:
        azure.faults.add("parameter_refused", times=None, parameter="memory_limit", spelling=request.param)
    return assistant


async def test_a_service_that_does_not_let_it_be_chosen(
    azure: LocalAzure, model: TestModel, stubborn: Assistant, thread: Thread
) -> None:
    small, large = [await sized(stubborn, thread, name, size) for name, size in (("a.csv", 1), ("b.csv", 300))]
    events = await ask(stubborn, thread, Prompt("How many?", files=[large]))
    assert finished(events).usage.sandboxes["1g"] == 1
    assert "1 GB of memory" in model.requests[-1].user_parts[0]
    made = len(azure.containers)
    await ask(stubborn, thread, Prompt("And now?", files=[small, large]))
    assert len(azure.containers) == made == 1


async def test_a_sandbox_of_an_earlier_version_grows_as_well(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    small = await sized(assistant, thread, "a.csv", 1)
    await ask(assistant, thread, Prompt("one", files=[small]))
    for name in ("asked", "memory", "carried"):
        thread.state["container"].pop(name, None)
    large = await sized(assistant, thread, "b.csv", 300)
    events = await ask(assistant, thread, Prompt("two", files=[small, large]))
    assert finished(events).notes == ["larger_sandbox"]


def test_what_is_stored_of_usage_can_be_read_by_the_version_before() -> None:
    assert set(Usage(1, 2, 3, 4.0, 1).to_json()) == {
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "container_minutes",
        "containers",
    }
    assert Usage(**Usage(containers=2, containers_4g=1).to_json()).sandboxes["4g"] == 1
