"""One judgement of every failure: bodies of OpenAI, Azure, its gateway, proxies and self-hosted servers, labelled."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import httpx2
import openai
import pytest

from azure_assistant import errors
from azure_assistant.errors import Decision
from azure_assistant.transport.error_mapping import from_sdk, from_wire
from azure_assistant.transport.optional_parameters import OptionalParameters

RESPONSES = "/openai/v1/responses"
RUNS = "/openai/threads/thread_1/runs"


CLIENT = openai.AsyncOpenAI(api_key="k", base_url="https://host/")


class Case(NamedTuple):
    """What somebody answers, and what it is. ``names``: the parameter that is found in it."""

    status: int | None
    body: Any
    kind: type[errors.AssistantError]
    path: str = RESPONSES
    names: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def error(message: str, code: Any = None, type_: str | None = "invalid_request_error", param: str | None = None) -> Any:
    """OpenAI's envelope."""
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


def gateway(status: int, message: str) -> Any:
    """Azure API Management's own form."""
    return {"statusCode": status, "message": message}


ITEM = "Item 'rs_0a1b2c' of type 'reasoning' was provided without its required following item."
LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."
TPM = (
    "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 35364. "
    "The input or output tokens must be reduced in order to run successfully."
)
USED_UP = (
    "Rate limit reached for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000, "
    "Requested 2000. Please try again in 2s. Visit https://platform.openai.com/account/rate-limits to learn more."
)
AZURE_RATE = (
    "Requests to the Responses_Create Operation under Azure OpenAI API have exceeded token rate limit of your current "
    "OpenAI S0 pricing tier. Please retry after 7 seconds. Please go here: https://aka.ms/oai/quotaincrease if you "
    "would like to further increase the default rate limit."
)
QUOTA = "Out of call volume quota. Quota will be replenished in 02:20:30."
FILTERED = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
VERSION = "API version not supported"
EXTRA = (
    "[{'type': 'extra_forbidden', 'loc': ('body', 'truncation'), 'msg': 'Extra inputs are not permitted', "
    "'input': 'x'}]"
)

WAIT = [
    Case(429, error("x", "rate_limit_exceeded"), errors.RateLimited),
    Case(429, error(USED_UP, "rate_limit_exceeded", "tokens"), errors.RateLimited),
    Case(None, {"code": "rate_limit_exceeded", "message": USED_UP}, errors.RateLimited),
    Case(None, {"code": "too_many_requests", "message": "Too Many Requests"}, errors.RateLimited),
    Case(None, {"code": "429", "message": "slow down"}, errors.RateLimited),
    Case(None, {"code": 429, "message": "slow down"}, errors.RateLimited),
    Case(429, {"error": {"code": "429", "message": AZURE_RATE}}, errors.RateLimited),
    Case(429, gateway(429, "Rate limit is exceeded. Try again in 55 seconds."), errors.RateLimited),
    Case(403, gateway(403, "Out of call volume quota. Quota will be replenished in 00:00:20."), errors.RateLimited),
    Case(
        429,
        {"error": {"message": "litellm.RateLimitError: No deployments available", "code": "429"}},
        errors.RateLimited,
    ),
    Case(429, {"detail": "Too many requests"}, errors.RateLimited),
    Case(429, "", errors.RateLimited),
    Case(
        400,
        error("Another process is currently operating on this conversation.", "conversation_locked"),
        errors.ThreadBusy,
    ),
    Case(409, error("Another process is currently operating on this conversation."), errors.ThreadBusy),
    Case(400, error("Thread thread_X already has an active run run_Y."), errors.ThreadBusy, RUNS),
    Case(400, error("Can't add messages to thread_X while a run run_Y is active."), errors.ThreadBusy, RUNS),
    Case(500, error("x", None, "server_error"), errors.AzureDown),
    Case(503, "<html><body>503 Service Temporarily Unavailable</body></html>", errors.AzureDown),
    Case(502, "<html>Bad Gateway</html>", errors.AzureDown),
    Case(529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, errors.AzureDown),
    Case(424, error("Failed dependency"), errors.AzureDown),
    Case(424, {}, errors.AzureDown),
    Case(425, "too early", errors.AzureDown),
    Case(409, {"detail": "Conflict"}, errors.AzureDown),
    Case(None, {"type": "model_error", "code": None, "message": "The model failed"}, errors.AzureDown),
    Case(None, {"type": "model_error", "code": None, "message": None}, errors.AzureDown),
    Case(None, {"code": "server_error", "message": "x"}, errors.AzureDown),
    Case(
        None,
        {"message": "An error occurred while processing your request. You can retry your request"},
        errors.AzureDown,
    ),
    Case(400, {"error": "upstream connect error or disconnect/reset before headers"}, errors.AzureDown),
    Case(400, error("The engine is currently overloaded, please try again later"), errors.AzureDown),
    Case(408, {"error": {"code": "Timeout", "message": "The operation was timeout."}}, errors.AzureTimeout),
    Case(504, "", errors.AzureTimeout),
    Case(400, {"error": {"code": "RequestTimeout", "message": "x"}}, errors.AzureTimeout),
    Case(418, error("odd"), errors.UnknownError),
    Case(400, error("Something is amiss.", "gremlins"), errors.UnknownError),
    Case(None, {"code": None, "message": ""}, errors.UnknownError),
    Case(None, None, errors.UnknownError),
    Case(400, [1, 2], errors.UnknownError),
    Case(
        None, {"type": "model_error", "code": None, "message": "The model produced invalid content."}, errors.AzureDown
    ),
    Case(None, {"code": "server_error", "message": "An unknown error occurred."}, errors.AzureDown),
    Case(None, {"message": "An unexpected error occurred. Please contact support."}, errors.UnknownError),
    Case(None, {"message": "stream closed unexpectedly"}, errors.UnknownError),
    Case(400, error("Unexpected EOF while reading response"), errors.UnknownError),
    Case(429, error("Usage limit reached. Try again in 20 seconds."), errors.RateLimited),
]

