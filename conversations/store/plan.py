"""What a turn is going to do: the result of its first step, and the JSON of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from conversations.ports.workplace import Person, SharedFile
from conversations.store.results import Json, StepResult, known

Kind = Literal[
    "ask", "describe", "add_files", "help", "too_old", "stop", "mute", "unmute", "forget", "stopped", "which_file"
]


@dataclass(frozen=True)
class Plan(StepResult):
    """A turn's plan.

    ``kind``: ``ask`` answers a question, ``describe`` a wordless mention with files, ``add_files`` only adds them,
    ``help`` explains the bot, ``too_old`` apologises, ``stopped`` was stopped before it began; the rest are words to
    the bot. ``which_file`` asks which of the ``offered`` files is meant, because the text names none that is known
    (``missing``) or does not say which. ``reasons`` say why each of ``files`` is seen, by id: see ``Choice``.
    ``nearby`` are files that the model may open, and ``told`` is what it is told of them; ``seen`` is the ts up to
    which the thread was read. ``shown_to_thread`` says that something was pressed, so that the question cannot be read
    in the thread; ``origin`` is what: see ``UserText.origin``. ``read`` is the ts from which on the thread need not be
    read again, if all ``files`` can be had, and nothing is said there; "" when it must be.
    """

    kind: Kind
    question: str = ""
    context: str = ""
    files: Sequence[SharedFile] = ()
    seen: str = ""
    asker: Person = field(default_factory=lambda: Person(""))
    shown_to_thread: bool = False
    origin: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] = field(default_factory=list)
    offered: Sequence[SharedFile] = ()
    nearby: Sequence[SharedFile] = ()
    told: str = ""
    read: str = ""

    def to_json(self) -> Json:
        """For the step's row, of which the version before reads no member that it does not know."""
        value = asdict(self) | {name: [file.to_json() for file in getattr(self, name)] for name in _FILES}
        value = {name: one for name, one in value.items() if name not in _BESIDE and (one or name not in _LATER)}
        value["asker"] = {name: one for name, one in value["asker"].items() if one or name not in _LATER}
        value |= {stored: value.pop(name) for name, stored in _STORED_AS.items()}
        return value | {"others": [file.name for file in self.nearby]}

    @classmethod
    def from_json(cls, value: Json) -> Plan:
        """From the step's row, and what stands beside it."""
        named = value | {name: value[stored] for name, stored in _STORED_AS.items() if stored in value}
        files = {name: [SharedFile.from_json(file) for file in value.get(name, ())] for name in _FILES}
        asker = Person(**known(Person, value["asker"]))
        if "nearby" not in value:  # a row of the version before
            files["nearby"] = [SharedFile("", name) for name in value.get("others", ())]
            named["told"] = "\n".join(value.get("others", ()))
        return cls(**(known(cls, named) | files | {"asker": asker}))

    def rows(self, step: str) -> dict[str, Json]:
        """See ``StepResult``."""
        beside = {"nearby": [file.to_json() for file in self.nearby], "told": self.told}
        return super().rows(step) | ({f"{step}:beside": beside} if self.nearby else {})

    @classmethod
    def from_rows(cls, step: str, rows: Mapping[str, Json]) -> Plan:
        """See ``StepResult``."""
        return cls.from_json(rows[step] | rows.get(f"{step}:beside", {}))


_FILES = ("files", "offered", "nearby")
_LATER = ("missing", "offered", "organisation")
_BESIDE = ("nearby", "told", "reasons", "read")
_STORED_AS = {"shown_to_thread": "again", "origin": "via"}
