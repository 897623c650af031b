"""A thread as the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from playground.azure.assistants.threads import Thread
from playground.azure.containers.files import StoredFile
from playground.azure.responses.functions import offered
from playground.azure.responses.items import tokens
from playground.azure.service.wire import Json
from playground.ports import CodeCall, MadeCall, ModelRequest, Past


def model_request(thread: Thread, run: Json, files: Sequence[StoredFile], window: int) -> ModelRequest:
    """What the model is asked in a run.

    Args:
        thread: The thread; its newest user message is the question.
        run: The run, for instructions and tools.
        files: What the code interpreter has; named to the model unless a message already names their path.
        window: Tokens that the model reads; the oldest messages that do not fit are dropped without a word.
    """
    question = next((one for one in reversed(thread.messages) if one["role"] == "user"), None)
    parts = texts(question) if question is not None else []
    said = "\n".join(text for message in thread.messages for text in texts(message))
    lines = [f"- `/mnt/data/{file.id}` (original name: {file.filename})" for file in files if file.id not in said]
    notes = ["Files:\n" + "\n".join(lines)] if lines else []
    can_run = any(tool["type"] == "code_interpreter" for tool in run["tools"])
    history = _history(thread, question, run["id"])
    parts = [*notes, *parts]
    room = window - sum(map(tokens, [run["instructions"], *parts]))
    sizes = [tokens(past.text) + (tokens(past.call.code + past.call.logs) if past.call else 0) for past in history]
    while sizes and sum(sizes) > room:
        del sizes[0], history[0]
    return ModelRequest(run["instructions"], parts, history, can_run, offered(run["tools"]), _run(thread, run["id"]))


def texts(message: Json) -> list[str]:
    """The text blocks of a message."""
    return [block["text"]["value"] for block in message["content"] if block["type"] == "text"]


def _history(thread: Thread, question: Json | None, now: str) -> list[Past]:
    """What was said before; of the run that goes on, nothing."""
    past: list[Past] = []
    told: set[str] = {now}
    for message in thread.messages:
        run = message["run_id"]
        if run is not None and run not in told:
            told.add(run)
            past += [one for step in thread.steps.get(run, []) for one in _calls(step)]
        if message is not question and run != now:
            role: Literal["user", "assistant"] = "user" if message["role"] == "user" else "assistant"
            past.append(Past(role, "\n\n".join(texts(message))))
    return past


def _run(thread: Thread, run: str) -> list[Past]:
    """What a run has done so far, step by step."""
    messages = {message["id"]: message for message in thread.messages}
    past: list[Past] = []
    for step in thread.steps.get(run, []):
        created = step["step_details"].get("message_creation")
        if created and created["message_id"] in messages:
            past.append(Past("assistant", "\n\n".join(texts(messages[created["message_id"]]))))
        past += _calls(step)
    return past


def _calls(step: Json) -> list[Past]:
    calls = []
    for call in step["step_details"].get("tool_calls", []):
        if call["type"] == "function":
            told = call["function"]
            made = MadeCall(call["id"], told["name"], told["arguments"], told["output"])
            calls.append(Past("function", made=made))
        else:
            code = call["code_interpreter"]
            logs = [output["logs"] for output in code["outputs"] if output["type"] == "logs"]
            calls.append(Past("code", call=CodeCall(code["input"], "\n".join(logs))))
    return calls
