"""What the doctor finds out about rules for user groups: they admit nobody while Slack does not tell who is in them."""

from __future__ import annotations

from contextlib import suppress

import aiohttp

from app.doctor.findings import Finding, Findings
from app.doctor.slack import SECONDS
from app.settings import Settings
from conversations.access.rule_table import read_groups
from conversations.database.unusable import DatabaseUnusable
from conversations.errors import SlackError
from slack_api.api import SlackApi
from workplace.directory.groups import Groups

NAME = "access: user groups"


async def access_findings(settings: Settings) -> Findings:
    """Ask who is in each group that a rule is about, whether of the settings or made in Slack."""
    named = set(settings.policy.rules.book.groups)
    with suppress(DatabaseUnusable):  # which another part tells
        named |= await read_groups(settings.database_url)
    if not named:
        return
    if settings.oauth:
        yield Finding(NAME, "lacking", "not tried: each workspace has its own")
        return
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
        groups = Groups(SlackApi(settings.slack_bot_token, settings.slack_api_url, session))
        try:
            untold = [group for group in sorted(named) if await groups.members(group) is None]
        except SlackError as error:
            yield Finding(NAME, "lacking", f"not tried: Slack answers {error.fields.get('error')}")
            return
    if untold:
        what = f"Slack does not tell who is in {', '.join(untold)}: rules about groups admit nobody"
        fix = (
            "Add the optional scope usergroups:read under OAuth & Permissions and reinstall the app, or mend the rules."
        )
        yield Finding(NAME, "bad", what, fix)
    else:
        yield Finding(NAME, "good", f"{len(named)} known")