LEAVE_OUT = [
    Case(400, error("Unsupported parameter: truncation", "bad_request"), errors.ParameterRefused, names="truncation"),
    Case(
        400,
        {"error": {"code": "InvalidParameter", "param": "", "message": 'json: unknown field "truncation"'}},
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(
        400,
        error("Unsupported parameter: 'truncation' is not supported with this model.", "unsupported_parameter"),
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(400, error("x", "unknown_parameter", param="truncation"), errors.ParameterRefused, names="truncation"),
    Case(
        400,
        error(
            "Unknown parameter: 'stream_options.include_obfuscation'.",
            "unknown_parameter",
            param="stream_options.include_obfuscation",
        ),
        errors.ParameterRefused,
        names="stream_options.include_obfuscation",
    ),
    Case(
        400,
        error("Unrecognized request argument supplied: safety_identifier"),
        errors.ParameterRefused,
        names="safety_identifier",
    ),
    Case(
        400,
        error(
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            "unsupported_parameter",
            param="reasoning.effort",
        ),
        errors.ParameterRefused,
        names="reasoning.effort",
    ),
    Case(
        400,
        error(
            "Unsupported value: 'reasoning.effort' does not support 'minimal' with this model.",
            "unsupported_value",
            param="reasoning.effort",
        ),
        errors.ParameterRefused,
        names="reasoning.effort",
    ),
    Case(
        400,
        error("reasoning_effort is not supported for this model"),
        errors.ParameterRefused,
        names="reasoning.effort",
    ),
    Case(400, error("This model does not support reasoning"), errors.ParameterRefused, names="reasoning"),
    Case(
        400,
        error(
            "Invalid value: 'code_interpreter_call.outputs'. Supported values are: 'message.output_text'.",
            "invalid_value",
            param="include[0]",
        ),
        errors.ParameterRefused,
        names="include",
    ),
    Case(
        400,
        error("Unknown include value code_interpreter_call.outputs"),
        errors.ParameterRefused,
        names="include.code_interpreter_call.outputs",
    ),
    Case(
        400,
        {"object": "error", "message": EXTRA, "type": "BadRequestError", "param": None, "code": 400},
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(
        422,
        {
            "detail": [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", "stream_options", "include_obfuscation"],
                    "msg": "Extra inputs are not permitted",
                    "input": False,
                }
            ]
        },
        errors.ParameterRefused,
        names="stream_options.include_obfuscation",
    ),
    Case(
        400,
        {
            "error": {
                "message": "litellm.UnsupportedParamsError: azure does not support parameters: "
                "['truncation'], for model=gpt-5. To drop these, set `litellm.drop_params=True`",
                "type": "None",
                "param": None,
                "code": "400",
            }
        },
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(
        400,
        {"error": "Additional properties are not allowed ('safety_identifier' was unexpected)"},
        errors.ParameterRefused,
        names="safety_identifier",
    ),
    Case(
        400,
        {
            "error": {
                "code": 400,
                "status": "INVALID_ARGUMENT",
                "message": 'Invalid JSON payload received. Unknown name "truncation": Cannot find field.',
            }
        },
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(500, {"error": {"message": "create() got an unexpected keyword argument 'truncation'"}}, errors.AzureDown),
    Case(
        400,
        {"message": "create() got an unexpected keyword argument 'truncation'"},
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(400, {"message": '"stream_options" is not allowed'}, errors.ParameterRefused, names="stream_options"),
    Case(400, "unknown field `metadata`, expected one of `model`, `input`", errors.ParameterRefused, names="metadata"),
    Case(
        400,
        error(
            "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, but got a "
            "string with length 80 instead.",
            "string_above_max_length",
            param="safety_identifier",
        ),
        errors.ParameterRefused,
        names="safety_identifier",
    ),
    Case(
        None,
        {"code": "unsupported_parameter", "message": "truncation is not supported", "param": None},
        errors.ParameterRefused,
        names="truncation",
    ),
    Case(400, error("Property 'metadata' is not defined in schema"), errors.ParameterRefused, names="metadata"),
    Case(400, error("parameter safety_identifier not implemented"), errors.ParameterRefused, names="safety_identifier"),
    Case(
        400,
        error("safety_identifier: this field is not recognised"),
        errors.ParameterRefused,
        names="safety_identifier",
    ),
]

RENEW = [
    Case(400, error("Container is expired."), errors.ContainerLost),
    Case(404, error("Container not found"), errors.ContainerLost),
    Case(404, error("Container with id 'cntr_1' not found."), errors.ContainerLost),
    Case(400, error("Expected container_id: cntr_1 but got cntr_2"), errors.ContainerLost),
    Case(404, {}, errors.ContainerLost, "/openai/v1/containers/cntr_1/files"),
    Case(
        404, {"error": {"code": "404", "message": "Resource not found"}}, errors.ContainerLost, "/v1/containers/cntr_1"
    ),
    Case(400, error("x", "previous_response_not_found"), errors.ThreadLost),
    Case(404, error("Previous response with id 'resp_1' not found."), errors.ThreadLost),
    Case(404, error("Conversation with id 'conv_1' not found."), errors.ThreadLost),
    Case(404, error("No thread found with id 'thread_1'."), errors.ThreadLost, RUNS),
    Case(404, {"detail": "Not Found"}, errors.ThreadLost, RUNS),
    Case(400, error(ITEM, param="input"), errors.ThreadBroken),
    Case(400, error("No tool output found for function call call_a1b2c3d4e5."), errors.CallUnanswered),
    Case(
        400,
        error("No tool call found for function call output with call_id call_a1b2c3d4.", param="input"),
        errors.ThreadBroken,
    ),
    Case(400, error("Duplicate item found with id msg_1. Remove duplicate items and try again."), errors.ThreadBroken),
    Case(
        404,
        error("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
        errors.ThreadBroken,
    ),
    Case(
        400,
        error("The encrypted content for item rs_1 could not be verified.", "invalid_encrypted_content"),
        errors.ThreadLost,
    ),
    Case(
        400,
        error(
            "Invalid 'input[3].id': 'x'. Expected an ID that begins with 'msg'.", "invalid_value", param="input[3].id"
        ),
        errors.ThreadBroken,
    ),
    Case(400, error("The conversation history is inconsistent"), errors.ThreadBroken),
    Case(404, error("No such File object: file-1"), errors.NotFound, "/v1/containers/cntr_1/files"),
    Case(404, error("File not found."), errors.NotFound, "/v1/containers/cntr_1/files/cfile_2/content"),
    Case(404, {}, errors.NotFound, "/v1/containers/cntr_1/files/cfile_2/content"),
    Case(404, error("Response with id 'resp_1' not found."), errors.NotFound, "/v1/responses/resp_1"),
    Case(400, error("Container cntr_68ab is not active"), errors.ContainerLost),
    Case(400, error("Session cntr_1 has timed out and been removed."), errors.ContainerLost),
    Case(400, error("Code interpreter session expired."), errors.ContainerLost),
    Case(400, error("The code interpreter container was terminated"), errors.ContainerLost),
    Case(
        400,
        error("An assistant message with 'tool_calls' must be followed by tool messages."),
        errors.ThreadBroken,
    ),
]

SHORTEN = [
    Case(400, error("x", "context_length_exceeded"), errors.ContextTooLong),
    Case(
        400,
        error(
            "Invalid 'input': string too long. Expected a string with maximum length 10485760, but got a string "
            "with length 20000000 instead.",
            "string_above_max_length",
            param="input",
        ),
        errors.ContextTooLong,
    ),
    Case(
        400,
        error("string too long", "string_above_max_length", param="input[0].content[0].text"),
        errors.ContextTooLong,
    ),
    Case(None, {"code": "context_length_exceeded", "message": "x"}, errors.ContextTooLong),
    Case(400, error(LONG), errors.ContextTooLong),
    Case(400, {"object": "error", "message": LONG, "type": "BadRequestError", "code": 400}, errors.ContextTooLong),
    Case(
        400, {"error": {"message": f"litellm.ContextWindowExceededError: {LONG}", "code": "400"}}, errors.ContextTooLong
    ),
    Case(400, error("prompt is too long: 213462 tokens > 200000 maximum"), errors.ContextTooLong),
    Case(
        400,
        error("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens."),
        errors.ContextTooLong,
    ),
    Case(
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size. try increasing the "
                "context size or enable context shift",
                "type": "exceed_context_size_error",
            }
        },
        errors.ContextTooLong,
    ),
    Case(
        400,
        {
            "error": {
                "message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
            }
        },
        errors.ContextTooLong,
    ),
    Case(413, "<html>413 Request Entity Too Large</html>", errors.ContextTooLong),
    Case(400, error("Your input exceeds the context window of this model."), errors.ContextTooLong),
    Case(400, error("prompt contains 200000 tokens, but the model supports at most 131072"), errors.ContextTooLong),
    Case(400, error("The input exceeds the model's maximum number of tokens (8192)."), errors.ContextTooLong),
    Case(400, error("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000"), errors.ContextTooLong),
    Case(400, error("The conversation is too long. Start a new one."), errors.ContextTooLong),
    Case(
        422,
        {
            "detail": [
                {"loc": ["body", "input"], "msg": "Should have at most 100000 characters", "type": "string_too_long"}
            ]
        },
        errors.ContextTooLong,
    ),
]

SAY = [
    Case(429, error(TPM, "rate_limit_exceeded", "tokens"), errors.RequestTooLarge),
    Case(None, {"code": "rate_limit_exceeded", "message": TPM}, errors.RequestTooLarge),
    Case(413, error(TPM, "rate_limit_exceeded", "tokens"), errors.RequestTooLarge),
    Case(429, error("x", "insufficient_quota"), errors.QuotaExhausted),
    Case(
        429,
        error("You exceeded your current quota, please check your plan and billing details.", None, None),
        errors.QuotaExhausted,
    ),
    Case(
        400,
        {
            "error": {
                "message": "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0",
                "type": "budget_exceeded",
            }
        },
        errors.QuotaExhausted,
    ),
    Case(402, {"error": {"message": "Insufficient credits"}}, errors.QuotaExhausted),
    Case(403, gateway(403, QUOTA), errors.QuotaPaused, headers={"Retry-After": "8430"}),
    Case(403, gateway(403, QUOTA), errors.QuotaPaused),
    Case(429, {"error": {"code": "429", "message": "Please retry after 86400 seconds."}}, errors.RateLimitedLong),
    Case(429, {}, errors.RateLimitedLong, headers={"retry-after": "3600"}),
    Case(400, error(FILTERED, "content_filter", None, "prompt"), errors.QuestionFiltered),
    Case(
        400,
        {"error": {"code": "x", "message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        errors.QuestionFiltered,
    ),
    Case(
        400,
        {"error": {"message": f"litellm.ContentPolicyViolationError: {FILTERED}", "code": "400"}},
        errors.QuestionFiltered,
    ),
    Case(400, error("Your request was rejected as a result of our safety system."), errors.QuestionFiltered),
    Case(None, {"code": "content_filter", "message": "x"}, errors.AnswerFiltered),
    Case(400, {"error": {"code": "BadRequest", "message": VERSION}}, errors.ApiVersionWrong),
    Case(
        400,
        {"error": {"code": "InvalidApiVersionParameter", "message": "The api-version query parameter is invalid"}},
        errors.ApiVersionWrong,
    ),
    Case(404, {"error": {"code": "UnsupportedApiVersion", "message": "x"}}, errors.ApiVersionWrong),
    Case(401, error("Incorrect API key provided: sk-12***", "invalid_api_key"), errors.WrongKey),
    Case(401, gateway(401, "Access denied due to invalid subscription key or wrong API endpoint."), errors.WrongKey),
    Case(401, "", errors.WrongKey),
    Case(403, gateway(403, "Access denied due to missing subscription key."), errors.WrongKey),
    Case(
        403,
        {
            "error": {
                "code": "AuthenticationTypeDisabled",
                "message": "Key based authentication is disabled for this resource.",
            }
        },
        errors.KeysDisabled,
    ),
    Case(
        401,
        {"error": {"code": "PermissionDenied", "message": "Principal does not have access to API/Operation."}},
        errors.RoleMissing,
    ),
    Case(401, gateway(401, "Principal does not have access to API/Operation."), errors.RoleMissing),
    Case(
        401,
        error("You have insufficient permissions for this operation. Missing scopes: api.responses.write."),
        errors.RoleMissing,
    ),
    Case(
        401,
        {
            "error": {
                "message": "The principal `1` lacks the required data action `Microsoft.CognitiveServices/x` to perform"
            }
        },
        errors.RoleMissing,
    ),
    Case(403, error("no"), errors.RoleMissing),
    Case(
        403,
        {"error": {"code": "AccessDenied", "message": "Access denied due to Virtual Network/Firewall rules."}},
        errors.NetworkForbids,
    ),
    Case(
        403,
        {"error": {"code": "403", "message": "Public access is disabled. Please configure private endpoint."}},
        errors.NetworkForbids,
    ),
    Case(
        401,
        {
            "error": {
                "code": "Unauthorized",
                "message": "Access token is missing, invalid, audience is incorrect "
                "(https://cognitiveservices.azure.com), or have expired.",
            }
        },
        errors.SignInRefused,
    ),
    Case(
        400,
        {"error": {"message": "Tenant provided in token does not match resource token", "code": "x"}},
        errors.SignInRefused,
    ),
    Case(404, error("x", "DeploymentNotFound"), errors.DeploymentNotFound),
    Case(404, error("The model `x` does not exist", "model_not_found"), errors.DeploymentNotFound),
    Case(403, error("Project does not have access to model", "model_not_found"), errors.DeploymentNotFound),
    Case(
        404,
        {"object": "error", "message": "The model `gpt` does not exist.", "type": "NotFoundError", "code": 404},
        errors.DeploymentNotFound,
    ),
    Case(
        400,
        {"error": {"message": "{'error': '/responses: Invalid model name passed in model=gpt-9'}", "code": "400"}},
        errors.DeploymentNotFound,
    ),
    Case(404, {"error": 'model "llama3" not found, try pulling it first'}, errors.DeploymentNotFound),
    Case(404, {"error": {"code": "404", "message": "Resource not found"}}, errors.EndpointWrong),
    Case(404, {"error": {"code": "404", "message": "Resource not found"}}, errors.EndpointWrong, "/openai/v1/files"),
    Case(404, {"detail": "Not Found"}, errors.EndpointWrong),
    Case(404, error("Unknown request URL: POST /v1/responses. Please check the URL for typos."), errors.EndpointWrong),
    Case(404, "<!DOCTYPE html><html>404 Not Found</html>", errors.WebPageAnswered, "/v1/files"),
    Case(405, "", errors.EndpointWrong),
    Case(410, error("The Assistants API has been retired"), errors.ServiceRetired, "/openai/threads"),
    Case(407, "", errors.ProxyRefuses),
    Case(400, error("x", "OperationNotSupported"), errors.NotSupported),
    Case(404, {}, errors.NotSupported, "/openai/v1/containers"),
    Case(
        400,
        error("Hosted tool 'code_interpreter' is not supported with this model.", param="tools"),
        errors.NotSupported,
    ),
    Case(413, "", errors.UploadTooLarge, "/openai/v1/files"),
    Case(429, error("You have exhausted your monthly allocated budget."), errors.QuotaExhausted),
    Case(429, error("Your account has run out of funds. Please top up."), errors.QuotaExhausted),
    Case(429, error("x", "spend_limit_exceeded"), errors.QuotaExhausted),
    Case(400, error("Your credit balance is too low to access the API."), errors.QuotaExhausted),
    Case(429, error("You've reached your usage limit. Try again in 4 hours."), errors.QuotaPaused),
    Case(400, error("Your prompt was flagged by our moderation.", "moderation_blocked"), errors.QuestionFiltered),
    Case(400, error("Request blocked by guardrail: pii", "guardrail_violation"), errors.QuestionFiltered),
    Case(400, error("This content violates our policies against hate."), errors.QuestionFiltered),
    Case(400, error("Jailbreak attempt detected."), errors.QuestionFiltered),
    Case(403, gateway(403, "The request was blocked by content safety policy."), errors.QuestionFiltered),
    Case(400, error("The feature is not available in your region"), errors.NotSupported),
    Case(501, error("code_interpreter not implemented"), errors.NotSupported),
    Case(
        400,
        error("Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"),
        errors.ApiVersionWrong,
    ),
]

EVERY = {
    Decision.WAIT: WAIT,
    Decision.LEAVE_OUT: LEAVE_OUT,
    Decision.RENEW: RENEW,
    Decision.SHORTEN: SHORTEN,
    Decision.SAY: SAY,
}


def judged(case: Case) -> errors.AssistantError:
    """By way of the SDK when it is an answer; the body alone when it came in a stream."""
    if case.status is None:
        return from_wire(case.body, path=case.path)
    request = httpx2.Request("POST", f"https://host{case.path}")
    told = {"text": case.body} if isinstance(case.body, str) else {"json": case.body}
    answer = httpx2.Response(case.status, headers=case.headers, request=request, **told)
    return from_sdk(CLIENT._make_status_error_from_response(answer), deployment="gpt")


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    "case", [case for cases in EVERY.values() for case in cases], ids=lambda case: str(case[:2])[:70]
)
def test_every_failure_is_what_it_is(case: Case) -> None:
    assert type(judged(case)) is case.kind
    said = judged(case)
    assert "{" not in str(said).removesuffix(f" ({said.detail})")


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("decision", "case"),
    [(decision, case) for decision, cases in EVERY.items() for case in cases if case.kind.decision is decision],
)
def test_and_decides_what_is_done(decision: Decision, case: Case) -> None:
    assert judged(case).decision is decision


OPTIONAL = {
    "truncation": "auto",
    "stream_options": {"include_obfuscation": False},
    "safety_identifier": "u",
    "reasoning": {"effort": "low"},
    "include": ["code_interpreter_call.outputs"],
    "metadata": {"thread": "1"},
    "store": True,
}


@pytest.mark.parametrize("case", [case for case in LEAVE_OUT if case.names], ids=lambda case: case.names)
def test_a4_a_refused_parameter_is_found_by_its_name_and_left_out(case: Case) -> None:
    parameters = OptionalParameters()
    error = judged(case)
    assert isinstance(error, errors.ParameterRefused)
    assert parameters.leave_out("responses", OPTIONAL, error.names)
    kept = parameters.of("responses", OPTIONAL)
    top = case.names.partition(".")[0]
    assert top not in kept
    assert kept == {name: value for name, value in OPTIONAL.items() if name != top}
    assert parameters.of("files", OPTIONAL) == OPTIONAL


def test_what_is_needed_is_not_left_out() -> None:
    error = judged(Case(400, error_of_tools(), errors.ParameterRefused))
    assert isinstance(error, errors.ParameterRefused)
    assert not OptionalParameters().leave_out("responses", OPTIONAL, error.names)


def error_of_tools() -> Any:
    return error(
        "Invalid type for 'tools[0].container': expected an object, but got a string.", param="tools[0].container"
    )


def test_a11_the_quota_says_how_long() -> None:
    assert "141 minutes" in str(judged(Case(403, gateway(403, QUOTA), errors.QuotaPaused)))


def test_a7_what_is_too_large_says_the_numbers() -> None:
    said = str(judged(Case(429, error(TPM), errors.RequestTooLarge)))
    assert "35364" in said
    assert "30000" in said


def test_an_unknown_answer_is_kept_for_the_next_version_without_what_people_wrote(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = {
        "error": {
            "code": "gremlins",
            "message": "Bad. key sk-abcdefgh12345678 input: my salary",
            "type": {"a": "secret"},
            "what": {"a": ["secret"]},
        }
    }
    judged(Case(400, body, errors.UnknownError))
    (line,) = [record.message for record in caplog.records]
    assert "gremlins" in line
    assert "what: {a: [str, …]}" in line
    for secret in ("sk-abc", "salary", "secret"):
        assert secret not in line


def test_a_message_of_any_length_is_judged_quickly() -> None:
    def seconds(size: int) -> float:
        began = time.thread_time()
        from_wire({"message": "container item call_ 'a" * size})
        return time.thread_time() - began

    seconds(100)
    assert seconds(40_000) < 20 * max(seconds(2_000), 0.001)
