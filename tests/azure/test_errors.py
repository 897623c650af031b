"""Every recorded error body leads to the class whose sentence helps."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import time
from typing import Any

import httpx2
import openai
import pytest

from azure_assistant import AssistantConfig, errors
from azure_assistant.client import connect
from azure_assistant.mapping import from_sdk, from_wire, retry_after

LOCKED = "Another process is currently operating on this conversation. Please retry in a few seconds."
CASES: list[tuple[int, dict[str, Any], type[errors.AssistantError]]] = [
    (400, {"message": LOCKED, "code": "conversation_locked", "param": "conversation"}, errors.ThreadBusy),
    (400, {"message": "Container is expired.", "type": "invalid_request_error", "code": None}, errors.ContainerLost),
    (404, {"message": "Container not found"}, errors.ContainerLost),
    (400, {"message": "Expected container_id: cntr_1 but got cntr_2"}, errors.ContainerLost),
    (404, {"message": "File not found."}, errors.NotFound),
    (404, {"message": "No such File object: file-1"}, errors.NotFound),
    (400, {"message": "x", "code": "previous_response_not_found"}, errors.ThreadLost),
    (404, {"message": "Conversation with id 'conv_1' not found."}, errors.ThreadLost),
    (404, {"message": "No thread found with id 'thread_1'."}, errors.ThreadLost),
    (400, {"message": "x", "code": "unknown_parameter", "param": "truncation"}, errors.NotSupported),
    (400, {"message": "x", "code": "context_length_exceeded"}, errors.ContextTooLong),
    (429, {"message": "x", "code": "insufficient_quota"}, errors.QuotaExhausted),
    (429, {"message": "x", "code": "rate_limit_exceeded"}, errors.RateLimited),
    (429, {"message": "Please retry after 86400 seconds.", "code": "429"}, errors.RateLimitedLong),
    (400, {"message": "filtered", "code": "content_filter", "param": "prompt"}, errors.QuestionFiltered),
    (401, {"message": "Incorrect API key provided: sk-12***", "code": "invalid_api_key"}, errors.WrongKey),
    (403, {"message": "Principal does not have access"}, errors.RoleMissing),
    (404, {"message": "x", "code": "DeploymentNotFound"}, errors.DeploymentNotFound),
    (404, {"message": "The model `x` does not exist", "code": "model_not_found"}, errors.DeploymentNotFound),
    (404, {"message": "Resource not found", "code": "404"}, errors.NotFound),
    (408, {"message": "The operation was timeout.", "code": "Timeout"}, errors.AzureTimeout),
    (500, {"message": "x", "type": "server_error", "code": None}, errors.AzureDown),
    (503, {"message": "x"}, errors.AzureDown),
    (400, {"message": "Thread thread_X already has an active run run_Y."}, errors.ThreadBusy),
    (400, {"message": "Can't add messages to thread_X while a run run_Y is active."}, errors.ThreadBusy),
    (418, {"message": "odd"}, errors.AssistantError),
]


def raised(status: int, body: Any, headers: dict[str, str] | None = None) -> errors.AssistantError:
    """What the SDK raises for an answer, mapped."""
    answer = httpx2.Response(status, json=body, headers=headers, request=httpx2.Request("POST", "https://a/b"))
    client = openai.AsyncOpenAI(api_key="k", base_url="https://a/")
    return from_sdk(client._make_status_error_from_response(answer), deployment="gpt")


@pytest.mark.parametrize(("status", "body", "expected"), CASES)
def test_recorded_bodies(status: int, body: dict[str, Any], expected: type[errors.AssistantError]) -> None:
    assert type(raised(status, {"error": body})) is expected


@pytest.mark.parametrize("body", [{"statusCode": 401, "message": "Unauthorized. Key abc"}, "Unauthorized", None])
def test_a_401_never_tells_its_message(body: Any) -> None:
    error = raised(401, body)
    assert type(error) is errors.WrongKey
    assert "abc" not in str(error)


def test_the_filter_names_its_categories() -> None:
    result = {
        "hate": {"filtered": False},
        "jailbreak": {"filtered": True, "detected": True},
        "self_harm": {"filtered": True},
    }
    body = {"code": "content_filter", "message": "m", "innererror": {"content_filter_result": result}}
    assert "(jailbreak, self harm)" in str(raised(400, {"error": body}))


def test_the_blocking_run_is_known() -> None:
    assert raised(400, {"error": {"message": "Thread t already has an active run run_Y1."}}).fields["run"] == "run_Y1"


@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        ("", {"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ("", {"retry-after": "3"}, 3.0),
        ("Please retry after 12 seconds.", {}, 12.0),
        ("Please try again in 1m20s.", {}, 80.0),
        ("Please try again in 300ms.", {}, 0.3),
        ("no idea", {}, None),
    ],
)
def test_waiting_times(message: str, headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(message, headers) == seconds


def test_a_date_is_a_waiting_time() -> None:
    waited = retry_after("", {"retry-after": formatdate(time() + 30, usegmt=True)})
    assert waited == pytest.approx(30, abs=2)


async def test_connection_errors_know_whether_the_request_can_have_arrived() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    cut = await _failing_request(port)
    server.close()
    await server.wait_closed()
    refused = await _failing_request(port)
    assert isinstance(cut, errors.Unreachable)
    assert isinstance(refused, errors.Unreachable)
    assert not cut.before_work
    assert refused.before_work


async def _failing_request(port: int) -> errors.AssistantError:
    connection = connect(AssistantConfig(endpoint=f"http://127.0.0.1:{port}/v1", api_key="k", deployment="d"))
    try:
        with pytest.raises(openai.APIConnectionError) as raised:
            await connection.client.conversations.create()
    finally:
        await connection.close()
    return from_sdk(raised.value)


def test_a_failed_run_is_mapped_like_an_answer() -> None:
    error = from_wire({"code": "rate_limit_exceeded", "message": "Rate limit. Try again in 7 seconds."})
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == 7


def everything(kind: type[errors.AnalystError]) -> list[type[errors.AnalystError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in everything(child))]


@pytest.mark.parametrize("kind", everything(errors.AssistantError))
def test_every_error_says_one_sentence_and_stands_in_the_tree(kind: type[errors.AnalystError]) -> None:
    assert "{" not in str(kind())
    assert kind.__doc__
    assert kind.__name__ in (errors.__doc__ or "")
