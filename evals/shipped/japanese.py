"""The same in Japanese: cp932, 円 and ▲, 万, sheets, answers that are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from evals.cases import Case
from evals.shipped.reading import by, case, mean, number, sheet, table, total, turn, where

_turn = partial(turn, language="ja")
_case = partial(case, locale="ja-JP", timezone="Asia/Tokyo")


def sales() -> Iterator[Case]:
    """売上: cp932, amounts with 円, falls with ▲."""
    file, kind = "売上.csv", "japanese"
    rows = table(file, "cp932")
    shops, goods = by(rows, "店舗", "売上"), by(rows, "商品", "売上")
    yield _case("ja-total", file, _turn("売上の合計はいくらですか?", sum(shops.values())), kind=kind)
    yield _case("ja-tokyo", file, _turn("東京の売上合計を教えてください。", shops["東京"]), kind=kind)
    best = next(iter(goods))
    yield _case(
        "ja-best", file, _turn("一番売れている商品は何で、売上はいくらですか?", goods[best], words=[best]), kind=kind
    )
    february = [row for row in rows if row["日付"].startswith("2025年2月")]
    yield _case("ja-february", file, _turn("2月の売上はいくらですか?", total(february, "売上")), kind=kind)
    yield _case("ja-change", file, _turn("前年差の合計はいくらですか?", total(rows, "前年差")), kind=kind)
    falls = sum(row["前年差"].startswith("▲") for row in rows)
    yield _case("ja-falls", file, _turn("前年差がマイナスの行は何件ありますか?", falls), kind=kind)
    yield _case("ja-chart", file, _turn("店舗別の売上を棒グラフにしてください。", chart="bar"), kind="charts")
    share = shops["大阪"] / sum(shops.values())
    yield _case("ja-share", file, _turn("大阪の売上は全体の何パーセントですか?", share), kind=kind)


def stock() -> Iterator[Case]:
    """在庫: two sheets, a title above the header."""
    file, kind = "在庫.xlsx", "japanese"
    office, store = sheet(file, "本社", 2), sheet(file, "倉庫")
    pieces = sum(row["数量"] for row in office)
    yield _case("ja-office", file, _turn("本社の在庫数の合計は?", pieces), kind=kind)
    worth = sum(row["数量"] * row["単価"] for row in office)
    yield _case("ja-worth", file, _turn("本社の在庫金額(数量×単価)の合計は?", worth), kind=kind)
    both = pieces + sum(row["数量"] for row in store)
    yield _case("ja-both", file, _turn("本社と倉庫を合わせた在庫数は?", both), kind=kind)
    held = sum(row["数量"] for sheet_rows in (office, store) for row in sheet_rows if row["品番"] == "0013")
    yield _case("ja-code", file, _turn("品番0013の在庫数は本社と倉庫で合計いくつですか?", held), kind=kind)


def survey() -> Iterator[Case]:
    """アンケート: 未回答 is no number."""
    file, kind = "アンケート.csv", "japanese"
    rows = table(file, "utf-8-sig")
    told = [row for row in rows if row["満足度"] != "未回答"]
    yield _case("ja-mean", file, _turn("満足度の平均は?", mean(number(row["満足度"]) for row in told)), kind=kind)
    yield _case("ja-none", file, _turn("未回答は何人ですか?", len(rows) - len(told)), kind=kind)
    team, most = Counter(row["部署"] for row in rows).most_common(1)[0]
    yield _case("ja-team", file, _turn("回答者が一番多い部署はどこで、何人ですか?", most, words=[team]), kind=kind)
    years = mean(number(row["勤続年数"]) for row in where(rows, 部署="開発"))
    yield _case("ja-years", file, _turn("開発部の平均勤続年数は?", years), kind=kind)


PARTS = (sales, stock, survey)
