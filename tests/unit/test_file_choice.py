"""Which file a question is about: labelled messages, as people write them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from conversations.planning.file_choice import Choice, Near, choose_files, nearest
from conversations.ports.workplace import SharedFile

ASK = "?"
"""The person is asked which file is meant."""

NEWEST = "other.csv"
"""What lies in the channel besides, newer than all others."""


def files(*names: str) -> list[SharedFile]:
    return [SharedFile(f"F{n}-{name}", name, 10, created=1000 + 1000 * n, user="U1") for n, name in enumerate(names)]


def chosen(
    text: str,
    channel: Sequence[str],
    *,
    titled: Sequence[SharedFile] = (),
    **near: Any,
) -> Choice:
    newest = SharedFile("F99", NEWEST, 10, created=99_000, user="U2")
    there = [newest, *reversed(files(*channel)), *titled]
    return choose_files(text, replace(Near(channel=there), **near))


def words(choice: Choice) -> list[str]:
    return sorted(file.name for file in choice.files) if choice.is_certain else [ASK]


NFD = unicodedata.normalize("NFD", "データ.csv")

NAMED: list[tuple[str, list[str], list[str]]] = [
    # question, files of the channel beside a newer other.csv, what is right
    ("total of sales_q3.csv", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("total of SALES_Q3.CSV", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("sum up P&L.csv", ["P&L.csv"], ["P&L.csv"]),
    ("what is in Q3 report.csv?", ["Q3 report.csv"], ["Q3 report.csv"]),
    ("plot export (1).csv", ["export (1).csv"], ["export (1).csv"]),
    ("plot sales.csv", ["sa\u200bles.csv", "other.csv"], ["sa\u200bles.csv"]),
    ("plot sa\u200bles.csv", ["sales.csv", "other.csv"], ["sales.csv"]),
    ("plot sales.csv", ["\u202esales.csv", "other.csv"], ["\u202esales.csv"]),
    ("plot sales.csv", ["sales .csv", "other.csv"], ["sales .csv"]),
    ("plot sales .csv", ["sales.csv", "other.csv"], ["sales.csv"]),
    ("plot 📊 sales.csv", ["📊 sales.csv", "other.csv"], ["📊 sales.csv"]),
    ("total of مبيعات.csv", ["مبيعات.csv", "other.csv"], ["مبيعات.csv"]),
    ("plot export (1).csv", ["export.csv", "export (1).csv"], ["export (1).csv"]),
    ("plot export.csv", ["export.csv", "export (1).csv"], ["export.csv"]),
    ("mean of Pat’s data.csv", ["Pat's data.csv"], ["Pat's data.csv"]),
    ("mean of Pat's data.csv", ["Pat’s data.csv"], ["Pat’s data.csv"]),
    ("describe “sales_q3.csv” please", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe 'sales_q3.csv' please", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe `sales_q3.csv`", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe _sales_q3.csv_", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe *sales_q3.csv*", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe ~sales_q3.csv~", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("describe (sales_q3.csv)", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("sales_q3.csv: total?", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("total of sales_q3.csv.", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("total of sales_q3.csv, by month", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("sales_q3.csv's total", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("join a.csv,b.csv", ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
    ("compare a.csv and b.csv", ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
    ("a.csv vs. b.csv", ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
    ("a.csvとb.csvを比べて", ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
    ("データ.csvの合計は？", ["データ.csv"], ["データ.csv"]),
    ("データ.csvの合計は？", [NFD], [NFD]),
    (f"{NFD}の合計は？", ["データ.csv"], ["データ.csv"]),
    ("「データ.csv」を集計して", ["データ.csv"], ["データ.csv"]),
    ("この売上データ.csvを使って", ["売上データ.csv"], ["売上データ.csv"]),
    ("ｓａｌｅｓ.csvの平均", ["sales.csv"], ["sales.csv"]),
    ("売上 2026.xlsx を見て", ["売上 2026.xlsx"], ["売上 2026.xlsx"]),
    ("売上　2026.xlsx を見て", ["売上 2026.xlsx"], ["売上 2026.xlsx"]),
    ("매출.csv의 합계", ["매출.csv"], ["매출.csv"]),
    ("매출.csv의 합계", [unicodedata.normalize("NFD", "매출.csv")], [unicodedata.normalize("NFD", "매출.csv")]),
    ("Was steht in Übersicht März.csv?", ["Übersicht März.csv"], ["Übersicht März.csv"]),
    (
        "Was steht in Übersicht März.csv?",
        [unicodedata.normalize("NFD", "Übersicht März.csv")],
        [unicodedata.normalize("NFD", "Übersicht März.csv")],
    ),
    ("total by region in sales q3.csv", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("total by region in sales-q3.csv", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("total by region in sales_q3", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("what does the Q3 report say", ["Q3 report.csv"], ["Q3 report.csv"]),
    ('use "sales" for this', ["sales.csv"], ["sales.csv"]),
    ("use the file export-2026-03", ["export-2026-03.parquet"], ["export-2026-03.parquet"]),
    ("total of sales.csv", ["sales.csv", "sales.csv"], ["sales.csv"]),
    ("total of sales-q3.csv", ["sales_q3.csv", "sales-q3.csv"], ["sales-q3.csv"]),
    ("total of [sales.csv](http://sales.csv)", ["sales.csv"], ["sales.csv"]),
    ("what about big.data.v2.csv", ["big.data.v2.csv"], ["big.data.v2.csv"]),
    ("customers.json and orders.xlsx", ["customers.json", "orders.xlsx"], ["customers.json", "orders.xlsx"]),
    ("archive.zip: what is in there?", ["archive.zip"], ["archive.zip"]),
    ("use report.final.XLSX", ["report.final.xlsx"], ["report.final.xlsx"]),
    (
        "Q1.csv Q2.csv Q3.csv Q4.csv in one chart",
        ["Q1.csv", "Q2.csv", "Q3.csv", "Q4.csv"],
        ["Q1.csv", "Q2.csv", "Q3.csv", "Q4.csv"],
    ),
    ("sales_q3.csv", ["sales_q3.csv", "presales_q3.csv"], ["sales_q3.csv"]),
    ("presales_q3.csv", ["sales_q3.csv", "presales_q3.csv"], ["presales_q3.csv"]),
    ("read sales_q3.csv and save it as clean.xlsx", ["sales_q3.csv"], ["sales_q3.csv"]),
    ("😀.csv total", ["😀.csv"], ["😀.csv"]),
    ("que dit « Q3 results.xlsx » ?", ["Q3 results.xlsx"], ["Q3 results.xlsx"]),
    ("istanbul.csv'deki toplam", ["İstanbul.csv"], ["İstanbul.csv"]),
    ("ISPARTA.csv toplam", ["ısparta.csv"], ["ısparta.csv"]),
    ("ยอดรวมของยอดขาย.csv", ["ยอดขาย.csv"], ["ยอดขาย.csv"]),
    ("sum O´Brien.csv and OʼBrien.csv", ["O'Brien.csv"], ["O'Brien.csv"]),
    ("sum sales%202025.csv", ["sales 2025.csv"], ["sales 2025.csv"]),
    ("look at C:\\Users\\ann\\data.csv", ["data.csv"], ["data.csv"]),
    ("total—data.csv", ["data.csv"], ["data.csv"]),
    ("data.csv-b.csv", ["data.csv", "b.csv"], ["data.csv", "b.csv"]),
    ("data.csv&b.csv", ["data.csv", "b.csv"], ["data.csv", "b.csv"]),
    ("https://acme.slack.com/files/U1/F0X/data.csv", ["data.csv"], ["data.csv"]),
    ("sales.csv.gz, please", ["sales.csv.gz", "sales.csv"], ["sales.csv.gz"]),
    ("convert sales.csv to revenue.xlsx", ["sales.csv"], ["sales.csv"]),
    ("merge a.csv and b.csv into c.csv", ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
    ("split a.csv into b.csv and c.csv", ["a.csv"], ["a.csv"]),
    ("convertis a.csv en b.xlsx", ["a.csv"], ["a.csv"]),
    ("a.csvをb.xlsxに変換して", ["a.csv"], ["a.csv"]),
    ("把a.csv转换成b.xlsx", ["a.csv"], ["a.csv"]),
    ("a.csv를 b.xlsx로 변환해줘", ["a.csv"], ["a.csv"]),
]

NOT_NAMED: list[tuple[str, list[str], list[str]]] = [
    ("total by region", ["sales.csv"], [NEWEST]),
    ("total sales by region", ["sales.csv"], [NEWEST]),
    ("what is the average of data here", ["data.csv"], [NEWEST]),
    ("売上を集計して", ["売上.csv"], [NEWEST]),
    ("Umsatz nach Region", ["umsatz.csv"], [NEWEST]),
    ("make a chart and save it as chart.pdf", ["sales.csv"], [NEWEST]),
    ("export the result to clean.csv", ["sales.csv"], [NEWEST]),
    ("結果をclean.csvとして保存して", ["sales.csv"], [NEWEST]),
    ("clean.csvに出力して", ["sales.csv"], [NEWEST]),
    ("Speichere das Ergebnis als sauber.xlsx", ["sales.csv"], [NEWEST]),
    ("create summary.xlsx with the totals", ["sales.csv"], [NEWEST]),
    ("make me a new “clean.csv” without gaps", ["sales.csv"], [NEWEST]),
    ("Erstelle eine summe.csv", ["sales.csv"], [NEWEST]),
    ("要約.csvを作ってください", ["sales.csv"], [NEWEST]),
    ("> Ann: look at sales_q2.csv\nwhat does she mean?", ["sales.csv"], [NEWEST]),
    ("how do I call pd.read_csv?", ["sales.csv"], [NEWEST]),
    ("send it as .csv", ["sales.csv"], [NEWEST]),
    ("see https://example.com/files/data.csv", ["sales.csv"], [NEWEST]),
    ("version 2.5 of the plan", ["sales.csv"], [NEWEST]),
    ("total of 2025", ["2025.csv"], [NEWEST]),
    ("export the result as sales_q3-clean.csv", ["sales_q3.csv"], [NEWEST]),
    ("Give me an out.xlsx with the totals", ["sales.csv"], [NEWEST]),
    ("I want a file clean.csv without blanks", ["sales.csv"], [NEWEST]),
    ("put it into totals.xlsx", ["sales.csv"], [NEWEST]),
    ("save it in totals.xlsx", ["sales.csv"], [NEWEST]),
    ("Exporte le résultat vers resultat.csv", ["sales.csv"], [NEWEST]),
    ("zapisz jako wynik.csv", ["sales.csv"], [NEWEST]),
    ("sonuc.csv olarak kaydet", ["sales.csv"], [NEWEST]),
    ("结果保存为res.csv", ["sales.csv"], [NEWEST]),
    ("生成一个res.csv", ["sales.csv"], [NEWEST]),
    ("結果を res.csv に変換して", ["sales.csv"], [NEWEST]),
]

NOWHERE: list[tuple[str, list[str], list[str]]] = [
    ("total of sales_q2.csv", ["sales_q3.csv"], [ASK]),
    ("total of budget.xlsx", ["sales_q3.csv"], [ASK]),
    ("total of “Q2 report.csv”", ["Q3 report.csv"], [ASK]),
    ("データ2.csvの合計", ["データ.csv"], [ASK]),
    ("compare sales_q3.csv with sales_q2.csv", ["sales_q3.csv"], [ASK]),
    ("total of sales_q3", ["sales_q3.csv", "sales_q3.xlsx"], [ASK]),
    ("total of sales q3.csv", ["sales_q3.csv", "sales-q3.csv"], [ASK]),
    ("read nosuch.json please", [], [ASK]),
    ("Summe aus umsatz.csv", ["umsatz_2025.csv"], [ASK]),
    ("total de ventas.csv", ["ventas_q3.csv"], [ASK]),
    ("sales.csv の合計", ["sales_2026.csv"], [ASK]),
    # what is only a part of a name is another name
    ("total of old_report.csv", ["report.csv"], [ASK]),
    ("total of 2025-sales.csv", ["sales.csv"], [ASK]),
    ("total of v1.report.csv", ["report.csv"], [ASK]),
    ("total of P&L.csv", ["L.csv"], [ASK]),
    ("total of sales_q3-final", ["sales_q3.csv"], [ASK]),
    ("Was steht in der sales_q3-Datei?", ["sales_q3.csv"], [ASK]),
    ("total of “Q2 report.csv”", ["report.csv"], [ASK]),
    ("旧_売上.csvの合計", ["売上.csv"], [ASK]),
    ("total of export (2).csv", ["export (1).csv", "export.csv"], [ASK]),
    ("total of Report [v2].csv", ["Report.csv"], [ASK]),
    ("total of sales.csv.gz", ["sales.csv"], [ASK]),
    ("https://acme.slack.com/files/U1/F0X/umsatz.csv", ["sales.csv"], [ASK]),
    *((f"summary of data.{ending}", ["sales.csv"], [ASK]) for ending in ("sav", "dta", "xml", "sqlite3", "docx")),
    # and what is read is no result
    ("total savings in budget.csv", ["sales.csv"], [ASK]),
    ("revenue per store in budget.csv", ["sales.csv"], [ASK]),
    ("compare the export to budget.csv", ["sales.csv"], [ASK]),
    ("make a chart of the totals in budget.csv", ["sales.csv"], [ASK]),
    ("write me what is in budget.csv", ["sales.csv"], [ASK]),
    ("create a chart comparing sales to budget.csv", ["sales.csv"], [ASK]),
    ("convert the amounts in budget.csv to euros", ["sales.csv"], [ASK]),
]

UNDECIDED: list[tuple[str, list[str], list[str]]] = [
    # no rule decides these: the newest is the default, and the rest is told to the model
    ("the first one", ["a.csv", "b.csv"], [NEWEST]),
    ("both", ["a.csv", "b.csv"], [NEWEST]),
    ("the one from yesterday", ["a.csv"], [NEWEST]),
    ("Ann's file", ["a.csv"], [NEWEST]),
    ("compare with the one Ann shared yesterday", ["a.csv"], [NEWEST]),
    ("両方比べて", ["a.csv", "b.csv"], [NEWEST]),
]


@pytest.mark.parametrize(("text", "channel", "right"), NAMED)
def test_s3_a_name_is_found_however_it_is_written(text: str, channel: list[str], right: list[str]) -> None:
    assert words(chosen(text, channel)) == sorted(right)


@pytest.mark.parametrize(("text", "channel", "right"), NOT_NAMED)
def test_without_a_name_it_is_the_newest(text: str, channel: list[str], right: list[str]) -> None:
    assert words(chosen(text, channel)) == right


@pytest.mark.parametrize(("text", "channel", "right"), NOWHERE)
def test_s4_what_is_nowhere_or_fits_two_is_asked_about(text: str, channel: list[str], right: list[str]) -> None:
    assert words(chosen(text, channel)) == right


@pytest.mark.parametrize(("text", "channel", "right"), UNDECIDED)
def test_what_words_mean_is_not_guessed(text: str, channel: list[str], right: list[str]) -> None:
    choice = chosen(text, channel)
    assert words(choice) == right
    assert {file.name for file in choice.others} == set(channel)


def test_a_part_of_a_word_is_not_asked_about_where_the_file_is_there_already() -> None:
    assert words(chosen("sum up the sales_q3-file", ["a.csv"], thread=files("sales_q3.csv"))) == ["sales_q3.csv"]


def test_a_title_is_a_name() -> None:
    titled = [SharedFile("F7", "image_1234.csv", 10, created=5, user="U1", title="Numbers of March")]
    assert words(chosen("what do the Numbers of March say?", [], titled=titled)) == ["image_1234.csv"]


def test_s3_a_link_to_a_file_is_that_file() -> None:
    older, newer = (SharedFile(f"F0{n}", "x.csv", 1, created=n, user="U1") for n in (1, 2))
    for link in ("https://acme.slack.com/files/U1/F01/x.csv", "[x.csv](https://acme.slack.com/files/U1/F01/x.csv)"):
        assert choose_files(f"sum {link}", Near(channel=[newer, older])).files == [older]


def test_s5_a_picture_does_not_hide_the_data() -> None:
    picture = files("screen.png")
    assert words(chosen("why is it so low?", ["a.csv"], message=picture)) == sorted([NEWEST, "screen.png"])


def test_s6_a_file_of_the_thread_is_the_questions() -> None:
    assert words(chosen("in the file above", ["a.csv"], thread=files("old.csv"))) == ["old.csv"]


def test_s1_a_forwarded_file_is_the_questions() -> None:
    choice = chosen("and this?", ["a.csv"], forwarded=files("q3.csv"))
    assert words(choice) == ["q3.csv"]
    assert choice.reasons == {"F0-q3.csv": "forwarded"}


def test_s17_what_the_bot_made_is_taken_when_it_is_named() -> None:
    own = files("cleaned.csv")
    assert words(chosen("chart cleaned.csv", [], own=own)) == ["cleaned.csv"]
    assert words(chosen("chart it", [], own=own)) == [NEWEST]


def test_each_file_has_the_reason_why_it_is_seen() -> None:
    own, forwarded, here, gone, named = files("own.csv", "forwarded.csv", "here.csv", "gone.csv", "named.csv")
    thread = [here, replace(gone, kind="tombstone"), forwarded, own]
    near = Near([own], [forwarded], thread, channel=[named, *files(*"abcdefghijklmnopqrstuvwxyz")])
    choice = choose_files("add named.csv to them", near)
    assert [choice.reasons[file.id] for file in choice.files] == ["message", "forwarded", "thread", "named"]
    assert [file.name for file in choice.others] == list("abcdefghijklmnopqrst")


def test_a_name_within_a_word_is_none() -> None:
    assert words(chosen("presales-q3 and sales-q3b", ["sales_q3.csv"])) == [NEWEST]


def test_a_drop_is_of_one_person_and_one_moment() -> None:
    newest = SharedFile("F1", "a.csv", 1, created=1000, user="U1")
    others = [replace(newest, id="F2", user="U2"), replace(newest, id="F3", created=939)]
    assert choose_files("compare them", Near(channel=[newest, *others])).files == [newest]


def test_a_drop_is_taken_whole() -> None:
    batch = [SharedFile(f"F{n}", f"{n}.csv", 1, created=1000 - 30 * n, user="U1") for n in range(3)]
    older = SharedFile("F9", "older.csv", 1, created=939, user="U1")
    choice = choose_files("compare them", Near(channel=[*batch, older]))
    assert [file.name for file in choice.files] == ["2.csv", "1.csv", "0.csv"]
    assert set(choice.reasons.values()) == {"newest"}


def test_a_conversation_that_has_data_gets_no_other() -> None:
    assert words(chosen("and by month?", ["a.csv"], held=files("held.csv"))) == []


def test_small_talk_gets_no_file() -> None:
    assert choose_files("hello", Near(channel=files("a.csv")), wants_data=False).files == []


def test_near_names_are_offered_first() -> None:
    known = files("sales_q3.csv", "weather.csv", "sales_q4.csv", "people.csv", "cities.csv", "x.csv")
    offered = [file.name for file in nearest(["sales_q2.csv"], known)]
    assert set(offered[:2]) == {"sales_q3.csv", "sales_q4.csv"}
    assert len(offered) == 5


def test_names_that_are_not_near_are_offered_by_age() -> None:
    known = files("people.csv", "cities.csv", "sales_q3.csv", "weather.csv")
    offered = [file.name for file in nearest(["sales_q2.csv"], known)]
    assert offered == ["sales_q3.csv", "weather.csv", "cities.csv", "people.csv"]


def test_there_are_enough_labelled_messages() -> None:
    assert len(NAMED) + len(NOT_NAMED) + len(NOWHERE) + len(UNDECIDED) >= 80
