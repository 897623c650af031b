"""Fault switches: what a test breaks, where, and how often."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.latencies import latencies
from playground.slack.state.ledger import Call
from playground.slack.state.options import Json

When = Literal["before", "during", "after"]
Where = Callable[[Json], bool]
Callback = Callable[[Call], Awaitable[object] | None]
HTML = "<!DOCTYPE html><html><body><h1>Slack is having trouble</h1></body></html>"


class Gate:
    """A call that is held: ``reached`` is set once one waits, ``release`` lets it and all later ones go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def release(self) -> None:
        """Let them go."""
        self._open.set()

    async def pass_through(self) -> None:
        """Wait here."""
        self.reached.set()
        await self._open.wait()


@dataclass
class Rule:
    """A fault of a method. ``skip`` calls pass untouched first; then ``times`` calls meet it."""

    method: str
    kind: Literal["http", "error", "reset", "delay", "hook", "hold", "cut", "slow", "login", "redirect", "unshared"]
    when: When = "before"
    times: int = 1
    skip: int = 0
    where: Where | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def applies(self, method: str, args: Json) -> bool:
        """Whether this call meets the fault; counts it."""
        if self.times <= 0 or self.method not in {method, "*"} or (self.where and not self.where(args)):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Sockets:
    """What the faults do to the Socket Mode server, once there is one."""

    def __init__(self) -> None:
        self.refusals = 0
        self.silent = False
        self.disconnect: Callable[[str], None] = lambda _reason: None
        self.kill: Callable[[], None] = lambda: None
        self.retry_now: Callable[[], None] = lambda: None
        self.redeliver: Callable[[str | None], int] = lambda _event_id: 0


