"""Real Python for conversations that come one after another: one kernel, which is emptied for each."""

from __future__ import annotations

from playground.interpreter import JupyterInterpreter
from playground.ports import Session


class OneKernel(JupyterInterpreter):
    """A kernel of its own, with pandas and matplotlib, costs each conversation two seconds of CPU.

    That sessions share nothing is proven in tests/playground/test_interpreter_sessions.py.
    """

    def __init__(self) -> None:
        super().__init__(spare=False)

    async def open(self, container_id: str, gigabytes: int = 1) -> Session:
        """The session, without variables and files of whoever had it before."""
        session = self._sessions.get("only")
        if session is None or not session.alive:
            return await super().open("only", gigabytes)
        await session.run("%reset -f")
        for file in await session.files():
            await session.remove(file.name)
        return session
