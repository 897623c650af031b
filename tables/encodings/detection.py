"""Which encoding a text file is in: by proof where there is one (BOM, NUL pattern, UTF-8), else by common characters.

The detectors of the field are right for long texts and wrong for what tables hold: a header and a few names. Measured
2026-11 on 44 short tables in ten encodings: chardet 7.7 was wrong on 11, charset-normalizer 3.5 on 12; limited to the
candidates below on 8 and 10. So the candidates are decoded and scored by their alphabets.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import BinaryIO

from tables.encodings.alphabets import ALPHABETS, Alphabet
from tables.encodings.letters import RARE

BLOCK = 64 * 1024
_SAMPLE = 32 * 1024
_PIECE = 2048
_WEIGHED = 4000
"""Characters: more of them tell nothing new."""
_CONVINCING = 0.0
_NOISE = 1e-6
_BEYOND_ASCII = re.compile(rb"[^\n]?[\x80-\xff][^\n]*")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
Context = tuple[str, str, str]


@dataclass(frozen=True)
class Encoding:
    """What the bytes of a text tell.

    ``name`` is a Python codec (pandas takes the same); ``clean``: every byte that was read fits it; ``has_quotes``:
    a ``"`` occurs; ``sample``: text with characters beyond ASCII, if there are any.
    """

    name: str
    clean: bool = True
    has_quotes: bool = False
    sample: str = ""


@dataclass
class _Scan:
    """One pass over the bytes: is it ASCII, is it UTF-8, where are the lines that tell more."""

    head: bytes = b""
    is_ascii: bool = True
    is_utf8: bool = True
    has_quotes: bool = False
    pieces: list[bytes] = field(default_factory=list)


def detect(stream: BinaryIO, limit: int) -> Encoding:
    """The encoding of a text file, by its first ``limit`` bytes; a character cut there does no harm."""
    scan = _scan(stream, limit)
    name = _by_proof(scan)
    if name:
        clean = name == "utf-8" or _decodes(stream, limit, name)
    elif _mostly_utf8(scan.pieces):
        name, clean = "utf-8", False
    else:
        name = _by_alphabet(scan.pieces)
        clean = _decodes(stream, limit, name)
    pieces = [scan.head] if name.startswith("utf-16") or name == "utf-32" else scan.pieces
    return Encoding(name, clean, scan.has_quotes, "\n".join(piece.decode(name, "replace") for piece in pieces))


def blocks(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """The first ``limit`` bytes, in blocks."""
    stream.seek(0)
    while limit > 0 and (block := stream.read(min(BLOCK, limit))):
        limit -= len(block)
        yield block


def _scan(stream: BinaryIO, limit: int) -> _Scan:
    scan = _Scan()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    gathered = 0
    for block in blocks(stream, limit):
        scan.head = scan.head or block[: 2 * _SAMPLE]
        scan.has_quotes = scan.has_quotes or b'"' in block
        if gathered < _SAMPLE:
            found = list(_telling_pieces(block, starts_clean=scan.is_ascii))
            scan.pieces += found
            gathered += sum(map(len, found))
        scan.is_ascii = scan.is_ascii and block.isascii()
        if scan.is_utf8 and not scan.is_ascii:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                scan.is_utf8 = False
    return scan


def _telling_pieces(block: bytes, *, starts_clean: bool) -> Iterator[bytes]:
    """Lines from their first byte beyond ASCII on: there a character begins for certain, in every encoding."""
    start = 0 if starts_clean else block.find(b"\n") + 1 or len(block)
    size = 0
    for match in _BEYOND_ASCII.finditer(block, start):
        piece = match.group()[:_PIECE]
        yield piece
        size += len(piece)
        if size >= _SAMPLE:
            return


def _by_proof(scan: _Scan) -> str:
    for bom, name in _BOMS:
        if scan.head.startswith(bom):
            return name
    wide = _utf16_without_bom(scan.head)
    if wide:
        return wide
    return "utf-8" if scan.is_utf8 else ""


def _decodes(stream: BinaryIO, limit: int, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        for block in blocks(stream, limit):
            decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_bom(head: bytes) -> str:
    """UTF-16 shows as NULs at one parity only: the high bytes of commas, digits and line ends, of each of them."""
    sample = head[: len(head) // 2 * 2]
    units = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    few, many, name = (even, odd, "utf-16-le") if odd > even else (odd, even, "utf-16-be")
    if units < 2 or many * 20 < units or few * 5 > many:  # noqa: PLR2004 - shares of all characters
        return ""
    text = sample.decode(name, "replace")
    broken = sum(char in "\ufffd\0" or "\ue000" <= char <= "\uf8ff" for char in text)
    marks = sum(map(sample.count, b"\n,;\t"))
    paired = sum(map(text.count, "\n,;\t"))
    return "" if broken * 50 > len(text) or paired * 3 < marks * 2 or (not marks and many * 2 < units) else name


def _mostly_utf8(pieces: Sequence[bytes]) -> bool:
    """UTF-8 with a few broken bytes (cut by a tool, or two files in one)."""
    text = "".join(piece.decode("utf-8", "replace") for piece in pieces)
    broken = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - broken
    return good > 10 * broken


def _by_alphabet(pieces: Sequence[bytes]) -> str:
    """The codec of the most plausible alphabet; Latin-1, which takes every byte, when none is plausible at all."""
    best, best_score = "latin-1", _CONVINCING
    for codec, alphabets in groupby(ALPHABETS, key=lambda alphabet: alphabet.codec):
        contexts = _contexts(pieces, codec)
        for alphabet in alphabets if contexts else ():
            score = _score(contexts, alphabet) - RARE.get(codec, 0.0)
            if score > best_score + _NOISE:
                best, best_score = codec, score
    return best


def _contexts(pieces: Sequence[bytes], codec: str) -> Counter[Context]:
    """How often each character beyond ASCII stands between which neighbours; nothing when the bytes do not fit."""
    found: Counter[Context] = Counter()
    for piece in pieces:
        try:
            text = codecs.getincrementaldecoder(codec)("strict").decode(piece)
        except UnicodeDecodeError:
            return Counter()
        if found.total() < _WEIGHED:
            places = (place for place, char in enumerate(text) if char > "\x7f")
            found.update((text[place - 1 : place], text[place], text[place + 1 : place + 2]) for place in places)
    return found


def _score(contexts: Counter[Context], alphabet: Alphabet) -> float:
    """How much characters look like text in an alphabet: -1 (not at all) to 1."""
    points = weight = 0.0
    for (before, char, after), count in contexts.items():
        width = alphabet.width(char) * count
        points += alphabet.plausibility(before, char, after) * width
        weight += width
    return points / weight
