"""What the offline analyst makes of questions: pure logic, no Python is run."""

from __future__ import annotations

import pytest

from playground.analyst.files import DataFile, chosen_file, described, known_files
from playground.analyst.plan import Plan, last_plan, plan_from_json
from playground.analyst.profile import Column, Profile
from playground.analyst.reading.columns import mentions
from playground.analyst.reading.smalltalk import small_talk
from playground.analyst.understanding import understand
from playground.analyst.wording.numbers import exact

SALES = Profile(
    "/mnt/data/sales.csv",
    500,
    [
        Column("order_id", "text", unique=500),
        Column(
            "order_date", "date", unique=200, format="ISO8601", low="2024-01-01 00:00:00", high="2025-12-31 00:00:00"
        ),
        Column("region", "category", unique=3, values=["East", "West", "North"]),
        Column("product_name", "category", unique=8, values=["Desk Lamp", "Yoga Mat"]),
        Column("channel", "category", unique=2, values=["Online", "Retail"]),
        Column("units", "number", unique=9, whole=True, low="1", high="9"),
        Column("unit_price", "number", unique=120, low="3.5", high="99"),
        Column("revenue", "number", unique=480, low="3.5", high="800"),
    ],
    "pd.read_csv('/mnt/data/sales.csv')",
)
STORES = Profile(
    "/mnt/data/tenpo.csv",
    300,
    [
        Column("日付", "date", unique=200, format="%Y/%m/%d", low="2025-01-01 00:00:00", high="2025-12-31 00:00:00"),
        Column("店舗", "category", unique=3, values=["東京本店", "大阪店", "福岡店"]),
        Column("地域", "category", unique=3, values=["関東", "近畿", "九州"]),
        Column("商品カテゴリ", "category", unique=2, values=["飲料", "弁当"]),
        Column("天気", "category", unique=2, values=["晴れ", "雨"]),
        Column("数量", "number", unique=20, whole=True, low="1", high="30"),
        Column("単価", "number", unique=40, whole=True, low="100", high="900"),
        Column("売上金額", "number", unique=250, whole=True, low="100", high="20000"),
    ],
    "pd.read_csv('/mnt/data/tenpo.csv')",
)


def filters(plan: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.column, one.op, tuple(one.values)) for one in plan.filters]


@pytest.mark.parametrize(
    ("question", "measures", "aggregates", "by", "grain"),
    [
        ("total revenue by region", ["revenue"], ["sum"], ["region"], ""),
        ("What is the average unit price per channel?", ["unit_price"], ["mean"], ["channel"], ""),
        ("revenue by product", ["revenue"], ["sum"], ["product_name"], ""),
        ("unit price by region", ["unit_price"], ["mean"], ["region"], ""),
        ("sales per month", ["revenue"], ["sum"], ["order_date"], "ME"),
        ("revenue trend", ["revenue"], ["sum"], ["order_date"], "ME"),
        ("quarterly revenue by region", ["revenue"], ["sum"], ["order_date", "region"], "QE"),
        ("mean and standard deviation of revenue", ["revenue"], ["mean", "std"], [], ""),
        ("how many rows are there?", [], ["count"], [], ""),
        ("how many orders per channel", [], ["count"], ["channel"], ""),
        ("how many products are there?", ["product_name"], ["nunique"], [], ""),
        ("median units for each region", ["units"], ["median"], ["region"], ""),
        ("revenue by day of week", ["revenue"], ["sum"], ["order_date"], "weekday"),
        ("which region has the highest revenue?", ["revenue"], ["sum"], ["region"], ""),
        ("top 3 products by revenue", ["revenue"], ["sum"], ["product_name"], ""),
        ("turnover by area", ["revenue"], ["sum"], ["region"], ""),
    ],
)
def test_english_aggregates(
    question: str, measures: list[str], aggregates: list[str], by: list[str], grain: str
) -> None:
    plan = understand(question, SALES)
    assert plan.task == "aggregate"
    assert (list(plan.measures), list(plan.aggregates), list(plan.by), plan.grain) == (measures, aggregates, by, grain)
    assert plan.language == "en"


