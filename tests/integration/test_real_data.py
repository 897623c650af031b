"""The walk on real data sets that PyPI packages ship: dates, categories, missing values, 15 kB to 1.6 MB."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean

import pytest

from tests.support.reading import is_picture, pictures, says
from tests.support.world import GENERAL, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shipped(package: str, name: str) -> bytes:
    spec = find_spec(package)
    assert spec
    assert spec.origin
    data = (Path(spec.origin).parent / "_data" / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def grouped(data: bytes, group: str, value: str) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(data.decode())):
        if row[value] and row[group]:
            found[row[group]].append(float(row[value]))
    return found


CASES = [
    ("bokeh_sampledata", "SampleSuperstore.csv.gz", "total sales by category", "Category", "Sales", sum),
    ("bokeh_sampledata", "titanic_all.csv", "average age by class", "class", "age", fmean),
    ("vega_datasets", "seattle-weather.csv", "average precipitation by weather", "weather", "precipitation", fmean),
    ("vega_datasets", "stocks.csv", "maximum price by symbol", "symbol", "price", max),
    ("bokeh_sampledata", "SampleSuperstore.csv.gz", "average profit by region", "Region", "Profit", fmean),
]


@pytest.mark.parametrize(("package", "file", "question", "group", "value", "reduce"), CASES)
async def test_group_by_on_real_data(
    analyst_world: World, package: str, file: str, question: str, group: str, value: str, reduce: object
) -> None:
    data = shipped(package, file)
    ts = await analyst_world.ask(question, channel=GENERAL, files=[(file.removesuffix(".gz"), data)])
    answer = await analyst_world.outcomes(GENERAL, ts, files=1)
    text = "\n".join(map(words_of, answer))
    assert callable(reduce)
    for name, values in grouped(data, group, value).items():
        assert name in text
        assert says(text, reduce(values)), (name, reduce(values), text)
    assert all(map(is_picture, pictures(analyst_world.slack, answer)))


@pytest.mark.parametrize(
    ("package", "file", "question"),
    [
        ("bokeh_sampledata", "CGM.csv.gz", "trend of average glucose over time by month"),
        ("bokeh_sampledata", "gapminder.csv.gz", "correlation of fertility and life_expectancy"),
        ("vega_datasets", "sf-temps.csv", "distribution of temp"),
        ("bokeh_sampledata", "lincoln_weather.csv", "trend of TMAX over time"),
    ],
)
async def test_charts_on_real_data(analyst_world: World, package: str, file: str, question: str) -> None:
    data = shipped(package, file)
    ts = await analyst_world.ask(question, channel=GENERAL, files=[(file.removesuffix(".gz"), data)])
    answer = await analyst_world.outcomes(GENERAL, ts, files=1)
    shown = pictures(analyst_world.slack, answer)
    assert shown
    assert all(map(is_picture, shown))


async def test_describe_real_data(analyst_world: World) -> None:
    data = shipped("bokeh_sampledata", "titanic_all.csv")
    text = await analyst_world.answer("describe the data", channel=GENERAL, files=[("titanic_all.csv", data)])
    table = list(csv.DictReader(io.StringIO(data.decode())))
    ages = [float(row["age"]) for row in table if row["age"]]
    assert says(text, len(table))
    assert says(text, fmean(ages))
    assert says(text, len(table) - len(ages)), "the missing ages are counted"
