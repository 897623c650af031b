"""What a service says went wrong: bodies, headers and words, in any form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx2
import openai

from azure_assistant.errors import AssistantError, TemporaryError
from azure_assistant.transport.error_mapping import from_sdk
from azure_assistant.transport.judgement import LONGEST_WAIT
from replies.views.wording import Wording
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import Source, bytes_of
from tests.fuzz.targets.messages import broken
from tests.hostile.models import ERRORS, RETRY_AFTER

STATUSES = (400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 424, 429, 500, 502, 503, 504, 418)
REQUEST = httpx2.Request("POST", "http://azure.example/openai/v1/responses")
WORDING = Wording("en")


def seeds() -> Iterable[bytes]:
    """Each body with each status, and sentences of services."""
    bodies = [
        bytes((status, wait, body)) for status in range(0, 17, 3) for wait in (0, 8) for body in range(len(ERRORS))
    ]
    return [*bodies, *(bytes((11, 0, 12, 0, 0)) + bytes_of(f"try again in {wait}") for wait in RETRY_AFTER)]


def one(data: bytes) -> None:
    """An error of ours comes out, its words can be said, and a wait is a time."""
    source = Source(data)
    status, wait = source.choice(STATUSES), source.choice(RETRY_AFTER)
    body = broken(source, tuple(ERRORS))
    error = judged(status, wait, body)
    assert isinstance(error, AssistantError)
    assert WORDING.error(error)
    assert len(str(error)) < 5_000
    if isinstance(error, TemporaryError) and error.retry_after is not None:
        assert 0 <= error.retry_after <= LONGEST_WAIT
    assert_linear(lambda grown: judged(status, wait, {"error": {"message": grown, "code": "x"}}), str(body))


def judged(status: int, wait: str, body: Any) -> AssistantError:
    """What is made of an answer."""
    headers = [(b"retry-after", wait.encode())]
    inner = body.get("error", body) if isinstance(body, dict) else body
    return from_sdk(
        openai.APIStatusError("m", response=httpx2.Response(status, headers=headers, request=REQUEST), body=inner)
    )
