"""What a run made, as far as both wires are alike: which displayed figures are saved charts, and what names are.

A chart that was displayed and saved comes twice, with different bytes. Which of the two are one picture, only the code
tells: what a piece of code displayed is what it saved, as far as it saved anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from azure_assistant.assistant import Json
from azure_assistant.events import Artifact
from azure_assistant.run.links import ROOT, Link, kind_of, link_to, media_type_of
from receipts.form import FILE as RECEIPT

_SAVES = re.compile(r"save|write_image|imwrite", re.IGNORECASE)
_SHOWS = re.compile(r"\b(?:show|display)\s{0,3}\(")
_DRAWS = re.compile(
    r"\b(?:subplots?|figure|plot|bar|barh|hist|scatter|pie|imshow|boxplot|heatmap|fill_between)\s{0,3}\("
)
_PREFIXED = re.compile(r"(?:assistant|file)[-_][A-Za-z0-9]{15,40}[-_](?=.)")
_QUOTED = re.compile(r"['\"]([^'\"\n]+)['\"]")
_WORD = re.compile(r"[^\s'\"`/\\()\[\]{},=<>|;:*?]+")
_BETWEEN = re.compile(r"[-_]")


PRINTED = f"{RECEIPT}: "
"""What stands before a receipt that is printed."""

LOOKED_AT = 10_000
"""Characters of a piece of code that are looked at for the files that it wrote."""


@dataclass(frozen=True)
class Cell:
    """A piece of Python that ran. ``images``: keys of the figures that it displayed (ids or URLs), in order."""

    code: str
    images: Sequence[str] = ()


@dataclass(frozen=True)
class Upload:
    """A file that people shared, in the sandbox.

    Args:
        id: Its id at the service.
        path: Below ``/mnt/data/``.
        name: Its own name.
        size: Bytes that people shared.
        sent: Bytes that were sent, which differ when it was packed; -1 when unknown.
    """

    id: str
    path: str
    name: str
    size: int = -1
    sent: int = -1


@dataclass
class Findings:
    """What a run made.

    Args:
        artifacts: Charts and files, each once, in the order of the answer.
        missing: Paths or names that the answer links to and that cannot be handed over.
        seen: Files that lie in the sandbox now: bytes by id, -1 when unknown. Only Responses tells.
        receipt: What the answer says of its numbers; none of the artifacts.
    """

    artifacts: list[Artifact] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    receipt: Artifact | None = None


@dataclass
class Pairs:
    """Which figure shows which saved chart: position of the figure by name, and positions of those that none saved."""

    figures: dict[str, int] = field(default_factory=dict)
    unsaved: list[int] = field(default_factory=list)


def pair(cells: Sequence[Cell], saved: Sequence[str]) -> Pairs:
    """Tell displayed figures that were saved as well from those that were not."""
    pairs = Pairs()
    named = [named_files(cell.code) for cell in cells]
    saving = [bool(_SAVES.search(cell.code)) for cell in cells]
    writers = {path: _writer(path, named, saving) for path in saved}
    unnamed = [path for path, index in writers.items() if index is None]
    position = 0
    for index, cell in enumerate(cells):
        figures = range(position, position + len(cell.images))
        position = figures.stop
        here = [path for path, writer in writers.items() if writer == index]
        here.sort(key=lambda path: cell.code.rfind(_name(path)))
        if figures:
            spare = [path for path in unnamed if path not in pairs.figures] if saving[index] else []
            shown = [*here, *spare][: len(figures)]
            of_saved = _of_saved(cell.code, figures, here, len(shown))
            pairs.unsaved += [figure for figure in figures if figure not in of_saved]
            pairs.figures |= dict(zip(shown, of_saved, strict=True))
        elif here and saving[index] and not _DRAWS.search(cell.code):  # what an earlier piece displayed
            kept = pairs.unsaved[: -len(here)]
            pairs.figures |= dict(zip(here, pairs.unsaved[len(kept) :], strict=False))
            pairs.unsaved = kept
    return pairs


def named_files(code: str) -> frozenset[str]:
    """What code names that may be files: names, and paths below ``/mnt/data/``."""
    paths = {quoted.removeprefix("./").removeprefix(ROOT) for quoted in _QUOTED.findall(code)}
    words = {word for word in _WORD.findall(code) if "." in word}
    return frozenset(paths | {_name(path) for path in paths} | words)


def original_name(name: str, uploads: Sequence[Upload]) -> str:
    """The name of a file without the id of an upload that the service puts before names."""
    if prefixed := _PREFIXED.match(name):
        return name[prefixed.end() :]
    for upload in uploads:
        plain = _BETWEEN.sub("-", name)
        prefix = _BETWEEN.sub("-", upload.id) + "-"
        if upload.id and plain.startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix) :]
        if name == upload.id:
            return upload.name
    return name


def saved_artifact(path: str, ref: Mapping[str, Json], links: Sequence[Link], uploads: Sequence[Upload]) -> Artifact:
    """A file that was saved at a path below ``/mnt/data/``, under its own name and called what the answer calls it."""
    name = original_name(_name(path), uploads)
    link = link_to(path, links)
    alt = (link.label if link else "") or PurePosixPath(name).stem.replace("_", " ").replace("-", " ").strip() or name
    return Artifact(kind_of(name), name, media_type_of(name), {**ref, "name": name}, alt=alt)


def receipt_artifact(ref: Mapping[str, Json], data: bytes | None = None) -> Artifact:
    """A receipt."""
    return Artifact("file", RECEIPT, "application/json", {**ref, "name": RECEIPT}, data=data)


def without_receipt(output: str) -> tuple[str, bytes | None]:
    """What code printed but for a receipt, and that; where files are not listed, it is printed as well."""
    begin = output.rfind(PRINTED)
    if begin < 0:
        return output, None
    end = output.find("\n", begin)
    line = output[begin + len(PRINTED) : end if end >= 0 else None]
    return output[:begin] + output[end + 1 if end >= 0 else len(output) :], line.strip().encode("utf-8", "replace")


def displayed_chart(
    number: int, ref: Mapping[str, Json], *, media_type: str = "image/png", data: bytes | None = None
) -> Artifact:
    """A figure that was displayed and not saved: the ``number``-th, counting from 1."""
    name = f"chart-{number}.png"
    return Artifact("chart", name, media_type, {**ref, "name": name}, alt=f"Chart {number}", data=data)


def with_own_names(artifacts: Sequence[Artifact], paths: Sequence[str]) -> list[Artifact]:
    """Artifacts, of which no two have one name: of files in several folders, the folder becomes part of it."""
    names = [item.name for item in artifacts]
    unique = []
    for item, path in zip(artifacts, paths, strict=True):
        folders = path.rpartition("/")[0].split("/") if "/" in path else []
        name = "-".join((*folders, item.name)) if names.count(item.name) > 1 else item.name
        unique.append(replace(item, name=name))
    return unique


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _writer(path: str, named: Sequence[frozenset[str]], saving: Sequence[bool]) -> int | None:
    """The piece of code that wrote a file's newest version: the last one that names it, best of all beside a save."""
    naming = [index for index, names in enumerate(named) if _name(path) in names]
    exact = [index for index in naming if path in named[index]] or naming
    writing = [index for index in exact if saving[index]] or exact
    return writing[-1] if writing else None


def _of_saved(code: str, figures: Sequence[int], named: Sequence[str], count: int) -> list[int]:
    """Which figures of a piece of code were saved, too: by what stands before each is shown, else the last ones."""
    if count >= len(figures):
        return list(figures)
    pieces = _SHOWS.split(code)
    if len(pieces) >= len(figures):
        names = [_name(path) for path in named]
        by_place = [
            figure
            for figure, piece in zip(figures, pieces, strict=False)
            if any(name in piece for name in names) or (not names and _SAVES.search(piece))
        ]
        if len(by_place) == count:
            return by_place
    return list(figures[len(figures) - count :])
