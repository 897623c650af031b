"""What docs/ shows is what the gallery takes."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.gallery.page import DOCS, gallery_page
from tests.gallery.scenes import COVER, SCENES


def test_the_page_shows_every_scene() -> None:
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == gallery_page(), "run make gallery"
    names = {scene.name for scene in SCENES}
    assert names == {path.stem for path in (DOCS / "gallery").glob("*.png")}
    assert len(names) == len(SCENES)


@pytest.mark.parametrize("name", [f"{COVER.name}.png", *(f"gallery/{scene.name}.png" for scene in SCENES)])
def test_pictures_are_sharp_and_small(name: str) -> None:
    path = DOCS / name
    assert path.stat().st_size < 200_000
    with Image.open(path) as picture:
        assert picture.width > 700
        assert len(picture.convert("RGB").resize((200, 200)).getcolors(40_000) or []) > 20
