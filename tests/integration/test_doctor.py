"""``python bot.py doctor`` against the local Slack and the local Azure, now and then as a process."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from app.doctor.examination import examine
from app.doctor.findings import write
from app.doctor.machine import isolation
from app.settings import read_settings
from conversations.access.rule_table import RuleTable
from conversations.database.database import Database
from helper.protocol import Guards
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.manifest import bot_scopes
from tests.support.postgres import NoPostgres, fresh_database, postgres_server
from tests.support.world import ROOT, World

SLACK = ["Slack: bot token", "Slack: scopes", "Slack: app token"]
AZURE = [
    "Azure: endpoint and key",
    "Azure: deployment",
    "Azure: conversations",
    "Azure: files",
    "Azure: Code Interpreter",
    "Azure: files in the sandbox",
]
FILES = ["files: spool", "files: helper process"]
ALL = ["settings", *SLACK, "Azure: chart font", *AZURE, "database", *FILES]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as opened:
        yield opened


class Report:
    """What the doctor found: its lines by their names."""

    def __init__(self, text: str, status: int) -> None:
        self.text = text
        self.status = status
        self.signs: dict[str, str] = {}
        self.lines: dict[str, str] = {}
        for line in text.splitlines():
            if line.startswith(("✓", "–", "✗")):
                name = line[2:30].strip()
                self.signs[name], self.lines[name] = line[0], line[31:]
            else:
                self.lines[name] += line

    def named(self, sign: str) -> list[str]:
        return [name for name, found in self.signs.items() if found == sign]


def environment(world: World, changes: Mapping[str, str]) -> dict[str, str]:
    """What the bot is told, with changes; an empty value leaves a variable out."""
    return {name: value for name, value in {**world.environment, **changes}.items() if value}


async def run(world: World, **changes: str) -> Report:
    """The report of ``python bot.py doctor``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "bot.py"), "doctor"),
        cwd=world.folder,
        env=environment(world, changes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert not err.decode()
    return discreet(world, out.decode(), process.returncode or 0)


async def examined(world: World, **changes: str) -> Report:
    """The same without a process of its own, which takes two seconds to start."""
    settings = read_settings(environment(world, changes), dotenv=None)
    out = io.StringIO()
    with redirect_stdout(out):
        status = await examine(settings, write)
    return discreet(world, out.getvalue(), status)


def discreet(world: World, text: str, status: int) -> Report:
    """A report, which tells no secret."""
    for secret in (world.slack.bot_token, world.slack.app_token, world.azure.api_key, "wrong-secret"):
        assert secret not in text
    return Report(text, status)


async def test_all_is_well_and_nothing_is_left_behind(world: World) -> None:
    report = await run(world)
    assert report.named("✓") == ALL, report.text
    assert report.status == 0
    assert not world.azure.files
    assert not world.azure.containers
    assert not world.azure.conversations
    assert not world.azure.responses
    assert not world.slack.messages("C0SALES001")
    assert not list(world.folder.iterdir())


async def test_missing_settings_are_all_named_and_nothing_is_tried(world: World) -> None:
    report = await run(world, SLACK_BOT_TOKEN="", AZURE_OPENAI_ENDPOINT="ftp://x", LOG_LEVEL="LOUD")
    assert report.named("✗") == ["SLACK_BOT_TOKEN", "AZURE_OPENAI_ENDPOINT", "LOG_LEVEL"]
    assert report.status == 2
    assert not world.slack.calls
    assert not world.azure.requests


async def test_a_wrong_bot_token(world: World) -> None:
    report = await examined(world, SLACK_BOT_TOKEN="xoxb-wrong-secret")
    assert report.named("✗") == ["Slack: bot token"], report.text
    assert report.named("–") == ["Slack: scopes"]
    assert "invalid_auth" in report.lines["Slack: bot token"]
    assert report.status == 1


async def test_a_wrong_app_token(world: World) -> None:
    report = await examined(world, SLACK_APP_TOKEN="xapp-wrong-secret")
    assert report.named("✗") == ["Slack: app token"], report.text
    assert "connections:write" in report.lines["Slack: app token"]


async def test_http_needs_no_app_token(world: World) -> None:
    report = await examined(world, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="s")
    assert report.named("–") == ["Slack: signing secret"], report.text
    assert report.status == 0


async def test_missing_scopes_are_named(world: World) -> None:
    world.slack.scopes.difference_update({"files:read", "im:history"})
    report = await examined(world)
    assert report.named("✗") == ["Slack: scopes"], report.text
    assert "missing: files:read, im:history" in report.lines["Slack: scopes"]
    assert not any(scope in report.text for scope in set(bot_scopes()) - {"files:read", "im:history"})


async def test_slack_that_is_ill(world: World) -> None:
    world.slack.faults.http_error("auth.test", 503)
    report = await examined(world)
    assert report.named("✗") == ["Slack: bot token"], report.text
    assert "503" in report.lines["Slack: bot token"]


async def test_a_wrong_key(world: World) -> None:
    report = await examined(world, AZURE_OPENAI_API_KEY="wrong-secret")
    assert report.named("✗") == ["Azure: endpoint and key"], report.text
    assert "AZURE_OPENAI_API_KEY" in report.lines["Azure: endpoint and key"]
    assert not set(AZURE[1:]) & set(report.signs)
    assert report.signs["database"] == "✓"
    assert report.status == 1


async def test_an_address_where_nobody_is(world: World) -> None:
    report = await examined(world, AZURE_OPENAI_ENDPOINT="http://127.0.0.1:9", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert report.named("✗") == ["Slack: bot token", "Slack: app token", "Azure: endpoint and key"], report.text
    assert "SLACK_API_URL" in report.lines["Slack: bot token"]
    assert "AZURE_OPENAI_ENDPOINT" in report.lines["Azure: endpoint and key"]


async def test_an_unknown_deployment(world: World) -> None:
    report = await examined(world, AZURE_OPENAI_DEPLOYMENT="gpt-nowhere")
    assert report.named("✗") == ["Azure: deployment"], report.text
    assert "gpt-nowhere" in report.lines["Azure: deployment"]
    assert "Deployments" in report.lines["Azure: deployment"]


async def test_a_resource_without_conversations_is_good_enough(world: World) -> None:
    world.azure.faults.add("conversations_unsupported", times=None)
    report = await examined(world)
    assert report.named("–") == ["Azure: conversations"], report.text
    assert "30 days" in report.lines["Azure: conversations"]
    assert report.status == 0


@pytest.mark.parametrize(
    ("fault", "options", "named"),
    [
        ("http", {"path": "/containers", "method": "POST", "status": 400, "code": "unsupported_value"}, AZURE[4]),
        ("server_error", {"path": "/files", "method": "POST"}, AZURE[3]),
        ("download_error", {}, AZURE[5]),
    ],
)
async def test_what_the_resource_lacks(world: World, fault: str, options: dict[str, Any], named: str) -> None:
    world.azure.faults.add(fault, times=None, **options)
    report = await examined(world)
    assert report.named("✗") == [named], report.text
    assert "→" in report.lines[named]
    assert not world.azure.files
    assert not world.azure.containers


async def test_a9_a_project_address_is_cut_to_the_resource(world: World) -> None:
    """https://github.com/Azure/azure-sdk-for-net/issues/61869."""
    endpoint = f"{world.azure.endpoint}/api/projects/mine/openai/v1"
    report = await examined(world, AZURE_OPENAI_ENDPOINT=endpoint)
    assert not report.named("✗"), report.text


VERSION = {"status": 400, "message": "API version not supported"}
NOWHERE = {"status": 404, "message": "Resource not found", "code": "404"}


@pytest.mark.parametrize(
    ("fault", "options", "words"),
    [
        ("http", VERSION, "Take AZURE_OPENAI_API_VERSION out"),
        ("http", NOWHERE, "Copy the endpoint from the resource's page"),
        ("sign_in_page", {}, "A web page answers in place of Azure OpenAI"),
        ("gateway_quota", {}, "about 141 minutes"),
    ],
    ids=["a8", "a10", "a17", "a11"],
)
async def test_a8_a10_a11_a17_what_lies_before_the_service_is_named(
    world: World, fault: str, options: dict[str, Any], words: str
) -> None:
    armed = world.azure.faults.add(fault, path="/files", method="GET", times=None, **options)
    report = await examined(world)
    assert report.named("✗") == ["Azure: endpoint and key"], report.text
    assert words in report.lines["Azure: endpoint and key"]
    assert armed.hits == 1


async def test_a4_a_refused_parameter_is_no_finding(world: World) -> None:
    for path, parameter in (("/responses", "store"), ("/conversations", "metadata"), ("/files", "expires_after")):
        world.azure.faults.add("parameter_refused", path=path, times=None, parameter=parameter, spelling="json_field")
    report = await examined(world)
    assert not report.named("✗"), report.text


async def test_a22_what_stands_before_slack_is_no_wrong_token(world: World) -> None:
    report = await examined(world, SLACK_API_URL=f"{world.azure.endpoint}/api/", AZURE_OPENAI_API_KEY="k")
    assert "look at HTTPS_PROXY" in report.lines["Slack: bot token"], report.text


async def test_the_assistants_wire(world: World) -> None:
    report = await examined(world, AZURE_OPENAI_API="assistants")
    assert not report.named("✗"), report.text
    assert "Azure: Assistants API" in report.signs
    assert not world.azure.assistants


async def test_a_service_without_the_assistants_api(world: World) -> None:
    world.azure.faults.add("assistants_retired", times=None)
    report = await examined(world, AZURE_OPENAI_API="assistants")
    assert report.named("✗") == ["Azure: Assistants API"], report.text
    assert "AZURE_OPENAI_API=responses" in report.lines["Azure: Assistants API"]


async def test_a_database_in_use_is_looked_at_and_not_touched(world: World) -> None:
    database = Database(world.database_url)
    await database.open()
    before = {path.name for path in world.folder.iterdir()}
    report = await examined(world)
    assert report.signs["database"] == "✓", report.text
    assert "version" in report.lines["database"]
    assert {path.name for path in world.folder.iterdir()} == before
    await database.close()


async def test_a_closed_database_is_only_read(world: World) -> None:
    database = Database(world.database_url)
    await database.open()
    await database.close()
    report = await examined(world)
    assert report.signs["database"] == "✓", report.text


async def test_a_database_of_a_newer_bot(world: World) -> None:
    with sqlite3.connect(world.folder / "analyst.db") as connection:
        connection.execute("create table alembic_version (version_num varchar(32))")
        connection.execute("insert into alembic_version values ('9999')")
    report = await examined(world)
    assert report.named("✗") == ["database"], report.text
    assert "9999" in report.lines["database"]


async def test_a_file_that_is_no_database(world: World) -> None:
    (world.folder / "analyst.db").write_text("Dear diary, " * 100)
    assert (await examined(world)).named("✗") == ["database"]


async def test_postgresql(world: World) -> None:
    try:
        with postgres_server() as server, fresh_database(server) as url:
            world.database_url = url
            report = await examined(world)
            assert report.signs["database"] == "✓", report.text
            database = Database(url)
            await database.open()
            await database.close()
            assert "version" in (await examined(world)).lines["database"]
            await may_create_nothing(server, "weak")
            world.database_url = f"{server.replace('postgres@', 'weak@')}/postgres"
            report = await examined(world)
            assert "GRANT CREATE" in report.lines["database"], report.text
            world.database_url = f"{server}/nowhere"
            report = await examined(world)
            assert report.named("✗") == ["database"], report.text
            assert "nowhere" in report.lines["database"]
    except NoPostgres as error:
        pytest.skip(f"SKIPPED LOUDLY: {error}")


async def may_create_nothing(server: str, role: str) -> None:
    async with await psycopg.AsyncConnection.connect(f"{server}/postgres", autocommit=True) as connection:
        await connection.execute(SQL("create role {} login").format(Identifier(role)))


async def test_h19_a_spool_that_cannot_be_written(world: World) -> None:
    report = await examined(world, SPOOL_DIR="/proc/nowhere")
    assert report.named("✗") == ["files: spool"], report.text
    assert "SPOOL_DIR: /proc/nowhere/slack-data-analyst-" in report.lines["files: spool"]
    assert report.status == 1


def test_what_the_kernel_does_not_offer_is_said() -> None:
    assert isolation(Guards(memory=True, files=True, calls=True)).state == "good"
    for guards, said in (
        (Guards(memory=False, files=True, calls=True), "taking more memory"),
        (Guards(memory=True, files=False, calls=True), "opening other files (Landlock)"),
        (Guards(memory=True, files=True, calls=False), "writing, the network and programs (seccomp)"),
    ):
        finding = isolation(guards)
        assert finding.state == "lacking"
        assert f"works, but nothing here keeps it from {said}" in finding.detail


@pytest.mark.thorough
async def test_groups_whose_members_slack_does_not_tell(world: World) -> None:
    world.slack.add_group("S0FINANCE1", "finance", ["U0ANN00001"])
    found = await examined(world, ALLOW_GROUPS="S0FINANCE1")
    assert (found.signs["access: user groups"], found.status) == ("✓", 0)
    world.slack.scopes.discard("usergroups:read")
    found = await examined(world, ALLOW_GROUPS="S0FINANCE1")
    assert (found.signs["access: user groups"], found.status) == ("✗", 1)
    assert "S0FINANCE1" in found.lines["access: user groups"]
    assert "usergroups:read" in found.text
    database = Database(f"sqlite:///{world.folder / 'rules.db'}")
    await database.open()
    await RuleTable(database).put(world.slack.team, ["S0TRAINEES"], "deny", "U0ANN00001")
    await database.close()
    found = await examined(world, DATABASE_URL=f"sqlite:///{world.folder / 'rules.db'}")
    assert "S0TRAINEES" in found.lines["access: user groups"], "a rule that an admin has made in Slack"
