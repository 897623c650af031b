"""Identifiers in the shapes that the service gives them, and what is kept by them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")

_ALPHANUMERIC = string.ascii_letters + string.digits


def hex_id(prefix: str, digits: int = 48) -> str:
    """``prefix`` and a number of random hexadecimal digits, as in ``resp_68ae…``."""
    return prefix + secrets.token_hex(digits // 2)


def letter_id(prefix: str, length: int = 24) -> str:
    """``prefix`` and random letters and digits, as in ``thread_aB3…``."""
    return prefix + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def file_id(*, azure: bool) -> str:
    """``assistant-…`` on Azure, ``file-…`` on OpenAI."""
    return letter_id("assistant-" if azure else "file-", 22)


class Store(Mapping[str, T]):
    """Everything of one kind, by id. Who keeps it adds to and takes from ``_items``."""

    def __init__(self) -> None:
        self._items: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