@pytest.mark.parametrize(
    ("question", "measures", "aggregates", "by", "grain"),
    [
        ("地域別の売上を教えて", ["売上金額"], ["sum"], ["地域"], ""),
        ("店舗ごとの平均単価は？", ["単価"], ["mean"], ["店舗"], ""),
        ("月別の売上推移", ["売上金額"], ["sum"], ["日付"], "ME"),
        ("曜日別の売上", ["売上金額"], ["sum"], ["日付"], "weekday"),
        ("何行ありますか？", [], ["count"], [], ""),
        ("店舗数はいくつ？", ["店舗"], ["nunique"], [], ""),
        ("数量の合計", ["数量"], ["sum"], [], ""),
        ("地域と商品カテゴリごとの数量", ["数量"], ["sum"], ["地域", "商品カテゴリ"], ""),
        ("売上トップ3の店舗", ["売上金額"], ["sum"], ["店舗"], ""),
    ],
)
def test_japanese_aggregates(
    question: str, measures: list[str], aggregates: list[str], by: list[str], grain: str
) -> None:
    plan = understand(question, STORES)
    assert plan.task == "aggregate"
    assert (list(plan.measures), list(plan.aggregates), list(plan.by), plan.grain) == (measures, aggregates, by, grain)
    assert plan.language == "ja"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("total revenue for region East", [("region", "in", ("East",))]),
        ("revenue without Online", [("channel", "not in", ("Online",))]),
        ("revenue in 2024", [("order_date", "year", ("2024",))]),
        ("revenue in March 2025", [("order_date", "year", ("2025",)), ("order_date", "month", ("3",))]),
        ("revenue in Q2 2025", [("order_date", "quarter", ("2",)), ("order_date", "year", ("2025",))]),
        ("revenue since June 2025", [("order_date", "from", ("2025-06-01",))]),
        ("revenue before 2025-03-15", [("order_date", "<", ("2025-03-15",))]),
        (
            "revenue from March to May",
            [("order_date", "from", ("2025-03-01",)), ("order_date", "until", ("2025-05-31",))],
        ),
        ("revenue last month", [("order_date", "from", ("2025-12-01",))]),
        ("revenue of the last 3 months", [("order_date", "from", ("2025-10-01",))]),
        ("how many orders with more than 5 units", [("units", ">", ("5",))]),
        (
            "number of rows where unit_price is between 10 and 20",
            [("unit_price", ">=", ("10",)), ("unit_price", "<=", ("20",))],
        ),
        ("total revenue for orders with unit price at least 1.5k", [("unit_price", ">=", ("1500",))]),
    ],
)
def test_english_filters(question: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert filters(understand(question, SALES)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("東京本店の売上合計", [("店舗", "in", ("東京本店",))]),
        ("関東以外の売上", [("地域", "not in", ("関東",))]),
        ("雨の日の売上合計", [("天気", "in", ("雨",))]),
        ("8月の売上合計", [("日付", "month", ("8",))]),
        ("2025年3月の売上", [("日付", "year", ("2025",)), ("日付", "month", ("3",))]),
        ("7月から9月までの売上", [("日付", "from", ("2025-07-01",)), ("日付", "until", ("2025-09-30",))]),
        ("第2四半期の売上", [("日付", "quarter", ("2",))]),
        ("単価が500円以上の売上合計", [("単価", ">=", ("500",))]),
        ("数量が10未満の件数", [("数量", "<", ("10",))]),
    ],
)
def test_japanese_filters(question: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert filters(understand(question, STORES)) == expected


@pytest.mark.parametrize(
    ("question", "task"),
    [
        ("describe the data", "describe"),
        ("このデータの概要を教えて", "describe"),
        ("which columns are there?", "columns"),
        ("are there missing values?", "missing"),
        ("欠損値はありますか", "missing"),
        ("clean the data please", "clean"),
        ("データをクリーニングして", "clean"),
        ("distribution of revenue", "distribution"),
        ("histogram of unit price", "distribution"),
        ("correlation between units and revenue", "correlation"),
        ("scatter plot of unit price against revenue", "correlation"),
        ("any outliers in revenue?", "outliers"),
        ("is revenue normally distributed?", "normality"),
        ("show the 5 rows with the highest revenue", "rows"),
    ],
)
def test_tasks(question: str, task: str) -> None:
    assert understand(question, STORES if not question.isascii() else SALES).task == task


def test_a_ranking_of_the_smallest() -> None:
    plan = understand("bottom 2 products by units", SALES)
    assert (plan.top, plan.ascending, plan.sort_by) == (2, True, "value")


def test_compared_values_are_groups() -> None:
    plan = understand("compare East and West revenue", SALES)
    assert list(plan.by) == ["region"]
    assert plan.filters[0].op == "in"
    assert set(plan.filters[0].values) == {"East", "West"}


def test_a_condition_on_groups() -> None:
    plan = understand("which regions have an average unit price below 40?", SALES)
    assert [(one.column, one.op, list(one.values)) for one in plan.having] == [("unit_price", "<", ["40"])]
    assert not plan.filters


def test_a_quantity_that_is_not_there_is_not_replaced() -> None:
    plan = understand("average salary by region", SALES)
    assert (plan.task, plan.method) == ("unknown", "salary")


def test_without_numbers_there_are_no_outliers() -> None:
    words = Profile("/mnt/data/words.csv", 3, [Column("word", "text", unique=3), Column("kind", "category", unique=2)])
    assert understand("any outliers?", words).task == "unknown"
    assert understand("外れ値は？", words).task == "unknown"


def test_what_is_not_understood_says_so() -> None:
    assert understand("tell me a joke", SALES).method == "joke"
    assert understand("", SALES).task == "describe"


def conversation(profile: Profile, *questions: str) -> Plan:
    plan: Plan | None = None
    for question in questions:
        plan = understand(question, profile, plan)
    assert plan is not None
    return plan


def test_follow_ups_inherit() -> None:
    plan = conversation(SALES, "total revenue by region", "and by month?")
    assert (list(plan.measures), list(plan.by), plan.grain) == (["revenue"], ["order_date"], "ME")
    plan = conversation(SALES, "total revenue by region", "as a pie chart")
    assert (list(plan.by), plan.chart) == (["region"], "pie")
    plan = conversation(SALES, "total revenue by region", "only 2024", "only Online")
    assert filters(plan) == [("order_date", "year", ("2024",)), ("channel", "in", ("Online",))]
    plan = conversation(SALES, "total revenue by region", "only 2024", "only 2025")
    assert filters(plan) == [("order_date", "year", ("2025",))]
    plan = conversation(SALES, "total revenue by region", "what about units?")
    assert (list(plan.measures), list(plan.by), list(plan.aggregates)) == (["units"], ["region"], ["sum"])
    plan = conversation(SALES, "total revenue by region", "what about the unit price?")
    assert list(plan.aggregates) == ["mean"]
    plan = conversation(SALES, "total revenue by region", "and the median?")
    assert (list(plan.aggregates), list(plan.by)) == (["median"], ["region"])


def test_japanese_follow_ups_inherit() -> None:
    plan = conversation(STORES, "地域別の売上を教えて", "では月別は？")
    assert (list(plan.measures), list(plan.by), plan.grain) == (["売上金額"], ["日付"], "ME")
    plan = conversation(STORES, "地域別の売上を教えて", "円グラフで")
    assert (list(plan.by), plan.chart) == (["地域"], "pie")
    plan = conversation(STORES, "地域別の売上を教えて", "数量は？")
    assert (list(plan.measures), list(plan.by)) == (["数量"], ["地域"])
    plan = conversation(STORES, "地域別の売上を教えて", "飲料だけ")
    assert (list(plan.by), filters(plan)) == (["地域"], [("商品カテゴリ", "in", ("飲料",))])


def test_a_new_question_inherits_nothing() -> None:
    plan = conversation(SALES, "total revenue by region for Online", "What is the average unit price per channel?")
    assert (filters(plan), list(plan.by)) == ([], ["channel"])
    plan = conversation(SALES, "total revenue by region", "how many rows are there?")
    assert list(plan.by) == []


def test_a_plan_survives_in_a_comment() -> None:
    plan = understand("average unit price per month for Online since 2024", SALES)
    assert plan_from_json(plan.to_json()) == plan
    assert last_plan(["x = 1", f"# Plan: {plan.to_json()}\nimport json", "y = 2"]) == plan
    assert last_plan(["# Plan: {broken"]) is None


def test_columns_by_whole_names_parts_and_near_spellings() -> None:
    columns = [
        Column(name, "category", unique=2) for name in ("Payment_Method_Code", "AllergyType", "Date_Payment_Made")
    ]

    def found(question: str) -> list[str]:
        return list({mention.column for mention in mentions(question, columns)})

    assert found("by payment method") == ["Payment_Method_Code"]
    assert found("by allergy types") == ["AllergyType"]
    assert found("by allergie type") == ["AllergyType"]
    assert found("show me a bar chart") == []


FILES = """Files in the sandbox:
- `/mnt/data/assistant-1-sales.csv` (original name: sales.csv; newest; encoding cp932, delimiter ';')
- `/mnt/data/assistant-0-sales.csv` (original name: sales.csv)
- `/mnt/data/a-b.zip` (original name: weather.tsv; packed as a zip archive: unpack it first; delimiter tab)
- `/mnt/data/photo.png` (original name: photo.png)"""


def test_files_as_the_bot_lists_them() -> None:
    first, second, packed, _ = described(FILES)
    assert first == DataFile("/mnt/data/assistant-1-sales.csv", "sales.csv", True, "cp932", ";")
    assert not second.newest
    assert (packed.zipped, packed.delimiter, packed.suffix) == (True, "\t", ".tsv")
    assert [file.name for file in known_files([FILES], [])] == ["sales.csv", "sales.csv", "weather.tsv"]


def test_which_file_is_meant() -> None:
    files = known_files([FILES], [])

    def path(question: str, earlier: str = "") -> str:
        file = chosen_file(question, files, earlier)
        assert file is not None
        return file.path

    assert path("summarise sales.csv") == "/mnt/data/assistant-1-sales.csv"
    assert path("plot weather.tsv") == "/mnt/data/a-b.zip"
    assert path("and by month?", "/mnt/data/a-b.zip") == "/mnt/data/a-b.zip"
    assert chosen_file("anything", []) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello!", "hello"),
        ("thanks a lot", "thanks"),
        ("ありがとう！", "thanks"),
        ("what can you do?", "help"),
        ("使い方を教えて", "help"),
        ("hello, total revenue by region", None),
        ("thanks, and by month?", None),
        ("great sales by region", None),
    ],
)
def test_small_talk(text: str, kind: str | None) -> None:
    assert small_talk(text) == kind


