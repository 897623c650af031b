"""A text in pieces, cut one after the other."""

from __future__ import annotations

from replies.markdown.split import OpenMarkup, Piece, cut


def split(text: str, limit: int) -> list[Piece]:
    """The pieces, none longer than ``limit`` bytes (at least 2,500, to have room for what is re-opened)."""
    pieces: list[Piece] = []
    context, start = OpenMarkup(), 0
    while start < len(text):
        piece, context = cut(text, limit, context, opening=context.opening, start=start)
        pieces.append(piece)
        start += len(piece.body)
    return pieces
