"""Everything that a walk with the real bot sends to Azure, and all that is stored there, by OpenAI's specification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.ledger import Entry
from tests.support.openapi import OpenApi, openapi
from tests.support.world import ANN, SALES, Json, World

__all__ = ["openapi"]

CSV = "地域,売上\n東京,10\n".encode()
WORK = "[[code 2]] [[show]] [[chart sales.png]] [[file]] [[say Tokyo leads.]]"


WIRES = {
    "responses": ["ContainerResource", "ContainerFileResource", "ConversationResource", "ConversationItem", "Response"],
    "assistants": ["AssistantObject", "ThreadObject", "MessageObject", "RunObject", "RunStepObject"],
}


@pytest.fixture(params=list(WIRES))
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.run_bot()
        yield made


def stored(azure: LocalAzure) -> Iterator[tuple[str, Json]]:
    """Everything that the service holds, each with the name of its schema."""
    yield from (("OpenAIFile", file.json()) for file in azure.files.values())
    for container in azure.containers.values():
        yield "ContainerResource", container.json()
        yield from (("ContainerFileResource", file.json()) for file in container.files.values())
    for conversation in azure.conversations.values():
        yield "ConversationResource", conversation.json()
        yield from (("ConversationItem", item) for item in conversation.items)
    yield from (("Response", response.run.snapshot()) for response in azure.responses.values())
    yield from (("AssistantObject", assistant) for assistant in azure.assistants.values())
    for thread in azure.threads.values():
        yield "ThreadObject", thread.json()
        yield from (("MessageObject", message) for message in thread.messages)
        yield from (("RunObject", run) for run in thread.runs)
        yield from (("RunStepObject", step) for steps in thread.steps.values() for step in steps)


async def test_a_walk_is_by_the_specification(world: World, openapi: OpenApi) -> None:
    ts = await world.ask(WORK, files=[("売上.csv", CSV)])
    await world.outcomes(SALES, ts, files=2)
    await world.slack.human.post(SALES, "[[say And again.]]", user=ANN, thread=ts)
    await world.outcomes(SALES, ts, count=2, files=2)

    held = list(stored(world.azure))
    assert {schema for schema, _ in held} == {"OpenAIFile", *WIRES[world.settings["AZURE_OPENAI_API"]]}
    assert [f"{schema}: {problem}" for schema, value in held for problem in openapi.of_value(schema, value)] == []

    await world.ask("forget", thread=ts)
    await world.outcomes(SALES, ts, count=3, files=2)
    for left in (world.azure.conversations, world.azure.responses, world.azure.containers, world.azure.threads):
        assert not left
    assert [entry.method for entry in world.azure.requests].count("DELETE") > 1
    assert all(entry.body for entry in world.azure.requests if entry.method == "POST")
    assert openapi.of_requests(world.azure.requests) == []


JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (Entry("POST", "/answers", body={}, headers=JSON), "is not in the specification"),
        (Entry("PATCH", "/responses", body={}, headers=JSON), "is not in the specification"),
        (Entry("POST", "/responses", body={"model": "m", "inputs": "x"}, headers=JSON), "body has unknown inputs"),
        (Entry("POST", "/responses", body={"model": "m", "stream": "yes"}, headers=JSON), "$.stream: 'yes' is not"),
        (Entry("POST", "/responses", body={"model": "m", "input": [{"role": "me"}]}, headers=JSON), "$.input"),
        (Entry("POST", "/containers", body={"file_ids": []}, headers=JSON), "'name' is a required property"),
        (Entry("GET", "/files", query={"limits": "1"}), "query has unknown limits"),
        (Entry("POST", "/files", body={"purpose": "assistants", "name": "x"}, headers=FORM), "form has unknown name"),
        (Entry("POST", "/files", body={"purpose": "assistants"}, headers=FORM), "form lacks file"),
        (Entry("POST", "/threads", body={"text": "x"}, headers={"content-type": "text/plain"}), "text/plain"),
    ],
)
def test_the_judge_sees_what_is_wrong(openapi: OpenApi, entry: Entry, problem: str) -> None:
    found = openapi.of_requests([entry])
    assert any(problem in one for one in found), found


def test_the_judge_sees_wrong_answers(openapi: OpenApi) -> None:
    container = {"id": "cntr_1", "object": "container", "name": "x", "created_at": 1, "status": "running"}
    assert openapi.of_value("ContainerResource", container) == []
    assert openapi.of_value("ContainerResource", container | {"created_at": "now"})
    assert openapi.of_value("ContainerResource", {"id": "cntr_1"})
