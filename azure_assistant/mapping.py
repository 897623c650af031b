"""From the service's errors, in all their shapes, to ours."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import Any

import aiohttp
import httpx2
import openai

from azure_assistant import errors

SDK_ERRORS = (openai.OpenAIError, httpx2.HTTPError, aiohttp.ClientError, json.JSONDecodeError)
"""What SDK calls raise; a malformed event in a stream is a bare ``JSONDecodeError``."""

LONG_WAIT = 60.0
"""Seconds; a rate limit that lasts longer is reported instead of waited for."""

_WAIT_IN_TEXT = re.compile(
    r"(?:retry|try again)\s+(?:after|in)\s+(?:(\d+)m)?(\d+(?:\.\d+)?)\s*(ms|m|s|h)?", re.IGNORECASE
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_CONTAINER_LOST = ("expired", "not found", "not_found", "no such container", "expected container_id", "does not exist")
_FILE_LOST = ("no such file", "no file found", "file not found")
_TEXT_LIMIT = 200

_BY_CODE: dict[str, type[errors.AssistantError]] = {
    "conversation_locked": errors.ThreadBusy,
    "previous_response_not_found": errors.ThreadLost,
    "context_length_exceeded": errors.ContextTooLong,
    "insufficient_quota": errors.QuotaExhausted,
    "billing_hard_limit_reached": errors.QuotaExhausted,
    "deploymentnotfound": errors.DeploymentNotFound,
    "model_not_found": errors.DeploymentNotFound,
    "invalid_api_key": errors.WrongKey,
    "unknown_parameter": errors.NotSupported,
    "unsupported_parameter": errors.NotSupported,
    "unsupported_value": errors.NotSupported,
    "unsupported_country_region_territory": errors.NotSupported,
    "operationnotsupported": errors.NotSupported,
    "server_error": errors.AzureDown,
    "internal_error": errors.AzureDown,
    "timeout": errors.AzureTimeout,
    "invalid_prompt": errors.QuestionFiltered,
}
_BY_STATUS: dict[int, type[errors.AssistantError]] = {
    401: errors.WrongKey,
    403: errors.RoleMissing,
    405: errors.EndpointWrong,
    408: errors.AzureTimeout,
    410: errors.ServiceRetired,
    413: errors.UploadRefused,
    504: errors.AzureTimeout,
}


def from_sdk(raw: BaseException, *, deployment: str = "") -> errors.AssistantError:
    """Our error for one of ``SDK_ERRORS``.

    Args:
        raw: What the SDK raised.
        deployment: Named in the sentence when the deployment is missing.
    """
    if isinstance(raw, openai.APIStatusError):
        return from_wire(_body(raw.body), status=raw.status_code, headers=raw.response.headers, deployment=deployment)
    if isinstance(raw, openai.APIConnectionError | httpx2.HTTPError | aiohttp.ClientError):
        return _broken(raw)
    if isinstance(raw, openai.APIError) and raw.body is not None:
        return from_wire(_body(raw.body), deployment=deployment)
    return errors.AssistantError(f"{type(raw).__name__}")


def from_wire(
    body: Mapping[str, Any],
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    deployment: str = "",
) -> errors.AssistantError:
    """Our error for an error object ``{code, message, type, param}`` of a response, a run or a stream.

    Args:
        body: The error object; Azure's forms without ``code`` are fine.
        status: HTTP status, when the error came as one.
        headers: Response headers (case-insensitive), for ``retry-after``.
        deployment: Named in the sentence when the deployment is missing.
    """
    code = str(body.get("code") or body.get("type") or "").lower()
    message = str(body.get("message") or "")
    detail = _detail(status, body, message, headers)
    if _is_container(message, status):
        return errors.ContainerLost(detail)
    if code in {"content_filter", "responsibleaipolicyviolation"}:
        kind = errors.QuestionFiltered if status else errors.AnswerFiltered
        return kind(detail, categories=_filtered(body))
    if code in {"rate_limit_exceeded", "too_many_requests", "429", "rate_limit_error"} or (
        status == HTTPStatus.TOO_MANY_REQUESTS and code != "insufficient_quota"
    ):
        return _rate_limited(detail, message, headers or {})
    if "already has an active run" in message or "while a run" in message:
        return errors.ThreadBusy(detail, run=_run_id(message))
    known = _BY_CODE.get(code) or _by_message(message.lower(), status) or _by_status(status)
    error = known(detail, deployment=deployment, categories="invalid prompt", parameter=body.get("param"))
    if isinstance(error, errors.TemporaryError):
        error.retry_after = retry_after(message, headers or {})
    return error


def retry_after(message: str, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from ``retry-after-ms``, ``retry-after`` (seconds or a date) or the message; None: unsaid."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if value := headers.get("retry-after"):
        if (seconds := _number(value)) is not None:
            return seconds
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time())
        except ValueError:
            return None
    if found := _WAIT_IN_TEXT.search(message):
        return int(found[1] or 0) * 60 + float(found[2]) * _UNITS[(found[3] or "s").lower()]
    return None


def _rate_limited(detail: str, message: str, headers: Mapping[str, str]) -> errors.TemporaryError:
    wait = retry_after(message, headers)
    kind = errors.RateLimitedLong if wait is not None and wait > LONG_WAIT else errors.RateLimited
    error = kind(detail, seconds=wait or 0, minutes=math.ceil((wait or 60) / 60))
    error.retry_after = wait
    return error


def _by_message(message: str, status: int | None) -> type[errors.AssistantError] | None:
    if "context length" in message or "context window" in message:
        return errors.ContextTooLong
    if status in {400, 404} and any(sign in message for sign in _FILE_LOST):
        return errors.NotFound
    if status != HTTPStatus.NOT_FOUND:
        return None
    if "conversation" in message or "thread" in message:
        return errors.ThreadLost
    return errors.DeploymentNotFound if "deployment" in message or "model" in message else None


def _by_status(status: int | None) -> type[errors.AssistantError]:
    if status is None:
        return errors.AssistantError
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BY_STATUS.get(status, errors.AzureDown)
    return _BY_STATUS.get(status, errors.NotFound if status == HTTPStatus.NOT_FOUND else errors.AssistantError)


def _is_container(message: str, status: int | None) -> bool:
    text = message.lower()
    return status in (None, 400, 404) and "container" in text and any(sign in text for sign in _CONTAINER_LOST)


def _filtered(body: Mapping[str, Any]) -> str:
    inner = body.get("innererror")
    results = inner.get("content_filter_result") if isinstance(inner, Mapping) else None
    found = [
        name
        for name, result in (results.items() if isinstance(results, Mapping) else ())
        if isinstance(result, Mapping) and (result.get("filtered") or result.get("detected"))
    ]
    return ", ".join(sorted(found)).replace("_", " ") or "unnamed category"


def _broken(raw: BaseException) -> errors.TemporaryError:
    """A connection that failed. The SDK calls some disconnections a timeout while connecting; aiohttp knows better."""
    cause = raw
    while not isinstance(cause, aiohttp.ClientError) and cause.__cause__ is not None:
        cause = cause.__cause__
    kind = errors.AzureTimeout if isinstance(cause, TimeoutError) else errors.Unreachable
    error = kind(type(cause).__name__)
    error.before_work = isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return error


def _run_id(message: str) -> str:
    found = re.search(r"run_\w+", message)
    return found[0] if found else ""


def _body(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        return {"message": str(body)} if body else {}
    inner = body.get("error")
    return inner if isinstance(inner, Mapping) else body


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _detail(status: int | None, body: Mapping[str, Any], message: str, headers: Mapping[str, str] | None) -> str:
    """What the log may show: never the message of a 401, which quotes a part of the key."""
    request = (headers or {}).get("apim-request-id") or (headers or {}).get("x-request-id")
    told = message[:_TEXT_LIMIT] if status != HTTPStatus.UNAUTHORIZED else ""
    parts = (status, body.get("code"), body.get("param"), told, request and f"request {request}")
    return " · ".join(str(part) for part in parts if part)
