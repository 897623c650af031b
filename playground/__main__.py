"""``python -m playground``: a local Slack, a local Azure OpenAI, and the real bot between them."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from playground import samples
from playground.analyst import OfflineAnalyst
from playground.azure.model.upstream import UpstreamModel, upstream_model
from playground.azure.server import LocalAzure
from playground.interpreter import JupyterInterpreter
from playground.slack.server.samples import sample_routes
from playground.slack.server.server import LocalSlack

ROOT = Path(__file__).resolve().parent.parent
BOT_START_SECONDS = 60.0


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def bot_environment(slack: LocalSlack, azure: LocalAzure, database: Path, api: str) -> dict[str, str]:
    """Everything that the bot is told: base URLs and keys, nothing else of this process's environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "LOG_LEVEL") if name in os.environ}
    return kept | {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "AZURE_OPENAI_ENDPOINT": azure.endpoint,
        "AZURE_OPENAI_API_KEY": azure.api_key,
        "AZURE_OPENAI_DEPLOYMENT": azure.deployment,
        "AZURE_OPENAI_API": api,
        "DATABASE_URL": f"sqlite:///{database}",
        "PYTHONUNBUFFERED": "1",
    }


async def start_bot(environment: dict[str, str], folder: Path) -> asyncio.subprocess.Process:
    """Start ``bot.py``, away from this folder's ``.env`` and from the terminal's Ctrl-C (we pass that on ourselves)."""
    return await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "bot.py"), cwd=folder, env=environment, start_new_session=True
    )


async def end_bot(bot: asyncio.subprocess.Process) -> None:
    """Ask the bot to finish what it does, and wait for it."""
    if bot.returncode is None:
        with suppress(ProcessLookupError):
            bot.send_signal(signal.SIGTERM)
        await bot.wait()


async def play(port: int, api: str, upstream: UpstreamModel | None) -> int:
    """Run everything until Ctrl-C.

    Returns:
        0, or the bot's exit code when it ends by itself.
    """
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyst-")))
        say("Starting the local Slack and the local Azure OpenAI…")
        slack = LocalSlack(routes=sample_routes(samples.FOLDER, samples.DESCRIPTIONS))
        await slack.start(port=port)
        stack.push_async_callback(slack.stop)
        interpreter = await JupyterInterpreter().start()
        stack.push_async_callback(interpreter.close)
        if upstream is not None:
            stack.push_async_callback(upstream.close)
        azure = LocalAzure(model=upstream or OfflineAnalyst(), interpreter=interpreter)
        await azure.start()
        stack.push_async_callback(azure.stop)
        say("Starting the bot…")
        bot = await start_bot(bot_environment(slack, azure, folder / "analyst.db", api), folder)
        stack.push_async_callback(end_bot, bot)
        ended = asyncio.create_task(bot.wait())
        ready = asyncio.create_task(slack.wait(lambda s: s.bot_connected, timeout=BOT_START_SECONDS))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({ready, ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done() and not ready.exception():
            say(f"\n  Ready. Open {slack.url} in a browser; Ctrl-C ends everything.\n")
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, stopped):
            task.cancel()
        if ended.done():
            say("The bot has ended by itself.")
            return ended.result() or 1
        say("\nEnding…")
    return 0


def main() -> int:
    """Parse the arguments and play."""
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="port of the page (default: 8765; 0: any free one)")
    parser.add_argument("--api", choices=("responses", "assistants"), default="responses", help="the wire to Azure")
    arguments = parser.parse_args()
    try:
        upstream = upstream_model(os.environ)
    except ValueError as error:
        say(str(error))
        return 2
    try:
        return asyncio.run(play(arguments.port, arguments.api, upstream))
    except OSError as error:
        say(f"Port {arguments.port} cannot be used ({error.strerror}). Try: python -m playground --port 0")
        return 1


if __name__ == "__main__":
    sys.exit(main())
