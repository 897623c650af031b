"""The person at the terminal: what they are told, and what they answer."""

from __future__ import annotations

import asyncio
import getpass
import sys


def say(text: str) -> None:
    """Tell something."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def ask(question: str, *, hidden: bool = False) -> str:
    """Ask for one line.

    Args:
        question: Shown before the answer.
        hidden: The answer is a secret, and is not shown. Read from a pipe, nothing is shown anyway.

    Raises:
        EOFError: There is nobody any more.
    """
    return (await asyncio.to_thread(_line, f"{question}: ", hidden=hidden)).strip()


def _line(prompt: str, *, hidden: bool) -> str:
    if hidden and sys.stdin.isatty():
        return getpass.getpass(prompt)
    return input(prompt)
