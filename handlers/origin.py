"""Which workspace an envelope comes from, as its payload tells it. Pure.

What is told in one member is missing or null in another kind of payload; the readers take whatever is there.
https://docs.slack.dev/apis/events-api/#authorizations
https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
"""

from __future__ import annotations

from dataclasses import dataclass

from untrusted.payload import Json, flag, identifier, items, mapping, number, string


@dataclass(frozen=True)
class Origin:
    """A workspace and its organisation, each "" when not told; ``at`` is when Slack says that it happened (epoch s)."""

    team: str
    enterprise: str
    at: float = 0.0


NOWHERE = Origin("", "")

_OF_ORGANISATIONS = frozenset({"team_access_granted", "team_access_revoked"})
"""Events of an organisation, whatever workspace they name (https://docs.slack.dev/reference/events/team_access_revoked)."""

_OF_APPS = frozenset({"app_uninstalled", "tokens_revoked"})
"""Events that may be of a whole organisation; all others are of a workspace."""


def origin(body: Json) -> Origin:
    """Where a payload comes from: an event, an interaction or a slash command."""
    return _of_event(body) if "event" in body else _of_interaction(body)


def _of_event(body: Json) -> Origin:
    """The installation that sees the event counts: over Slack Connect ``team_id`` may be the other side's.

    Of an organisation's installation the workspace is not told there. Then it is ``context_team_id``, which a mention
    lacks: that is left to its twin, a ``message``, lest the two of them seem to come from different workspaces.
    """
    authorization = next(iter(items(body.get("authorizations"))), mapping(None))
    team, at = identifier(authorization.get("team_id")), float(number(body.get("event_time")))
    enterprise = _first(
        authorization.get("enterprise_id"), body.get("context_enterprise_id"), body.get("enterprise_id")
    )
    kind = string(mapping(body.get("event")).get("type"))
    if kind in _OF_ORGANISATIONS and enterprise:
        return Origin("", enterprise, at)
    if team:
        return Origin(team, enterprise, at)
    is_whole = flag(authorization.get("is_enterprise_install"))
    if is_whole and kind == "app_mention" and not body.get("context_team_id"):
        return NOWHERE
    team = _first(body.get("context_team_id"), body.get("team_id"))
    if team or kind in _OF_APPS:
        return Origin(team, enterprise, at)
    return NOWHERE


def _of_interaction(body: Json) -> Origin:
    view, user = mapping(body.get("view")), mapping(body.get("user"))
    team = _first(
        view.get("app_installed_team_id"), body.get("team_id"), mapping(body.get("team")).get("id"), user.get("team_id")
    )
    enterprise = _first(mapping(body.get("enterprise")).get("id"), body.get("enterprise_id"))
    return Origin(team, enterprise) if team else NOWHERE


def _first(*found: object) -> str:
    return next(filter(None, map(identifier, found)), "")
