"""Requests as they go out and answers as they come, in the forms that the local Azure does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Literal

import httpx2
import pytest
from openai import AsyncOpenAI

from azure_assistant import AssistantConfig
from azure_assistant.errors import AssistantError, AzureDown, NotFound
from azure_assistant.retries import RetryPolicy
from azure_assistant.transport.api import ServiceApi

QUICK = RetryPolicy(attempts=3, first=0.001)
Answers = Callable[[httpx2.Request], httpx2.Response]


def api_of(answers: Answers, *, wire: str = "responses") -> ServiceApi:
    client = AsyncOpenAI(
        base_url="https://a.example/v1",
        api_key="k",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(answers)),
    )
    api: Literal["assistants", "responses"] = "assistants" if wire == "assistants" else "responses"
    return ServiceApi(client, AssistantConfig(openai_api_key="k", deployment="gpt", api=api, retries=QUICK))


def pages(*ids: Sequence[str]) -> tuple[list[str], Answers]:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        after = request.url.params.get("after", "")
        asked.append(after)
        number = next((n + 1 for n, page in enumerate(ids) if page and page[-1] == after), 0)
        page = ids[number] if number < len(ids) else []
        members = [{"id": name} for name in page]
        more = number + 1 < len(ids)
        return httpx2.Response(200, json={"data": members, "has_more": more, "last_id": page[-1] if page else None})

    return asked, answer


async def test_all_pages_of_a_list_are_read() -> None:
    asked, answer = pages(["a", "b"], ["c", "d"], ["e"])
    assert await api_of(answer).all_ids("conversations", "conv_1", "items") == ["a", "b", "c", "d", "e"]
    assert asked == ["", "b", "d"]


async def test_json_that_is_called_text_is_read() -> None:
    api = api_of(lambda _: httpx2.Response(200, text='{"id": "conv_1"}', headers={"content-type": "text/plain"}))
    assert (await api.create("conversations")).id == "conv_1"
    assert (await api.get("conversations", "conv_1")).id == "conv_1"


@pytest.mark.parametrize("body", ['{"object": "file"}', '{"id": null}', '{"id": 7}', '"file-1"', "[]", "welcome"])
async def test_a_success_without_an_id_made_nothing(body: str) -> None:
    api = api_of(lambda _: httpx2.Response(200, text=body, headers={"content-type": "application/json"}))
    with pytest.raises(AssistantError):
        await api.create("containers", body={"name": "x"})


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_an_id_that_leads_elsewhere_is_not_sent(odd: str) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(200, json={})

    with pytest.raises(NotFound):
        await api_of(answer).delete("files", odd)
    assert not asked


async def test_an_id_is_one_part_of_the_path() -> None:
    asked: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path)
        return httpx2.Response(200, json={})

    await api_of(answer).get("files", "../a b/c?d", include=["x"])
    assert asked == [b"/v1/files/..%2Fa%20b%2Fc%3Fd?include%5B%5D=x"]


@pytest.mark.parametrize(("retried", "times"), [(True, 3), (False, 1)])
async def test_a_request_is_sent_again_only_where_that_is_wanted(retried: bool, times: int) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(500, json={"error": {"message": "internal error"}})

    with pytest.raises(AzureDown):
        await api_of(answer).post("threads", "t", "messages", body={}, retried=retried)
    assert len(asked) == times


async def test_each_attempt_sends_the_whole_file() -> None:
    bodies: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        bodies.append(request.read())
        return httpx2.Response(500 if len(bodies) == 1 else 200, json={"id": "file-1"})

    assert await api_of(answer).upload("a.csv", BytesIO(b"a,b\n1,2\n"), "text/csv") == "file-1"
    assert len(bodies) == 2
    assert all(b"a,b\n1,2\n" in body and b'filename="a.csv"' in body for body in bodies)


@pytest.mark.parametrize("wire", ["responses", "assistants"])
async def test_only_assistants_says_which_version_of_it_is_meant(wire: str) -> None:
    seen: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("openai-beta"))
        return httpx2.Response(200, json={"id": "x"})

    api = api_of(answer, wire=wire)
    await api.get("threads", "t")
    await api.post("threads", "t", body={})
    await api.delete("threads", "t")
    await api.create("threads")
    assert seen == ["assistants=v2" if wire == "assistants" else None] * 4
