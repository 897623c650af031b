"""A plain bot as tutorials have it: assistant, thread, message, run; look every second; post the answer."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from openai import AsyncAzureOpenAI
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

LOOK_SECONDS = 1.0


async def main() -> None:
    """Answer mentions until the process is ended."""
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    azure = AsyncAzureOpenAI(
        azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
        api_key=os.environ["AZURE_OPENAI_API_KEY"],
        api_version="2025-04-01-preview",
    )
    app = AsyncApp(client=client)

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any]) -> None:
        text = await answer(azure, event["text"].partition(">")[2])
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=text)

    @app.event("message")
    async def said() -> None:
        """Acked by Bolt."""

    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).connect_async()
    await asyncio.Event().wait()


async def answer(azure: AsyncAzureOpenAI, question: str) -> str:
    """Make an assistant, ask it, look again and again until it has answered."""
    beta = azure.beta
    assistant = await beta.assistants.create(
        model=os.environ["AZURE_OPENAI_DEPLOYMENT"],
        instructions="Answer briefly.",
        tools=[{"type": "code_interpreter"}],
    )
    thread = await beta.threads.create()
    await beta.threads.messages.create(thread.id, role="user", content=question)
    run = await beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    while run.status in {"queued", "in_progress"}:
        await asyncio.sleep(LOOK_SECONDS)
        run = await beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    messages = await beta.threads.messages.list(thread.id, limit=1)
    return "".join(part.text.value for part in messages.data[0].content if part.type == "text")


if __name__ == "__main__":
    asyncio.run(main())
