"""Which encoding a text file is in."""

from tables.encodings.detection import Encoding, detect

__all__ = ["Encoding", "detect"]
