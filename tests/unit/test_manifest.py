from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from app.doctor.slack import OPTIONAL_SCOPES, SCOPES
from tests.support.handlers import taken
from tests.support.manifest import bot_events, bot_scopes, manifest, optional_scopes

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT.parent / "shared/specs/slack-manifest-schema/schemas/manifest.schema.2.0.0.json"


def test_the_manifest_is_valid_by_slacks_schema() -> None:
    if not SCHEMA.exists():
        pytest.skip(f"SKIPPED LOUDLY: Slack's manifest schema does not lie at {SCHEMA}")
    jsonschema.validate(manifest(), json.loads(SCHEMA.read_text()))


def test_subscribed_events_are_those_that_the_code_listens_to() -> None:
    of_organisations = {"team_access_granted", "team_access_revoked"}  # which docs/admin.md adds where there is one
    assert {event.partition(".")[0] for event in bot_events()} == taken("event") - of_organisations


def test_the_doctor_asks_for_the_scopes_of_the_manifest() -> None:
    assert sorted(SCOPES) == sorted(bot_scopes())
    assert sorted(OPTIONAL_SCOPES) == sorted(optional_scopes())


def test_each_scope_has_its_reason_in_the_readme() -> None:
    table = (ROOT / "README.md").read_text().partition("### Scopes")[2].partition("\n## ")[0]
    named = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    explained = set(re.findall(r"`([a-z_:.]+)`", named))
    assert explained - {"connections:write"} == {*bot_scopes(), *optional_scopes()}


SCOPES_OF_METHODS = {
    "chat": {"chat:write"},
    "assistant": {"chat:write", "assistant:write"},
    "agents": {"chat:write"},
    "files": {"files:read", "files:write"},
    "users": {"users:read", "channels:read"},
    "usergroups": {"usergroups:read"},
    "conversations": {"channels:history", "channels:read"},
    "reactions": {"reactions:write"},
    "auth": set(),
    "apps": set(),
    "views": set(),
}


def test_every_method_that_the_code_calls_is_covered_by_a_scope() -> None:
    called: set[str] = set()
    for room in ("replies", "workplace", "handlers", "slack_api"):
        for path in (ROOT / room).rglob("*.py"):
            called |= set(re.findall(r'"((?:{})\.[a-zA-Z.]+)"'.format("|".join(SCOPES_OF_METHODS)), path.read_text()))
    assert called
    for method in called:
        assert SCOPES_OF_METHODS[method.partition(".")[0]] <= {*bot_scopes(), *optional_scopes()}, method
