"""A plugin of pytest's: a worker that dies ends the run, which says so by an exit code of its own.

xdist would start another one, and then wait for ever: with ``--dist loadfile`` nobody tells the workers that wait that
nothing is left. Without another one it leaves out what the dead one had before it.
"""

from __future__ import annotations

from typing import Any

import pytest

DIED = 3
"""The exit code; ``make test`` runs everything once more."""


class _Crashes:
    def __init__(self) -> None:
        self._died: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Called by xdist for each worker that ends; ``error`` is set when it was not told to."""
        if error:
            self._died.append(node.gateway.id)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._died:
            session.exitstatus = DIED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._died:
            terminalreporter.line(f"NOT ALL TESTS HAVE RUN: {', '.join(self._died)} died", red=True, bold=True)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.option.maxworkerrestart = "0"
        config.pluginmanager.register(_Crashes())
