"""Which charts and files a run made.

A chart reaches us up to three times: as a data URI in the code's outputs (every figure that was displayed), as a
zero-width citation of that image (its name is ``cfile_…``), and as a named citation of the file that was saved and
linked. What was saved is told from what was only displayed by the code (``artifacts.pair``).

What the answer does not mention lies in the sandbox: whenever code ran, it is listed once. Where it cannot be listed,
citations, links and data URIs have to do.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from azure_assistant.assistant import Json
from azure_assistant.events import Artifact
from azure_assistant.responses.sandbox_files import Listed, is_changed, newest, results
from azure_assistant.run.artifacts import (
    Cell,
    Findings,
    Pairs,
    Upload,
    displayed_chart,
    pair,
    receipt_artifact,
    saved_artifact,
    with_own_names,
)
from azure_assistant.run.links import Link, kind_of, link_to, sandbox_links
from receipts.form import FILE as RECEIPT
from untrusted.off_loop import aside

_DATA_URI = re.compile(r"data:(image/[\w.+-]{1,40});base64,")
_LAST = 1 << 40


@dataclass(frozen=True)
class Citation:
    """A ``container_file_citation``. ``start`` counts characters of the whole text."""

    container: str
    file: str
    filename: str
    start: int

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.filename.rpartition("/")[2]

    @property
    def named(self) -> bool:
        """Whether it cites a file that was saved under a name, not an image that was displayed."""
        return not self.name.startswith("cfile_") and bool(self.name)


@dataclass(frozen=True)
class Evidence:
    """Everything in a complete response that tells of charts and files.

    Args:
        response: Id of the response.
        text: The whole answer.
        citations: In order of appearance.
        cells: All Python that ran, with the URLs of what it displayed.
        started: Epoch seconds of the service when the response was created.
        uploads: What people shared, in the sandbox.
        seen: Container files that earlier turns left: bytes by id, -1 when unknown.
    """

    response: str
    text: str
    citations: Sequence[Citation] = ()
    cells: Sequence[Cell] = ()
    started: float = 0.0
    uploads: Sequence[Upload] = ()
    seen: Mapping[str, int] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Characters of text, code and data URIs that are looked through."""
        return len(self.text) + sum(len(cell.code) + sum(map(len, cell.images)) for cell in self.cells)


@dataclass(frozen=True)
class _Found:
    path: str
    container: str
    file: str
    size: int = -1


ListFiles = Callable[[], Awaitable[Sequence[Listed] | None]]


async def collect(evidence: Evidence, list_files: ListFiles) -> Findings:
    """Find charts and files, each once, in the order of the answer.

    Args:
        evidence: What the response says.
        list_files: Lists the container, None when that is refused; called at most once, and only when code ran or a
            link has no citation.
    """
    links = [link for link in sandbox_links(evidence.text) if link.name]
    cited = _cited(evidence, links)
    dangling = [link for link in links if link.path not in cited and not _is_upload(link, evidence)]
    listing = await list_files() if evidence.cells or dangling else None
    latest = newest(listing or ())
    found = _without_uploads(_latest(cited, latest), evidence, latest)
    missing: dict[str, None] = {}
    for link in dangling:
        match = latest.get(link.path) or _by_name(link.name, latest)
        if match is not None:
            found[match.path] = _of_listed(match)
        elif link.path not in found:
            missing[link.name] = None
    mentioned = {*cited, *(link.path for link in links), *(link.name for link in links)}
    new = await aside(
        evidence.length,
        results,
        listing or (),
        started=evidence.started,
        seen=evidence.seen,
        uploads=evidence.uploads,
        code=[cell.code for cell in evidence.cells],
        mentioned=mentioned,
    )
    found |= {item.path: _of_listed(item) for item in new}
    seen = {item.file: item.size for item in latest.values() if item.by_model} | {
        item.file: item.size for item in found.values()
    }
    kept = found.pop(RECEIPT, None)
    missing.pop(RECEIPT, None)
    artifacts = await aside(evidence.length, _artifacts, evidence, found, links, latest)
    return Findings(artifacts, list(missing), seen, receipt_artifact(_ref(kept)) if kept else None)


