"""How much of a prompt the service has read before: whole blocks of 128 tokens from its start, under the same key.

https://developers.openai.com/api/docs/guides/prompt-caching
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from playground.azure.responses.items import WIDE
from playground.azure.service.settings import Settings

BLOCK = 128
LEAST = 1024
LETTERS = 4
"""Characters of a token, or one that is wide (see ``items.tokens``)."""


class PromptCache:
    """What was read lately, by key. What has no key shares one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: dict[str, dict[bytes, int]] = {}
        self._swept = 0

    def read(self, key: str, prompt: Iterable[str]) -> int:
        """Tokens of a prompt that were in the cache; all of its whole blocks are from now on."""
        now = self._settings.now()
        self._sweep(now)
        known = self._read.setdefault(key, {})
        digest, cached, same = blake2b(digest_size=16), 0, True
        for block in _blocks("\n".join(prompt)):
            digest.update(block.encode(errors="replace"))
            same = same and digest.digest() in known
            cached += BLOCK * same
            known[digest.digest()] = now
        return cached if cached >= LEAST else 0

    def _sweep(self, now: int) -> None:
        """Forget what was not read for long; looks once a minute."""
        if now < self._swept + 60:
            return
        self._swept = now
        oldest = now - 60 * self._settings.cache_minutes
        for key, known in list(self._read.items()):
            self._read[key] = {digest: read for digest, read in known.items() if read > oldest}
            if not self._read[key]:
                del self._read[key]


def _blocks(text: str) -> Iterator[str]:
    """The whole blocks of a text."""
    size = BLOCK * LETTERS
    if text.isascii():
        yield from (text[start : start + size] for start in range(0, len(text) - size + 1, size))
        return
    start = weight = 0
    for position, character in enumerate(text):
        weight += LETTERS if character > WIDE else 1
        if weight >= size:
            yield text[start : position + 1]
            start, weight = position + 1, weight - size
