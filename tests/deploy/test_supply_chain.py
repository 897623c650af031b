"""A release installs what is pinned, and that is all that it needs; what is found about it is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import supply_chain
from tests.deploy.test_files import lines
from tests.supply_chain import LOCK, ROOT, pins

PINS = {canonicalize_name(pin.name): pin for pin in map(Requirement, pins(LOCK.read_text()))}


def wanted(of: str = "") -> list[Requirement]:
    """What the bot needs itself, or an installed package needs here, with the extras that the bot wants of it."""
    if not of:
        text = "\n".join((ROOT / folder / "requirements.txt").read_text() for folder in ("", "deploy"))
        return [Requirement(line.partition(" #")[0]) for line in text.splitlines() if re.match(r"\w", line)]
    needs = [Requirement(one) for one in metadata.requires(of) or ()]
    extras = next((one.extras for one in wanted() if one.name == of), set[str]()) | {""}
    return [one for one in needs if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in extras)]


def test_each_is_one_version_with_its_hashes() -> None:
    entries = re.split(r"^(?=\w)", LOCK.read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) == len(PINS)
    for entry in entries:
        first, *hashes = entry.replace("\\\n", "\n").split("\n    ")
        assert re.match(r"[a-z0-9.-]+==[\w.]+( ;.*)?", first)
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}\s*", one) for one in hashes)


def test_it_covers_what_the_bot_needs_within_the_bounds() -> None:
    for needed in wanted():
        pin = PINS.get(canonicalize_name(needed.name))
        assert pin, f"{needed} is not pinned: make lock"
        (pinned,) = pin.specifier
        assert needed.specifier.contains(pinned.version), f"{needed} is pinned out of bounds: make lock"


def missing() -> Iterator[str]:
    for name, pin in PINS.items():
        try:
            is_pinned = pin.specifier.contains(metadata.version(name))
        except metadata.PackageNotFoundError:
            continue
        if is_pinned:
            yield from (f"{name} → {one}" for one in wanted(name) if canonicalize_name(one.name) not in PINS)


def test_nothing_else_is_needed() -> None:
    assert list(missing()) == []


def test_the_image_installs_it_and_nothing_else() -> None:
    (python,) = {rest.split()[0] for name, rest in lines() if name == "FROM"}
    (install,) = [rest for name, rest in lines() if name == "RUN" and "pip install" in rest]
    assert "requirements.lock ." in [rest for name, rest in lines() if name == "COPY"]
    assert install.endswith("--require-hashes -r requirements.lock")
    there = {"python_full_version": python.partition(":")[2].partition("-")[0] + ".0", "sys_platform": "linux"}
    left_out = {name for name, pin in PINS.items() if pin.marker and not Marker(str(pin.marker)).evaluate(there)}
    assert not left_out & {canonicalize_name(one.name) for one in wanted()}


@pytest.mark.parametrize(
    ("ends", "status", "said"),
    [
        ({}, 0, "What a release installs: build/sbom.json\n"),
        ({"audit": 1}, 1, "CVE-1"),
        ({"audit": 2}, 0, "NOT LOOKED UP"),
        ({"lock": 2}, 0, "NEITHER LISTED NOR LOOKED UP"),
    ],
)
def test_a_known_fault_fails_and_what_cannot_be_reached_is_told(
    ends: dict[str, int],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = "".join(f"{command}) echo CVE-1; exit {code};; " for command, code in ends.items())
    fake = tmp_path / "uv"
    fake.write_text(f"#!/bin/sh\ncp pyproject.toml {tmp_path}\ncase $1 in {cases}esac\n")
    fake.chmod(0o700)
    monkeypatch.setattr(supply_chain, "UV", fake)
    assert supply_chain.main() == status
    assert said in capsys.readouterr().out
    (named,) = re.findall(r"dependencies = (.*)", (tmp_path / "pyproject.toml").read_text())
    assert json.loads(named) == list(pins(LOCK.read_text()))
