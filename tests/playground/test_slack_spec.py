"""Our methods against Slack's method pages: arguments that we need, scopes, tiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.slack.api import METHODS

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs" / "slack-methods" / "methods"
TIERS = {"Tier 1": 1, "Tier 2": 20, "Tier 3": 50, "Tier 4": 100}
BESIDE_THE_PAGES = {"assistant:write"}

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=f"Slack's method pages are not at {SPECS}")


def page(method: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SPECS / f"{method}.json").read_text())
    return loaded


def known() -> list[str]:
    return [name for name in METHODS if (SPECS / f"{name}.json").is_file()]


@pytest.mark.parametrize("name", known())
def test_scopes_and_tiers(name: str) -> None:
    spec = page(name)
    documented = {scope["name"] for scope in spec["scopes"].get("bot", [])}
    ours = set(METHODS[name].scopes) - BESIDE_THE_PAGES
    assert ours <= documented or METHODS[name].scopes == ("assistant:write",)
    assert bool(documented) == bool(METHODS[name].scopes)
    tier = spec["rate_limit"]["label"].partition(":")[0]
    if tier in TIERS:
        assert METHODS[name].per_minute == TIERS[tier]


def test_most_of_our_methods_have_a_page() -> None:
    assert len(known()) >= 28
