"""From the body of ``POST /responses`` to what its run needs: history, container, the response object."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from playground.azure.containers.container import Container, add_stored
from playground.azure.containers.containers import Containers
from playground.azure.containers.files import Files
from playground.azure.responses.compaction import KIND, compact, since_compaction, threshold, unpacked
from playground.azure.responses.conversations import Conversation
from playground.azure.responses.functions import check_calls, offered
from playground.azure.responses.items import orders, past, split_question, texts, tokens
from playground.azure.responses.prompt_cache import PromptCache
from playground.azure.responses.response_run import Plan, ResponseRun
from playground.azure.service import errors, ids
from playground.azure.service.faults import Faults
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, check_metadata
from playground.ports import ModelRequest

PATH = "/responses"


@dataclass
class StoredResponse:
    """A response, while it is made and afterwards."""

    run: ResponseRun
    input: list[Json]
    previous: StoredResponse | None
    container: str | None
    stored: bool
    streamed: bool
    heard: bool = False
    task: asyncio.Task[None] | None = None

    def forget_events(self) -> None:
        """Free the events once nobody can ask for them any more."""
        if not self.json["background"] and not self.heard and self.run.done.is_set():
            self.run.log.events.clear()

    @property
    def json(self) -> Json:
        """The response object, with outputs."""
        return self.run.plan.response

    def history(self) -> list[Json]:
        """All items of the chain that ends here, oldest first."""
        chain: list[StoredResponse] = []
        link: StoredResponse | None = self
        while link is not None:
            chain.append(link)
            link = link.previous
        return [item for response in reversed(chain) for item in [*response.input, *response.json["output"]]]


@dataclass
class State:
    """What a new response builds on."""

    history: list[Json] = field(default_factory=list)
    conversation: Conversation | None = None
    previous: StoredResponse | None = None

    @property
    def container(self) -> str | None:
        """The container that ``auto`` made last."""
        if self.conversation is not None:
            return self.conversation.container
        return self.previous.container if self.previous is not None else None


class Planner:
    """Plans runs."""

    def __init__(self, settings: Settings, faults: Faults, files: Files, containers: Containers) -> None:
        self._settings = settings
        self._faults = faults
        self._files = files
        self._containers = containers
        self._cache = PromptCache(settings)

    async def container(self, body: Json, state: State) -> tuple[Container | None, list[str]]:
        """The container of the tool, and what the service itself tells the model about files."""
        tool = next((tool for tool in body.get("tools") or [] if tool["type"] == "code_interpreter"), None)
        if tool is None:
            return None, []
        if isinstance(tool["container"], str):
            return await self._containers.use(tool["container"]), []
        auto = tool["container"]
        file_ids = auto.get("file_ids") or []
        container = await self._reusable(state.container)
        if container is None:
            container = await self._containers.create("auto", file_ids, memory=auto.get("memory_limit"))
        else:
            for file_id in file_ids:
                await add_stored(container, self._files.find(file_id))
        if state.conversation is not None:
            state.conversation.container = container.id
        paths = [f"- `{file.path}`" for file in container.files.values() if file.file_id in file_ids]
        return container, ["Files:\n" + "\n".join(paths)] if paths else []

    async def _reusable(self, identifier: str | None) -> Container | None:
        if identifier is None or identifier not in self._containers:
            return None
        container = await self._containers.find(identifier)
        container.touch()
        return container if container.status == "running" else None

    def plan(self, body: Json, given: list[Json], state: State, container: Container | None, notes: list[str]) -> Plan:
        check_calls(state.history, given)
        answers_calls = any(item["type"] == "function_call_output" for item in given)
        if answers_calls:
            history, question, since = split_question([*state.history, *given])
            history = [] if any(item["type"] == KIND for item in since) else since_compaction(history)
        else:
            before, question, after = split_question(given)
            history, since = since_compaction([*state.history, *before, *after]), []
        instructions = "\n\n".join([body.get("instructions") or "", *orders(history)]).strip()
        parts = [*notes, *(texts(question) if question is not None else [])]
        sizes = [_size(item) for item in history]
        tools = _tools(body)
        fixed = sum(map(tokens, [tools, instructions, *parts])) + sum(map(_size, since))
        response = _response_object(body, self._settings.now())
        most = threshold(body) if self._settings.compacts else None
        if most is not None and sizes and fixed + sum(sizes) > most:
            everything = history if question is None else [*history, question]
            history = [compact(everything, most)]
            sizes = [_size(history[0])]
            response["output"] += history
        while sizes and fixed + sum(sizes) > self._settings.context_tokens and body.get("truncation") == "auto":
            del sizes[0], history[0]
        read = fixed + sum(sizes)
        if read > self._settings.context_tokens:
            raise errors.context_too_long()
        said = [text for item in history for text in _said(item)]
        heard = [text for item in since for text in _said(item)]
        prompt = [tools, body.get("instructions") or "", *said, *parts, *heard]
        can_run = container is not None and body.get("tool_choice") != "none"
        return Plan(
            response,
            ModelRequest(instructions, parts, past(history), can_run, offered(body.get("tools") or []), past(since)),
            container if can_run else None,
            set(body.get("include") or []),
            (body.get("stream_options") or {}).get("include_obfuscation") is not False,
            read,
            min(read, self._cache.read(body.get("prompt_cache_key") or "", prompt)),
            self._faults.take("run", "POST", PATH, body),
        )


def explicit_container(body: Json) -> str | None:
    for tool in body.get("tools") or []:
        if isinstance(tool.get("container"), str):
            return str(tool["container"])
    return None


def _size(item: Json) -> int:
    return sum(map(tokens, _said(item)))


def _said(item: Json) -> list[str]:
    """What the model reads of an item."""
    outputs = [output.get("logs") or "" for output in item.get("outputs") or []]
    if item["type"] == KIND:
        return [unpacked(item)]
    said = [item.get(name) for name in ("code", "arguments", "output")]
    return [*texts(item), *(text for text in said if isinstance(text, str)), *outputs]


def _tools(body: Json) -> str:
    """What the model reads of the tools, which stands before all else: not which container it is."""
    offered = [{name: value for name, value in tool.items() if name != "container"} for tool in body.get("tools") or []]
    return json.dumps(offered) if offered else ""


def _response_object(body: Json, now: int) -> Json:
    named = body.get("conversation")
    background = bool(body.get("background"))
    return {
        "id": ids.hex_id("resp_"),
        "object": "response",
        "created_at": now,
        "status": "queued" if background else "in_progress",
        "background": background,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": body["model"],
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "conversation": {"id": named if isinstance(named, str) else named["id"]} if named else None,
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None} | (body.get("reasoning") or {}),
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": body.get("store") is not False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"} | (body.get("text") or {}),
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": list(body.get("tools") or []),
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": body.get("truncation") or "disabled",
        "usage": None,
        "user": body.get("user"),
        "metadata": check_metadata(body),
    }
