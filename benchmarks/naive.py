"""A plain bot as tutorials have it: assistant, thread, message, run; look every second; post the answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import aiohttp
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
        thread = event.get("thread_ts") or event["ts"]
        files = [await bring(azure, file) for file in event.get("files", [])]
        text, made = await answer(azure, event["text"].partition(">")[2], files)
        await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=text)
        for name, file in made.items():
            content = await azure.files.content(file)
            await client.files_upload_v2(
                channel=event["channel"], thread_ts=thread, filename=name, content=content.content
            )

    @app.event("message")
    async def said() -> None:
        """Acked by Bolt."""

    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).connect_async()
    await asyncio.Event().wait()


async def bring(azure: AsyncAzureOpenAI, file: dict[str, Any]) -> str:
    """Upload a file from Slack; its id."""
    headers = {"Authorization": f"Bearer {os.environ['SLACK_BOT_TOKEN']}"}
    async with aiohttp.ClientSession() as session, session.get(file["url_private_download"], headers=headers) as found:
        content = await found.read()
    return (await azure.files.create(file=(file["name"], content), purpose="assistants")).id


async def answer(azure: AsyncAzureOpenAI, question: str, files: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Make an assistant, ask it, look again and again until it has answered. Returns charts by name, too."""
    beta = azure.beta
    assistant = await beta.assistants.create(
        model=os.environ["AZURE_OPENAI_DEPLOYMENT"],
        instructions="Answer briefly.",
        tools=[{"type": "code_interpreter"}],
    )
    thread = await beta.threads.create()
    attachments: Any = [{"file_id": file, "tools": [{"type": "code_interpreter"}]} for file in files]
    await beta.threads.messages.create(thread.id, role="user", content=question, attachments=attachments)
    run = await beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    while run.status in {"queued", "in_progress"}:
        await asyncio.sleep(LOOK_SECONDS)
        run = await beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    messages = await beta.threads.messages.list(thread.id, limit=1)
    texts = [part.text for part in messages.data[0].content if part.type == "text"]
    made = [one for text in texts for one in text.annotations if one.type == "file_path"]
    named = {one.text.rpartition("/")[2]: one.file_path.file_id for one in made}
    return "".join(text.value for text in texts), named


if __name__ == "__main__":
    asyncio.run(main())