class Faults:
    """Switches. ``method`` is a Web API method, ``upload``, ``download`` or ``*``.

    ``times`` is how many calls meet the fault, ``skip`` how many pass before, ``where`` a condition on the arguments.
    A call meets at most one refusing fault, and any number of delays, holds and hooks.
    """

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._duplicates = 0
        self._dropped_acks = 0
        self._held: list[asyncio.Future[None]] = []
        self._reorder = 0
        self.gates: dict[str, Gate] = {}
        self.sockets = Sockets()

    def clear(self) -> None:
        """Everything works again; whatever is held goes on."""
        self._rules.clear()
        self._duplicates = self._dropped_acks = self._reorder = 0
        self._release_held()
        self.sockets.refusals, self.sockets.silent = 0, False
        for gate in self.gates.values():
            gate.release()
        self.gates.clear()

    # --- Web API, uploads, downloads

    def rate_limit(
        self, method: str, times: int = 1, retry_after: int | None = 1, error: str = "ratelimited", **more: Any
    ) -> None:
        """HTTP 429 with ``Retry-After`` in seconds, or (None) without; ``error`` may be any word."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.answer(method, {"ok": False, "error": error}, 429, times, headers, **more)

    def answer(
        self,
        method: str,
        body: Any,
        status: int = 200,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Any answer at all: a text goes out as it is (with ``text/html``), everything else as JSON."""
        self._add(method, "http", times, {"status": status, "body": body, "headers": dict(headers or {})}, **more)

    def http_error(self, method: str, status: int = 503, times: int = 1, **more: Any) -> None:
        """A bare HTTP status, before anything was done (``when="after"``: after it was done)."""
        self._add(method, "http", times, {"status": status, "body": ""}, **more)

    def html(self, method: str, times: int = 1, status: int = 200, **more: Any) -> None:
        """An HTML page instead of JSON."""
        self._add(method, "http", times, {"status": status, "body": HTML}, **more)

    def slack_error(self, method: str, error: str, times: int = 1, fields: Json | None = None, **more: Any) -> None:
        """``{"ok": false, "error": error}``: any word, known to the method or not."""
        body = {"ok": False, "error": error, **(fields or {})}
        self._add(method, "error", times, {"status": 200, "body": body}, **more)

    def reset(self, method: str, when: When = "before", times: int = 1, **more: Any) -> None:
        """Cut the connection; ``after`` = it was done, but nobody was told."""
        self._add(method, "reset", times, {}, when=when, **more)

    def delay(self, method: str, seconds: float, times: int = 1, when: When = "before", **more: Any) -> None:
        """Let the call wait."""
        self._add(method, "delay", times, {"seconds": seconds}, when=when, **more)

    def latency(self, profile: str, factor: float = 1.0) -> None:
        """From now on let every call take the time that it has in a profile of ``playground/latencies.py``."""
        for method, seconds in latencies(profile, factor).slack.items():
            self.delay(method, seconds, sys.maxsize)

    def hold(self, method: str, when: When = "after", times: int = 1, **more: Any) -> Gate:
        """Hold the call until the gate is released: before it is done, or after that and before the answer."""
        gate = Gate()
        self._add(method, "hold", times, {"gate": gate}, when=when, **more)
        return gate

    def on_processed(self, method: str, callback: Callback, call: int = 1, **more: Any) -> None:
        """Run ``callback`` when the ``call``-th call from now was processed, before it is answered."""
        self._add(method, "hook", 1, {"callback": callback}, when="after", skip=call - 1, **more)

    def download_login(self, times: int = 1) -> None:
        """The login page instead of the file, with status 200, at once."""
        self._add("download", "login", times, {})

    def download_redirect(
        self, times: int = 1, to: str = "origin", *, needs_token: bool = True, hops: int = 1, status: int = 302
    ) -> None:
        """Send downloads to another host, as Slack does inside organizations.

        Args:
            times: how many downloads.
            to: ``origin``, which serves the files as well; ``itself``, in a circle; or the beginning of a URL.
            needs_token: False lets the origin serve without the token. What came with it says the ledger, in
                ``call.args["authorized"]``.
            hops: how many redirects, one after the other, before the file.
            status: of the redirects.
        """
        values = {"to": to, "needs_token": needs_token, "hops": hops, "status": status}
        self._add("download", "redirect", times, values, where=lambda args: "hop" not in args)

    def upload_unshared(self, times: int = 1, later: float | None = None) -> None:
        """``files.completeUploadExternal`` says ``ok`` and shares nothing, or only after ``later`` seconds."""
        self._add("files.completeUploadExternal", "unshared", times, {"later": later}, when="during")

    def download_cut(self, after: int, times: int = 1) -> None:
        """Cut the connection after so many bytes."""
        self._add("download", "cut", times, {"after": after})

    def download_slow(self, seconds: float, chunk: int = 65_536, times: int = 1) -> None:
        """Pause for ``seconds`` before every ``chunk`` bytes."""
        self._add("download", "slow", times, {"seconds": seconds, "chunk": chunk})

    # --- Socket Mode and deliveries

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send a disconnect frame on every socket; they close at once, after a ``warning`` a little later."""
        self.sockets.disconnect(reason)

    def kill_sockets(self) -> None:
        """Cut every socket without a word."""
        self.sockets.kill()

    def stop_pongs(self, silent: bool = True) -> None:
        """Answer no ping any more."""
        self.sockets.silent = silent

    def refuse_upgrades(self, times: int = 1) -> None:
        """Refuse the next WebSocket upgrades; each burns its ticket."""
        self.sockets.refusals += times

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next events twice."""
        self._duplicates += times

    def reorder(self, count: int = 2) -> None:
        """Hold deliveries until there are ``count``, then send them in reverse."""
        self._reorder = count

    def drop_acks(self, times: int = 1) -> None:
        """Lose the next acknowledgements."""
        self._dropped_acks += times

    def retry_now(self) -> None:
        """Repeat every unacknowledged event at once."""
        self.sockets.retry_now()

    def redeliver(self, event_id: str | None = None) -> int:
        """Send events again although they were acknowledged: one, or all. Returns how many."""
        return self.sockets.redeliver(event_id)

    # --- asked by the server

    def take(self, method: str, args: Json, when: When) -> list[Rule]:
        """The faults that this call meets now."""
        met: list[Rule] = []
        refused = False
        for rule in self._rules:
            refuses = rule.kind not in {"delay", "hook", "hold"}
            if rule.when != when or (refused and refuses):
                continue
            if rule.applies(method, args):
                met.append(rule)
                refused = refused or refuses
        self._rules = [rule for rule in self._rules if rule.times > 0]
        return met

    def take_duplicate(self) -> bool:
        """Whether this event is delivered twice."""
        self._duplicates -= (found := self._duplicates > 0)
        return found

    def take_dropped_ack(self) -> bool:
        """Whether this acknowledgement is lost."""
        self._dropped_acks -= (found := self._dropped_acks > 0)
        return found

    async def arrange(self) -> None:
        """Wait for one's place in the order of deliveries."""
        if not self._reorder:
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held.append(place)
        if len(self._held) >= self._reorder:
            self._reorder = 0
            self._release_held()
        await place

    def _release_held(self) -> None:
        for place in reversed(self._held):
            if not place.done():
                place.set_result(None)
        self._held.clear()

    def _add(self, method: str, kind: Any, times: int, values: Json, **more: Any) -> None:
        self._rules.append(Rule(method=method, kind=kind, times=times, values=values, **more))
