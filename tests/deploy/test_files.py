"""The files of deploy/ say what the bot reads, and start what starts. No container engine is needed."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import sys
import urllib.error
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OTHERS = {"PATH", "PYTHONUNBUFFERED", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}


def lines() -> list[tuple[str, str]]:
    """The Dockerfile's instructions."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    found = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, rest in found]


def known() -> set[str]:
    """The settings that the bot reads, by the README's table."""
    return set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def pod() -> Any:
    return documents("kubernetes.yml")[0]["spec"]["template"]["spec"]


def settings() -> set[str]:
    """The variables that the files set."""
    image = {pair.partition("=")[0] for name, rest in lines() if name == "ENV" for pair in shlex.split(rest)}
    (compose,) = documents("compose.yml")
    services = {name for service in compose["services"].values() for name in service.get("environment", {})}
    unit = {
        pair.partition("=")[0]
        for pair in re.findall(r"^Environment=(.*)", (DEPLOY / "analyst.service").read_text(), re.M)
    }
    return image | services | unit | {one["name"] for one in pod()["containers"][0]["env"]}


def test_what_is_set_is_what_the_bot_reads() -> None:
    assert settings() - OTHERS <= known()


def test_the_image_has_what_starts_the_bot() -> None:
    """What is copied into it, as .dockerignore leaves it, with the image's command and an empty environment."""
    ignored = {line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()}
    assert {"tests", "playground", ".env", ".git"} <= ignored
    assert not ignored & {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
        "tests",
        "playground",
        "benchmarks",
    }


async def test_the_images_command_asks_for_settings_in_an_empty_environment(tmp_path: Path) -> None:
    ignored = [line.strip().removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().splitlines()]
    for path in ROOT.iterdir():
        if not any(path.match(pattern) for pattern in ignored):
            (tmp_path / path.name).symlink_to(path)
    (command,) = [json.loads(rest) for name, rest in lines() if name == "CMD"]
    assert command[0] == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command[1:], cwd=tmp_path, env={}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"SLACK_BOT_TOKEN" in said
    assert b"Traceback" not in said


async def test_the_images_health_check_fails_where_nobody_answers() -> None:
    (check,) = [json.loads(rest.partition("CMD")[2]) for name, rest in lines() if name == "HEALTHCHECK"]
    with pytest.raises(urllib.error.URLError):
        exec(check[2], {})
    assert "/healthz" in check[2]


def test_the_image_is_no_roots() -> None:
    assert [rest for name, rest in lines() if name == "USER"] == ["10001"]
    (container,) = pod()["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod()["securityContext"]["runAsNonRoot"]


def test_everybody_waits_longer_than_the_bot_drains() -> None:
    (compose,) = documents("compose.yml")
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read(DEPLOY / "analyst.service")
    drains = 25.0
    assert float(compose["services"]["analyst"]["stop_grace_period"].removesuffix("s")) > drains
    assert pod()["terminationGracePeriodSeconds"] > drains
    assert float(unit["Service"]["TimeoutStopSec"]) > drains
    assert unit["Service"]["RestartPreventExitStatus"] == "2"


def test_probes_ask_where_the_bot_answers() -> None:
    (container,) = pod()["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert {"name": "HEALTH_PORT", "value": str(container["ports"][0]["containerPort"])} in container["env"]
