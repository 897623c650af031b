"""The floor: what a streaming bot costs that keeps nothing. One mention, one response, one streamed message."""

from __future__ import annotations

import asyncio
import os
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
        async def mentioned(event: dict[str, Any]) -> None:
            await answer(client, azure, event)

        @app.event("message")
        async def said() -> None:
            """Acked by Bolt."""

        handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
        await handler.connect_async()
        await asyncio.Event().wait()


async def answer(client: AsyncWebClient, azure: AsyncOpenAI, event: dict[str, Any]) -> None:
    """Show a status, ask, and stream what comes."""
    channel, thread = event["channel"], event.get("thread_ts") or event["ts"]
    status = asyncio.ensure_future(
        client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status="is thinking…")
    )
    events = await azure.responses.create(
        model=os.environ["AZURE_OPENAI_DEPLOYMENT"],
        input=event["text"].partition(">")[2],
        instructions="Answer briefly.",
        stream=True,
    )
    await status
    stream = await client.chat_stream(
        channel=channel, thread_ts=thread, recipient_user_id=event["user"], recipient_team_id=event.get("team")
    )
    async for part in events:
        if part.type == "response.output_text.delta":
            await stream.append(markdown_text=part.delta)
    await stream.stop()


if __name__ == "__main__":
    asyncio.run(main())
