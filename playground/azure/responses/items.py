"""Items of conversations and responses: from input to stored form, to what is shown, to what the model reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from playground.azure.responses.compaction import KIND, unpacked
from playground.azure.responses.functions import LONGEST_CALL_ID, LONGEST_OUTPUT
from playground.azure.service import errors, ids
from playground.azure.service.wire import Json, check_members
from playground.ports import Call, CodeCall, MadeCall, Past

OUTPUTS = "code_interpreter_call.outputs"
INCLUDES = {
    OUTPUTS,
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "computer_call_output.output.image_url",
}
ROLES = {"user", "assistant", "system", "developer"}
MESSAGE = {"type", "role", "content", "id", "status", "phase"}
PARTS: dict[str, Collection[str]] = {
    "input_text": {"type", "text"},
    "output_text": {"type", "text", "annotations", "logprobs"},
    "refusal": {"type", "refusal"},
    "input_image": {"type", "image_url", "file_id", "detail"},
    "input_file": {"type", "file_id", "file_data", "file_url", "filename"},
}
CALL = {"type", "id", "call_id", "name", "arguments", "status"}
CALL_OUTPUT = {"type", "id", "call_id", "output", "status"}
WIDE = "\u2fff"
"""Characters above it are Chinese, Japanese, Korean or emoji."""
REPLAYED = {"code_interpreter_call": "ci_", "reasoning": "rs_", "compaction": "cmp_"}


def stored_input(given: Any) -> list[Json]:
    """The input of a response or conversation as items with ids.

    Args:
        given: A string, or a list of input items.

    Raises:
        ApiError: 400.
    """
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list):
        raise errors.invalid_type("input", "a string or a list of items")
    return [_stored(item, f"input[{index}]") for index, item in enumerate(given)]


def _stored(item: Any, at: str) -> Json:
    if not isinstance(item, dict):
        raise errors.invalid_type(at, "an object")
    kind = item.get("type", "message")
    if kind in REPLAYED:
        return {"id": ids.hex_id(REPLAYED[kind])} | item
    if kind == "function_call":
        check_members(item, CALL, ["call_id", "name"], at)
        return {"id": ids.hex_id("fc_"), "status": "completed", "arguments": ""} | item
    if kind == "function_call_output":
        return _call_output(item, at)
    if kind != "message":
        raise errors.invalid_value(f"{at}.type", f"Invalid value: '{kind}'.")
    check_members(item, MESSAGE, ["role", "content"], at)
    if item["role"] not in ROLES:
        raise errors.invalid_value(f"{at}.role", f"Invalid value: '{item['role']}'.")
    content = item["content"]
    if isinstance(content, str):
        content = [{"type": "output_text" if item["role"] == "assistant" else "input_text", "text": content}]
    if not isinstance(content, list):
        raise errors.invalid_type(f"{at}.content", "a string or a list of parts")
    parts = [_part(part, f"{at}.content[{index}]") for index, part in enumerate(content)]
    message: Json = {
        "id": item.get("id") or ids.hex_id("msg_"),
        "type": "message",
        "status": "completed",
        "role": item["role"],
        "content": parts,
    }
    return message | ({"phase": item["phase"]} if item.get("phase") else {})


def _call_output(item: Json, at: str) -> Json:
    check_members(item, CALL_OUTPUT, ["call_id", "output"], at)
    output = item["output"]
    if len(item["call_id"]) > LONGEST_CALL_ID:
        raise errors.too_long(f"{at}.call_id", len(item["call_id"]), LONGEST_CALL_ID)
    if isinstance(output, str) and len(output) > LONGEST_OUTPUT:
        raise errors.too_long(f"{at}.output", len(output), LONGEST_OUTPUT)
    if isinstance(output, list):
        output = [_part(part, f"{at}.output[{index}]") for index, part in enumerate(output)]
    return {"id": ids.hex_id("fco_"), "status": "completed"} | item | {"output": output}


def _part(part: Any, at: str) -> Json:
    if not isinstance(part, dict):
        raise errors.invalid_type(at, "an object")
    known = PARTS.get(part.get("type", ""))
    if known is None:
        raise errors.invalid_value(f"{at}.type", f"Invalid value: '{part.get('type')}'.")
    check_members(part, known, [], at)
    if part["type"] == "output_text":
        return {"annotations": [], "logprobs": []} | part
    if part["type"] == "input_text" and not isinstance(part.get("text"), str):
        raise errors.missing_parameter(f"{at}.text")
    return dict(part)


def code_call(identifier: str, container: str) -> Json:
    """A code interpreter call that has just begun."""
    return {
        "id": identifier,
        "type": "code_interpreter_call",
        "status": "in_progress",
        "code": "",
        "container_id": container,
        "outputs": [],
    }


def function_call(call: Call) -> Json:
    """A call that the model has just begun to write."""
    return {
        "id": ids.hex_id("fc_"),
        "type": "function_call",
        "status": "in_progress",
        "arguments": "",
        "call_id": ids.letter_id("call_") if call.id is None else call.id,
        "name": call.name,
    }


def shown(item: Json, include: Collection[str], *, drop_outputs: bool = False) -> Json:
    """An item as it goes over the wire: outputs of code only when they were asked for."""
    if item["type"] != "code_interpreter_call":
        return item
    if OUTPUTS not in include:
        return item | {"outputs": None}
    return item | {"outputs": []} if drop_outputs else item


def texts(item: Json) -> list[str]:
    """The text parts of a message."""
    return [part["text"] for part in item.get("content") or [] if isinstance(part.get("text"), str)]


def logs(item: Json) -> str:
    """What the code of a call printed."""
    outputs = item.get("outputs") or []
    return "\n".join(output.get("logs") or "" for output in outputs if output.get("type") == "logs")


def past(items: Iterable[Json]) -> list[Past]:
    """Earlier items as the model reads them."""
    found = []
    items = list(items)
    outputs = {item["call_id"]: item for item in items if item["type"] == "function_call_output"}
    for item in items:
        if item["type"] == "function_call":
            output = outputs.get(item["call_id"])
            told = None if output is None else _output_text(output)
            made = MadeCall(item["call_id"], item["name"], item["arguments"], told)
            found.append(Past("function", made=made))
        elif item["type"] == "code_interpreter_call":
            found.append(Past("code", call=CodeCall(item.get("code") or "", logs(item))))
        elif item["type"] == KIND:
            found.append(Past("user", unpacked(item)))
        elif item["type"] == "message" and item["role"] in ("user", "assistant"):
            found.append(Past(item["role"], "\n\n".join(texts(item))))
    return found


def _output_text(item: Json) -> str:
    return item["output"] if isinstance(item["output"], str) else "\n".join(texts({"content": item["output"]}))


def orders(items: Iterable[Json]) -> list[str]:
    """Texts of system and developer messages."""
    return [text for item in items if item.get("role") in ("system", "developer") for text in texts(item)]


def split_question(items: Sequence[Json]) -> tuple[list[Json], Json | None, list[Json]]:
    """The items before the newest user message, that message, and those after it."""
    for index in range(len(items) - 1, -1, -1):
        if items[index]["type"] == "message" and items[index]["role"] == "user":
            return list(items[:index]), items[index], list(items[index + 1 :])
    return list(items), None, []


def tokens(text: str) -> int:
    """About how many tokens a text has: four characters of ASCII, or one other, make one."""
    wide = 0 if text.isascii() else sum(1 for character in text if character > WIDE)
    return wide + (len(text) - wide + 3) // 4
