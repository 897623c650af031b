"""What lies in the sandbox after a run, and what of it is a result that people want."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from azure_assistant.run.artifacts import Upload, named_files

CLOCK_DIFFERENCE = 5.0
"""Seconds by which a file may seem older than the run that made it."""
_CACHES = frozenset((
    "__pycache__", "__macosx", "node_modules", "site-packages", "cache", "caches", "fontconfig", "matplotlib",
))  # fmt: skip
_COMPILED = (".pyc", ".pyo", ".tmp", "~")
_FIGURE = re.compile(r"cfile_[0-9a-f]{8,64}\.\w{2,5}")
_UNPACKS = re.compile(
    r"extractall|(?<!str)\.extract\s{0,3}\(|unpack_archive|\bunzip\b|\bgunzip\b|\btar\s{1,3}-{0,2}\w{0,4}x|\b7z\s{1,3}x"
)
_READS = re.compile(
    r"\b(?:read_\w{1,20}|load\w{0,10}|open|imread)\s{0,3}\(\s{0,9}[rbuf]{0,2}['\"][^'\"\n]{0,300}['\"]"
    r"(?!\s{0,3},\s{0,3}(?:mode\s{0,3}=\s{0,3})?['\"][wax])"
)


@dataclass(frozen=True)
class Listed:
    """A file of the sandbox. ``path``: below ``/mnt/data/``; ``created``: epoch seconds; ``size``: -1 when unknown."""

    container: str
    file: str
    path: str
    by_model: bool
    created: float
    size: int = -1

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure that was displayed, under a name that the service made up."""
        return bool(_FIGURE.fullmatch(self.name))


def newest(listing: Iterable[Listed]) -> dict[str, Listed]:
    """The newest version of each file, by path; the oldest file first."""
    found: dict[str, Listed] = {}
    for item in sorted(listing, key=lambda item: item.created):
        found.pop(item.path, None)
        found[item.path] = item
    return found


def results(
    listing: Iterable[Listed],
    *,
    started: float,
    seen: Mapping[str, int],
    uploads: Sequence[Upload],
    code: Sequence[str],
    mentioned: Collection[str],
) -> list[Listed]:
    """The files that a run made and that are meant for people, each in its newest version.

    Args:
        listing: The sandbox after the run.
        started: Epoch seconds of the service when the run began.
        seen: Files that earlier runs left: size by id, -1 when unknown.
        uploads: What people shared; left out as long as it is unchanged.
        code: The pieces of Python that ran.
        mentioned: Paths and names that the answer links or cites.
    """
    at_path = {upload.path: upload for upload in uploads}
    # What code that unpacks an archive names, other than to read it, is no part of the archive.
    unpacks = any(_UNPACKS.search(piece) for piece in code)
    written = {name for piece in code for name in named_files(_READS.sub("", piece))} if unpacks else set()
    found = []
    for item in newest(listing).values():
        upload = at_path.get(item.path)
        if upload is not None:
            if is_changed(item, upload) and seen.get(item.file) != item.size:
                found.append(item)
            continue
        is_named = item.path in mentioned or item.name in mentioned
        if not item.by_model or not _is_new(item, started, seen) or is_aside(item.path) or item.is_figure:
            continue
        if not is_named and (is_copy(item, uploads) or (unpacks and item.name not in written)):
            continue
        found.append(item)
    return found


def is_changed(item: Listed, upload: Upload) -> bool:
    """Whether a shared file was written in place, as far as that shows."""
    return item.by_model or (item.size >= 0 and upload.sent >= 0 and item.size != upload.sent)


def is_copy(item: Listed, uploads: Sequence[Upload]) -> bool:
    """Whether a file is a shared one under its own name: copied, or unpacked from the archive that it travels in."""
    names = {upload.name.removesuffix(".zip"): upload for upload in uploads} | {
        upload.name: upload for upload in uploads
    }
    upload = names.get(item.name)
    return upload is not None and item.size >= 0 and item.size in (upload.size, upload.sent)


def is_aside(path: str) -> bool:
    """Whether a path is one of caches, hidden files, or of ``.analyst``, where our own things lie."""
    parts = [part.lower() for part in path.split("/")]
    return any(part.startswith(".") or part in _CACHES for part in parts) or parts[-1].endswith(_COMPILED)


def _is_new(item: Listed, started: float, seen: Mapping[str, int]) -> bool:
    if item.file in seen:
        return item.size >= 0 and seen[item.file] >= 0 and seen[item.file] != item.size
    return item.created >= started - CLOCK_DIFFERENCE
