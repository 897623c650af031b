"""Every error body of the service, status by status (reference: azure-openai-wire.md, B.9 and D.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than success.

    Args:
        status: HTTP status.
        body: The JSON body, whole, whatever it is; a text is sent as an HTML page.
        headers: Further response headers.
    """

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def error(
    status: int,
    message: str,
    *,
    type_: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
) -> ApiError:
    """The envelope that OpenAI uses everywhere, and Azure for errors of the model side."""
    return ApiError(status, {"error": {"message": message, "type": type_, "param": param, "code": code}})


def gateway_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """The shorter envelope of Azure's gateway."""
    return ApiError(status, {"error": {"code": code, "message": message}}, headers)


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> ApiError:
    return error(400, message, code=code, param=param)


def unknown_parameter(name: str) -> ApiError:
    return invalid(f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)


def unsupported_parameter(name: str) -> ApiError:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return invalid(message, code="unsupported_parameter", param=name)


def refused_parameter(name: str, spelling: str) -> ApiError:
    """A parameter that this server does not take, in one of the ways in which servers and gateways say so.

    Args:
        name: The parameter.
        spelling: ``unsupported``, ``unknown``, ``no_param`` (``param`` is null), ``bad_request`` (another code),
            ``json_field`` (a gateway's JSON parser), ``unrecognized`` (older servers), ``extra`` (422 of pydantic).
    """
    unsupported, code = f"Unsupported parameter: {name}", "unsupported_parameter"
    answers = {
        "unsupported": unsupported_parameter(name),
        "unknown": unknown_parameter(name),
        "no_param": invalid(f"{unsupported} is not supported with this model.", code=code),
        "bad_request": invalid(unsupported, code="bad_request"),
        "json_field": invalid(f'json: unknown field "{name}"', code="InvalidParameter", param=""),
        "unrecognized": invalid(f"Unrecognized request argument supplied: {name}"),
        "extra": ApiError(
            422,
            {"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]},
        ),
    }
    return answers[spelling]


def invalid_extension(extension: str) -> ApiError:
    supported = ", ".join(f'"{known}"' for known in ("c", "cpp", "csv", "docx", "json", "pdf", "txt", "xlsx", "zip"))
    return invalid(f"Invalid extension {extension}. Supported formats: {supported}")


def broken_conversation(options: Mapping[str, Any]) -> ApiError:
    """What every later request on a conversation gets whose stored items no longer fit together."""
    default = "Item 'rs_0' of type 'reasoning' was provided without its required following item."
    return invalid(options.get("message", default), code=options.get("code"), param=options.get("param", "input"))


def missing_parameter(name: str) -> ApiError:
    return invalid(f"Missing required parameter: '{name}'.", code="missing_required_parameter", param=name)


def invalid_value(name: str, message: str) -> ApiError:
    return invalid(message, code="invalid_value", param=name)


def invalid_type(name: str, wanted: str) -> ApiError:
    return invalid(f"Invalid type for '{name}': expected {wanted}.", code="invalid_type", param=name)


def too_long(name: str, length: int, limit: int) -> ApiError:
    message = f"Invalid '{name}': string too long. Expected a string with maximum length {limit}, got {length}."
    return invalid(message, code="string_above_max_length", param=name)


def too_many(name: str, length: int, limit: int) -> ApiError:
    message = f"Invalid '{name}': array too long. Expected an array with maximum length {limit}, got {length}."
    return invalid(message, code="array_above_max_length", param=name)


def unauthorized(*, azure: bool, flat: bool = False) -> ApiError:
    """A wrong key. ``flat`` is the form of Azure's gateway that has no ``error`` member."""
    if not azure:
        return error(401, "Incorrect API key provided.", code="invalid_api_key")
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource."
    )
    if flat:
        return ApiError(401, {"statusCode": 401, "message": f"Unauthorized. {message}"})
    return gateway_error(401, "401", message)


def no_such_path(*, azure: bool, method: str, path: str) -> ApiError:
    if azure:
        return gateway_error(404, "404", "Resource not found")
    return error(404, f"Invalid URL ({method} {path})")


def no_deployment(*, azure: bool, name: str) -> ApiError:
    if azure:
        message = (
            "The API deployment for this resource does not exist. If you created the deployment within the last "
            "5 minutes, please wait a moment and try again."
        )
        return gateway_error(404, "DeploymentNotFound", message)
    message = f"The model '{name}' does not exist or you do not have access to it."
    return error(404, message, code="model_not_found")


