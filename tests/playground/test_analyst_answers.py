"""The offline analyst end to end: real code in a real kernel, its numbers against numbers computed here."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pytest_asyncio
import vega_datasets
from PIL import Image

from playground.analyst import OfflineAnalyst
from playground.interpreter import JupyterInterpreter
from playground.ports import CodeCall, Execution, ModelRequest, Past, Session
from playground.samples import ENGLISH, JAPANESE
from playground.samples import FOLDER as SAMPLES
from tests.playground import sample_generator

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINK = re.compile(r"\[[^\]]+\]\(sandbox:/mnt/data/([^)]+)\)")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[Session]:
    interpreter = JupyterInterpreter(spare=False)
    yield await interpreter.open("analyst")
    await interpreter.close()


@dataclass
class Conversation:
    """Questions about one file, with history, as the local Azure would hand them over."""

    session: Session
    name: str
    remark: str = ""
    instructions: str = ""
    history: list[Past] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    async def ask(self, question: str) -> str:
        listed = f"Files in the sandbox:\n- `/mnt/data/{self.name}` (original name: {self.name}; newest{self.remark})"
        parts = [listed, question]
        calls: list[CodeCall] = []

        async def run_code(code: str) -> Execution:
            execution = await self.session.run(code)
            calls.append(CodeCall(code, execution.logs))
            return execution

        request = ModelRequest(self.instructions, parts, self.history)
        answer = "".join([delta async for delta in OfflineAnalyst(pace=0).answer(request, run_code)])
        self.codes = [call.code for call in calls]
        self.history = [
            *self.history,
            Past("user", "\n\n".join(parts)),
            *(Past("code", call=call) for call in calls),
            Past("assistant", answer),
        ]
        return answer


async def start(session: Session, path: Path, remark: str = "", instructions: str = "") -> Conversation:
    await session.put(path.name, await asyncio.to_thread(path.read_bytes))
    return Conversation(session, path.name, remark, instructions)


def rows(answer: str) -> list[list[str]]:
    """The cells of the answer's table."""
    lines = [line for line in answer.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def table(answer: str, column: int = 1) -> dict[str, float]:
    """Label → number."""
    return {row[0]: float(row[column].replace(",", "").rstrip("%")) for row in rows(answer)}


def assert_same(answer: str, expected: Any, column: int = 1) -> None:
    """The table of the answer holds exactly these groups; values as rounded there."""
    shown = table(answer, column)
    wanted = {str(label): float(value) for label, value in expected.items()}
    assert shown.keys() == wanted.keys()
    rounded = max(map(abs, wanted.values())) >= 100
    for label, value in wanted.items():
        assert shown[label] == pytest.approx(value, rel=0.001, abs=0.51 if rounded else 0.006), label


async def chart(session: Session, answer: str) -> np.ndarray[Any, Any]:
    """The linked picture as grey values; it must show something."""
    names = [name for name in LINK.findall(answer) if name.endswith(".png")]
    assert len(names) == 1, answer
    picture = Image.open(io.BytesIO(await session.read(names[0])))
    assert min(picture.size) > 300
    grey = np.asarray(picture.convert("L"))
    ink = (grey < 200).mean()
    assert 0.005 < ink < 0.9
    return grey


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / ENGLISH, parse_dates=["order_date"])


@pytest.fixture(scope="module")
def stores() -> pd.DataFrame:
    table = pd.read_csv(SAMPLES / JAPANESE, encoding="cp932", thousands=",")
    return table.assign(日付=pd.to_datetime(table["日付"]))


async def test_the_samples_are_what_the_generator_makes() -> None:
    assert (SAMPLES / ENGLISH).read_bytes() == sample_generator.english().encode()
    assert (SAMPLES / JAPANESE).read_bytes() == sample_generator.japanese().encode("cp932")


