"""Bots that start quickly: each is forked from a process that has imported the bot, and nothing else, beforehand.

It is a process as any: killed, ended and traced like one that was started with ``python bot.py``, which takes a second
of CPU more, two minutes in all for the tests. Started by ``tests/support/processes.py``; a request is one packet with
the folder, the environment, waits that are shorter than usual, and two descriptors: where the bot writes, and where its
pid and its exit code are told.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.support.in_bot.loop_watchdog import arm_if_asked
from tests.support.statements import share_statements

ROOT = Path(__file__).resolve().parents[2]
LARGEST_REQUEST = 1 << 17
LATE = ("alembic.command", "dbos._sys_db_postgres", "dbos._sys_db_sqlite", "psycopg")
"""What is imported when a database is opened."""


class Request(NamedTuple):
    """A bot to be started."""

    folder: str
    environment: dict[str, str]
    constants: dict[str, float]
    output: int
    status: int


def main() -> int:
    """Serve until the other end is closed; in a forked process, be the bot."""
    sys.path.insert(0, str(ROOT))
    import bot

    import_all()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        request = serve(requests)
    if request is None:
        return 0
    become(request)
    return bot.main()


def import_all() -> None:
    """What a bot imports at its start and by its first turn, on either wire; and what it prepares once."""
    for module in ("app.command_line", "app.run", *LATE):
        import_module(module)
    from azure_assistant import AssistantConfig, open_assistant
    from helper.protocol import HEADER, Guards, pack, unpack
    from replies.views.wording import Wording

    open_assistant(AssistantConfig("http://127.0.0.1", "key", deployment="any", api="responses"))
    open_assistant(AssistantConfig("http://127.0.0.1", "key", deployment="any", api="assistants"))
    unpack(Guards, pack(Guards(memory=True, files=True, calls=True))[HEADER:])
    Wording("en").seconds(1.5)
    share_statements()
    asyncio.run(answer_once())
    gc.collect()
    gc.freeze()


async def answer_once() -> None:
    """A question over fakes: the statements are compiled, and whatever else is made at its first use."""
    from prometheus_client import Counter, Histogram

    from telemetry import metrics
    from tests.heart.heart import heart_at

    with tempfile.TemporaryDirectory() as folder:
        async with heart_at(Path(folder)) as heart:
            await heart.start()
            heart.share("sales.csv")
            await heart.ask("How many?")
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Histogram) and metric._labelnames:
            metric.clear()  # no bot has answered it


def serve(requests: socket.socket) -> Request | None:
    """Fork for each request; returns it in the new process, and None in this one when all is over."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    running: dict[int, int] = {}
    with woken, wake, selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                woken.recv(4096)
                tell_ends(running)
            if requests in ready:
                request = receive(requests)
                if request is None:
                    break
                if fork(request, running):
                    for status in running.values():
                        os.close(status)
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    return request
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


def receive(requests: socket.socket) -> Request | None:
    """The next request; None at the end."""
    packet, descriptors, _, _ = socket.recv_fds(requests, LARGEST_REQUEST, 2)
    return Request(*json.loads(packet), *descriptors) if packet else None


def fork(request: Request, running: dict[int, int]) -> bool:
    """Whether this is the new process; in the old one it is noted, and its pid told."""
    assert threading.active_count() == 1, "a fork copies one thread only"
    pid = os.fork()
    if pid == 0:
        return True
    os.close(request.output)
    os.write(request.status, b"%d\n" % pid)
    running[pid] = request.status
    return False


def tell_ends(running: dict[int, int]) -> None:
    """Exit codes of those that have ended, as ``subprocess`` counts: negative for a signal."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        told = running.pop(pid)
        os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(told)


def become(request: Request) -> None:
    """Make of a copy of this process what ``exec`` would make."""
    os.close(request.status)
    os.dup2(request.output, 1)
    os.dup2(request.output, 2)
    os.close(request.output)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    tempfile.tempdir = None
    sys.argv = [str(ROOT / "bot.py")]
    set_constants(request.constants)
    arm_if_asked()


def set_constants(values: Mapping[str, float]) -> dict[str, float]:
    """Set constants of modules that are imported, by module and name; returns the usual ones."""
    usual = {}
    for name, value in values.items():
        module, _, constant = name.rpartition(".")
        usual[name] = float(getattr(sys.modules[module], constant))
        setattr(sys.modules[module], constant, value)
    return usual


if __name__ == "__main__":
    sys.exit(main())
