"""Calls of functions as they come from a model, and outputs as they go back: every call gets exactly one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from azure_assistant.assistant import CallOutput
from azure_assistant.events import LONGEST_ARGUMENTS, FunctionCall

MOST_CALLS = 500
"""Calls of one run that are answered; a thread with more of them is given up."""
LONGEST_ID = 512
LONGEST_NAME = 200
REPLACED = "\ufffd"
NOT_DONE = "This call was not carried out."


@dataclass(frozen=True)
class Waiting:
    """A run that waits for the outputs of calls, by their ids; without a run: nothing waits."""

    run: str = ""
    ids: Sequence[str] = ()


@dataclass(frozen=True)
class Answered:
    """What the calls of a run came to."""

    run: str
    outputs: Sequence[CallOutput]

    def complete(self, waiting: Waiting) -> Answered:
        """With an output for each call that waits, as far as that is known, and for no other."""
        if waiting.run != self.run:
            return self
        given = {output.id: output for output in self.outputs}
        return Answered(self.run, [given.get(call) or CallOutput(call, NOT_DONE) for call in waiting.ids])


def answerable(told: Iterable[tuple[str, str, str]]) -> list[FunctionCall]:
    """The calls of a run that can be answered, each once: id, name and arguments as the service tells them.

    An id that has been cleaned of characters is not the service's any more.
    """
    calls: dict[str, FunctionCall] = {}
    for call_id, name, arguments in told:
        is_usable = 0 < len(call_id) <= LONGEST_ID and call_id.isprintable() and REPLACED not in call_id
        if is_usable and len(calls) < MOST_CALLS:
            call = FunctionCall(call_id, name[:LONGEST_NAME], arguments[:LONGEST_ARGUMENTS])
            calls.setdefault(call_id, call)
    return list(calls.values())
