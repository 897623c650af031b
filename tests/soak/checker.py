"""The proof: from what stands at Slack, each accepted question has exactly one outcome, in order, with no debris.

Accepted means that Slack has the bot's ack for an event of the question; then there is exactly one outcome. A question
whose deliveries were all lost (no replica was up for all of Slack's tries) may have one or none, never two.

In order means: when a question was acked before the next one of its thread was first sent, their outcomes stand in
this order. Of questions that were on the way at the same time, each may be first; they never mix.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from replies.views.buttons import TRY_AGAIN
from tests.soak.plan import STOPS, Act
from tests.support import proof
from tests.support.world import Json, turn_of, words_of

Place = tuple[str, str]
"""Channel, thread."""

TOKEN = re.compile(r"outcome-\d{6}")


@dataclass(frozen=True)
class Asked:
    """Something that a person did. Times are epoch seconds.

    Attributes:
        turn: The id that its turn has, ``{team}:{channel}:{ts}``.
        place: Where.
        act: What.
        token: What its answer says and no other does (``TOKEN``).
        charts: The files that its answer brings.
        written: When it was written.
        sent: When Slack first sent it to the bot; None when it never could.
        acked: When Slack first had an ack; None when it never had.
    """

    turn: str
    place: Place
    act: Act
    token: str
    charts: tuple[str, ...]
    written: float
    sent: float | None
    acked: float | None


@dataclass(frozen=True)
class Evidence:
    """What is there at the end.

    Attributes:
        asked: All that people did, oldest first.
        messages: The bot's messages of each thread, oldest first, with metadata.
        shared: When the bot has shared each file, by Slack's id; its message appears a moment after that, and the next
            outcome may be there already.
        statuses: Threads whose status line still stands, and what it says.
        ended_by_slack: The ts of streams that Slack itself ended, at its own Stop button: they stay as they stood.
        exits: Exit codes of replicas that nobody killed.
    """

    asked: Sequence[Asked]
    messages: Mapping[Place, Sequence[Json]]
    shared: Mapping[str, float] = field(default_factory=dict)
    statuses: Mapping[Place, str] = field(default_factory=dict)
    ended_by_slack: frozenset[str] = frozenset()
    exits: Sequence[int] = ()


@dataclass(frozen=True)
class Finding:
    """Something that must not be."""

    rule: str
    place: Place
    detail: str


def check(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; empty is the proof."""
    found = [Finding("a replica ended by itself", ("", ""), f"exit code {code}") for code in evidence.exits]
    found += [Finding("a status line is left", place, text) for place, text in evidence.statuses.items()]
    by_place: dict[Place, list[Asked]] = {place: [] for place in evidence.messages}
    for asked in evidence.asked:
        by_place.setdefault(asked.place, []).append(asked)
    for place, asked_here in by_place.items():
        thread = _Thread(place, asked_here, _as_sent(evidence, place), evidence.ended_by_slack)
        found += thread.findings()
    return found


def _as_sent(evidence: Evidence, place: Place) -> list[Json]:
    """A thread's messages in the order in which the bot sent them."""

    def sent(message: Json) -> float:
        files = [str(file.get("id")) for file in message.get("files") or []]
        return min((evidence.shared[key] for key in files if key in evidence.shared), default=float(message["ts"]))

    return sorted(evidence.messages.get(place, ()), key=sent)


def outcome_of(message: Json) -> str:
    """What kind of outcome a message is: ``answer``, ``stopped``, ``error`` or ``notice``."""
    if str(proof.described([message])[0][0]).startswith("notice:"):
        return "notice"
    if TRY_AGAIN not in str(message.get("blocks")):
        return "answer"
    return "error" if ":warning:" in words_of(message) else "stopped"


def strict_pairs(asked: Sequence[Asked]) -> Iterator[tuple[Asked, Asked]]:
    """Pairs of questions of one thread whose order is certain."""
    for first, second in permutations([one for one in asked if one.act == "question"], 2):
        if first.acked is not None and second.sent is not None and first.acked < second.sent:
            yield first, second


