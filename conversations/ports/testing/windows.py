"""What single people see, as a list."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from conversations.ports.windows import Modal


def _note(verb: str) -> Callable[..., Coroutine[Any, Any, None]]:
    async def note(self: FakeWindows, *what: Any, **more: Any) -> None:
        self.shown.append((verb, (*what, *more.values())))

    return note


class FakeWindows:
    """Implements ``Windows``. ``shown`` has each verb with what it was given."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, tuple[Any, ...]]] = []

    how, reason, home, prompts = _note("how"), _note("reason"), _note("home"), _note("prompts")
    whisper, refuse, refuse_home = _note("whisper"), _note("refuse"), _note("refuse_home")
    forget, tell = _note("forget"), _note("tell")
    reply, reply_files = _note("reply"), _note("reply_files")

    async def moment(self, modal: Modal, locale: str) -> Modal:
        """See ``Windows``."""
        self.shown.append(("moment", (modal, locale)))
        return Modal(view=f"V{len(self.shown)}")

    async def refusal(self, *what: Any) -> bool:
        """See ``Windows``."""
        self.shown.append(("refusal", what))
        return True
