"""What only one person sees. ``replies/private.py`` implements it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from conversations.ports.notices import Notice
from conversations.ports.replies import Place
from conversations.ports.workplace import SharedFile
from errors import AnalystError
from receipts.form import LeftOut
from tables import Reading, Trap


@dataclass(frozen=True)
class Modal:
    """Where a modal goes: the trigger of a press (good for 3 s), or the ``view`` that is open already."""

    trigger: str = ""
    view: str = ""


@dataclass(frozen=True)
class Talk:
    """A conversation as the home tab lists it: the person's own question, and when it was last used (epoch s)."""

    channel: str
    thread: str
    question: str
    used_at: float


@dataclass(frozen=True)
class Extent:
    """How much there is to forget; words to the bot do not count."""

    conversations: int
    questions: int


@dataclass(frozen=True)
class Part:
    """A table of a file: its sheet, or ""; rows of data (-1: not counted), and columns."""

    sheet: str
    rows: int
    columns: int


@dataclass(frozen=True)
class Number:
    """A number that was computed again: as it was stated, by which query, and what came of that (``receipts.form``)."""

    label: str
    stated: str
    query: str
    verdict: str
    found: str


@dataclass(frozen=True)
class Account:
    """How an answer accounts for its numbers, and for rows that it leaves out."""

    numbers: Sequence[Number] = ()
    left_out: Sequence[LeftOut] = ()


NOTHING = Account()


@dataclass(frozen=True)
class Source:
    """A file that an answer used. ``shared_at``: epoch seconds; ``exact``: its rows were counted to the end."""

    name: str
    size: int = 0
    shared_at: float = 0.0
    encoding: str = ""
    delimiter: str = ""
    exact: bool = True
    parts: Sequence[Part] = ()
    readings: Sequence[Reading] = ()
    traps: Sequence[Trap] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Source:
        """From what is kept with a file and a turn, also when a later version has written it."""
        found = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        for name, kind in (("parts", Part), ("readings", Reading), ("traps", Trap)):
            known = {one.name for one in fields(kind)}
            found[name] = [kind(**_values(item, known)) for item in found.get(name, ())]
        return cls(**found)


def _values(item: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items() if key in known}


class Windows(Protocol):
    """What only one person sees. All of it is best effort: failures are logged, nothing is raised."""

    async def how(
        self,
        modal: Modal,
        locale: str,
        turn: str,
        sources: Sequence[Source],
        steps: Sequence[Mapping[str, str]],
        page: int = 0,
        account: Account = NOTHING,
    ) -> None:
        """A modal with what lies behind an answer: files, account, the Python (``code``, ``output`` of each step)."""
        ...

    async def reason(self, modal: Modal, locale: str, turn: str) -> None:
        """A modal that asks what was wrong with an answer."""
        ...

    async def forget(self, modal: Modal, locale: str, asked: str, channel: str, extent: Extent) -> None:
        """A modal that asks whether to forget a channel, or for "" what the person has asked; ``asked`` is its note."""
        ...

    async def moment(self, modal: Modal, locale: str) -> Modal:
        """A modal that asks for a moment's patience; where it is replaced."""
        ...

    async def refusal(self, modal: Modal, locale: str, error: AnalystError) -> bool:
        """A modal that says why there is nothing to see; whether Slack has taken it."""
        ...

    async def home(self, user: str, locale: str, talks: Sequence[Talk]) -> None:
        """The person's home tab: what the bot can do, and the conversations."""
        ...

    async def refuse_home(self, user: str, locale: str, error: AnalystError) -> None:
        """The same page, which says why there is nothing to see."""
        ...

    async def prompts(self, channel: str, locale: str) -> None:
        """What may be asked, offered in an empty direct message."""
        ...

    async def whisper(self, place: Place, notice: Notice) -> None:
        """A line in a thread that only ``place.asker`` sees."""
        ...

    async def tell(self, user: str, locale: str, notice: Notice) -> None:
        """A line in the person's direct message with the bot. A field ``channel`` is a channel's id."""
        ...

    async def refuse(self, place: Place, error: AnalystError, address: str = "") -> None:
        """Tell ``place.asker`` alone why something is not done, wherever Slack lets us. ``address``: of the press."""
        ...

    async def reply(self, address: str, locale: str, notice: Notice) -> None:
        """A line that only the person sees, at the address that a command came with."""
        ...

    async def reply_files(self, address: str, locale: str, files: Sequence[SharedFile]) -> None:
        """A list of files, in the same way."""
        ...
