"""Runs in the sandbox, straight out of the zip archive that brings the font: CJK glyphs in every matplotlib chart.

Choosing a font once is not enough: ``sns.set_theme()``, ``plt.style.use(...)`` and font names that models like to write
take it away again. So the font is registered under those names, and it is the last resort of every other family.
"""

import logging
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

OFTEN_WRITTEN = (
    "Noto Sans CJK JP", "Noto Sans JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "IPAexGothic", "IPAGothic",
    "MS Gothic", "Yu Gothic", "Meiryo", "Hiragino Sans", "Hiragino Kaku Gothic ProN", "TakaoPGothic", "SimHei",
    "Microsoft YaHei", "Malgun Gothic", "NanumGothic", "Arial Unicode MS",
)  # fmt: skip


def unpack(archive: Path) -> Path:
    """The font file of the archive, extracted."""
    folder = Path(tempfile.gettempdir()) / "chart-font"
    with zipfile.ZipFile(archive) as packed:
        name = next(name for name in packed.namelist() if name.endswith((".ttf", ".otf", ".ttc")))
        return Path(packed.extract(name, folder))


def register(font: Path) -> str:
    """Make the font known under its own name, which is returned, and under the names that models write."""
    known = font_manager.fontManager
    known.addfont(str(font))
    entry = known.ttflist[-1]
    present = {other.name for other in known.ttflist}
    known.ttflist += [replace(entry, name=name) for name in OFTEN_WRITTEN if name not in present]
    return str(entry.name)


def use_as_last_resort(family: str) -> None:
    """Take glyphs that no chosen font has from ``family``. The hook is private to matplotlib (3.6 and later)."""
    mpl.rcParams["axes.unicode_minus"] = False
    mpl.rcParams["font.sans-serif"] = [*mpl.rcParams["font.sans-serif"], family]
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    manager: Any = font_manager.FontManager
    find = getattr(manager, "_find_fonts_by_props", None)
    if find is None or getattr(find, "has_last_resort", False):
        return

    def with_last_resort(self: Any, *args: Any, **options: Any) -> list[Any]:
        found = list(find(self, *args, **options))
        last = self.findfont(family)
        return found if last in found else [*found, last]

    with_last_resort.has_last_resort = True  # type: ignore[attr-defined]
    manager._find_fonts_by_props = with_last_resort


use_as_last_resort(register(unpack(Path(__file__).parent)))
