"""Turns a kernel's messages into text and pictures, within limits."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from typing import Any

from playground.interpreter.sandbox import Limits
from playground.ports import Execution

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_SIDE = 10_000


class FloodError(Exception):
    """The run printed more than a session may."""


def png_or_none(encoded: str, largest: int) -> bytes | None:
    """The picture, if it is a PNG of sane size in bytes and pixels."""
    if len(encoded) > largest * 4 // 3 + 4:
        return None
    try:
        data = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return None
    if len(data) < 24 or not data.startswith(PNG_SIGNATURE):
        return None
    width, height = struct.unpack(">II", data[16:24])
    return data if 0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE else None


class Output:
    """Collects what one run shows. Message shapes: https://jupyter-client.readthedocs.io/en/stable/messaging.html."""

    def __init__(self, limits: Limits) -> None:
        self.failed = False
        self._limits = limits
        self._text: list[str] = []
        self._length = 0
        self._seen = 0
        self._dropped = 0
        self._images: list[bytes] = []
        self._images_dropped = 0

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Add one iopub message. Raises ``FloodError`` when the run has printed more than ``limits.flood`` bytes."""
        if kind == "stream":
            self.write(str(content.get("text", "")))
        elif kind in {"display_data", "execute_result", "update_display_data"}:
            self._show(content.get("data") or {})
        elif kind == "error":
            self.failed = True
            self.write("\n".join(str(line) for line in content.get("traceback", ())) + "\n")

    def write(self, text: str) -> None:
        """Add text; what exceeds the limit is counted, not kept."""
        self._count(len(text))
        room = self._limits.text - self._length
        kept = ANSI.sub("", text[: room + 1000])[: max(room, 0)] if room > 0 else ""
        self._text.append(kept)
        self._length += len(kept)
        self._dropped += max(len(text) - room, 0) if room > 0 else len(text)

    def note(self, sentence: str) -> None:
        """Add a sentence of ours, whatever the limit; the run counts as failed."""
        self.failed = True
        self._text.append(f"\n[{sentence}]\n")

    def execution(self) -> Execution:
        """The outcome so far."""
        text = "".join(self._text)
        if self._dropped:
            text += f"\n[{self._dropped:,} more characters of output were cut]\n"
        if self._images_dropped:
            text += f"\n[{self._images_dropped} pictures were left out: too many or too large]\n"
        return Execution(logs=text, images=tuple(self._images), failed=self.failed)

    def _show(self, data: Mapping[str, Any]) -> None:
        if "image/png" in data:
            encoded = str(data["image/png"])
            self._count(len(encoded))
            image = png_or_none(encoded, self._limits.image)
            if image is not None and len(self._images) < self._limits.images:
                self._images.append(image)
            else:
                self._images_dropped += 1
        elif "text/plain" in data:
            self.write(f"{data['text/plain']}\n")

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > self._limits.flood:
            raise FloodError
