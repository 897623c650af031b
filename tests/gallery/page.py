"""docs/gallery.md: every picture with its line."""

from __future__ import annotations

from pathlib import Path

from tests.gallery.scenes import SCENES

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEAD = """# Gallery

The real bot's answers on the playground's page, which draws Slack's messages in its own fonts and spacing.
The offline analyst wrote them and a Jupyter kernel drew the charts; the report that is caught half way is a set piece.
`make gallery` takes all pictures again.
"""


def gallery_page() -> str:
    """The page's Markdown."""
    shown = [f"## {scene.caption}\n\n![{scene.caption}](gallery/{scene.name}.png)\n" for scene in SCENES]
    return "\n".join([HEAD, *shown])
