"""Brings a font with Chinese, Japanese and Korean glyphs into the sandbox, whose own fonts draw boxes for them.

The sandbox takes no ``.ttf`` or ``.otf`` files but zip archives, so the font travels in one, together with the module
that registers it (``sandbox/chart_font.py``) and its licence. Shipped: Noto Sans CJK JP Regular (16 MB, SIL OFL 1.1,
package ``noto-cjk-sans-jp-regular``).
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
MODULE = Path(__file__).parent / "sandbox" / "chart_font.py"
LISTED = 1000


def snippet(archive: str) -> str:
    """Python that makes charts use the font. ``archive``: path or glob pattern of the archive in the sandbox."""
    return f"import glob, sys\nsys.path.insert(0, glob.glob({archive!r})[-1])\nimport chart_font"


def shipped_font() -> Path | None:
    """The font file of the installed package, if it is there."""
    try:
        found = resources.files("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf"
    except ModuleNotFoundError:
        return None
    path = Path(str(found))
    return path if path.is_file() else None


class ChartFont:
    """The font's archive at the service: uploaded once per resource, without expiry, and found again later."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api
        self._lock = asyncio.Lock()
        self._id = ""

    async def file_id(self) -> str:
        """Id of the archive, uploading it if needed; "" when there is no font or the service refuses it."""
        async with self._lock:
            if not self._id:
                self._id = await self._obtain()
            return self._id

    def forget(self, file_id: str) -> None:
        """Say that the service has lost the archive: it is uploaded again when asked for."""
        if self._id == file_id:
            self._id = ""

    async def _obtain(self) -> str:
        path = self._api.config.chart_font or shipped_font()
        if path is None:
            log.warning("No font for Chinese, Japanese and Korean charts: install %s or set CHART_FONT", PACKAGE)
            return ""
        try:
            name = await asyncio.to_thread(archive_name, path)
            return await self._find(name) or await self._upload(name, path)
        except (AssistantError, OSError) as error:
            log.warning("Charts go without the CJK font: %s", error)
            return ""

    async def _find(self, name: str) -> str:
        """An archive of an earlier start. Oldest first: nearly all other files expire."""
        try:
            page = await self._api.get("files", purpose="assistants", order="asc", limit=LISTED)
        except AssistantError as error:
            log.info("Cannot list files: %s", type(error).__name__)
            return ""
        return next((text(file.id) for file in each(page.data) if file.filename == name), "")

    async def _upload(self, name: str, path: Path) -> str:
        with tempfile.TemporaryFile() as spool:
            handle = cast("BinaryIO", spool)
            await asyncio.to_thread(pack, path, handle)
            file_id = await self._api.upload(name, handle, "application/zip")
        log.info("Uploaded the chart font as %s", file_id)
        return file_id


def archive_name(font: Path) -> str:
    """A name that changes with the archive's content."""
    digest = hashlib.sha256(MODULE.read_bytes())
    with font.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return f"chart-font-{digest.hexdigest()[:8]}.zip"


def pack(font: Path, target: BinaryIO) -> None:
    """Write the archive: font, module and, for the shipped font, its licence. Stored, so that it costs no time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.write(font, font.name)
        archive.write(MODULE, MODULE.name)
        if licence := _licence(font):
            archive.writestr("LICENSE.txt", licence)


def _licence(font: Path) -> str:
    if font != shipped_font():
        return ""
    texts = (file for file in metadata.files(PACKAGE) or () if file.name == "LICENSE")
    return next((file.read_text() for file in texts), "")
