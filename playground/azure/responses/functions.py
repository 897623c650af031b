"""Functions that a model may call: how they are offered, and which of their calls still wait for an output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from playground.azure.service import errors
from playground.azure.service.wire import Json, check_members
from playground.ports import FunctionTool
from playground.words import names

MOST_TOOLS = 128
LONGEST_NAME = 64
LONGEST_CALL_ID = 64
LONGEST_OUTPUT = 10_485_760
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FUNCTION = names("name description parameters strict")
_OF_RESPONSES = names("type output_schema defer_loading allowed_callers") | _FUNCTION


def check_tool(tool: Json, at: str) -> None:
    """Refuse a function tool of ``/responses`` that is not as it should be."""
    check_members(tool, _OF_RESPONSES, ["name"], at)
    _check(tool, at)


def check_nested(tool: Json, at: str) -> None:
    """The same for Assistants, where the function lies within the tool."""
    check_members(tool, {"type", "function"}, ["function"], at)
    check_members(tool["function"], _FUNCTION, ["name"], f"{at}.function")
    _check(tool["function"], f"{at}.function")


def check_count(tools: Sequence[Any]) -> None:
    """Refuse too many tools."""
    if len(tools) > MOST_TOOLS:
        raise errors.too_many("tools", len(tools), MOST_TOOLS)


def offered(tools: Iterable[Json]) -> list[FunctionTool]:
    """The functions among checked tools of either wire."""
    functions = [tool.get("function") or tool for tool in tools if tool["type"] == "function"]
    return [
        FunctionTool(function["name"], function.get("description") or "", function.get("parameters") or {})
        for function in functions
    ]


def check_calls(history: Iterable[Json], given: Iterable[Json]) -> None:
    """Refuse an input whose outputs do not fit the calls before it, or leave one without.

    Args:
        history: The items so far.
        given: The new ones.

    Raises:
        ApiError: 400.
    """
    waiting: dict[str, None] = {}
    for item in [*history, *given]:
        if item["type"] == "function_call":
            waiting[item["call_id"]] = None
        elif item["type"] == "function_call_output":
            if item["call_id"] not in waiting:
                raise errors.no_tool_call(item["call_id"])
            del waiting[item["call_id"]]
    for call in waiting:
        raise errors.no_tool_output(call)


def _check(function: Json, at: str) -> None:
    name, schema = function["name"], function.get("parameters")
    if not isinstance(name, str):
        raise errors.invalid_type(f"{at}.name", "a string")
    if len(name) > LONGEST_NAME:
        raise errors.too_long(f"{at}.name", len(name), LONGEST_NAME)
    if not _NAME.fullmatch(name):
        message = f"Invalid '{at}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        raise errors.invalid_value(f"{at}.name", message)
    if schema is None:
        return
    for problem in _problems(schema, strict=function.get("strict") is True):
        message = f"Invalid schema for function '{name}': {problem}"
        raise errors.invalid(message, code="invalid_function_parameters", param=f"{at}.parameters")


def _problems(schema: Any, *, strict: bool) -> Iterator[str]:
    kind = schema.get("type") if isinstance(schema, dict) else type(schema).__name__
    if kind != "object":
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    elif strict:
        yield from _not_strict(schema, ())


def _not_strict(schema: Any, place: tuple[str, ...]) -> Iterator[str]:
    """What strict schemas must have: every property required, and no others."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties") or {}
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield f"In context={place}, 'additionalProperties' is required to be supplied and to be false."
        if set(schema.get("required") or ()) != set(properties):
            yield f"In context={place}, 'required' is required to be an array including every key in properties."
    for name, inner in properties.items():
        yield from _not_strict(inner, (*place, "properties", name))
    yield from _not_strict(schema.get("items"), (*place, "items"))
