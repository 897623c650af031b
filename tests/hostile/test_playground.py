"""The local Slack and the local Azure refuse broken requests as the real ones do; they never break themselves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from itertools import islice
from typing import Any

import aiohttp
import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.slack.api import METHODS, views
from playground.slack.api.args import Args
from playground.slack.api.front import Front
from playground.slack.people.people import ANN, SALES
from playground.slack.server.server import LocalSlack
from playground.slack.state.ledger import Call
from tests.hostile.mutate import MISSING, mutations
from tests.hostile.payloads import BLOCKS

Json = dict[str, Any]
BROKEN: Mapping[str, Any] = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "infinite": float("inf"),
    "half a character": "\ud83d",
    "empty list": [],
    "mixed": [None, 0, "x", [], {}],
    "object": {"type": "x", "id": []},
}
FAMILIES = sorted({name.partition(".")[0] for name in METHODS})


def arguments(root: str, own: str, file: str, team: str) -> Json:
    """Arguments by name, for any method."""
    task = {"type": "task_update", "id": "t", "title": "x", "status": "in_progress", "sources": [{"type": "url"}]}
    body: Json = {"channel": SALES, "channel_id": SALES, "user": ANN, "user_id": ANN, "ts": own, "timestamp": root}
    body |= {"thread_ts": root, "text": "x", "blocks": list(BLOCKS), "attachments": [{"blocks": [BLOCKS[7]]}]}
    body |= {"metadata": {"event_type": "x", "event_payload": {}}, "name": "tada", "file": file, "filename": "a.csv"}
    body |= {
        "length": 3,
        "files": [{"id": file, "title": "x"}],
        "status": "is x",
        "loading_messages": ["a"],
        "title": "t",
    }
    body |= {"prompts": [{"title": "a", "message": "b"}], "view_id": "V1", "limit": 10, "cursor": "x", "latest": root}
    body |= {"chunks": [{"type": "markdown_text", "text": "x"}, task], "recipient_user_id": ANN, "types": "all"}
    body |= {
        "recipient_team_id": team,
        "count": 10,
        "page": 1,
        "ts_from": "0",
        "ts_to": "9",
        "session_status": "active",
    }
    modal = {
        "type": "modal",
        "callback_id": "x",
        "title": {"type": "plain_text", "text": "x"},
        "blocks": list(BLOCKS[:3]),
    }
    return body | {"view": modal}


@pytest.mark.parametrize("family", FAMILIES)
async def test_slack_answers_whatever_is_asked(family: str, quick: bool) -> None:
    async with LocalSlack() as slack:
        root = await slack.human.post(SALES, "hello", files=[("a.csv", b"a\n1")])
        front = Front(slack._core)

        def call(method: str, values: Mapping[str, Any]) -> Json:
            token = slack.app_token if METHODS[method].caller == "app" else slack.bot_token
            body = front._process(method, Args(dict(values)), token, Call(method, {}, 0)).body
            assert isinstance(body, dict)
            json.dumps(body)
            return body

        begin = {"channel": SALES, "thread_ts": root, "recipient_user_id": ANN, "recipient_team_id": slack.team}
        own = call("chat.startStream", begin)["ts"]
        whole = arguments(root, own, next(iter(slack.files)), slack.team)
        for method in (name for name in METHODS if name.startswith(f"{family}.")):
            fitting = {name: value for name, value in whole.items() if name != "blocks" or "Stream" not in method}
            for path, _, values in islice(mutations(fitting, BROKEN), 0, None, 10 if quick else 1):
                if path and len(path) <= 5:
                    trigger = views.new_trigger(slack.workspace, ANN) if family == "views" else ""
                    call(method, {**values, "trigger_id": trigger})


@pytest.fixture
async def azure() -> AsyncIterator[LocalAzure]:
    async with LocalAzure(ScriptedModel(), ScriptedInterpreter()) as server:
        yield server


@pytest.mark.parametrize(
    "route", ["responses", "conversations", "items", "containers", "files", "assistants", "threads", "messages", "runs"]
)
async def test_azure_answers_whatever_is_asked(azure: LocalAzure, route: str, quick: bool) -> None:
    headers = {"api-key": azure.api_key, "OpenAI-Beta": "assistants=v2"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def post(path: str, body: Any) -> tuple[int, Json]:
            async with session.post(azure.endpoint + path, json=body) as answer:
                return answer.status, await answer.json() if answer.content_type == "application/json" else {}

        form = aiohttp.FormData({"purpose": "assistants"})
        form.add_field("file", b"1", filename="a.csv")
        async with session.post(f"{azure.endpoint}/openai/v1/files", data=form) as answer:
            file = (await answer.json())["id"]
        _, box = await post("/openai/v1/containers", {"name": "x"})
        _, conversation = await post("/openai/v1/conversations", {})
        _, assistant = await post("/openai/assistants?api-version=1", {"model": azure.deployment})
        _, thread = await post("/openai/threads?api-version=1", {})
        path, body = requests(azure, file, box["id"], conversation["id"], assistant["id"], thread["id"])[route]
        assert (await post(path, body))[0] == 200
        for place, how, broken in islice(mutations(body, BROKEN), 0, None, 5 if quick else 1):
            status, told = await post(path, broken)
            assert status < 500, (place, how, told)


def requests(
    azure: LocalAzure, file: str, box: str, conversation: str, assistant: str, thread: str
) -> Mapping[str, tuple[str, Json]]:
    """Path and body of a request that is fine, by route."""
    v1, old = "/openai/v1", "?api-version=1"
    resources = {"code_interpreter": {"file_ids": [file]}}
    attachments = [{"file_id": file, "tools": [{"type": "code_interpreter"}]}]
    said = {"role": "user", "content": [{"type": "input_text", "text": "[[say hi]]"}]}
    ran = {
        "type": "code_interpreter_call",
        "code": "x",
        "outputs": [{"type": "logs", "logs": "1"}],
        "container_id": box,
    }
    asked: Json = {"model": azure.deployment, "instructions": "x", "input": [said, ran], "conversation": conversation}
    asked |= {"include": ["code_interpreter_call.outputs"], "store": True, "truncation": "auto", "metadata": {"a": "b"}}
    asked["tools"] = [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": [file]}}]
    asked |= {
        "safety_identifier": "x",
        "reasoning": {"effort": "low"},
        "max_output_tokens": 100,
        "prompt_cache_key": "x",
    }
    parts = [{"type": "text", "text": "x"}, {"type": "image_file", "image_file": {"file_id": file}}]
    message = {"role": "user", "content": parts, "attachments": attachments, "metadata": {"a": "b"}}
    kept = {"name": "x", "file_ids": [file], "expires_after": {"anchor": "last_active_at", "minutes": 20}}
    described = {"model": azure.deployment, "name": "x", "tools": [{"type": "code_interpreter"}]}
    begun = {"assistant_id": assistant, "thread": {"messages": [message]}, "instructions": "x", "stream": False}
    return {
        "responses": (f"{v1}/responses", asked),
        "conversations": (f"{v1}/conversations", {"items": [said], "metadata": {"a": "b"}}),
        "items": (f"{v1}/conversations/{conversation}/items", {"items": [said, ran]}),
        "containers": (f"{v1}/containers", kept),
        "files": (f"{v1}/containers/{box}/files", {"file_id": file}),
        "assistants": (f"/openai/assistants{old}", described | {"tool_resources": resources, "metadata": {"a": "b"}}),
        "threads": (f"/openai/threads{old}", {"messages": [message], "tool_resources": resources}),
        "messages": (f"/openai/threads/{thread}/messages{old}", message),
        "runs": (f"/openai/threads/runs{old}", begun | {"truncation_strategy": {"type": "auto"}}),
    }
