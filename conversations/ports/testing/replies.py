"""A workspace that is written to, in memory: what it shows can be read, and nothing is shown twice unnoticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conversations.ports.checks import CORRECTION, DIFFERENCE, Checked
from conversations.ports.journal import Journal
from conversations.ports.notices import Notice
from conversations.ports.replies import INQUIRY, Activity, CardFile, Deliverable, Footer, Inquiry, OnStop, Place
from errors import AnalystError


@dataclass(frozen=True)
class Outcome:
    """The answer of a turn as it is shown in the end; ``by`` stopped it, ``newest`` are named in its first line."""

    kind: Literal["finished", "failed", "stopped"]
    text: str
    footer: Footer | None = None
    error: AnalystError | None = None
    by: str = ""
    newest: Sequence[str] = ()


@dataclass(frozen=True)
class Posted:
    """A message or file that stands in a thread: which part of a turn it is, and what it holds."""

    place: Place
    part: str
    what: (
        Outcome | Notice | Deliverable | Inquiry | Checked | str
        | Sequence[CardFile] | Sequence[Mapping[str, str]] | Sequence[AnalystError]
    )  # fmt: skip
    data: bytes = b""


@dataclass
class FakeReplies:
    """A workspace that is written to: implements ``TeamReplies``.

    ``posted`` is what stands there now, in order. ``mistakes`` tells of what would show something twice, or too late;
    it has to be empty at the end, and so has ``under_way``: answers that are neither closed nor parked.
    """

    posted: list[Posted] = field(default_factory=list)
    signs: list[tuple[Place, Activity, str]] = field(default_factory=list)
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    under_way: list[FakeAnswer] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    choices: list[tuple[str, str, str]] = field(default_factory=list)
    """Of which turns, by whom and what was chosen, as is shown there."""
    refuses: AnalystError | None = None
    checked: dict[str, Checked] = field(default_factory=dict)
    """What the footers of answers say of their numbers, by turn."""
    cleared: set[str] = field(default_factory=set)
    """Turns whose answers were closed, which clears the status line."""

    def of(self, turn: str) -> list[Posted]:
        """What stands there of a turn."""
        return [post for post in self.posted if post.place.turn == turn]

    def answer(self, place: Place, journal: Journal, *, recovering: bool, on_stop: OnStop | None = None) -> FakeAnswer:
        """See ``Replies``."""
        answer = FakeAnswer(self, place, journal, recovering=recovering, on_stop=on_stop)
        self.under_way.append(answer)
        return answer

    async def notice(self, place: Place, notice: Notice, journal: Journal) -> None:
        """See ``Replies``."""
        await self.post(Posted(place, f"notice:{notice.kind}", notice), journal)

    async def first_sign(self, place: Place, activity: Activity, title: str = "") -> None:
        """See ``Replies``."""
        self.signs.append((place, activity, title))

    async def card(self, place: Place, files: Sequence[CardFile], journal: Journal) -> None:
        """See ``Replies``."""
        await self.post(Posted(place, "card", files), journal)

    async def post_code(self, place: Place, by: str, steps: Sequence[Mapping[str, str]], journal: Journal) -> None:
        """See ``Replies``."""
        await self.post(Posted(place, "code", steps), journal)

    async def inquire(self, place: Place, inquiry: Inquiry, journal: Journal) -> None:
        """See ``Replies``."""
        await self.post(Posted(place, INQUIRY, inquiry), journal)

    async def show_choice(self, place: Place, inquiry: Inquiry, by: str, name: str, journal: Journal) -> None:
        """See ``Replies``: the question stands where the journal says."""
        if INQUIRY in await journal.noted():
            self.choices.append((place.turn, by, name))

    async def show_check(self, place: Place, checked: Checked, journal: Journal) -> None:
        """See ``CheckReplies``: it takes the place of an earlier one."""
        self.checked[place.turn] = checked

    async def tell_differences(self, place: Place, checked: Checked, journal: Journal) -> None:
        """See ``CheckReplies``."""
        await self.post(Posted(place, DIFFERENCE, checked), journal)

    async def correct(self, place: Place, text: str, journal: Journal) -> None:
        """See ``CheckReplies``."""
        await self.post(Posted(place, CORRECTION, text), journal)

    async def react(self, channel: str, ts: str, name: str) -> None:
        """See ``Replies``."""
        self.reactions.append((channel, ts, name))

    async def post(self, post: Posted, journal: Journal, *, looks: bool = True) -> None:
        """Post a part that is not there yet; who does not look posts it twice."""
        if self.refuses:
            raise self.refuses
        is_there = any(post.part == other.part for other in self.of(post.place.turn))
        if is_there and not looks:
            self.mistakes.append(f"{post.part} of {post.place.turn} is posted twice.")
        if not (is_there and looks):
            self.posted.append(post)
        await journal.note(post.part, f"{len(self.posted)}.000000", "posted")


class FakeAnswer:
    """One turn's outcome, in a ``FakeReplies``: implements ``Answer``. ``on_stop`` is for who stops it at Slack."""

    def __init__(
        self, replies: FakeReplies, place: Place, journal: Journal, *, recovering: bool, on_stop: OnStop | None
    ) -> None:
        self.place = place
        self.recovering = recovering
        self.on_stop = on_stop
        self.activities: list[Activity] = []
        self.details: dict[Activity, dict[str, str]] = {}
        self.live = ""
        self.code: list[tuple[str, str]] = []
        self.newest: Sequence[str] = ()
        self._replies = replies
        self._journal = journal
        self._shown: set[str] = set()

    def begins_with(self, newest: Sequence[str]) -> None:
        """See ``Answer``."""
        if not self.live:
            self.newest = newest

    async def status(self, activity: Activity, **fields: str) -> None:
        """See ``Answer``."""
        self._open("status")
        self.activities.append(activity)
        self.details[activity] = fields

    async def text(self, delta: str) -> None:
        """See ``Answer``."""
        self._open("text")
        self.live += delta

    async def code_started(self, index: int) -> None:
        """See ``Answer``."""
        await self.status(Activity.RUNNING_CODE)

    async def code_finished(self, index: int, code: str, output: str) -> None:
        """See ``Answer``."""
        self._open("code")
        self.code.append((code, output))

    async def prepare(self, items: Sequence[Deliverable]) -> None:
        """See ``Answer``."""
        self._open("prepare")

    async def finish(self, text: str, footer: Footer) -> None:
        """See ``Answer``."""
        await self._post("answer", Outcome("finished", text, footer, newest=self.newest))

    async def attach(self, items: Sequence[Deliverable]) -> None:
        """See ``Answer``: each content is fetched, as Slack gets it."""
        lost: list[AnalystError] = []
        for item in items:
            try:
                async with item.content.fetch() as stored:
                    with stored.open() as handle:
                        data = handle.read()
            except AnalystError as error:
                lost.append(error)
            else:
                await self._post(item.part, item, data)
        if lost:
            await self._post("lost", lost)

    async def fail(self, error: AnalystError, partial: str = "") -> None:
        """See ``Answer``."""
        await self._post("answer", Outcome("failed", partial, None, error, newest=self.newest))

    async def stopped(self, by: str, partial: str = "") -> None:
        """See ``Answer``."""
        await self._post("answer", Outcome("stopped", partial, by=by, newest=self.newest))

    async def retract(self) -> None:
        """See ``Answer``."""
        self._open("retract")
        self._replies.posted[:] = [post for post in self._replies.posted if post.place.turn != self.place.turn]

    async def park(self) -> None:
        """See ``Answer``."""
        self._leave("park")

    async def close(self) -> None:
        """See ``Answer``."""
        self._leave("close")
        self._replies.cleared.add(self.place.turn)

    def _leave(self, verb: str) -> None:
        self._open(verb)
        if self in self._replies.under_way:
            self._replies.under_way.remove(self)

    async def _post(self, part: str, what: Any, data: bytes = b"") -> None:
        self._open(part)
        if part not in self._shown:
            post = Posted(self.place, part, what, data)
            await self._replies.post(post, self._journal, looks=self.recovering)
            self._shown.add(part)

    def _open(self, verb: str) -> None:
        if self not in self._replies.under_way:
            self._replies.mistakes.append(f"{verb} after the answer of {self.place.turn} was closed.")