class _Thread:
    def __init__(
        self, place: Place, asked: Sequence[Asked], messages: Sequence[Json], ended_by_slack: frozenset[str]
    ) -> None:
        self._place = place
        self._asked = asked
        self._ended_by_slack = ended_by_slack
        self._messages = messages
        makers = {name: one.turn for one in asked for name in one.charts}
        self._owners = [_owner(message, makers) for message in messages]

    def findings(self) -> list[Finding]:
        details = [*self._debris(), *self._strangers(), *self._order()]
        for asked in self._asked:
            details += self._of_question(asked)
        return [Finding(rule, self._place, detail) for rule, detail in details]

    def _debris(self) -> Iterator[tuple[str, str]]:
        for message in proof.open_streams(self._messages):
            yield "a stream is open", words_of(message)[:80]
        for message in proof.buttons_left(self._messages):
            yield "a Stop button is left", turn_of(message)
        for message in proof.orphans(self._messages):
            if message["ts"] not in self._ended_by_slack:
                yield "a message belongs to nothing", f"{message['ts']} {words_of(message)[:80]!r}"
        for turn, part in proof.repeated_parts(self._messages):
            yield "a part is there twice", f"{turn} {part}"
        for name, number in proof.file_names(self._messages).items():
            if number > 1:
                yield "a chart is there twice", name

    def _strangers(self) -> Iterator[tuple[str, str]]:
        known = {one.turn for one in self._asked}
        for owner in dict.fromkeys(self._owners):
            if owner and owner not in known:
                yield "a turn that nobody asked for", owner
        for message, owner in zip(self._messages, self._owners, strict=True):
            if message.get("files") and not owner:
                yield "a file that nobody asked for", str(list(proof.file_names([message])))

    def _order(self) -> Iterator[tuple[str, str]]:
        words = {one.turn for one in self._asked if one.act in STOPS}
        shown = [owner for owner in self._owners if owner and owner not in words]
        for turn in proof.interleaved(shown):
            yield "outcomes are mixed", f"{turn}: {self._around(turn)}"
        place = {turn: position for position, turn in reversed(list(enumerate(shown)))}
        for first, second in strict_pairs(self._asked):
            if place.get(first.turn, -1) > place.get(second.turn, len(shown)):
                yield "outcomes are not in order", f"{second.turn} before {first.turn}"

    def _around(self, turn: str) -> list[str]:
        """What stands from the first to the last message of a turn, for a person who reads a failure."""
        last = len(self._owners) - self._owners[::-1].index(turn)
        span = range(self._owners.index(turn), last)
        return [f"{self._messages[n]['ts']} {self._owners[n]} {proof.described([self._messages[n]])}" for n in span]

    def _of_question(self, asked: Asked) -> Iterator[tuple[str, str]]:
        mine = [m for m, owner in zip(self._messages, self._owners, strict=True) if owner == asked.turn]
        ends = proof.outcomes(mine)
        must = asked.act == "question" and asked.acked is not None
        if len(ends) > 1:
            yield "more than one outcome", f"{asked.turn} {proof.described(mine)}"
        if must and not ends:
            yield "no outcome", f"{asked.turn} {proof.described(mine)}"
        if not ends and mine:
            yield "parts without an outcome", f"{asked.turn} {proof.described(mine)}"
        said = "\n".join(map(words_of, mine))
        kinds = [outcome_of(message) for message in ends]
        if "answer" in kinds and asked.token not in said:
            yield "an answer without its end", f"{asked.turn} {said[-200:]!r}"
        if kinds == ["answer"] and Counter(asked.charts) != proof.file_names(mine):
            yield "not the charts of the answer", f"{asked.turn} {asked.charts} {dict(proof.file_names(mine))}"
        if "stopped" in kinds and not any(one.act in STOPS for one in self._asked):
            yield "stopped by nobody", asked.turn
        if strange := set(TOKEN.findall(said)) - {asked.token}:
            yield "another question's answer", f"{asked.turn} says {strange}"


def _owner(message: Json, makers: Mapping[str, str]) -> str:
    """The turn that a message belongs to; "" for a file card's, which is a job's, and for what carries no mark."""
    if turn := turn_of(message):
        return turn
    names = [str(file["name"]) for file in message.get("files") or []]
    return next((makers[name] for name in names if name in makers), "")
