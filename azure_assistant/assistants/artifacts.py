"""Which charts and files a run made.

There is no listing on this wire: a file is known by its annotation, a figure by its image. So a link without an
annotation leads nowhere until the model is asked for the file once more (``AssistantsRun.hand_over``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from azure_assistant.assistant import Artifact
from azure_assistant.run.artifacts import Cell, Findings, Upload, original_name, pair, spoken, with_own_names
from azure_assistant.run.links import Link, kind_of, media_type_of, sandbox_links


@dataclass(frozen=True)
class Evidence:
    """Everything in a complete run that tells of charts and files.

    Args:
        text: The whole answer.
        saved: Annotated files: their ids by path below ``/mnt/data/``.
        cells: All Python that ran, with the ids of the figures that it displayed.
        shown: Ids of the pictures in the answer's messages.
        uploads: What people shared.
    """

    text: str
    saved: Mapping[str, str] = field(default_factory=dict)
    cells: Sequence[Cell] = ()
    shown: Sequence[str] = ()
    uploads: Sequence[Upload] = ()

    @property
    def length(self) -> int:
        """Characters of text and code that are looked through."""
        return len(self.text) + sum(len(cell.code) for cell in self.cells)


def collect(evidence: Evidence) -> Findings:
    """Find charts and files, each once, in the order of the answer."""
    links = [link for link in sandbox_links(evidence.text) if link.name]
    own = {upload.id for upload in evidence.uploads}
    saved = {path: file for path, file in evidence.saved.items() if file not in own}
    names = {path.rpartition("/")[2] for path in saved}
    by_place = {link.path: link for link in reversed(links)} | {link.name: link for link in reversed(links)}
    ordered = sorted(saved, key=lambda path: _place(path, by_place, len(evidence.text)))
    files = [_saved(path, saved[path], by_place, evidence.uploads) for path in ordered]
    missing = [
        link.path
        for link in links
        if link.path not in saved and link.name not in names and not _is_upload(link, evidence.uploads)
    ]
    return Findings(_figures(evidence, saved) + with_own_names(files, ordered), list(dict.fromkeys(missing)))


def _figures(evidence: Evidence, saved: Mapping[str, str]) -> list[Artifact]:
    """Figures that were displayed and not saved."""
    displayed = {image for cell in evidence.cells for image in cell.images}
    loose = [image for image in evidence.shown if image not in displayed]
    cells = [*evidence.cells, Cell("", loose)]
    images = [image for cell in cells for image in cell.images]
    charts = [path for path in saved if kind_of(path) == "chart"]
    unsaved = dict.fromkeys(images[position] for position in pair(cells, charts).unsaved)
    fresh = [image for image in unsaved if image not in saved.values()]
    return [_artifact(image, f"chart-{number}.png", f"Chart {number}") for number, image in enumerate(fresh, start=1)]


def _saved(path: str, file: str, links: Mapping[str, Link], uploads: Sequence[Upload]) -> Artifact:
    link = links.get(path) or links.get(path.rpartition("/")[2])
    name = original_name(path.rpartition("/")[2], uploads)
    return _artifact(file, name, link.label if link else "")


def _place(path: str, links: Mapping[str, Link], last: int) -> int:
    link = links.get(path) or links.get(path.rpartition("/")[2])
    return link.start if link else last


def _is_upload(link: Link, uploads: Sequence[Upload]) -> bool:
    return any(link.name in {upload.id, upload.name} for upload in uploads)


def _artifact(file: str, name: str, alt: str) -> Artifact:
    ref = {"type": "file", "file": file, "name": name}
    return Artifact(kind_of(name), name, media_type_of(name), ref, alt=alt or spoken(name))
