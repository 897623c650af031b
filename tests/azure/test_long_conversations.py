"""Conversations that outgrow the model's window stay whole: compacted by the service, else told again in short."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Assistant, CallOutput, Prompt, PromptFile, Thread, Tool
from azure_assistant.config import Wire
from azure_assistant.context_window import both_ends, tokens, told_again
from azure_assistant.events import CallsMade, Finished
from conversations.planning.transcript import transcript
from playground.azure.server import LocalAzure
from playground.azure.service.settings import Settings
from playground.ports import Call
from tests.azure.support import Cell, TestInterpreter, TestModel, ask, attach

pytestmark = pytest.mark.thorough

WINDOW = 6000
"""Tokens; the instructions alone have about 1,000."""
FACT = "Revenue means net of VAT, and the Kyoto store counts as West."
TURNS = 60
LONG = "We looked at one region after the other and found nothing that stands out. " * 12


@dataclass
class Talk:
    """A conversation, with the transcript that the heart would tell."""

    assistant: Assistant
    thread: Thread
    files: list[PromptFile] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, question: str) -> Finished:
        prompt = Prompt(question, transcript=transcript(self.said), files=self.files)
        last = (await ask(self.assistant, self.thread, prompt))[-1]
        assert isinstance(last, Finished), last
        self.said.append((question, last.text))
        return last

    async def notes(self, turns: int = TURNS) -> list[str]:
        """A fact in the first turn, much else after it; the notes of all answers."""
        found = list((await self.ask(FACT)).notes)
        for number in range(2, turns + 1):
            found += (await self.ask(f"And how is it in region {number}?")).notes
        return found


@pytest.fixture
async def azure(model: TestModel, interpreter: TestInterpreter) -> AsyncIterator[LocalAzure]:
    model.answers = lambda _: [LONG]
    async with LocalAzure(model, interpreter, Settings(context_tokens=WINDOW)) as server:
        yield server


@pytest.fixture
def config(config: AssistantConfig) -> AssistantConfig:
    return replace(config, window=WINDOW)


async def talk(config: AssistantConfig, api: Wire = "responses") -> Talk:
    assistant = open_assistant(replace(config, api=api))
    return Talk(assistant, await assistant.create_thread({}))


def read(model: TestModel) -> str:
    """All that the model read of the last question, but for the instructions."""
    request = model.requests[-1]
    return "\n".join([*(past.text for past in request.history), *request.user_parts])


async def test_the_service_compacts(azure: LocalAzure, config: AssistantConfig, model: TestModel) -> None:
    long = await talk(config)
    assert await long.notes() == []
    assert FACT in read(model)
    assert len(azure.conversations) == 1
    (conversation,) = azure.conversations.values()
    assert sum(item["type"] == "compaction" for item in conversation.items) > 1
    body = azure.requests.of("POST", "/responses")[-1].body
    assert body["context_management"] == [{"type": "compaction", "compact_threshold": 3600}]
    assert "truncation" not in body, "nothing is dropped without a word"
    await long.assistant.close()


@pytest.mark.parametrize("spelling", ["unsupported", "no_param"])
async def test_where_the_service_does_not_a_new_conversation_is_told_the_transcript(
    azure: LocalAzure, config: AssistantConfig, model: TestModel, spelling: str
) -> None:
    azure.faults.add("parameter_refused", times=None, parameter="context_management", spelling=spelling)
    long = await talk(config)
    notes = await long.notes()
    assert FACT in read(model)
    assert set(notes) == {"condensed"}
    assert 1 < len(notes) < TURNS // 4
    assert len(azure.conversations) == 1 + len(notes)
    await long.assistant.delete_thread(long.thread)
    assert not azure.conversations, "those before go as well"
    await long.assistant.close()


@pytest.mark.parametrize(("window", "note"), [(WINDOW, "condensed"), (1_000_000, "shortened")])
async def test_a_service_that_passes_the_parameter_over(
    config: AssistantConfig, model: TestModel, interpreter: TestInterpreter, window: int, note: str
) -> None:
    """Then our own count is the last resort; where the setting is wrong, the service's refusal is."""
    model.answers = lambda _: [LONG]
    async with LocalAzure(model, interpreter, Settings(context_tokens=WINDOW, compacts=False)) as azure:
        long = await talk(replace(config, endpoint=azure.endpoint, api_key=azure.api_key, window=window))
        notes = await long.notes()
        assert FACT in read(model)
        assert {note} <= set(notes) <= {"condensed", note}
        await long.assistant.close()


