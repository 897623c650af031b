"""The types of the members of request bodies, which are the same under every path."""

from __future__ import annotations

from typing import Any

from playground.azure.service import errors

_FUNCTION = {"name": str, "description": str, "parameters": dict, "strict": bool}
_TOOLS = [{"type": str, "container": (str, {"file_ids": [str]}), "function": _FUNCTION} | _FUNCTION]
_RESOURCES = {"code_interpreter": {"file_ids": [str]}}
_ATTACHMENTS = [{"file_id": str, "tools": _TOOLS}]
_CONTENT = (str, [{"type": str}])
_MESSAGE = {"type": str, "role": str, "content": _CONTENT, "attachments": _ATTACHMENTS, "metadata": dict}
_CALL = {"call_id": str, "name": str, "arguments": str, "output": _CONTENT}
_ITEM = _MESSAGE | _CALL | {"code": str, "outputs": [{"type": str, "logs": str}]}
SHAPES: dict[str, Any] = {
    "additional_instructions": str,
    "additional_messages": [_MESSAGE],
    "assistant_id": str,
    "attachments": _ATTACHMENTS,
    "background": bool,
    "content": _CONTENT,
    "context_management": [{"type": str, "compact_threshold": int}],
    "conversation": (str, {"id": str}),
    "description": str,
    "expires_after": {"anchor": str, "minutes": int},
    "file_id": str,
    "file_ids": [str],
    "include": [str],
    "input": (str, [_ITEM]),
    "instructions": str,
    "items": [_ITEM],
    "max_output_tokens": int,
    "max_tool_calls": int,
    "memory_limit": str,
    "messages": [_MESSAGE],
    "metadata": dict,
    "model": str,
    "name": str,
    "parallel_tool_calls": bool,
    "previous_response_id": str,
    "prompt_cache_key": str,
    "reasoning": dict,
    "role": str,
    "safety_identifier": str,
    "store": bool,
    "stream": bool,
    "stream_options": dict,
    "text": dict,
    "thread": {"messages": [_MESSAGE], "tool_resources": _RESOURCES, "metadata": dict},
    "tool_outputs": [{"tool_call_id": str, "output": str}],
    "tool_resources": _RESOURCES,
    "tools": _TOOLS,
}
"""By name: a type, a list of one shape, an object by members (others are free), or several of these."""
_WORDS = {str: "a string", int: "an integer", bool: "a boolean", dict: "an object", list: "an array"}


def check_shapes(body: dict[str, Any]) -> None:
    """Refuse members of other types; null is no value.

    Raises:
        ApiError: 400.
    """
    for name, shape in SHAPES.items():
        if body.get(name) is not None:
            _check(body[name], shape, name)


def _check(value: Any, shape: Any, at: str) -> None:
    if isinstance(shape, tuple):
        fitting = [one for one in shape if isinstance(value, _type(one))]
        if not fitting:
            raise errors.invalid_type(at, " or ".join(_WORDS[_type(one)] for one in shape))
        return _check(value, fitting[0], at)
    if not isinstance(value, _type(shape)) or (shape is int and isinstance(value, bool)):
        raise errors.invalid_type(at, _WORDS[_type(shape)])
    if isinstance(shape, list) and isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, shape[0], f"{at}[{index}]")
    elif isinstance(shape, dict) and isinstance(value, dict):
        for name, inner in shape.items():
            if value.get(name) is not None:
                _check(value[name], inner, f"{at}.{name}")
    return None


def _type(shape: Any) -> type:
    return shape if isinstance(shape, type) else type(shape)
