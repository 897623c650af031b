"""What the doctor finds out about this machine: room for files, and the process that looks into them."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryFile

from app.doctor.findings import Finding, Findings
from conversations.files.spool_folder import SpoolFolderUnusable, try_out, user_folder
from helper.process import HelperFailed, HelperProcess
from helper.protocol import Guards

HELPER_SECONDS = 20
BROKEN_WORKBOOK = b"PK\x03\x04"
ABLE = (
    "taking more memory than it may (the bot watches that)",
    "opening other files (Landlock)",
    "writing, the network and programs (seccomp)",
)
"""What a helper process could do without a guard, in the order of ``Guards``."""


async def machine_findings(spool_dir: Path) -> Findings:
    """Try to write where files in flight lie, and to have a file looked into."""
    yield _spool(user_folder(spool_dir))
    try:
        yield isolation(await _tried_helper())
    except HelperFailed as error:
        fix = "Install what requirements.txt names again."
        yield Finding("files: helper process", "bad", f"cannot look into files: {error}", fix)


def _spool(folder: Path) -> Finding:
    try:
        try_out(folder)
    except SpoolFolderUnusable as error:
        return Finding("files: spool", "bad", str(error))
    except OSError as error:
        return Finding("files: spool", "bad", f"{folder}: {error.strerror}", "Make room, or set SPOOL_DIR.")
    return Finding("files: spool", "good", f"{folder}, open to nobody else")


def isolation(guards: Guards) -> Finding:
    """What the system keeps a file from that takes its reader over."""
    name = "files: helper process"
    able = [able for able, guarded in zip(ABLE, astuple(guards), strict=True) if not guarded]
    if able:
        fix = "Linux 5.13 or newer, with Landlock and seccomp switched on, keeps it from all of that."
        return Finding(name, "lacking", f"works, but nothing here keeps it from {', '.join(able)}", fix)
    return Finding(name, "good", "can reach nobody, write nothing and open no other files")


async def _tried_helper() -> Guards:
    helper = await HelperProcess.start()
    try:
        with TemporaryFile() as file:
            file.write(BROKEN_WORKBOOK)
            file.flush()
            answer = await helper.ask(file.fileno(), "broken.xlsx", HELPER_SECONDS)
    finally:
        await helper.kill()
    if answer.facts is None:
        raise HelperFailed(ascii(answer.failure))
    return helper.guards
