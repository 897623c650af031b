"""``/threads/{id}/runs``: the requests around runs and their steps. The run itself is in ``run.py``."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from playground.azure.assistants.assistants import Assistants, check_beta, check_tools
from playground.azure.assistants.history import model_request
from playground.azure.assistants.run import AssistantRun, Context
from playground.azure.assistants.threads import MESSAGE, TERMINAL, THREAD, Thread, Threads
from playground.azure.containers.files import Files
from playground.azure.service import errors, ids
from playground.azure.service.changes import Changes
from playground.azure.service.events import stream
from playground.azure.service.faults import Faults
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, Route, check_members, check_metadata, is_azure, json_body, page
from playground.ports import Model
from playground.words import names

RUN = names(
    """
    assistant_id model reasoning_effort instructions additional_instructions additional_messages tools metadata
    temperature top_p stream max_prompt_tokens max_completion_tokens truncation_strategy tool_choice
    parallel_tool_calls response_format
    """
)


class Runs:
    """Starts, shows and ends runs."""

    def __init__(
        self,
        settings: Settings,
        model: Model,
        faults: Faults,
        files: Files,
        assistants: Assistants,
        threads: Threads,
        changes: Changes,
    ) -> None:
        self._settings = settings
        self._model = model
        self._faults = faults
        self._files = files
        self._assistants = assistants
        self._threads = threads
        self._changes = changes
        self._live: dict[str, AssistantRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        threads.refresh = self._refresh

    def routes(self) -> list[Route]:
        runs, one = "/threads/{thread}/runs", "/threads/{thread}/runs/{run}"
        return [
            ("POST", "/threads/runs", self._create_with_thread),
            ("POST", runs, self._create),
            ("GET", runs, self._list),
            ("GET", one, self._retrieve),
            ("POST", one, self._update),
            ("POST", one + "/cancel", self._cancel),
            ("POST", one + "/submit_tool_outputs", self._submit),
            ("GET", one + "/steps", self._list_steps),
            ("GET", one + "/steps/{step}", self._retrieve_step),
        ]

    async def close(self) -> None:
        """Cancel what still runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _create_with_thread(self, request: web.Request) -> web.StreamResponse:
        check_beta(request)
        body = await json_body(request, RUN | {"thread", "tool_resources"}, ["assistant_id"])
        self._assistants.find(body["assistant_id"])
        given = body.pop("thread", None) or {}
        check_members(given, THREAD, at="thread")
        return await self._begin(request, self._threads.create(given), body)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        thread = self._threads.find(request)
        body = await json_body(request, RUN, ["assistant_id"])
        return await self._begin(request, thread, body)

    async def _begin(self, request: web.Request, thread: Thread, body: Json) -> web.StreamResponse:
        assistant = self._assistants.find(body["assistant_id"])
        if body.get("model") not in (None, self._settings.deployment):
            raise errors.no_deployment(azure=is_azure(request), name=body["model"])
        if thread.active is not None:
            raise errors.active_run(thread.id, thread.active["id"])
        for index, message in enumerate(body.get("additional_messages") or []):
            check_members(message, MESSAGE, ["role", "content"], f"additional_messages[{index}]")
            self._threads.add(thread, message)
        run = _run_object(thread, assistant, body, self._settings)
        thread.runs.append(run)
        given = assistant["tool_resources"]["code_interpreter"]["file_ids"]
        return await self._execute(request, thread, run, [*given, *thread.file_ids], stream_it=body.get("stream"))

    async def _execute(
        self,
        request: web.Request,
        thread: Thread,
        run: Json,
        file_ids: list[str],
        *,
        stream_it: Any,
        answered: Json | None = None,
    ) -> web.StreamResponse:
        path = f"/threads/{thread.id}/runs"
        window = self._settings.context_tokens
        context = Context(
            thread,
            run,
            model_request(thread, run, [self._files.find(file_id) for file_id in file_ids], window),
            file_ids,
            self._files,
            self._settings,
            is_azure(request),
            self._threads.make_sandbox,
            self._faults.take("run", "POST", path, run),
            answered,
        )
        live = AssistantRun(context)
        answered = dict(run)
        self._live[run["id"]] = live
        task = asyncio.create_task(live.execute(self._model))
        self._tasks[run["id"]] = task
        task.add_done_callback(lambda _done: self._forget(run["id"], task))
        if not stream_it:
            return web.json_response(answered)
        faults = self._faults.take("stream", "POST", path, run)
        if any(fault.name == "not_streamed" for fault in faults):
            await live.done.wait()
            return web.json_response(dict(run))
        return await stream(request, live.log.follow(), faults)

    def _forget(self, run: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run) is task:
            del self._tasks[run], self._live[run]
        self._changes.notify()

    def _refresh(self, thread: Thread) -> None:
        """Let runs expire whose time is over."""
        for run in thread.runs:
            if run["status"] in TERMINAL or self._settings.now() < run["expires_at"]:
                continue
            if (task := self._tasks.get(run["id"])) is not None:
                task.cancel()
            run |= {"status": "expired", "required_action": None}
            self._end_waiting(thread, run, "expired")

    def _find(self, request: web.Request) -> tuple[Thread, Json]:
        thread = self._threads.find(request)
        for run in thread.runs:
            if run["id"] == request.match_info["run"]:
                return thread, run
        raise errors.not_found("run", request.match_info["run"])

    async def _list(self, request: web.Request) -> web.Response:
        return page(request, self._threads.find(request).runs)

    async def _retrieve(self, request: web.Request) -> web.Response:
        return web.json_response(self._find(request)[1])

    async def _update(self, request: web.Request) -> web.Response:
        _, run = self._find(request)
        run["metadata"] = check_metadata(await json_body(request, {"metadata"}))
        return web.json_response(run)

    async def _cancel(self, request: web.Request) -> web.Response:
        thread, run = self._find(request)
        if run["status"] in TERMINAL:
            raise errors.invalid(f"Cannot cancel run with status '{run['status']}'.")
        task = self._tasks.get(run["id"])
        if task is None:
            # It waits for tool outputs.
            run |= {"status": "cancelled", "cancelled_at": self._settings.now(), "required_action": None}
            self._end_waiting(thread, run, "cancelled")
        else:
            run["status"] = "cancelling"
            task.cancel()
        return web.json_response(dict(run))

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        thread, run = self._find(request)
        body = await json_body(request, {"tool_outputs", "stream"}, ["tool_outputs"])
        if run["status"] != "requires_action":
            raise errors.invalid(f'Runs in status "{run["status"]}" do not accept tool outputs.')
        answered = self._answer(thread, run, body["tool_outputs"])
        run["required_action"] = None
        run["status"] = "queued"
        assistant = self._assistants.find(run["assistant_id"])
        given = assistant["tool_resources"]["code_interpreter"]["file_ids"]
        file_ids = [*given, *thread.file_ids]
        return await self._execute(request, thread, run, file_ids, stream_it=body.get("stream"), answered=answered)

    def _answer(self, thread: Thread, run: Json, given: list[Json]) -> Json:
        """Put outputs where they belong; the step of the calls.

        Raises:
            ApiError: 400, unless there is one for each call.
        """
        for index, output in enumerate(given):
            check_members(output, {"tool_call_id", "output"}, ["tool_call_id"], f"tool_outputs[{index}]")
        wanted = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
        got = [output["tool_call_id"] for output in given]
        if sorted(got) != sorted(wanted):
            raise errors.invalid(f"Expected tool outputs for call_ids {wanted}, got {got}")
        outputs = {output["tool_call_id"]: output.get("output", "") for output in given}
        steps = [step for step in thread.steps[run["id"]] if step["type"] == "tool_calls"]
        for call in steps[-1]["step_details"]["tool_calls"]:
            call["function"]["output"] = outputs[call["id"]]
        return steps[-1]

    def _end_waiting(self, thread: Thread, run: Json, status: str) -> None:
        """End the step of calls that get no outputs any more."""
        for step in thread.steps.get(run["id"], []):
            if step["status"] == "in_progress":
                step |= {"status": status, f"{status}_at": self._settings.now()}

    async def _list_steps(self, request: web.Request) -> web.Response:
        thread, run = self._find(request)
        return page(request, thread.steps.get(run["id"], []))

    async def _retrieve_step(self, request: web.Request) -> web.Response:
        thread, run = self._find(request)
        for step in thread.steps.get(run["id"], []):
            if step["id"] == request.match_info["step"]:
                return web.json_response(step)
        raise errors.not_found("step", request.match_info["step"])


def _run_object(thread: Thread, assistant: Json, body: Json, settings: Settings) -> Json:
    now = settings.now()
    instructions = body.get("instructions") or assistant["instructions"] or ""
    return {
        "id": ids.letter_id("run_"),
        "object": "thread.run",
        "created_at": now,
        "thread_id": thread.id,
        "assistant_id": assistant["id"],
        "status": "queued",
        "started_at": None,
        "expires_at": now + settings.run_seconds,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": body.get("model") or assistant["model"],
        "instructions": "\n\n".join(filter(None, [instructions, body.get("additional_instructions")])),
        "tools": check_tools(body["tools"]) if body.get("tools") is not None else assistant["tools"],
        "metadata": check_metadata(body),
        "temperature": body.get("temperature", 1.0),
        "top_p": body.get("top_p", 1.0),
        "max_prompt_tokens": body.get("max_prompt_tokens"),
        "max_completion_tokens": body.get("max_completion_tokens"),
        "truncation_strategy": body.get("truncation_strategy") or {"type": "auto", "last_messages": None},
        "incomplete_details": None,
        "usage": None,
        "response_format": body.get("response_format") or "auto",
        "tool_choice": body.get("tool_choice") or "auto",
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
    }
