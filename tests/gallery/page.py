"""docs/gallery.md: every picture with its line."""

from __future__ import annotations

from pathlib import Path

from tests.gallery.scenes import SCENES

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEAD = """# Gallery

Real answers of the real bot on the playground's page: the offline analyst's numbers, a Jupyter kernel's charts, no mock-ups.
`make gallery` takes them again. (Slack draws the same messages in its own fonts and spacing.)
"""


def gallery_page() -> str:
    """The page's Markdown."""
    shown = [f"## {scene.caption}\n\n![{scene.caption}](gallery/{scene.name}.png)\n" for scene in SCENES]
    return "\n".join([HEAD, *shown])
