"""``make audit``: lists what a release installs (an SBOM), and looks it up among the known faults.

It takes ``requirements.lock`` for what it is, and needs the package index, and OSV, the database of known faults
(https://osv.dev). Where one of them cannot be reached, that is told loudly and is no failure; a known fault is one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "build" / "sbom.json"
UV = Path(sys.executable).parent / "uv"
FOUND = 1
"""What ``uv audit`` ends with when it has found something; 2 is that it could not look."""


def pins(lock: str) -> Sequence[str]:
    """The pinned requirements, without their hashes."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if re.match(r"\w", line)]


def project(lock: str) -> str:
    """A ``pyproject.toml`` of which the lock's packages are the dependencies."""
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {name: ours[name] for name in ("name", "version", "requires-python")} | {"dependencies": pins(lock)}
    return "\n".join(["[project]", *(f"{name} = {json.dumps(value)}" for name, value in named.items())])


def main() -> int:
    """List and look up; 1 when a package has a known fault."""
    SBOM.parent.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(project(LOCK.read_text()))
        if uv(folder, "lock") or uv(
            folder, "export", "--frozen", "--format", "cyclonedx1.5", "--output-file", str(SBOM)
        ):
            sys.stdout.write(
                "WHAT A RELEASE INSTALLS IS NEITHER LISTED NOR LOOKED UP: the package index is not reached\n"
            )
            return 0
        sys.stdout.write(f"What a release installs: {SBOM.relative_to(ROOT)}\n")
        ended = uv(folder, "audit", "--frozen")
    if ended not in {0, FOUND}:
        sys.stdout.write("WHAT A RELEASE INSTALLS IS NOT LOOKED UP AMONG THE KNOWN FAULTS: OSV is not reached\n")
    return int(ended == FOUND)


def uv(folder: str, *arguments: str) -> int:
    """Run a command of uv's that says nothing but what is wrong; its status."""
    environment = os.environ | {"UV_HTTP_RETRIES": "1"}
    preview = ("--quiet", "--preview-features", "audit-command,sbom-export")
    ran = subprocess.run(
        [UV, *arguments, *preview], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    sys.stdout.write(ran.stdout)
    if ran.returncode:
        sys.stdout.write("".join(f"  {line}\n" for line in ran.stderr.splitlines()[:3]))
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
