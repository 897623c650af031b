"""What cannot be copied is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.database.backup import back_up
from conversations.database.database import Database
from conversations.database.unusable import DatabaseUnusable


async def made(folder: Path) -> str:
    database = Database(f"sqlite:///{folder / 'x.db'}")
    await database.open()
    await database.close()
    (folder / "x.engine.db").touch()
    return str(database.url)


async def test_copies_lie_in_a_new_folder_for_their_owner_only(tmp_path: Path) -> None:
    copies = back_up(await made(tmp_path), tmp_path / "a" / "b")
    assert [copy.name for copy in copies] == ["x.engine.db", "x.db"]
    assert {copy.stat().st_mode & 0o777 for copy in copies} == {0o600}


@pytest.mark.parametrize(
    ("url", "folder", "told"),
    [
        ("postgresql://ann:secret@host/name", "new", "host/name is a server's: pg_dump"),
        ("sqlite:////nowhere/x.db", "new", "There is no database at /nowhere/x.db"),
        ("", ".", "is not empty"),
        ("", "x.db", "cannot be written"),
    ],
)
async def test_what_cannot_be_copied_is_said(url: str, folder: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable) as raised:
        back_up(url or await made(tmp_path), tmp_path / folder)
    assert told in str(raised.value)
    assert "secret" not in str(raised.value)
