"""Which charts and files a run made.

A chart reaches us up to three times: as a data URI in the code's outputs (every figure that was displayed), as a
zero-width citation of that image (its name is ``cfile_…``), and as a named citation of the file that was saved and
linked. The bytes of the displayed and the saved image differ, so they cannot be told apart by their content. Named
files win; then displayed images; then zero-width citations. Links without a citation, and files that were written but
never mentioned, are looked up in the container.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from azure_assistant.assistant import Artifact, Json
from azure_assistant.links import Link, kind_of, media_type_of, sandbox_links

_SAVES_CHART = re.compile(r"\bsavefig\s*\(|\.write_image\s*\(")
_WRITES_FILE = re.compile(
    r"\.to_(?:csv|excel|json|parquet|html|markdown|pickle)\s*\(\s*\S|ExcelWriter\s*\(|open\([^)]*['\"][wax]"
)
_DATA_URI = re.compile(r"data:(image/[\w.+-]+);base64,")
_LAST = 1 << 40


@dataclass(frozen=True)
class Citation:
    """A ``container_file_citation``. ``start`` counts characters of the whole text."""

    container: str
    file: str
    filename: str
    start: int

    @property
    def named(self) -> bool:
        """Whether it cites a file that was saved under a name, not an image that was displayed."""
        return not self.filename.startswith("cfile_") and bool(self.filename)


@dataclass(frozen=True)
class Listed:
    """A file of the container. ``by_model`` is false for uploads; ``created`` is epoch seconds."""

    container: str
    file: str
    name: str
    by_model: bool
    created: float


@dataclass(frozen=True)
class Evidence:
    """Everything in a complete response that tells of charts and files.

    Args:
        response: Id of the response.
        text: The whole answer.
        citations: In order of appearance.
        images: URLs of the displayed figures, in order; mostly data URIs.
        code: All Python that ran.
        started: Epoch seconds of the service when the response was created.
        uploads: Names in the sandbox of files that people shared; a link to one of them is not a result.
        seen: Ids of container files that earlier turns handed over.
    """

    response: str
    text: str
    citations: Sequence[Citation] = ()
    images: Sequence[str] = ()
    code: str = ""
    started: float = 0.0
    uploads: Collection[str] = ()
    seen: Collection[str] = ()


@dataclass
class Findings:
    """The outcome. ``missing`` are names that the answer links to but that do not exist; ``ids`` of container files."""

    artifacts: list[Artifact] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    name: str
    container: str
    file: str


ListFiles = Callable[[], Awaitable[Sequence[Listed]]]


async def collect(evidence: Evidence, list_files: ListFiles) -> Findings:
    """Find charts and files, each once, in the order of the answer.

    Args:
        evidence: What the response says.
        list_files: Lists the container; called at most once, and only when the response does not say enough.
    """
    links = [link for link in sandbox_links(evidence.text) if link.name not in evidence.uploads]
    found = {
        PurePosixPath(cited.filename).name: _Found(PurePosixPath(cited.filename).name, cited.container, cited.file)
        for cited in evidence.citations
        if cited.named and PurePosixPath(cited.filename).name not in evidence.uploads
    }
    missing: list[str] = []
    dangling = list(dict.fromkeys(link.name for link in links if link.name not in found))
    if dangling or _unmentioned(evidence, found):
        listing = await list_files()
        for name in dangling:
            match = _newest(name, listing)
            if match is None:
                missing.append(name)
            else:
                found[name] = _Found(name, match.container, match.file)
        if _unmentioned(evidence, found):
            found.update(_new_files(evidence, found, listing))
    return Findings(_artifacts(evidence, found, links), missing, [item.file for item in found.values()])


def decode_data_uri(url: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a ``data:image/…;base64,`` URI; None for anything else."""
    head = _DATA_URI.match(url)
    if head is None:
        return None
    try:
        return head[1], base64.b64decode(url[head.end() :])
    except binascii.Error:
        return None


def _unmentioned(evidence: Evidence, found: Mapping[str, _Found]) -> bool:
    kinds = {kind_of(name) for name in found}
    shown = "chart" in kinds or evidence.images or any(not cited.named for cited in evidence.citations)
    return bool(
        (_SAVES_CHART.search(evidence.code) and not shown)
        or (_WRITES_FILE.search(evidence.code) and "file" not in kinds)
    )


def _newest(name: str, listing: Sequence[Listed]) -> Listed | None:
    return max((item for item in listing if item.name == name), key=lambda item: item.created, default=None)


def _new_files(evidence: Evidence, found: Mapping[str, _Found], listing: Sequence[Listed]) -> dict[str, _Found]:
    shown = bool(evidence.images) or any(kind_of(name) == "chart" for name in found)
    fresh = [
        item
        for item in sorted(listing, key=lambda item: item.created)
        if item.by_model
        and item.created >= evidence.started
        and item.file not in evidence.seen
        and item.name not in found
        and not (shown and kind_of(item.name) == "chart")
    ]
    return {item.name: _Found(item.name, item.container, item.file) for item in fresh}


def _artifacts(evidence: Evidence, found: Mapping[str, _Found], links: Sequence[Link]) -> list[Artifact]:
    place = {link.name: (link.start, link.label) for link in reversed(links)}
    cited = {PurePosixPath(item.filename).name: item.start for item in reversed(evidence.citations) if item.named}
    ordered = sorted(found.values(), key=lambda item: place.get(item.name, (cited.get(item.name, _LAST), ""))[0])
    charts = [item for item in ordered if kind_of(item.name) == "chart"]
    spare = len(evidence.images) == len(charts)
    made: list[Artifact] = []
    for item in ordered:
        image = charts.index(item) if spare and item in charts else None
        label = place.get(item.name, (0, ""))[1]
        made.append(_from_container(evidence.response, item, label, image))
    return made if charts else _displayed(evidence) + made


def _from_container(response: str, item: _Found, label: str, image: int | None) -> Artifact:
    ref: dict[str, Json] = {"type": "container_file", "container": item.container, "file": item.file, "name": item.name}
    if image is not None:
        ref |= {"response": response, "image": image}
    kind = kind_of(item.name)
    return Artifact(kind, item.name, media_type_of(item.name), ref, alt=label or _spoken(item.name))


def _displayed(evidence: Evidence) -> list[Artifact]:
    if evidence.images:
        charts = [_from_image(evidence.response, index, url) for index, url in enumerate(evidence.images)]
        return [chart for chart in charts if chart is not None]
    shown = {cited.file: cited for cited in evidence.citations if not cited.named}
    return [
        _from_container(evidence.response, _Found(f"chart-{number}.png", cited.container, cited.file), "", None)
        for number, cited in enumerate(shown.values(), start=1)
    ]


def _from_image(response: str, index: int, url: str) -> Artifact | None:
    name = f"chart-{index + 1}.png"
    if url.startswith(("https://", "http://")):
        return Artifact("chart", name, "image/png", {"type": "url", "url": url, "name": name}, alt=f"Chart {index + 1}")
    decoded = decode_data_uri(url)
    if decoded is None:
        return None
    media_type, data = decoded
    ref = {"type": "output_image", "response": response, "image": index, "name": name}
    return Artifact("chart", name, media_type, ref, alt=f"Chart {index + 1}", data=data)


def _spoken(name: str) -> str:
    return PurePosixPath(name).stem.replace("_", " ").replace("-", " ")