def decode_data_uri(url: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a ``data:image/…;base64,`` URI; None for anything else."""
    head = _DATA_URI.match(url)
    if head is None:
        return None
    try:
        return head[1], base64.b64decode(url[head.end() :])
    except ValueError:  # also of what is not ASCII
        return None


def _cited(evidence: Evidence, links: Sequence[Link]) -> dict[str, _Found]:
    """Named citations by path: a citation knows only its file's name, the link that it stands at knows the folder."""
    found: dict[str, _Found] = {}
    for citation in evidence.citations:
        if not citation.named:
            continue
        here = [link for link in links if link.name == citation.name]
        at = [link for link in here if link.start <= citation.start]
        near = max(at, key=lambda link: link.start, default=here[0] if here else None)
        path = near.path if near else citation.filename
        found[path] = _Found(path, citation.container, citation.file)
    return found


def _latest(cited: Mapping[str, _Found], latest: Mapping[str, Listed]) -> dict[str, _Found]:
    """What is cited, by the path and in the version that the sandbox shows."""
    by_id = {item.file: item for item in latest.values()}
    found: dict[str, _Found] = {}
    for path, item in cited.items():
        listed = by_id.get(item.file) or latest.get(path)
        known = _of_listed(listed) if listed else item
        found[known.path] = known
    return found


def _without_uploads(
    found: Mapping[str, _Found], evidence: Evidence, latest: Mapping[str, Listed]
) -> dict[str, _Found]:
    """Without what people shared, unless it was written in place."""
    uploads = {upload.path: upload for upload in evidence.uploads}
    kept = {}
    for path, item in found.items():
        upload, listed = uploads.get(path), latest.get(path)
        if upload is None or (listed is not None and is_changed(listed, upload)):
            kept[path] = item
    return kept


def _is_upload(link: Link, evidence: Evidence) -> bool:
    return any(link.path == upload.path or link.name == upload.name for upload in evidence.uploads)


def _by_name(name: str, latest: Mapping[str, Listed]) -> Listed | None:
    return next((item for item in reversed(list(latest.values())) if item.name == name), None)


def _of_listed(item: Listed) -> _Found:
    return _Found(item.path, item.container, item.file, item.size)


def _artifacts(
    evidence: Evidence, found: Mapping[str, _Found], links: Sequence[Link], latest: Mapping[str, Listed]
) -> list[Artifact]:
    starts = {item.name: item.start for item in reversed(evidence.citations) if item.named}

    def place(item: _Found) -> int:
        link = link_to(item.path, links)
        return link.start if link else starts.get(item.path.rpartition("/")[2], _LAST)

    ordered = sorted(found.values(), key=place)
    charts = [item for item in ordered if kind_of(item.path) == "chart"]
    cells = _displaying(evidence, latest)
    pairs = pair(cells, [item.path for item in charts])
    saved = [_saved(evidence, item, links, pairs) for item in ordered]
    places = {cited.file: cited.container for cited in evidence.citations}
    places |= {listed.file: listed.container for listed in latest.values()}
    return _displayed(evidence, cells, pairs, places) + with_own_names(saved, [item.path for item in ordered])


def _saved(evidence: Evidence, item: _Found, links: Sequence[Link], pairs: Pairs) -> Artifact:
    ref = _ref(item)
    if item.path in pairs.figures and any(cell.images for cell in evidence.cells):
        ref |= {"response": evidence.response, "image": pairs.figures[item.path]}
    return saved_artifact(item.path, ref, links, evidence.uploads)


def _ref(item: _Found) -> dict[str, Json]:
    return {"type": "container_file", "container": item.container, "file": item.file}


def _displaying(evidence: Evidence, latest: Mapping[str, Listed]) -> list[Cell]:
    """The code with what it displayed; of figures without an output, only the citation or the listing is known."""
    if any(cell.images for cell in evidence.cells):
        return list(evidence.cells)
    shown = [item.file for item in evidence.citations if not item.named]
    if evidence.cells and not shown:
        shown = [
            item.file
            for item in latest.values()
            if item.is_figure and item.by_model and item.file not in evidence.seen and item.created >= evidence.started
        ]
    if not shown:
        return list(evidence.cells)
    code = "\n".join(cell.code for cell in evidence.cells)
    return [Cell(code, list(dict.fromkeys(shown)))]


def _displayed(
    evidence: Evidence, cells: Sequence[Cell], pairs: Pairs, containers: Mapping[str, str]
) -> list[Artifact]:
    images = [image for cell in cells for image in cell.images]
    charts = []
    for position in pairs.unsaved:
        image = images[position]
        if any(cell.images for cell in evidence.cells):
            charts.append(_from_image(evidence.response, position, image))
        else:
            ref = {"type": "container_file", "container": containers.get(image, ""), "file": image}
            charts.append(displayed_chart(position + 1, ref))
    return [chart for chart in charts if chart is not None]


def _from_image(response: str, index: int, url: str) -> Artifact | None:
    if url.startswith(("https://", "http://")):
        return displayed_chart(index + 1, {"type": "url", "url": url})
    decoded = decode_data_uri(url)
    if decoded is None:
        return None
    media_type, data = decoded
    ref = {"type": "output_image", "response": response, "image": index}
    return displayed_chart(index + 1, ref, media_type=media_type, data=data)
