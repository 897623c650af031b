"""Reading what the bot produced: numbers in words, pixels in pictures."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib.image
import numpy as np

from playground.slack.server.server import LocalSlack

Json = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n"


def numbers_in(text: str) -> list[float]:
    """All numbers of a text, thousands separators removed."""
    found = re.findall(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?", text)
    return [float(number.replace(",", "")) for number in found]


def says(text: str, number: float, tolerance: float = 0.006) -> bool:
    """Whether a text has a number, as far as rounding to the shown digits allows (relative tolerance)."""
    return any(abs(shown - number) <= max(0.5e-2, tolerance * abs(number)) for shown in numbers_in(text))


def is_picture(data: bytes) -> bool:
    """Whether bytes are a PNG with something on it."""
    if not data.startswith(PNG):
        return False
    pixels = np.asarray(matplotlib.image.imread(io.BytesIO(data), format="png"))
    return bool(pixels.std() > 0.01)


def pictures(slack: LocalSlack, messages: list[Json]) -> list[bytes]:
    """The bytes of all images in messages, in order."""
    shared = [file for message in messages for file in message.get("files", [])]
    stored = [slack.files[file["id"]].data for file in shared if file["name"].endswith(".png")]
    return [data if isinstance(data, bytes) else data.read_bytes() for data in stored]
