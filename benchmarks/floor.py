"""The floor: what a streaming bot costs that keeps nothing. One mention, one response, one streamed message.

Files are brought to a new sandbox side by side; charts are fetched when the text is out, and shared together.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import aiohttp
from openai import AsyncOpenAI
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main() -> None:
    """Answer mentions until the process is ended."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
        )
        azure = AsyncOpenAI(
            base_url=f"{os.environ['AZURE_OPENAI_ENDPOINT']}/openai/v1/", api_key=os.environ["AZURE_OPENAI_API_KEY"]
        )
        app = AsyncApp(client=client)

        @app.event("app_mention")
        async def mentioned(event: dict[str, Any], body: dict[str, Any]) -> None:
            await answer(client, session, azure, event | {"team": body["team_id"]})

        @app.event("message")
        async def said() -> None:
            """Acked by Bolt."""

        handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
        await handler.connect_async()
        await asyncio.Event().wait()


async def answer(
    client: AsyncWebClient, session: aiohttp.ClientSession, azure: AsyncOpenAI, event: dict[str, Any]
) -> None:
    """Show a status, ask, and stream what comes."""
    channel, thread = event["channel"], event.get("thread_ts") or event["ts"]
    status = asyncio.ensure_future(
        client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status="is thinking…")
    )
    question, files = event["text"].partition(">")[2], event.get("files", [])
    tools: Any = [{"type": "code_interpreter", "container": await sandbox(session, azure, files)}]
    events = await azure.responses.create(
        model=os.environ["AZURE_OPENAI_DEPLOYMENT"],
        input=question,
        instructions="Answer briefly.",
        tools=tools,
        stream=True,
    )
    await status
    stream = await client.chat_stream(
        channel=channel, thread_ts=thread, recipient_user_id=event["user"], recipient_team_id=event["team"]
    )
    made: list[Any] = []
    async for part in events:
        if part.type == "response.output_text.delta":
            await stream.append(markdown_text=part.delta)
        elif part.type == "response.output_text.annotation.added":
            made.append(part.annotation)
    await stream.stop()
    if made:
        await share(client, azure, made, channel, thread)


async def sandbox(session: aiohttp.ClientSession, azure: AsyncOpenAI, files: Sequence[dict[str, Any]]) -> str:
    """A new container with files from Slack; its id."""
    headers = {"Authorization": f"Bearer {os.environ['SLACK_BOT_TOKEN']}"}

    async def bring(file: dict[str, Any]) -> str:
        async with session.get(file["url_private_download"], headers=headers) as response:
            content = await response.read()
        return (await azure.files.create(file=(file["name"], content), purpose="assistants")).id

    making = asyncio.ensure_future(azure.containers.create(name="floor"))
    brought = await asyncio.gather(*map(bring, files))
    container = await making
    await asyncio.gather(*(azure.containers.files.create(container.id, file_id=file) for file in brought))
    return container.id


async def share(client: AsyncWebClient, azure: AsyncOpenAI, made: Sequence[Any], channel: str, thread: str) -> None:
    """Bring charts to a thread."""
    contents = await asyncio.gather(
        *(azure.containers.files.content.retrieve(one.file_id, container_id=one.container_id) for one in made)
    )
    uploads = [{"file": found.content, "filename": one.filename} for one, found in zip(made, contents, strict=True)]
    await client.files_upload_v2(channel=channel, thread_ts=thread, file_uploads=uploads)


if __name__ == "__main__":
    asyncio.run(main())
