"""``python -m playground``: a local Slack, a local Azure OpenAI or your own model, and the real bot between them."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from playground import samples
from playground.analyst import OfflineAnalyst
from playground.azure.model.upstream import UpstreamModel, upstream_model
from playground.azure.server import LocalAzure
from playground.interpreter import JupyterInterpreter
from playground.own_model import name_of, own_model
from playground.slack.server.samples import sample_routes
from playground.slack.server.server import LocalSlack, Options

ROOT = Path(__file__).resolve().parent.parent
BOT_START_SECONDS = 60.0
WITHOUT_OWN = """\
No model of your own is set. Name it here or in .env as README's settings say: AZURE_OPENAI_ENDPOINT and
AZURE_OPENAI_DEPLOYMENT, with AZURE_OPENAI_API_KEY or a sign-in of Entra ID; or OPENAI_API_KEY and
AZURE_OPENAI_DEPLOYMENT. Without MODEL=own the offline analyst answers."""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def bot_environment(slack: LocalSlack, database: Path, model: Mapping[str, str]) -> dict[str, str]:
    """All that the bot is told: where Slack and the model are, and nothing else of this environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "LOG_LEVEL") if name in os.environ}
    return {
        **kept,
        **model,
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "DATABASE_URL": f"sqlite:///{database}",
        "PYTHONUNBUFFERED": "1",
    }


async def start_azure(stack: AsyncExitStack, api: str, upstream: UpstreamModel | None) -> dict[str, str]:
    """Start the local Azure OpenAI; returns the variables that lead to it."""
    interpreter = await JupyterInterpreter().start()
    stack.push_async_callback(interpreter.close)
    if upstream is not None:
        stack.push_async_callback(upstream.close)
    azure = LocalAzure(model=upstream or OfflineAnalyst(), interpreter=interpreter)
    await azure.start()
    stack.push_async_callback(azure.stop)
    return {
        "AZURE_OPENAI_ENDPOINT": azure.endpoint,
        "AZURE_OPENAI_API_KEY": azure.api_key,
        "AZURE_OPENAI_DEPLOYMENT": azure.deployment,
        "AZURE_OPENAI_API": api,
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


async def play(port: int, api: str, upstream: UpstreamModel | None, own: Mapping[str, str]) -> int:
    """Run everything until Ctrl-C.

    Args:
        port: Of the page.
        api: The wire to the local Azure.
        upstream: A model behind the local Azure, instead of the offline analyst.
        own: What leads to the person's own model, instead of the local Azure.

    Returns:
        0, or the bot's exit code when it ends by itself.
    """
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyst-")))
        answers = name_of(own) if own else "your own model" if upstream else "the offline analyst"
        say(f"Starting the local Slack{'' if own else ' and the local Azure OpenAI'}… {answers} will answer.")
        routes = sample_routes(samples.FOLDER, samples.DESCRIPTIONS)
        slack = LocalSlack(Options(answers=answers), routes=routes)
        await slack.start(port=port)
        stack.push_async_callback(slack.stop)
        model = own or await start_azure(stack, api, upstream)
        say("Starting the bot…")
        bot = await start_bot(bot_environment(slack, folder / "analyst.db", model), folder)
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
    parser.add_argument("--model", choices=("local", "own"), default="local", help="own: what your environment names")
    arguments = parser.parse_args()
    own = own_model(os.environ, Path(".env"))
    if arguments.model == "own" and not own:
        say(WITHOUT_OWN)
        return 2
    if arguments.model == "local" and own:
        say("Your own model is set, too: `make try MODEL=own` lets it answer.")
        own = {}
    try:
        upstream = upstream_model(os.environ)
    except ValueError as error:
        say(str(error))
        return 2
    try:
        return asyncio.run(play(arguments.port, arguments.api, upstream, own))
    except OSError as error:
        say(f"Port {arguments.port} cannot be used ({error.strerror}). Try: python -m playground --port 0")
        return 1


if __name__ == "__main__":
    sys.exit(main())