def beta_header_missing() -> ApiError:
    message = "You must provide the 'OpenAI-Beta' header to access the Assistants API: 'OpenAI-Beta: assistants=v2'."
    return invalid(message, code="invalid_beta")


def not_found(what: str, identifier: str) -> ApiError:
    return error(404, f"No {what} found with id '{identifier}'.")


def no_conversation(identifier: str) -> ApiError:
    return error(404, f"Conversation with id '{identifier}' not found.")


def no_tool_output(call: str) -> ApiError:
    """A call that was made earlier still waits (https://github.com/openai/openai-agents-python/issues/673)."""
    return invalid(f"No tool output found for function call {call}.", param="input")


def no_tool_call(call: str) -> ApiError:
    """An output without a call that waits for it (https://github.com/vercel/ai/issues/18537)."""
    return invalid(f"No tool call found for function call output with call_id {call}.", param="input")


def conversation_locked() -> ApiError:
    message = "Another process is currently operating on this conversation. Please retry in a few seconds."
    return invalid(message, code="conversation_locked", param="conversation")


def no_container(identifier: str) -> ApiError:
    return error(404, f"Container with id '{identifier}' not found.")


def container_expired(status: int = 400) -> ApiError:
    return error(status, "Container is expired.")


def container_poisoned(identifier: str) -> ApiError:
    return invalid(f"Expected container_id: {identifier}, which is not available to this request.", param="input")


def no_container_file() -> ApiError:
    return error(404, "File not found.")


def no_file(identifier: str) -> ApiError:
    return error(404, f"No such File object: {identifier}", param="id")


def no_previous_response(identifier: str) -> ApiError:
    message = f"Previous response with id '{identifier}' not found."
    return invalid(message, code="previous_response_not_found", param="previous_response_id")


def no_response(identifier: str) -> ApiError:
    return error(404, f"Response with id '{identifier}' not found.")


def context_too_long() -> ApiError:
    message = "Your input exceeds the context window of this model. Please adjust your input and try again."
    return invalid(message, code="context_length_exceeded", param="input")


def file_too_large(limit: int) -> ApiError:
    return error(413, f"The file is too large: at most {limit} bytes are allowed.")


def rate_limited(*, azure: bool, retry_after: float | None = 1.0) -> ApiError:
    """Too many requests or tokens; ``retry_after`` in seconds may be 86400 on Azure, or absent."""
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-limit-tokens": "60000",
        "x-ratelimit-remaining-tokens": "0",
    }
    wait = ""
    if retry_after is not None:
        headers |= {"retry-after": f"{retry_after:g}", "retry-after-ms": f"{retry_after * 1000:.0f}"}
        wait = f" Please retry after {retry_after:g} seconds."
    if azure:
        message = f"Requests have exceeded the token rate limit of your current pricing tier.{wait}"
        return gateway_error(429, "429", message, headers)
    failure = error(429, f"Rate limit reached.{wait}", type_="requests", code="rate_limit_exceeded")
    failure.headers = headers
    return failure


def quota_exceeded() -> ApiError:
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, message, type_="insufficient_quota", code="insufficient_quota")


def gateway_quota(seconds: int) -> ApiError:
    """An API gateway's own quota, which it answers with 403."""
    hours, rest = divmod(seconds, 3600)
    left = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    message = f"Out of call volume quota. Quota will be replenished in {left}."
    return ApiError(403, {"statusCode": 403, "message": message}, {"Retry-After": str(seconds)})


SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body>Sign in</body></html>"


def content_filtered() -> ApiError:
    """The prompt was refused by Azure's content filter."""
    safe = {"filtered": False, "severity": "safe"}
    result = {
        "hate": safe,
        "jailbreak": {"filtered": True, "detected": True},
        "self_harm": safe,
        "sexual": safe,
        "violence": safe,
    }
    body = {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": result},
    }
    return ApiError(400, {"error": body})


def server_error(status: int = 500) -> ApiError:
    return error(
        status, "The server had an error while processing your request. Sorry about that!", type_="server_error"
    )


def timeout(status: int = 408) -> ApiError:
    return gateway_error(status, "Timeout", "The operation was timeout.")


def active_run(thread: str, run: str) -> ApiError:
    return invalid(f"Thread {thread} already has an active run {run}.")


def messages_locked(thread: str, run: str) -> ApiError:
    return invalid(f"Can't add messages to {thread} while a run {run} is active.")
