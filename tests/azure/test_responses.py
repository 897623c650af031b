"""The Responses backend against the local Azure: questions, files, charts, follow-ups, clean-up."""

from __future__ import annotations

import asyncio
import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Assistant, Prompt, Thread
from azure_assistant.config import Wire
from azure_assistant.errors import AssistantError, FileGone, FileLost, UploadTooLarge
from azure_assistant.events import (
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    RunEvent,
    RunStarted,
    TextDelta,
)
from playground.azure.server import LocalAzure
from receipts.charts import PRINTED, Axes, Drawn, Series
from tests.azure.support import Cell, TestInterpreter, TestModel, add, ask, attach, content, placed, png, shared

CSV = "region,sales\n東京,10\n".encode()
SAVED = Cell("plt.savefig('/mnt/data/sales.png')", "drawn\r\n", [png(1)], {"sales.png": png(2)})
WRITTEN = Cell("df.to_csv('/mnt/data/clean.csv')", "", [], {"clean.csv": b"a,b\n1,2\n"})


def finished(events: list[RunEvent]) -> Finished:
    last = events[-1]
    assert isinstance(last, Finished), last
    return last


def charts(events: list[RunEvent]) -> list[ChartReady]:
    return [event for event in events if isinstance(event, ChartReady)]


async def test_a_question_without_files_costs_no_sandbox(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    events = await ask(assistant, thread, Prompt("thanks!", compute=False, asker="u" * 70))
    assert isinstance(events[0], RunStarted)
    assert finished(events).text == "You asked: thanks!"
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "You asked: thanks!"
    assert not azure.containers
    body = azure.requests.of("POST", "/responses")[0].body
    assert "tools" not in body
    assert body["include"] == ["code_interpreter_call.outputs"]
    assert body["stream"] is True
    assert body["safety_identifier"] == "u" * 64
    assert not {"temperature", "top_p", "background"} & set(body)
    assert finished(events).usage.input_tokens > 0


async def test_a_file_a_chart_and_a_table(
    azure: LocalAzure, model: TestModel, interpreter: TestInterpreter, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [
        SAVED,
        WRITTEN,
        "Tokyo leads: [Sales](sandbox:/mnt/data/sales.png), [data](sandbox:/mnt/data/clean.csv).",
    ]
    file = await attach(assistant, thread, "売上 表.csv", CSV)
    assert azure.files[file.file.id].data == CSV
    events = await ask(assistant, thread, Prompt("Who leads?", files=[file], context="<m>hello</m>"))

    parts = model.requests[0].user_parts
    (container,) = azure.containers.values()
    (session,) = interpreter.sessions.values()
    path = next(given.path for given in container.files.values() if given.path.endswith(".csv"))
    assert f"- `{path}` (original name: 売上 表.csv; newest)" in parts[0]
    assert session.stored[path.removeprefix("/mnt/data/")] == CSV
    assert parts[-1] == "Who leads?"

    assert [event for event in events if isinstance(event, CodeStarted | CodeFinished)] == [
        CodeStarted(0),
        CodeFinished(0, SAVED.code, "drawn\n"),
        CodeStarted(1),
        CodeFinished(1, WRITTEN.code, ""),
    ]
    (chart,) = charts(events)
    assert chart.artifact.alt == "Sales"
    assert await content(assistant, chart.artifact.ref) == png(2)
    (table,) = [event for event in events if isinstance(event, FileReady)]
    assert await content(assistant, table.artifact.ref) == b"a,b\n1,2\n"
    assert finished(events).missing == []


async def test_a_follow_up_uses_the_same_sandbox_and_puts_only_new_files(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    first = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[first]))
    second = await attach(assistant, thread, "a.csv", CSV)
    assert second.file.name == "a-2.csv"
    await ask(assistant, thread, Prompt("two", files=[first, second]))
    assert len(azure.containers) == 1
    assert len(azure.requests.of("POST", "/containers/*/files")) == 2 + len(["what charts need"])
    assert not azure.requests.of("GET", "/containers/*")
    first_body, second_body = (entry.body for entry in azure.requests.of("POST", "/responses"))
    assert first_body["tools"] == second_body["tools"]
    assert first_body["conversation"] == second_body["conversation"]


async def test_what_was_brought_before_a_run_it_does_not_wait_for(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    await asyncio.gather(assistant.open_thread(thread), assistant.open_sandbox(thread, 0))
    files = [await attach(assistant, thread, f"{number}.csv", CSV) for number in range(2)]
    await asyncio.gather(*(assistant.fill_sandbox(thread, [file.file.id]) for file in files))
    await assistant.fill_sandbox(thread, [], font=True)
    azure.requests.clear()
    assert finished(await ask(assistant, thread, Prompt("図", files=files, cjk_font=True))).usage.containers == 1
    assert [(entry.method, entry.path) for entry in azure.requests][:1] == [("POST", "/responses")]
    (container,) = azure.containers.values()
    assert len(placed(container)) == 2


async def test_a_sandbox_that_no_run_was_given_leaves_no_trace(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    await assistant.open_sandbox(thread, 0)
    await assistant.discard_sandbox(thread)
    assert len(azure.requests.of("DELETE", "/containers/*")) == 1
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    assert "restarted" not in model.requests[-1].user_parts[0]
    await assistant.discard_sandbox(thread)
    assert len(azure.requests.of("DELETE", "/containers/*")) == 1
    await list(azure.containers.values())[-1].expire()
    thread.state["container"]["used"] -= 16 * 60
    await assistant.open_sandbox(thread, 0)
    await ask(assistant, thread, Prompt("two", files=[file]))
    assert "restarted" in model.requests[-1].user_parts[0]


async def test_a_sandbox_for_a_run_that_was_refused_is_discarded(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    azure.faults.add("unauthorized", path="/responses", method="POST")
    assert isinstance((await ask(assistant, thread, "one"))[-1], Failed)
    await assistant.discard_sandbox(thread)
    assert len(azure.requests.of("DELETE", "/containers/*")) == 1


async def test_another_process_goes_on_with_the_stored_state(
    azure: LocalAzure, model: TestModel, config: AssistantConfig, assistant: Assistant, thread: Thread
) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    other = open_assistant(config)
    stored = Thread(thread.id, json.loads(json.dumps(thread.state)))
    await ask(other, stored, Prompt("two", files=[file]))
    await other.close()
    assert len(azure.containers) == 1
    assert [past.text for past in model.requests[1].history if past.role == "assistant"] == ["You asked: one"]


async def test_displayed_charts_come_with_their_bytes(model: TestModel, assistant: Assistant, thread: Thread) -> None:
    model.answers = lambda _: [Cell("plt.show()", "", [png(1), png(2)]), "Two charts."]
    events = await ask(assistant, thread, "draw")
    assert [event.artifact.data for event in charts(events)] == [png(1), png(2)]
    assert await content(assistant, charts(events)[1].artifact.ref) == png(2)


async def test_old_files_are_not_handed_over_again(model: TestModel, assistant: Assistant, thread: Thread) -> None:
    model.answers = lambda _: [WRITTEN, "Cleaned, but not linked."]
    first = await ask(assistant, thread, "clean")
    assert [event.artifact.name for event in first if isinstance(event, FileReady)] == ["clean.csv"]
    model.answers = lambda _: [Cell("x.to_csv(buffer)"), "Nothing new."]
    second = await ask(assistant, thread, "again")
    assert not [event for event in second if isinstance(event, FileReady)]


async def test_links_without_a_file_are_reported(model: TestModel, assistant: Assistant, thread: Thread) -> None:
    model.answers = lambda _: ["Here: [all](sandbox:/mnt/data/never.xlsx)"]
    assert finished(await ask(assistant, thread, "x")).missing == ["never.xlsx"]


async def test_kinds_that_are_not_taken_travel_as_zip_archives(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    made = await add(assistant, thread, "big data.parquet", b"PAR1")
    assert made.name == "big_data.parquet.zip"
    with zipfile.ZipFile(BytesIO(azure.files[made.id].data)) as archive:
        assert archive.read("big_data.parquet") == b"PAR1"


async def test_uploads_expire_by_themselves(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    await add(assistant, thread, "a.csv", CSV)
    body = azure.requests.of("POST", "/files")[0].body
    assert body["purpose"] == "assistants"
    assert int(body["expires_after[seconds]"]) == 14 * 24 * 3600


async def test_a_file_beyond_the_limit_is_refused_before_it_is_sent(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    with pytest.raises(UploadTooLarge):
        await assistant.add_file(thread, "x.csv", BytesIO(), 600 * 2**20)
    assert not azure.requests.of("POST", "/files")


async def test_a_removed_file_is_gone_everywhere(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    (container,) = azure.containers.values()
    assert placed(container)
    await assistant.remove_file(thread, file.file.id)
    assert not placed(container)
    assert file.file.id not in azure.files
    await assistant.remove_file(thread, file.file.id)


async def test_a_lost_upload_is_named(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    kept, lost = await attach(assistant, thread, "a.csv", CSV), await attach(assistant, thread, "b.csv", CSV)
    await azure_forgets(azure, lost.file.id)
    (event,) = await ask(assistant, thread, Prompt("x", files=[kept, lost]))
    assert isinstance(event, Failed)
    assert isinstance(event.error, FileLost)
    assert event.error.file_ids == (lost.file.id,)


async def azure_forgets(azure: LocalAzure, file_id: str) -> None:
    """Delete a file behind the assistant's back."""
    from azure_assistant.transport.client import connect

    connection = connect(AssistantConfig(azure.endpoint, azure.api_key, deployment=azure.deployment))
    await connection.client.files.delete(file_id)
    await connection.close()


async def test_a_chart_that_cannot_be_fetched_is_replaced_by_its_displayed_twin(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [SAVED, "[Sales](sandbox:/mnt/data/sales.png)"]
    (chart,) = charts(await ask(assistant, thread, "x"))
    azure.faults.add("download_missing", times=2)
    assert await content(assistant, chart.artifact.ref) == png(2)
    azure.faults.add("download_error", times=None)
    assert await content(assistant, chart.artifact.ref) == png(1)


async def test_a_file_that_is_gone_says_so(
    azure: LocalAzure, model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [WRITTEN, "[data](sandbox:/mnt/data/clean.csv)"]
    events = await ask(assistant, thread, "x")
    (table,) = [event for event in events if isinstance(event, FileReady)]
    azure.faults.add("download_missing", times=None)
    with pytest.raises(FileGone, match=r"clean\.csv"):
        await content(assistant, table.artifact.ref)


async def test_a_deleted_thread_leaves_nothing(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    nameless = await assistant.without_names(thread)
    assert "a.csv" not in str(nameless.state)
    await assistant.delete_thread(nameless)
    assert not shared(azure.files)
    assert not azure.containers
    assert not azure.conversations
    assert not azure.responses
    assert not nameless.state
    await assistant.delete_thread(thread)


@pytest.mark.parametrize("api", ["responses", "assistants"])
async def test_what_charts_show_comes_with_them_and_is_no_output(
    model: TestModel, config: AssistantConfig, api: Wire
) -> None:
    drawn = Drawn("sales.png", "", [Axes("bar", "Sales", "Region", "EUR", True, [Series("", ["North"], [10.0], 1)])])
    printed = f"before\n{PRINTED}{json.dumps(drawn.to_json())}\n{PRINTED}{{}}\nafter\n"
    model.answers = lambda _: [replace(SAVED, prints=printed), "[Sales](sandbox:/mnt/data/sales.png)"]
    assistant = open_assistant(replace(config, api=api))
    events = await ask(assistant, await assistant.create_thread({}), "x")
    await assistant.close()
    (chart,) = [event.artifact for event in events if isinstance(event, ChartReady)]
    (code,) = [event for event in events if isinstance(event, CodeFinished)]
    assert code.output.split() == ["before", "after"]
    assert chart.drawn == drawn


async def test_the_chart_font_is_uploaded_once_per_resource(
    azure: LocalAzure, model: TestModel, config: AssistantConfig, assistant: Assistant, thread: Thread
) -> None:
    await ask(assistant, thread, Prompt("図", cjk_font=True))
    other = open_assistant(config)
    await ask(other, await other.create_thread({}), Prompt("図", cjk_font=True))
    await other.close()
    assert len(azure.requests.of("POST", "/files")) == 2, "the look alone, and with the font"
    assert len(azure.containers) == 2
    for container in azure.containers.values():
        assert ["chart-font-" in given.path for given in container.files.values()] == [True]
    assert "import chart_style, chart_font\n```" in model.requests[0].instructions


async def test_a_missing_font_costs_the_glyphs_only(
    model: TestModel, config: AssistantConfig, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nowhere = tmp_path_factory.mktemp("fonts") / "none.otf"
    assistant = open_assistant(replace(config, chart_font=nowhere))
    assert finished(await ask(assistant, await assistant.create_thread({}), Prompt("図", cjk_font=True))).text
    assert "chart_font" not in model.requests[0].instructions
    await assistant.close()


async def test_threads_run_side_by_side(azure: LocalAzure, assistant: Assistant) -> None:
    async def one(number: int) -> str:
        thread = await assistant.create_thread({"n": str(number)})
        return finished(await ask(assistant, thread, f"question {number}")).text

    assert await asyncio.gather(*map(one, range(20))) == [f"You asked: question {n}" for n in range(20)]
    assert len(azure.containers) == 20


async def test_a_state_of_an_earlier_version_is_understood(
    model: TestModel, assistant: Assistant, thread: Thread
) -> None:
    model.answers = lambda _: [Cell("save", "", (), {"a.csv": b"1"}), "Done."]
    (event,) = [event for event in await ask(assistant, thread, "one") if isinstance(event, FileReady)]
    thread.state["seen"] = [event.artifact.ref["file"]]
    for file in thread.state["container"]["files"].values():
        file.pop("size")
    model.answers = lambda _: [Cell("pass"), "Nothing."]
    assert not [event for event in await ask(assistant, thread, "two") if isinstance(event, FileReady)]


async def test_a_thread_whose_items_cannot_be_listed_is_deleted_later(
    azure: LocalAzure, assistant: Assistant, thread: Thread
) -> None:
    """Without its items a conversation would leave them at the service for ever; all else goes."""
    file = await attach(assistant, thread, "a.csv", CSV)
    await ask(assistant, thread, Prompt("one", files=[file]))
    fault = azure.faults.add("server_error", path="/conversations/*/items", method="GET", times=None)
    with pytest.raises(AssistantError):
        await assistant.delete_thread(thread)
    assert azure.conversations
    assert not shared(azure.files)
    assert not azure.containers
    azure.faults.clear()
    assert fault.hits
    await assistant.delete_thread(thread)
    assert not azure.conversations


async def test_what_charts_need_comes_with_the_sandbox(azure: LocalAzure, assistant: Assistant) -> None:
    """Once it is at the service, it costs no call; where the service has lost it, it is brought again."""
    for number in range(2):
        await ask(assistant, await assistant.create_thread({}), "one")
        assert len(azure.requests.of("POST", "/containers/*/files")) == 1, number
    azure.files._items.clear()
    await ask(assistant, await assistant.create_thread({}), "one")
    assert len(azure.requests.of("POST", "/files")) == 2
    for container in azure.containers.values():
        assert ["chart-style-" in given.path for given in container.files.values()] == [True]
