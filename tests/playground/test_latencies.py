"""Both local servers take their time when told to, and no request waits behind another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import aiohttp
from openai import AsyncOpenAI

from playground.azure.server import LocalAzure
from playground.latencies import AS_THE_SERVICES_ARE, PROFILES
from playground.slack.api import METHODS
from playground.slack.people.people import SALES
from tests.playground.azure_calls import upload
from tests.playground.slack_client import client_of, running

SHARED = PROFILES[AS_THE_SERVICES_ARE]


async def ended(**work: Awaitable[object]) -> list[str]:
    """Names of work that was begun in this order, in the order in which it ended."""
    order: list[str] = []

    async def one(name: str) -> None:
        await work[name]
        order.append(name)

    await asyncio.gather(*map(one, work))
    return order


async def test_requests_to_azure_wait_each_for_itself(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("latency", times=None, profile=AS_THE_SERVICES_ARE)
    order = await ended(file=upload(client), thread=client.conversations.create(), listed=client.files.list())
    assert order == ["listed", "thread", "file"]
    assert azure.requests.of("POST", "/files")[0].seconds >= SHARED.of_azure("POST", "/files")


async def test_a_latency_of_azure_can_be_for_one_path(azure: LocalAzure, client: AsyncOpenAI) -> None:
    azure.faults.add("latency", times=None, path="/containers", seconds=0.1)
    order = await ended(sandbox=client.containers.create(name="x"), thread=client.conversations.create())
    assert order == ["thread", "sandbox"]


async def test_calls_of_slack_wait_each_for_itself() -> None:
    async with running(time_scale=0.01) as slack:
        client = client_of(slack)
        slack.faults.latency(AS_THE_SERVICES_ARE)
        order = await ended(
            post=client.chat_postMessage(channel=SALES, text="slow"),
            read=client.conversations_info(channel=SALES),
            test=client.auth_test(),
        )
        assert order == ["test", "read", "post"]


async def test_a_profile_can_be_set_from_another_process(azure: LocalAzure) -> None:
    async with running() as slack, aiohttp.ClientSession() as session:
        for fault, status in ({"profile": AS_THE_SERVICES_ARE}, 200), ({"profile": "none"}, 400):
            async with session.post(f"{slack.url}/_ctl/fault", json={"fault": "latency"} | fault) as answer:
                assert answer.status == status
        armed = {"name": "latency", "times": None, "profile": AS_THE_SERVICES_ARE}
        async with session.post(f"{azure.endpoint}/_ctl/fault", json=armed) as answer:
            assert answer.status == 200
    assert [fault.name for fault in azure.faults.armed] == ["latency"]


def test_the_profile_names_what_there_is() -> None:
    assert SHARED.slack.keys() <= METHODS.keys() | {"upload", "download"}
    assert SHARED.of_azure("POST", "/containers/cntr_1/files") != SHARED.of_azure("POST", "/containers")
