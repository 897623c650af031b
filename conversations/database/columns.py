"""Types of columns for what others have written: whatever it is, every database takes it."""

from __future__ import annotations

import json
from typing import Any, cast

from sqlalchemy import Dialect, String, Text, TypeDecorator

from untrusted.characters import all_whole, whole


class Words(TypeDecorator[str]):
    """Text in whole characters."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """See ``TypeDecorator``."""
        return None if value is None else whole(value)


class Name(TypeDecorator[str]):
    """Text in whole characters, cut to the column's length: PostgreSQL refuses what is longer."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """See ``TypeDecorator``."""
        return None if value is None else whole(value)[: cast("String", self.impl_instance).length]


def to_json(value: Any) -> str:
    """The JSON that is stored: whole characters in all of its texts."""
    text = whole(json.dumps(value, ensure_ascii=False))
    return json.dumps(all_whole(json.loads(text)), ensure_ascii=False) if "\\u0000" in text else text
