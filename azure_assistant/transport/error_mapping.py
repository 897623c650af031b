"""From the service's errors, in all their shapes, to ours: gathered here, judged in ``judgement``."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import httpx2
import openai

from azure_assistant import errors
from azure_assistant.transport.connection_errors import judge_connection
from azure_assistant.transport.durations import wait_in_headers
from azure_assistant.transport.judgement import Failure, judge
from azure_assistant.transport.redaction import outline, redacted
from untrusted.characters import whole

log = logging.getLogger(__name__)

BROKEN = (openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError, json.JSONDecodeError)
"""The connection broke or delivered rubbish; an ``openai.APIError`` with a body is the service's own word instead."""
SDK_ERRORS = (openai.OpenAIError, *BROKEN)
"""What SDK calls raise; a malformed event in a stream is a bare ``JSONDecodeError``."""

_LONGEST = 4000
_DEEPEST = 4
_MOST = 12
_CODE_NAMES = ("code", "type", "errorcode", "error_code", "status", "statusCode")
_MESSAGE_NAMES = ("message", "Message", "msg", "error_description", "faultstring", "title", "detail", "error")
_INNER_NAMES = ("error", "innererror", "inner_error", "detail", "details", "fault", "errors")
_QUOTED_CODE = re.compile(r"\b(?:[a-z]{2,30}(?:_[a-z]{1,30}){1,5}|[A-Z][a-z]{1,30}(?:[A-Z]{1,2}[a-z]{1,30}){1,5})\b")
_OBJECTS = {
    "containers": "container", "conversations": "conversation", "responses": "response", "files": "file",
    "threads": "thread", "runs": "run", "messages": "message", "assistants": "assistant", "items": "item",
}  # fmt: skip
_VERBS = frozenset(("cancel", "content", "submit_tool_outputs"))


def from_sdk(raw: BaseException, *, deployment: str = "") -> errors.AssistantError:
    """Our error for one of ``SDK_ERRORS``; it names the deployment when that is missing."""
    if isinstance(raw, openai.APIStatusError):
        return from_wire(
            _whole(raw),
            status=raw.status_code,
            headers=raw.response.headers,
            path=raw.request.url.path,
            deployment=deployment,
        )
    if isinstance(raw, BROKEN):
        return judge_connection(raw)
    if isinstance(raw, openai.APIError) and raw.body is not None:
        return from_wire(raw.body, deployment=deployment)
    return errors.UnknownError(f"{type(raw).__name__}")


def from_wire(
    body: object,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "",
    deployment: str = "",
) -> errors.AssistantError:
    """Our error for a body of an answer, or the error object of a run or a stream. Never raises.

    Args:
        body: In any of the forms that services use, text and nothing included.
        status: HTTP status, when the error came as one.
        headers: Response headers (case-insensitive).
        path: Path of the request, for what it names.
        deployment: Named in the sentence when the deployment is missing.
    """
    given = headers or {}
    told = list(_tables(body))
    message = " ".join(whole(_message(body, told)[:_LONGEST]).split())
    given_codes = (table.get(name) for table in told for name in _CODE_NAMES)
    codes = [whole(str(code)) for code in given_codes if isinstance(code, (str, int)) and code]
    if status is None:  # in a stream some give it as the code
        status = next((int(code) for code in codes if re.fullmatch(r"[45]\d\d", code)), None)
    area, object_ = _named(path)
    failure = Failure(
        status=status,
        codes=frozenset(_plain(code) for code in (*codes, *_QUOTED_CODE.findall(message))),
        message=message,
        param=_param(told),
        object=object_,
        area=area,
        wait=wait_in_headers(given),
        is_page=_is_page(body, given),
        filtered=_filtered(told),
        detail=_detail(status, codes, _param(told), message, given),
        deployment=deployment,
    )
    error = judge(failure)
    error.words = redacted(message) if status != 401 else ""  # noqa: PLR2004
    if isinstance(error, errors.UnknownError):
        log.warning("An answer that nobody knows: %s · %s", error.detail or status, outline(body))
    return error


def _whole(raw: openai.APIStatusError) -> object:
    """The body as it came; the SDK keeps its member ``error`` alone, even where that is null."""
    try:
        return raw.response.json()
    except (ValueError, httpx2.HTTPError, RuntimeError):
        return raw.body


def _tables(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The objects of a body that may tell something, the outermost first."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        yield value
        for name in _INNER_NAMES:
            yield from _tables(value.get(name), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value[:_MOST]:
            yield from _tables(item, depth + 1)


def _message(body: object, told: list[Mapping[str, Any]]) -> str:
    if isinstance(body, str):
        return body[:_LONGEST]
    words = [value for table in told for name in _MESSAGE_NAMES if isinstance(value := table.get(name), str)]
    return " · ".join(dict.fromkeys(word.strip()[:_LONGEST] for word in words if word.strip()))


def _param(told: list[Mapping[str, Any]]) -> str:
    """The named parameter; FastAPI and pydantic give its place as a list."""
    for table in told:
        if isinstance(named := table.get("param") or table.get("target"), str):
            return whole(named.strip()[:_LONGEST])
        if isinstance(place := table.get("loc"), list):
            return whole(".".join(str(part) for part in place if part != "body")[:_LONGEST])
    return ""


def _filtered(told: list[Mapping[str, Any]]) -> list[str]:
    found: set[str] = set()
    for table in told:
        results = table.get("content_filter_result") or table.get("content_filter_results")
        for name, result in results.items() if isinstance(results, Mapping) else ():
            if isinstance(result, Mapping) and (result.get("filtered") or result.get("detected")):
                found.add(str(name).replace("_", " "))
    return sorted(found)


def _named(path: str) -> tuple[str, str]:
    """First part of a request's path below the base, and the kind of the innermost object that it names."""
    area = object_ = ""
    parts = [part for part in path.split("/") if part]
    for position, part in enumerate(parts):
        if part not in _OBJECTS or (position and parts[position - 1] in _OBJECTS):
            continue
        area = area or part
        if position + 1 < len(parts) and parts[position + 1] not in _VERBS:
            object_ = _OBJECTS[part]
    return area, object_


def _is_page(body: object, headers: Mapping[str, str]) -> bool:
    start = body.lstrip()[:15].lower() if isinstance(body, str) else ""
    return start.startswith(("<!doctype", "<html")) or "text/html" in headers.get("content-type", "").lower()


def _plain(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code[:100].lower())


def _detail(status: int | None, codes: list[str], param: str, message: str, headers: Mapping[str, str]) -> str:
    """What the log may show: never the message of a 401, which quotes a part of the key."""
    request = headers.get("apim-request-id") or headers.get("x-request-id")
    told = redacted(message) if status != 401 else ""  # noqa: PLR2004
    parts = (status, *dict.fromkeys(code[:60] for code in codes), param[:80], told, request and f"request {request}")
    return " · ".join(str(part) for part in parts if part)
