"""``python -m playground.slack``: the local Slack alone, for a look and for debugging."""

from __future__ import annotations

import argparse
import asyncio
import logging

from playground.slack.server.server import LocalSlack

log = logging.getLogger("playground.slack")


async def _serve(host: str, port: int, *, limits: bool) -> None:
    slack = LocalSlack(limits=limits)
    await slack.start(host, port)
    log.info("Open %s", slack.url)
    log.info("SLACK_API_URL=%s SLACK_BOT_TOKEN=%s SLACK_APP_TOKEN=%s", slack.api_url, slack.bot_token, slack.app_token)
    try:
        await asyncio.Event().wait()
    finally:
        await slack.stop()


def main() -> None:
    """Parse the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m playground.slack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8065)
    parser.add_argument("--limits", action="store_true", help="enforce Slack's rate limits")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        asyncio.run(_serve(arguments.host, arguments.port, limits=arguments.limits))
    except KeyboardInterrupt:
        log.info("Goodbye")


if __name__ == "__main__":
    main()
