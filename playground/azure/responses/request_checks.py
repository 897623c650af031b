"""What is refused in the body of ``POST /responses``, before anything happens."""

from __future__ import annotations

from typing import Any

from playground.azure.containers.containers import LONGEST_ID, MEMORY
from playground.azure.responses.compaction import threshold
from playground.azure.responses.functions import check_count, check_tool
from playground.azure.responses.items import INCLUDES
from playground.azure.service import errors
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, check_members, check_metadata
from playground.words import names

MEMBERS = names(
    """
    background context_management conversation include input instructions max_output_tokens max_tool_calls
    metadata model parallel_tool_calls previous_response_id prompt_cache_key prompt_cache_retention reasoning
    safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs
    top_p truncation user
    """
)
LONGEST_SAFETY_IDENTIFIER = 64
LEAST_OUTPUT = 16


def check(body: Json, settings: Settings) -> None:
    """Refuse a body as the service does.

    Raises:
        ApiError: 400.
    """
    check_metadata(body)
    threshold(body)
    _check_state(body)
    _check_limits(body)
    if settings.reasoning:
        for name in ("temperature", "top_p"):
            if body.get(name) is not None:
                raise errors.unsupported_parameter(name)
    for value in body.get("include") or []:
        if value not in INCLUDES:
            raise errors.invalid_value("include", f"Invalid value: '{value}'.")
    if body.get("truncation") not in (None, "auto", "disabled"):
        raise errors.invalid_value("truncation", "Supported values are: 'auto' and 'disabled'.")
    check_members(body.get("stream_options") or {}, {"include_obfuscation"}, at="stream_options")
    check_count(body.get("tools") or [])
    for index, tool in enumerate(body.get("tools") or []):
        _check_tool(tool, f"tools[{index}]")


def _check_state(body: Json) -> None:
    if body.get("conversation") is not None and body.get("previous_response_id") is not None:
        message = "Mutually exclusive parameters: 'conversation' and 'previous_response_id'. Provide only one."
        raise errors.invalid(message, code="mutually_exclusive_parameters", param="conversation")
    if isinstance(body.get("conversation"), dict):
        check_members(body["conversation"], {"id"}, ["id"], "conversation")
    if body.get("background") and body.get("store") is False:
        raise errors.invalid_value("background", "Background responses must be stored.")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise errors.invalid_value("stream_options", "Only allowed when 'stream' is true.")


def _check_limits(body: Json) -> None:
    identifier = body.get("safety_identifier") or ""
    if len(identifier) > LONGEST_SAFETY_IDENTIFIER:
        raise errors.too_long("safety_identifier", len(identifier), LONGEST_SAFETY_IDENTIFIER)
    most = body.get("max_output_tokens")
    if most is not None and most < LEAST_OUTPUT:
        raise errors.invalid_value("max_output_tokens", f"Expected a value >= {LEAST_OUTPUT}, got {most}.")


def _check_tool(tool: Any, at: str) -> None:
    if not isinstance(tool, dict):
        raise errors.invalid_type(at, "an object")
    kind = tool.get("type")
    if kind == "function":
        return check_tool(tool, at)
    if kind != "code_interpreter":
        raise errors.invalid_value(f"{at}.type", f"Invalid value: '{kind}'.")
    check_members(tool, {"type", "container"}, ["container"], at)
    container = tool["container"]
    if isinstance(container, str):
        _check_container_id(container, f"{at}.container")
    elif isinstance(container, dict):
        check_members(container, {"type", "file_ids", "memory_limit", "network_policy"}, ["type"], f"{at}.container")
        if container["type"] != "auto":
            raise errors.invalid_value(f"{at}.container.type", "Supported values are: 'auto'.")
        if container.get("memory_limit") not in (None, *MEMORY):
            raise errors.invalid_value(f"{at}.container.memory_limit", f"Supported values are: {', '.join(MEMORY)}.")
    else:
        raise errors.invalid_type(f"{at}.container", "a string or an object")
    return None


def _check_container_id(identifier: str, at: str) -> None:
    if len(identifier) > LONGEST_ID:
        raise errors.too_long(at, len(identifier), LONGEST_ID)
    if not identifier.startswith("cntr_"):
        raise errors.invalid_value(at, f"Invalid '{at}': expected an id that begins with 'cntr'.")
