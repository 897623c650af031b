"""Which charts and files a run made.

There is no listing on this wire: a file is known by its annotation, a figure by its image. So a link without an
annotation leads nowhere until the model is asked for the file once more (``AssistantsRun.hand_over``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from azure_assistant.assistant import Json
from azure_assistant.events import Artifact
from azure_assistant.run.artifacts import (
    Cell,
    Findings,
    Upload,
    displayed_chart,
    pair,
    receipt_artifact,
    saved_artifact,
    with_own_names,
)
from azure_assistant.run.links import Link, kind_of, link_to, sandbox_links
from receipts.form import FILE as RECEIPT


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
    receipt = saved.pop(RECEIPT, None)
    names = {path.rpartition("/")[2] for path in saved}

    def place(path: str) -> int:
        link = link_to(path, links)
        return link.start if link else len(evidence.text)

    ordered = sorted(saved, key=place)
    files = [saved_artifact(path, _ref(saved[path]), links, evidence.uploads) for path in ordered]
    missing = [
        link.path
        for link in links
        if link.path not in (*saved, RECEIPT) and link.name not in names and not _is_upload(link, evidence.uploads)
    ]
    kept = receipt_artifact(_ref(receipt)) if receipt else None
    artifacts = _figures(evidence, saved) + with_own_names(files, ordered)
    return Findings(artifacts, list(dict.fromkeys(missing)), receipt=kept)


def _figures(evidence: Evidence, saved: Mapping[str, str]) -> list[Artifact]:
    """Figures that were displayed and not saved."""
    displayed = {image for cell in evidence.cells for image in cell.images}
    loose = [image for image in evidence.shown if image not in displayed]
    cells = [*evidence.cells, Cell("", loose)]
    images = [image for cell in cells for image in cell.images]
    charts = [path for path in saved if kind_of(path) == "chart"]
    unsaved = dict.fromkeys(images[position] for position in pair(cells, charts).unsaved)
    fresh = [image for image in unsaved if image not in saved.values()]
    return [displayed_chart(number, _ref(image)) for number, image in enumerate(fresh, start=1)]


def _ref(file: str) -> dict[str, Json]:
    return {"type": "file", "file": file}


def _is_upload(link: Link, uploads: Sequence[Upload]) -> bool:
    return any(link.name in {upload.id, upload.name} for upload in uploads)