def test_numbers_as_people_read_them() -> None:
    assert exact(1234567) == "1,234,567"
    assert exact(12.3456) == "12.35"
    assert exact(0.12345) == "0.1235"
    assert exact(None) == "–"


def test_what_may_be_a_total_or_an_average_is_refused() -> None:
    columns = [
        Column("Date", "date", unique=60, low="2025-01-01 00:00:00", high="2025-12-31 00:00:00"),
        Column("Coach", "category", unique=3, values=["Maya", "Tom", "Ines"]),
        Column("Attended", "number", unique=20, whole=True, low="0", high="20"),
        Column("Cancelled", "category", unique=2, values=["no", "yes"]),
    ]
    table = Profile("/mnt/data/classes.csv", 65, columns)
    assert understand("which coach attended the most?", table).method.startswith("Attended (sum?")
    assert understand("average attended by coach", table).aggregates == ("mean",)
    assert filters(understand("how many rows were not cancelled?", table)) == [("Cancelled", "not in", ("yes",))]
    assert understand("average attended by cancelled", table).by == ("Cancelled",)


def test_a_follow_up_keeps_what_it_does_not_say() -> None:
    average = understand("average revenue by channel", SALES)
    assert understand("same for units", SALES, average).aggregates == ("mean",)
    price = understand("unit price by channel", SALES)
    assert understand("and revenue?", SALES, price).task == "unknown"
    year = understand("revenue in 2024", SALES)
    kept = filters(understand("only in May", SALES, year))
    assert kept == [("order_date", "year", ("2024",)), ("order_date", "month", ("5",))]
