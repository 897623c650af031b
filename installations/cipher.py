"""Encrypts bot tokens: what lies in the database, or in a copy of it, opens no workspace."""

from __future__ import annotations

import base64
from collections.abc import Sequence

KEY_BYTES = 32


class KeyLost(Exception):
    """None of the keys opens what was encrypted, or it is older than it may be."""


class Cipher:
    """Fernet (https://cryptography.io/en/latest/fernet/): AES and a signature, with the time of encryption.

    Args:
        keys: 32 bytes each as Base64. The first one encrypts, all decrypt: so a new key is put before the old one, and
            the old one is left out once everything was encrypted anew.

    Raises:
        ValueError: A key is none, or there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet  # 4 MB, which one workspace does not need

        fernets = [Fernet(_key(key)) for key in keys]
        if not fernets:
            raise ValueError("must have one key at least")
        self._newest, self._fernets = fernets[0], MultiFernet(fernets)
        self._refusal: type[Exception] = InvalidToken

    def encrypt(self, secret: str) -> str:
        """What may lie anywhere."""
        return self._fernets.encrypt(secret.encode()).decode()

    def decrypt(self, encrypted: str, max_age: int | None = None) -> str:
        """What was encrypted, at most ``max_age`` seconds ago. Raises ``KeyLost``."""
        try:
            return self._fernets.decrypt(encrypted.encode(), ttl=max_age).decode()
        except self._refusal:
            raise KeyLost from None

    def renewed(self, encrypted: str) -> str:
        """The same, encrypted with the first key. Raises ``KeyLost``."""
        try:
            self._newest.decrypt(encrypted.encode())
        except self._refusal:
            return self.encrypt(self.decrypt(encrypted))
        return encrypted


def _key(text: str) -> bytes:
    """A key in either alphabet of Base64."""
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:  # as is what Base64 raises
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError("must be 32 bytes as Base64")
    return base64.urlsafe_b64encode(raw)
