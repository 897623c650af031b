"""A thread as the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from playground.azure.assistants.threads import Thread
from playground.azure.containers.files import StoredFile
from playground.azure.service.wire import Json
from playground.ports import CodeCall, ModelRequest, Past


def model_request(thread: Thread, run: Json, files: Sequence[StoredFile]) -> ModelRequest:
    """What the model is asked in a run.

    Args:
        thread: The thread; its newest user message is the question.
        run: The run, for instructions and tools.
        files: What the code interpreter has; named to the model unless a message already names their path.
    """
    question = next((one for one in reversed(thread.messages) if one["role"] == "user"), None)
    parts = texts(question) if question is not None else []
    said = "\n".join(text for message in thread.messages for text in texts(message))
    lines = [f"- `/mnt/data/{file.id}` (original name: {file.filename})" for file in files if file.id not in said]
    notes = ["Files:\n" + "\n".join(lines)] if lines else []
    can_run = any(tool["type"] == "code_interpreter" for tool in run["tools"])
    history = _history(thread, question)
    return ModelRequest(run["instructions"], [*notes, *parts], history, can_run)


def texts(message: Json) -> list[str]:
    """The text blocks of a message."""
    return [block["text"]["value"] for block in message["content"] if block["type"] == "text"]


def _history(thread: Thread, question: Json | None) -> list[Past]:
    past: list[Past] = []
    told: set[str] = set()
    for message in thread.messages:
        run = message["run_id"]
        if run is not None and run not in told:
            told.add(run)
            past += [Past("code", call=call) for call in _calls(thread.steps.get(run, []))]
        if message is not question:
            role: Literal["user", "assistant"] = "user" if message["role"] == "user" else "assistant"
            past.append(Past(role, "\n\n".join(texts(message))))
    return past


def _calls(steps: Sequence[Json]) -> list[CodeCall]:
    calls = []
    for step in steps:
        for call in step["step_details"].get("tool_calls", []):
            code = call["code_interpreter"]
            logs = [output["logs"] for output in code["outputs"] if output["type"] == "logs"]
            calls.append(CodeCall(code["input"], "\n".join(logs)))
    return calls
