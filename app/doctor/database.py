"""What the doctor finds out about the database. It takes no lock: a bot may be running."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.doctor.findings import Finding, Findings
from conversations.database.inspection import inspect_database
from conversations.database.sqlite import is_open_to_others
from conversations.database.unusable import DatabaseUnusable
from conversations.slash.dropping import read_suspects


async def database_findings(url: str) -> Findings:
    """What there is to say about a database, its files, and what is set aside in it."""
    try:
        found = await inspect_database(url)
        suspects = await read_suspects(url) if found.revision == found.newest else ()
    except DatabaseUnusable as error:
        yield Finding("database", "bad", str(error))
        return
    version = f"version {found.revision}" + ("" if found.revision == found.newest else ", updated at the next start")
    made = "the tables are made at the first start" if found.revision is None else version
    yield Finding("database", "good", f"{found.place}: {made}")
    for finding in _rights(found.files):
        yield finding
    for suspect in suspects:
        what = "set aside" if suspect.is_set_aside else "suspected"
        whose = f"of {suspect.user} in {suspect.channel}, open when the bot died {suspect.deaths} times"
        yield Finding(what, "lacking", f"{suspect.id} {whose}", f"Drop it: python bot.py drop {suspect.id}")


def _rights(files: Sequence[Path]) -> Iterator[Finding]:
    """What others on this machine could do with SQLite's files."""
    if not files:
        return
    folder = files[0].absolute().parent
    mode = folder.stat().st_mode
    fix = f"chmod go-rwx {folder}"
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        yield Finding("database folder", "bad", f"others can put another database into {folder}", fix)
    elif mode & stat.S_IRWXG or mode & stat.S_IRWXO:
        yield Finding("database folder", "lacking", f"others can look into {folder}, but not into the database", fix)
    if shown := [file.name for file in files if is_open_to_others(file)]:
        yield Finding("database files", "lacking", f"others can read {', '.join(shown)}", "The next start ends that.")
