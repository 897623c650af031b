"""Takes the pictures (all, or those named) and writes the page that shows them."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.gallery.page import DOCS, gallery_page
from tests.gallery.scenes import COVER, SCENES
from tests.gallery.studio import open_studio


async def main(names: Collection[str]) -> None:
    """Take the named pictures, or all."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_studio(Path(folder), DOCS / "gallery") as studio:
            for scene in (COVER, *SCENES):
                if not names or scene.name in names:
                    await scene.play(studio)
                    path = studio.taken[-1]
                    print(f"{path.relative_to(DOCS.parent)}  {path.stat().st_size / 1000:.0f} kB", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
    (DOCS / "gallery.md").write_text(gallery_page(), encoding="utf-8")
