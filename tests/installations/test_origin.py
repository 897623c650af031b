"""Which workspace an envelope comes from, in every form in which Slack tells it."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.origin import NOWHERE, Origin, origin
from tests.hostile.payloads import PAYLOADS
from tests.hostile.test_payloads import each_broken

OWN = {"enterprise_id": None, "team_id": "T1", "is_enterprise_install": False}
WHOLE = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}


def event(kind: str = "message", **members: Any) -> dict[str, Any]:
    return {"type": "event_callback", "event": {"type": kind}, "team_id": "T1", "event_time": 5, **members}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (event(authorizations=[OWN]), Origin("T1", "", 5)),
        (event(authorizations=[OWN], team_id="T9", context_team_id="T9"), Origin("T1", "", 5)),
        (event(context_team_id="T2"), Origin("T2", "", 5)),
        (event(authorizations=None), Origin("T1", "", 5)),
        (event(authorizations=[WHOLE], context_team_id="T2", team_id="T9"), Origin("T2", "E1", 5)),
        (event(authorizations=[WHOLE]), Origin("T1", "E1", 5)),
        (event("app_mention", authorizations=[OWN]), Origin("T1", "", 5)),
        (event("app_mention", authorizations=[WHOLE], context_team_id="T2"), Origin("T2", "E1", 5)),
        (event("app_mention", authorizations=[WHOLE]), NOWHERE),
        (event("team_access_revoked", team_id=None, enterprise_id="E1"), Origin("", "E1", 5)),
        (event("team_access_revoked", authorizations=[{**OWN, "enterprise_id": "E1"}]), Origin("", "E1", 5)),
        (event("team_access_revoked"), Origin("T1", "", 5)),
        (event("app_uninstalled", team_id=None, enterprise_id="E1"), Origin("", "E1", 5)),
        (event("app_uninstalled", enterprise_id="E1"), Origin("T1", "E1", 5)),
        (event(team_id=None, enterprise_id="E1"), NOWHERE),
        ({"command": "/analyst", "team_id": None, "enterprise_id": "E1"}, NOWHERE),
        ({"type": "block_actions", "team": {"id": "T1"}, "enterprise": {"id": "E1"}}, Origin("T1", "E1")),
        ({"type": "block_actions", "team": None, "user": {"team_id": "T1"}, "enterprise": None}, Origin("T1", "")),
        ({"type": "view_submission", "view": {"app_installed_team_id": "T1"}, "team": {"id": "T9"}}, Origin("T1", "")),
        ({"command": "/analyst", "team_id": "T1", "enterprise_id": "E1"}, Origin("T1", "E1")),
        ({"command": "/analyst", "team_id": "T1:C1", "enterprise_id": ["E1"]}, NOWHERE),
        ({"event": [], "authorizations": "x", "team_id": 7, "event_time": "soon"}, NOWHERE),
        ({}, NOWHERE),
    ],
)
def test_it_is_read_wherever_it_stands(body: dict[str, Any], expected: Origin) -> None:
    assert origin(body) == expected


def test_s15_it_is_read_of_any_payload_that_is_broken_in_any_place(quick: bool) -> None:
    for payload in list(PAYLOADS.values())[:: 8 if quick else 1]:
        for broken in each_broken(payload):
            assert isinstance(origin(broken), Origin)
