"""A plugin of pytest's: what hostile text makes of a failure can be sent from a worker to the one who tells it.

Half a surrogate pair in a report ended the whole run, as execnet sends UTF-8 (https://codespeak.net/execnet/basics.html).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    return sendable((yield))


def sendable(value: Any) -> Any:
    """A value like JSON's, with half pairs of surrogates written out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {sendable(key): sendable(item) for key, item in value.items()}
    return type(value)(map(sendable, value)) if isinstance(value, list | tuple) else value
