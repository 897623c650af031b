"""Files, and containers with their lives."""

from __future__ import annotations

import io
import re
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.blobs import IN_MEMORY
from playground.azure.service.clock import ManualClock
from playground.azure.service.settings import Settings
from tests.playground.azure_calls import ask, container, raw, tool, upload
from tests.playground.conftest import connect


async def test_an_upload_is_kept_byte_by_byte(azure: LocalAzure, client: AsyncOpenAI) -> None:
    data = bytes(range(256)) * 40
    file = await client.files.create(
        file=("売上 q.csv", io.BytesIO(data), "text/csv"),
        purpose="assistants",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert re.fullmatch(r"assistant-\w{22}", file.id)
    assert azure.files[file.id].data == data
    assert (file.bytes, file.filename, file.status) == (len(data), "売上 q.csv", "processed")
    assert file.expires_at == file.created_at + 3600
    body = azure.requests.of("POST", "/files")[0].body
    assert body["file"] == {"filename": "売上 q.csv", "content_type": "text/csv", "bytes": len(data)}
    assert body["expires_after[seconds]"] == "3600"
    with pytest.raises(openai.BadRequestError, match="Not allowed to download"):
        await client.files.content(file.id)
    assert [one.id for one in (await client.files.list()).data] == [file.id]
    assert (await client.files.delete(file.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await client.files.retrieve(file.id)


async def test_a_large_upload_goes_to_disk(azure: LocalAzure, client: AsyncOpenAI) -> None:
    data = b"0123456789abcdef" * (IN_MEMORY // 16) + b"end"
    file = await upload(client, "big.csv", data)
    assert azure.files[file].data == data
    box = await container(client, file)
    assert (await ask(client, "[[files]]", box)).output_text == f"{file}-big.csv {len(data)}\n"
    listed = (await client.containers.files.list(box)).data[0]
    content = await client.containers.files.content.retrieve(listed.id, container_id=box)
    assert content.content == data


async def test_files_expire_and_have_a_size_limit(clock: ManualClock) -> None:
    settings = Settings(clock=clock, file_bytes=1000, user_data=False)
    async with LocalAzure(ScriptedModel(), ScriptedInterpreter(), settings) as azure, connect(azure) as client:
        file = await client.files.create(
            file=("a.csv", b"x"), purpose="assistants", expires_after={"anchor": "created_at", "seconds": 3600}
        )
        clock.advance(seconds=3601)
        with pytest.raises(openai.NotFoundError):
            await client.files.retrieve(file.id)
        with pytest.raises(openai.APIStatusError) as large:
            await upload(client, "a.csv", b"x" * 1001)
        assert large.value.status_code == 413
        with pytest.raises(openai.BadRequestError):
            await client.files.create(file=("a.csv", b"x"), purpose="user_data")


async def test_openai_and_azure_name_files_differently(azure: LocalAzure) -> None:
    async with connect(azure, "/v1/") as client:
        assert (await upload(client)).startswith("file-")


async def test_paths_tell_where_a_file_came_from(client: AsyncOpenAI) -> None:
    first, second = await upload(client, "a.csv", b"1"), await upload(client, "b/c.csv", b"22")
    box = await container(client, first)
    added = await client.containers.files.create(box, file_id=second)
    again = await client.containers.files.create(box, file_id=second)
    direct = await client.containers.files.create(box, file=("d.csv", io.BytesIO(b"333"), "text/csv"))
    assert added.path == f"/mnt/data/{second}-b_c.csv"
    assert again.id == added.id
    assert re.fullmatch(r"/mnt/data/[0-9a-f]{32}-d\.csv", direct.path)
    assert re.fullmatch(r"cfile_[0-9a-f]{32}", direct.id)
    listed = (await client.containers.files.list(box, order="asc")).data
    assert [(one.path, one.bytes, one.source) for one in listed] == [
        (f"/mnt/data/{first}-a.csv", 1, "user"),
        (added.path, 2, "user"),
        (direct.path, 3, "user"),
    ]
    content = await client.containers.files.content.retrieve(direct.id, container_id=box)
    assert content.content == b"333"


async def test_no_session_before_code_runs(client: AsyncOpenAI, interpreter: ScriptedInterpreter) -> None:
    box = await container(client, await upload(client))
    await client.containers.files.list(box)
    await ask(client, "hello", box)
    assert not interpreter.sessions
    await ask(client, "[[code]]", box)
    assert list(interpreter.sessions) == [box]


async def test_files_of_a_run_belong_to_the_assistant(client: AsyncOpenAI) -> None:
    box = await container(client, await upload(client))
    await ask(client, "[[file out.csv]][[show]]", box)
    made = [one for one in (await client.containers.files.list(box, order="asc")).data if one.source == "assistant"]
    assert [one.path for one in made] == ["/mnt/data/out.csv", f"/mnt/data/{made[1].id}.png"]
    content = await client.containers.files.content.retrieve(made[0].id, container_id=box)
    assert content.content == b"a,b\n1,2\n"
    await ask(client, "[[file out.csv]]", box)
    again = [one.id for one in (await client.containers.files.list(box)).data if one.path == made[0].path]
    assert len(again) == 1
    assert again != [made[0].id]


async def test_added_and_deleted_files_reach_a_live_session(client: AsyncOpenAI) -> None:
    box = await container(client)
    assert (await ask(client, "[[files]]", box)).output_text == ""
    added = await client.containers.files.create(box, file=("d.csv", b"333"))
    name = added.path.removeprefix("/mnt/data/")
    assert (await ask(client, f"[[read {name}]]", box)).output_text == "333\n"
    await client.containers.files.delete(added.id, container_id=box)
    assert (await ask(client, "[[files]]", box)).output_text == ""
    with pytest.raises(openai.NotFoundError, match="File not found"):
        await client.containers.files.retrieve(added.id, container_id=box)


async def test_containers_keep_their_files_to_themselves(client: AsyncOpenAI) -> None:
    one, two = await container(client), await container(client)
    secret = await client.containers.files.create(one, file=("secret.csv", b"s"))
    assert (await ask(client, "[[files]]", two)).output_text == ""
    with pytest.raises(openai.NotFoundError):
        await client.containers.files.content.retrieve(secret.id, container_id=two)


async def test_a_container_expires_when_nobody_uses_it(client: AsyncOpenAI, clock: ManualClock) -> None:
    file = await upload(client)
    box = await container(client, file)
    clock.advance(minutes=19)
    assert (await client.containers.retrieve(box)).status == "running"
    clock.advance(minutes=19)
    await ask(client, "[[code]]", box)
    clock.advance(minutes=19)
    listed = (await client.containers.files.list(box)).data[0]
    clock.advance(minutes=20)
    with pytest.raises(openai.BadRequestError, match="Container is expired") as refused:
        await ask(client, "[[code]]", box)
    assert refused.value.code is None
    assert (await client.containers.retrieve(box)).status == "expired"
    assert [one.status for one in (await client.containers.list()).data] == ["expired"]
    with pytest.raises(openai.NotFoundError):
        await client.containers.files.content.retrieve(listed.id, container_id=box)
    with pytest.raises(openai.BadRequestError, match="Container is expired"):
        await client.containers.files.create(box, file_id=file)


async def test_a_refused_run_leaves_the_conversation_free(client: AsyncOpenAI, clock: ManualClock) -> None:
    box = await container(client)
    conversation = await client.conversations.create()
    clock.advance(minutes=21)
    for _ in range(2):
        with pytest.raises(openai.BadRequestError, match="Container is expired"):
            await ask(client, "x", box, conversation=conversation.id)
    assert (await ask(client, "[[history]]", conversation=conversation.id)).output_text == "(nothing before)"


async def test_idle_sessions_are_closed_by_any_traffic(
    client: AsyncOpenAI, clock: ManualClock, interpreter: ScriptedInterpreter
) -> None:
    box = await container(client)
    await ask(client, "[[code]]", box)
    clock.advance(minutes=21)
    await client.files.list()
    assert interpreter.sessions[box].lost


async def test_an_evicted_session_is_an_expired_container() -> None:
    azure = LocalAzure(ScriptedModel(), ScriptedInterpreter(most=2))
    async with azure, connect(azure) as client:
        boxes = [await container(client) for _ in range(3)]
        for box in boxes:
            await ask(client, "[[file a.csv]]", box)
        states = [(await client.containers.retrieve(box)).status for box in boxes]
        assert states == ["expired", "running", "running"]
        with pytest.raises(openai.BadRequestError, match="Container is expired"):
            await ask(client, "[[code]]", boxes[0])


async def test_a_session_that_dies_during_a_run(client: AsyncOpenAI, interpreter: ScriptedInterpreter) -> None:
    class Dying(ScriptedModel):
        async def answer(self, request: Any, run_code: Any) -> Any:
            await run_code("one")
            await interpreter.sessions[box].close()
            yield (await run_code("two")).logs

    azure = LocalAzure(Dying(), interpreter)
    async with azure, connect(azure) as other:
        box = await container(other)
        answer = await ask(other, "x", box)
        assert "has ended" in answer.output_text
        assert (await other.containers.retrieve(box)).status == "expired"


async def test_a_deleted_container_is_unknown(client: AsyncOpenAI) -> None:
    box = await container(client)
    await client.containers.delete(box)
    for call in (client.containers.retrieve(box), ask(client, "x", box), client.containers.delete(box)):
        with pytest.raises(openai.NotFoundError, match="not found"):
            await call


async def test_a_file_outlives_its_source(client: AsyncOpenAI) -> None:
    file = await upload(client, "a.csv", b"kept")
    box = await container(client, file)
    await client.files.delete(file)
    assert (await ask(client, f"[[read {file}-a.csv]]", box)).output_text == "kept\n"
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        await container(client, file)


async def test_the_project_endpoint_cannot_download(azure: LocalAzure) -> None:
    async with connect(azure, "/api/projects/any/openai/v1/") as client:
        box = await container(client)
        added = await client.containers.files.create(box, file=("d.csv", b"333"))
        with pytest.raises(openai.InternalServerError):
            await client.containers.files.content.retrieve(added.id, container_id=box)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_required_parameter"),
        ({"name": "x", "size": 1}, "unknown_parameter"),
        ({"name": "x", "memory_limit": "2g"}, "invalid_value"),
        ({"name": "x", "expires_after": {"anchor": "created_at", "minutes": 20}}, "invalid_value"),
        ({"name": "x", "expires_after": {"anchor": "last_active_at"}}, "missing_required_parameter"),
    ],
)
async def test_misshapen_containers_are_refused(client: AsyncOpenAI, body: Any, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.post("/containers", body=body, cast_to=object)
    assert refused.value.code == code


async def test_a_container_has_the_memory_that_it_was_made_with(
    client: AsyncOpenAI, interpreter: ScriptedInterpreter
) -> None:
    for memory, gigabytes in ((None, 1), ("4g", 4), ("64g", 64)):
        body = {"name": "x"} | ({"memory_limit": memory} if memory else {})
        made: Any = await client.post("/containers", body=body, cast_to=object)
        assert made["memory_limit"] == (memory or "1g")
        await ask(client, "[[code]]", made["id"])
        assert interpreter.gigabytes[made["id"]] == gigabytes


async def test_long_and_foreign_container_ids(client: AsyncOpenAI) -> None:
    for identifier, code in (("cntr_" + "a" * 60, "string_above_max_length"), ("box", "invalid_value")):
        with pytest.raises(openai.BadRequestError) as refused:
            await ask(client, "x", identifier)
        assert refused.value.code == code


async def test_pages(azure: LocalAzure, client: AsyncOpenAI) -> None:
    box = await container(client)
    made = [(await client.containers.files.create(box, file=(f"{n}.csv", b"x"))).id for n in range(5)]
    assert [one.id async for one in client.containers.files.list(box, limit=2, order="asc")] == made
    assert [one.id async for one in client.containers.files.list(box, limit=2)] == made[::-1]
    assert len(azure.requests.of("GET", "/containers/*/files")) == 6
    status, _, _ = await raw(azure, "GET", f"/openai/v1/containers/{box}/files?limit=101")
    assert status == 400


async def test_names_of_any_length_and_kind(client: AsyncOpenAI) -> None:
    file = await upload(client, "長" * 200 + ".csv", b"x")
    box = await container(client, file)
    name = (await client.containers.files.list(box)).data[0].path.removeprefix("/mnt/data/")
    assert len(name.encode()) <= 255
    assert name.startswith(file)
    assert name.endswith(".csv")
    assert tool(box)
