"""The font's archive makes matplotlib draw Chinese, Japanese and Korean, whatever font the code chooses."""

from __future__ import annotations

import asyncio
import sys
import zipfile
from pathlib import Path

import pytest

from azure_assistant.run.fonts import archive_name, pack, shipped_font, snippet
from receipts.charts import without_charts

DRAW = """
import warnings, os
import matplotlib
matplotlib.use("agg")
{snippet}
import matplotlib.pyplot as plt

problems = []
def draw(name, **text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure, axes = plt.subplots()
        axes.set_title("売上 销售 매출 −1", **text)
        axes.plot([-1, 1], [-1, 1])
        figure.savefig("out.png")
        plt.close(figure)
    problems.extend(f"{{name}}: {{w.message}}" for w in caught if "missing from font" in str(w.message))

draw("default")
plt.rcParams["font.family"] = "sans-serif"; draw("generic")
plt.rcParams["font.family"] = "serif"; draw("serif")
plt.rcParams["font.family"] = "MS Gothic"; draw("a name that models write")
plt.rcParams["font.sans-serif"] = ["Arial", "DejaVu Sans"]
plt.rcParams["font.family"] = ["sans-serif"]; draw("seaborn theme")
plt.style.use("ggplot"); draw("style")
plt.rcdefaults(); draw("reset")
draw("one text", fontfamily="monospace")
draw("unknown", fontfamily="No Such Font")
draw("bold", fontweight="bold")
print("\\n".join(problems) or "no boxes")
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    font = shipped_font()
    assert font is not None, "requirements.txt names the font's package"
    path = tmp_path / f"assistant-1-{archive_name(font)}"
    with path.open("wb") as target:
        pack(font, target)
    return path


async def draw(code: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return without_charts(output.decode())[0].strip()


async def test_no_boxes_in_ten_situations(archive: Path, tmp_path: Path) -> None:
    code = DRAW.format(snippet=snippet(f"{tmp_path}/*chart-font-*.zip"))
    assert await draw(code, tmp_path) == "no boxes"


async def test_without_the_font_there_would_be_boxes(tmp_path: Path) -> None:
    assert "missing from font" in await draw(DRAW.format(snippet=""), tmp_path)


def test_the_licence_travels_with_the_font(archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        assert "SIL OPEN FONT LICENSE" in packed.read("LICENSE.txt").decode().upper()
