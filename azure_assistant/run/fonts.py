"""Brings what charts need into the sandbox: one look, and a font with Chinese, Japanese and Korean glyphs.

The sandbox takes no ``.ttf`` or ``.otf`` files but zip archives. There are two: a small one with the look only
(``sandbox/chart_style.py``), and one with the font as well, the module that registers it (``sandbox/chart_font.py``)
and its licence; the sandbox's own fonts draw boxes for such glyphs. Shipped: Noto Sans CJK JP Regular (16 MB,
SIL OFL 1.1, package ``noto-cjk-sans-jp-regular``).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
import zipfile
from importlib import metadata, resources
from pathlib import Path
from typing import BinaryIO, cast

from azure_assistant.errors import AssistantError
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.wire_json import each, text

log = logging.getLogger(__name__)

PACKAGE = "noto-cjk-sans-jp-regular"
_SANDBOX = Path(__file__).parent / "sandbox"
STYLE_MODULE, FONT_MODULE = _SANDBOX / "chart_style.py", _SANDBOX / "chart_font.py"
LISTED = 1000


def snippet(archive: str, *, font: bool = True) -> str:
    """Python that gives charts their look, and the font if the archive has it.

    Args:
        archive: Path or glob pattern of the archive in the sandbox.
        font: It has the font.
    """
    modules = ", ".join(module.stem for module in _modules(font=font))
    return f"import glob, sys\nsys.path.insert(0, glob.glob({archive!r})[-1])\nimport {modules}"


def shipped_font() -> Path | None:
    """The font file of the installed package, if it is there."""
    try:
        found = resources.files("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf"
    except ModuleNotFoundError:
        return None
    path = Path(str(found))
    return path if path.is_file() else None


class ChartKit:
    """The archives at the service: each uploaded once per resource, without expiry, and found again later."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api
        self._lock = asyncio.Lock()
        self._ids: dict[bool, str] = {}

    async def file_id(self, *, font: bool) -> str:
        """Id of the archive with or without the font, uploading it if needed; "" when it cannot be had."""
        async with self._lock:
            if not self._ids.get(font):
                self._ids[font] = await self._obtain(font=font)
            return self._ids[font]

    def ready(self, *, font: bool) -> str:
        """Id of the archive if it is known already, else ""."""
        return self._ids.get(font, "")

    def forget(self, file_id: str) -> None:
        """Say that the service has lost an archive: it is uploaded again when asked for."""
        self._ids = {font: kept for font, kept in self._ids.items() if kept != file_id}

    async def _obtain(self, *, font: bool) -> str:
        path = (self._api.config.chart_font or shipped_font()) if font else None
        if font and path is None:
            log.warning("No font for Chinese, Japanese and Korean charts: install %s or set CHART_FONT", PACKAGE)
            return ""
        try:
            name = await asyncio.to_thread(archive_name, path)
            return await self._find(name) or await self._upload(name, path)
        except (AssistantError, OSError) as error:
            log.warning("Charts go without %s: %s", "the CJK font" if font else "their look", error)
            return ""

    async def _find(self, name: str) -> str:
        """An archive of an earlier start. Oldest first: nearly all other files expire."""
        try:
            page = await self._api.get("files", purpose="assistants", order="asc", limit=LISTED)
        except AssistantError as error:
            log.info("Cannot list files: %s", type(error).__name__)
            return ""
        return next((text(file.id) for file in each(page.data) if file.filename == name), "")

    async def _upload(self, name: str, path: Path | None) -> str:
        with tempfile.TemporaryFile() as spool:
            handle = cast("BinaryIO", spool)
            await asyncio.to_thread(pack, path, handle)
            file_id = await self._api.upload(name, handle, "application/zip")
        log.info("Uploaded %s as %s", name, file_id)
        return file_id


def archive_name(font: Path | None) -> str:
    """A name that changes with the archive's content."""
    digest = hashlib.sha256()
    for path in _contents(font):
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return f"chart-{'font' if font else 'style'}-{digest.hexdigest()[:8]}.zip"


def pack(font: Path | None, target: BinaryIO) -> None:
    """Write the archive: look, font and, for the shipped font, its licence. Stored, so that it costs no time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in _contents(font):
            archive.write(path, path.name)
        if font and (licence := _licence(font)):
            archive.writestr("LICENSE.txt", licence)


def _modules(*, font: bool) -> list[Path]:
    return [STYLE_MODULE, FONT_MODULE] if font else [STYLE_MODULE]


def _contents(font: Path | None) -> list[Path]:
    return [*_modules(font=font is not None), *([font] if font else [])]


def _licence(font: Path) -> str:
    if font != shipped_font():
        return ""
    texts = (file for file in metadata.files(PACKAGE) or () if file.name == "LICENSE")
    return next((file.read_text() for file in texts), "")
