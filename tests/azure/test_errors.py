"""What an error tells beside its kind: how long, which run, which categories; and the tree of errors as a whole."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import time
from typing import Any

import httpx2
import openai
import pytest

from azure_assistant import AssistantConfig, errors
from azure_assistant.transport.client import connect
from azure_assistant.transport.durations import wait_in_headers, wait_in_words
from azure_assistant.transport.error_mapping import from_sdk, from_wire
from errors import AnalystError


def raised(status: int, body: Any, headers: dict[str, str] | None = None) -> errors.AssistantError:
    """What the SDK raises for an answer, mapped."""
    answer = httpx2.Response(status, json=body, headers=headers, request=httpx2.Request("POST", "https://a/b"))
    client = openai.AsyncOpenAI(api_key="k", base_url="https://a/")
    return from_sdk(client._make_status_error_from_response(answer), deployment="gpt")


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
        ("Quota will be replenished in 02:20:30.", {}, 8430.0),
        ("Try again in 2 minutes and 5 seconds", {}, 125.0),
        ("", {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        ("", {"retry-after": "nan"}, None),
        ("", {"retry-after": "soon"}, None),
        ("no idea", {}, None),
    ],
)
def test_waiting_times(message: str, headers: dict[str, str], seconds: float | None) -> None:
    by_headers = wait_in_headers(headers)
    assert (by_headers if by_headers is not None else wait_in_words(message)) == seconds


def test_a_date_is_a_waiting_time() -> None:
    waited = wait_in_headers({"retry-after": formatdate(time() + 30, usegmt=True)})
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


def everything(kind: type[AnalystError]) -> list[type[AnalystError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in everything(child))]


@pytest.mark.parametrize("kind", everything(errors.AssistantError))
def test_every_error_says_one_sentence(kind: type[AnalystError]) -> None:
    assert "{" not in str(kind())
    assert kind.__doc__