async def test_sales_by_group_and_follow_ups(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    answer = await talk.ask("total revenue by region")
    by_region = sales.groupby("region")["revenue"].sum()
    assert_same(answer, by_region)
    assert answer.startswith(f"**{by_region.idxmax()}** has the highest total revenue: **{by_region.max():,.2f}**")
    assert "19 rows without region" in answer
    assert "Offline analyst" in answer
    assert talk.codes[-1].startswith("# Total revenue by region\n")
    await chart(session, answer)

    by_month = sales.groupby(sales["order_date"].dt.strftime("%Y-%m"))["revenue"].sum()
    answer = await talk.ask("and by month?")
    assert_same(answer, by_month)
    assert f"**{by_month.iloc[0]:,.2f}** (2025-01)" in answer
    assert "Offline analyst" not in answer, "said once in a conversation"
    await chart(session, answer)

    online = sales[sales["channel"] == "Online"]
    answer = await talk.ask("only Online")
    assert_same(answer, online.groupby(online["order_date"].dt.strftime("%Y-%m"))["revenue"].sum())
    assert "channel = Online: 1,075 of 2,000" in answer

    answer = await talk.ask("what about profit?")
    profit = (online["revenue"] - online["cost"]).groupby(online["order_date"].dt.strftime("%Y-%m")).sum()
    assert_same(answer, profit)
    assert "profit = revenue − cost" in answer


async def test_sales_single_numbers(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    assert f"**{sales['unit_price'].mean():,.2f}**" in await talk.ask("What is the average unit price?")
    assert "**2,000** rows" in await talk.ask("How many rows are there?")
    east = sales[(sales["region"] == "East") & (sales["order_date"].dt.quarter == 1)]
    assert f"**{east['revenue'].sum():,.2f}**" in await talk.ask("total revenue in Q1 2025 for East")
    share = (sales["channel"] == "Online").mean()
    assert f"{share * 100:.1f}%" in await talk.ask("What share of orders came from the Online channel?")
    answer = await talk.ask("max revenue")
    assert f"**{sales['revenue'].max():,.2f}**" in answer
    assert str(sales.sort_values("revenue")["order_id"].iloc[-1]) in answer


async def test_sales_rankings_shares_and_two_groups(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    by_product = sales.groupby("product")["revenue"].sum().nlargest(5)
    answer = await talk.ask("top 5 products by revenue")
    assert_same(answer, by_product)
    assert [row[0] for row in rows(answer)] == list(by_product.index)

    shares = sales.groupby("channel")["revenue"].sum() / sales["revenue"].sum() * 100
    answer = await talk.ask("share of revenue by channel as a pie chart")
    assert table(answer, 2) == pytest.approx(shares.round(1).to_dict(), abs=0.051)
    await chart(session, answer)

    answer = await talk.ask("revenue by category and channel, stacked")
    wide = sales.pivot_table(index="category", columns="channel", values="revenue", aggfunc="sum")
    for column, name in enumerate(wide.columns, start=1):
        assert_same(answer, wide[name], column)
    await chart(session, answer)

    means = sales.groupby("country")["customer_rating"].mean()
    answer = await talk.ask("which countries have an average rating below 4.15?")
    assert {row[0] for row in rows(answer)} == set(means[means < 4.15].index)

    best = sales.groupby(["region", "product"])["revenue"].sum().groupby("region").idxmax()
    answer = await talk.ask("What is the best selling product in each region?")
    assert {(row[0], row[1]) for row in rows(answer)} == set(best)


async def test_sales_over_many_days(session: Session, sales: pd.DataFrame) -> None:
    """The extremes are those of all days, though only some are shown."""
    talk = await start(session, SAMPLES / ENGLISH)
    days = sales.groupby(sales["order_date"].dt.strftime("%Y-%m-%d")).size()
    answer = await talk.ask("orders per day")
    assert f"Highest: {days.max()} " in answer
    assert f"**{days.iloc[0]}** ({days.index[0]})" in answer
    assert f"**{days.iloc[-1]}** ({days.index[-1]})" in answer
    assert f"{len(days) - 10} earlier" in answer


async def test_sales_shape_of_data(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    answer = await talk.ask("correlation between units and revenue")
    assert f"r = {sales['units'].corr(sales['revenue']):.3f}" in answer
    await chart(session, answer)
    answer = await talk.ask("distribution of unit_price")
    assert f"median **{sales['unit_price'].median():,.2f}**" in answer
    await chart(session, answer)
    answer = await talk.ask("Are there outliers in revenue?")
    low, high = sales["revenue"].quantile(0.25), sales["revenue"].quantile(0.75)
    outside = ~sales["revenue"].between(low - 1.5 * (high - low), high + 1.5 * (high - low))
    assert f"**{outside.sum()} outliers**" in answer
    answer = await talk.ask("are there missing values?")
    assert table(answer) == {str(name).replace("_", " "): count for name, count in sales.isna().sum().items() if count}
    answer = await talk.ask("describe the data")
    assert "**2,000 rows** and **13 columns**, from 2025-01-01 to 2025-12-31" in answer
    assert f"| revenue | 2,000 | {sales['revenue'].mean():,.2f} |" in answer


async def test_sales_cleaned(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    answer = await talk.ask("clean the data")
    (name,) = LINK.findall(answer)
    cleaned = pd.read_csv(io.BytesIO(await session.read(name)))
    assert len(cleaned) == len(sales)
    assert cleaned["discount"].isna().sum() == 0
    assert cleaned.loc[sales["discount"].isna(), "discount"].eq(sales["discount"].median()).all()
    assert cleaned["region"].isna().sum() == sales["region"].isna().sum()
    assert "region (19)" in answer


async def test_what_is_missing_is_not_invented(session: Session) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    answer = await talk.ask("average salary by region")
    assert "do not understand **salary**" in answer
    assert "PLAYGROUND_MODEL_URL" in answer
    assert "|" not in answer
    answer = await talk.ask("total revenue for Poland in 2019")
    assert "No rows match" in answer
    assert "from 2025-01-01 to 2025-12-31" in answer


async def test_a_wanted_workbook_is_one(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    answer = await talk.ask("top three products by revenue as xlsx")
    (name,) = [name for name in LINK.findall(answer) if name.endswith(".xlsx")]
    written = pd.read_excel(io.BytesIO(await session.read(name)))
    best = sales.groupby("product")["revenue"].sum().nlargest(3)
    assert list(written["product"]) == list(best.index)
    assert list(written["revenue"]) == pytest.approx(list(best))
    answer = await talk.ask("the 5 largest orders by revenue with country as csv")
    (name,) = [name for name in LINK.findall(answer) if name.endswith(".csv")]
    written = pd.read_csv(io.BytesIO(await session.read(name)))
    largest = sales.nlargest(5, "revenue")
    assert list(written["order_id"]) == list(largest["order_id"])
    assert list(written["country"]) == list(largest["country"])


async def test_ordinary_questions_in_turn_are_answered_or_refused(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    for question, words in {
        "which region grew fastest, and is the growth significant?": "growth, grew fastest",
        "the 5 worst customers by rating with their order ids as xlsx": "customers",
        "forecast revenue for January": "forecast",
        "Umsatz nach Region als Balkendiagramm": "Umsatz nach",
    }.items():
        answer = await talk.ask(question)
        assert answer.startswith(f"I do not understand **{words}")
        assert not LINK.findall(answer)
    assert "in English and Japanese" in answer
    r = sales["discount"].corr(sales["units"])
    assert f"r = {r:.3f}" in await talk.ask("is there a correlation between discount and units?")
    assert f"**{sales['region'].isna().sum()}** rows (of 2,000)" in await talk.ask("how many orders have no region?")
    answer = await talk.ask("compare Q1 and Q4")
    quarters = sales.groupby(sales["order_date"].dt.to_period("Q").astype(str))["revenue"].sum()
    assert_same(answer, quarters[["2025Q1", "2025Q4"]])


async def test_values_that_follow_one_another(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    totals = sales.groupby("region")["revenue"].sum()
    answer = await talk.ask("how much more did West sell than East?")
    assert f"the difference is **{totals['West'] - totals['East']:,.2f}**" in answer
    quarters = sales.groupby(sales["order_date"].dt.quarter)["revenue"].sum()
    answer = await talk.ask("what is the growth in revenue from Q1 to Q2?")
    assert f"**{quarters[2] - quarters[1]:,.2f}**, +{quarters[2] / quarters[1] - 1:.1%}" in answer
    months = sales.groupby(sales["order_date"].dt.strftime("%Y-%m"))["revenue"].sum()
    assert_same(await talk.ask("cumulative revenue by month"), months.cumsum(), column=2)
    answer = await talk.ask("month over month growth of revenue")
    assert [row[2] for row in rows(answer)[1:]] == [f"{change:.1%}" for change in months.pct_change()[1:]]


async def test_days_and_duplicates(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    weekend = sales["order_date"].dt.day_of_week >= 5
    assert f"**{weekend.sum()}** rows" in await talk.ask("how many orders on weekends?")
    in_may = weekend & (sales["order_date"].dt.month == 5)
    assert f"**{in_may.sum()}** rows" in await talk.ask("only in May")
    assert "0 rows are exact duplicates" in await talk.ask("are there any duplicate rows?")


async def test_a_file_of_rows_holds_all_of_them(session: Session, sales: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    (name,) = LINK.findall(await talk.ask("give me the orders from Sweden as a csv file"))
    written = pd.read_csv(io.BytesIO(await session.read(name)))
    sweden = sales[sales["country"] == "Sweden"]
    assert list(written["order_id"]) == list(sweden["order_id"])
    assert list(written.columns) == list(sweden.columns)


async def test_nothing_goes_on_from_a_question_that_was_refused(session: Session) -> None:
    talk = await start(session, SAMPLES / ENGLISH)
    assert "West" in await talk.ask("revenue by region")
    assert "do not understand **forecast" in await talk.ask("forecast units for January")
    assert (await talk.ask("and by channel?")).startswith("I do not understand **and by channel?**")
    assert "Online" in await talk.ask("total units by channel")
    assert "East" in await talk.ask("and by region?")


async def test_japanese_questions(session: Session, stores: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / JAPANESE, "; encoding cp932, delimiter ','")
    by_area = stores.groupby("地域")["売上金額"].sum()
    answer = await talk.ask("地域別の売上を教えて")
    assert_same(answer, by_area)
    assert answer.startswith(f"売上金額の合計が最も大きいのは **{by_area.idxmax()}** で **{by_area.max():,}**")
    assert "オフライン分析" in answer
    answer = await talk.ask("では月別は？")
    by_month = stores.groupby(stores["日付"].dt.strftime("%Y-%m"))["売上金額"].sum()
    assert_same(answer, by_month)
    answer = await talk.ask("東京本店だけ")
    tokyo = stores[stores["店舗"] == "東京本店"]
    assert_same(answer, tokyo.groupby(tokyo["日付"].dt.strftime("%Y-%m"))["売上金額"].sum())
    assert f"**{stores.loc[stores['天気'] == '雨', '売上金額'].sum():,}**" in await talk.ask("雨の日の売上合計")
    assert f"**{stores['数量'].mean():.2f}**" in await talk.ask("数量の平均はいくつですか")
    answer = await talk.ask("各店舗で一番売れた商品カテゴリは？")
    best = stores.groupby(["店舗", "商品カテゴリ"])["売上金額"].sum().groupby("店舗").idxmax()
    assert {(row[0], row[1]) for row in rows(answer)} == set(best)


FONT_CODE = "MARK = 'chart_font'  # stands for the snippet that registers a font (addfont)"


async def test_the_font_snippet_of_the_instructions_runs_before_charts(session: Session) -> None:
    instructions = f"Before the first chart run this:\n```python\n{FONT_CODE}\n```\n"
    talk = await start(session, SAMPLES / JAPANESE, "; encoding cp932", instructions)
    await talk.ask("店舗別の売上")
    assert FONT_CODE in talk.codes[-1]
    assert talk.codes[-1].index("MARK") < talk.codes[-1].index("plt.savefig")
    assert (await session.run("print(MARK)")).logs.strip() == "chart_font"
    answer = await talk.ask("円グラフで")
    await chart(session, answer)


async def test_a_wrong_remark_about_the_encoding_is_survived(session: Session, stores: pd.DataFrame) -> None:
    talk = await start(session, SAMPLES / JAPANESE, "; encoding utf-8, delimiter ';'")
    assert f"**{stores['売上金額'].sum():,}**" in await talk.ask("売上の合計は？")


UNTIDY = "Datum;Betrag;Anteil;Gruppe\n" + "".join(
    f"{day:02d}.03.2024;{value};{share}%;{group}\n"
    for day, value, share, group in [
        (1, "1.234,50", 10, "A"),
        (2, "99,90", 20, "B"),
        (3, "2.000,00", 5, "A"),
        (4, "n/a", 15, "B"),
        (5, "10,10", 50, "A"),
    ]
)


async def test_untidy_numbers_and_dates(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "untidy.csv"
    path.write_bytes(UNTIDY.encode("utf-16"))
    talk = await start(session, path)
    assert_same(await talk.ask("total Betrag by Gruppe"), {"A": 3244.60, "B": 99.90})
    assert "**20**" in await talk.ask("average Anteil")
    assert_same(
        await talk.ask("total Betrag per day"),
        {f"2024-03-0{day}": v for day, v in [(1, 1234.5), (2, 99.9), (3, 2000), (4, 0), (5, 10.1)]},
    )


async def test_an_excel_file(session: Session, sales: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    sales.head(300).to_excel(path, index=False)
    talk = await start(session, path)
    assert_same(await talk.ask("average revenue by category"), sales.head(300).groupby("category")["revenue"].mean())


async def test_a_file_that_is_no_table(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"not a workbook")
    talk = await start(session, path)
    answer = await talk.ask("total revenue")
    assert "could not read `broken.xlsx`" in answer


async def test_without_files_or_python() -> None:
    async def never(code: str) -> Execution:
        raise AssertionError(code)

    async def say(*parts: str, can_run_code: bool = True) -> str:
        request = ModelRequest("", parts, can_run_code=can_run_code)
        return "".join([delta async for delta in OfflineAnalyst(pace=0).answer(request, never)])

    assert "no data file" in await say("total revenue by region")
    assert "cannot run Python" in await say("- `/mnt/data/a.csv` (original name: a.csv)", "total", can_run_code=False)
    assert "welcome" in await say("- `/mnt/data/a.csv` (original name: a.csv)", "thanks!")
    assert "どういたしまして" in await say("ありがとう")


VEGA = Path(vega_datasets.__file__).parent / "_data"
Case = tuple[str, str, Callable[[pd.DataFrame], Any]]
CASES: list[Case] = [
    ("seattle-weather.csv", "average temp_max by weather", lambda t: t.groupby("weather")["temp_max"].mean()),
    (
        "seattle-weather.csv",
        "total precipitation per year",
        lambda t: t.groupby(t["date"].str[:4])["precipitation"].sum(),
    ),
    (
        "seattle-weather.csv",
        "how many days of each weather in 2014",
        lambda t: t[t["date"].str[:4] == "2014"].groupby("weather").size(),
    ),
    ("stocks.csv", "average price by symbol", lambda t: t.groupby("symbol")["price"].mean()),
    ("stocks.csv", "max price of GOOG by year", lambda t: _yearly(t[t["symbol"] == "GOOG"])),
    ("airports.csv", "top 5 states by number of airports", lambda t: t.groupby("state").size().nlargest(5)),
    ("la-riots.csv", "number of rows by race", lambda t: t.groupby("race").size()),
    ("la-riots.csv", "average age by gender", lambda t: t.groupby("gender")["age"].mean()),
    ("iowa-electricity.csv", "total net generation by source", lambda t: t.groupby("source")["net_generation"].sum()),
    ("us-employment.csv", "average government per year", lambda t: t.groupby(t["month"].str[:4])["government"].mean()),
]


def _yearly(stocks: pd.DataFrame) -> Any:
    return stocks.groupby(pd.to_datetime(stocks["date"], format="%b %d %Y").dt.strftime("%Y"))["price"].max()


@pytest.mark.parametrize(
    ("name", "question", "expected"), CASES, ids=[f"{name}: {question}" for name, question, _ in CASES]
)
async def test_real_data(session: Session, name: str, question: str, expected: Callable[[pd.DataFrame], Any]) -> None:
    talk = await start(session, VEGA / name)
    answer = await talk.ask(question)
    assert_same(answer, expected(pd.read_csv(VEGA / name)))
    await chart(session, answer)


async def test_real_data_relations(session: Session) -> None:
    weather = pd.read_csv(VEGA / "seattle-weather.csv")
    talk = await start(session, VEGA / "seattle-weather.csv")
    r = weather["temp_max"].corr(weather["wind"])
    assert f"r = {r:.3f}" in await talk.ask("How does temp_max correlate with wind?")