async def test_chains_of_responses(azure: LocalAzure, config: AssistantConfig, model: TestModel) -> None:
    azure.faults.add("parameter_refused", times=None, parameter="context_management", spelling="unsupported")
    azure.faults.add("conversations_unsupported", times=None)
    long = await talk(config)
    assert set(await long.notes()) == {"condensed"}
    assert FACT in read(model)
    await long.assistant.close()


async def test_a_service_that_remembers_nothing(azure: LocalAzure, config: AssistantConfig, model: TestModel) -> None:
    """Each question tells the transcript, which never outgrows its share of the window."""
    azure.faults.add("parameter_refused", times=None, parameter="previous_response_id", spelling="unsupported")
    azure.faults.add("conversations_unsupported", times=None)
    long = await talk(config)
    assert await long.notes() == []
    assert FACT in read(model)
    assert len(model.requests[-1].history) == 0
    await long.assistant.close()


async def test_assistants(azure: LocalAzure, config: AssistantConfig, model: TestModel) -> None:
    long = await talk(config, "assistants")
    notes = await long.notes()
    assert FACT in read(model)
    assert set(notes) == {"condensed"}
    assert len(azure.threads) == 1 + len(notes)
    await long.assistant.delete_thread(long.thread)
    assert not azure.threads
    await long.assistant.close()


async def test_what_code_prints_counts_as_well(azure: LocalAzure, config: AssistantConfig, model: TestModel) -> None:
    azure.faults.add("parameter_refused", times=None, parameter="context_management", spelling="unsupported")
    long = await talk(config)
    long.files = [await attach(long.assistant, long.thread, "sales.csv", b"a,b\n1,2\n")]
    model.answers = lambda _: [Cell("print(df)", "1,2,3,4,5\n" * 1500), "Printed."]
    assert (await long.ask("Print it.")).notes == []
    model.answers = lambda _: ["Short."]
    assert (await long.ask("And now?")).notes == ["condensed"]
    assert "Print it." in read(model)
    assert "sales.csv" in read(model), "the files' facts are told with every question"
    assert len(azure.containers) == 1, "the sandbox goes on"
    await long.assistant.close()


@pytest.mark.parametrize("api", ["responses", "assistants"])
async def test_calls_go_on_where_they_were_made(
    azure: LocalAzure, config: AssistantConfig, model: TestModel, api: Wire
) -> None:
    """The thread is left before the question, never between calls and their outputs; the answer says so."""
    azure.faults.add("parameter_refused", times=None, parameter="context_management", spelling="unsupported")
    long = await talk(config, api)
    await long.notes(10)
    model.answers = lambda request: [LONG] if any(past.made for past in request.since) else [Call("{}", "look")]
    prompt = Prompt(
        "Look around.", transcript=transcript(long.said), tools=[Tool("look", "Looks.", {"type": "object"})]
    )
    notes: list[str] = []
    for _ in range(15):
        threads = len(azure.conversations) + len(azure.threads)
        calls = (await ask(long.assistant, long.thread, prompt))[-1]
        assert isinstance(calls, CallsMade), calls
        left = len(azure.conversations) + len(azure.threads) - threads
        outputs = [CallOutput(call.id, "seen " * 200) for call in calls.calls]
        events = [event async for event in long.assistant.go_on(long.thread, prompt, long.thread.state["run"], outputs)]
        last = events[-1]
        assert isinstance(last, Finished), last
        assert list(last.notes) == ["condensed"] * left
        assert len(azure.conversations) + len(azure.threads) == threads + left
        notes += last.notes
    assert notes
    assert FACT in read(model)
    await long.assistant.close()


async def test_short_conversations_stay_where_they_are(
    azure: LocalAzure, config: AssistantConfig, model: TestModel
) -> None:
    model.answers = lambda _: ["Short."]
    for api in ("responses", "assistants"):
        long = await talk(config, api)
        assert await long.notes(10) == []
        await long.assistant.close()
    assert len(azure.conversations) == len(azure.threads) == 1


def test_tokens_are_counted_roughly() -> None:
    assert tokens("") == 0
    assert tokens("word " * 300) == 500
    assert tokens("売上" * 300) == 600
    assert tokens("\ud800" * 3) == 1


def test_of_a_long_text_both_ends_are_kept() -> None:
    assert both_ends("short", 10) == "short"
    cut = both_ends("begin" + "x" * 1000 + "end", 100)
    assert len(cut) == 100
    assert cut.startswith("begin")
    assert cut.endswith("end")
    assert len(both_ends("x" * 100, 3)) <= 5


def test_a_transcript_takes_a_quarter_of_the_window() -> None:
    for said in ("word " * 10_000, "売上" * 10_000):
        told = told_again(said, 4000)
        assert 900 < tokens(told) <= 1005
    assert told_again("short", 4000) == "short"
