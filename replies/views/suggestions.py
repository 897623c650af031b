"""Questions that a file's columns suggest. Sums of amounts only: nobody adds up codes, years or coordinates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from conversations.ports.replies import CardFile
from replies.views.sentences import N_
from replies.views.wording import Wording
from tables import Column

LONGEST_NAME = 40
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+|%")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AMOUNTS = _words(
    """revenue revenues sales sale amount amounts amt total totals sum profit profits turnover cost costs quantity qty
    count counts units volume orders visits visitors views clicks downloads population expenses expense budget
    income spend spending fee fees tax payment payments hours votes cases births deaths customers users stock sold
    umsatz betrag menge anzahl summe gewinn kosten einnahmen ausgaben einwohner verkäufe montant ventes quantité
    quantite nombre coût cout dépenses recettes somme bénéfice ventas importe cantidad ingresos gastos coste costo
    suma vendas valor quantidade receita despesas 売上 売上高 金額 利益 合計 数量 個数 件数 人数 費用 予算 人口 在庫
    回数 销售额 金额 数量 总计 利润 收入 매출 금액 수량 합계"""
)
_RATES = _words(
    """price prices rate rates rating ratings ratio discount percent percentage pct % share score scores age
    temperature temp average avg mean median speed density per margin weight height preis alter note temperatur
    durchschnitt anteil prix âge moyenne taux precio edad tasa preço idade taxa 単価 価格 率 年齢 平均 割合 温度
    気温 評価 点数 身長 体重 价格 单价 年龄 가격 단가 나이"""
)
_CODES = _words(
    """id ids uid uuid guid code codes zip zipcode postcode postal postleitzahl plz cep fips geoid isbn issn ean upc
    gtin sku asin iban bic swift vat ssn tin npi cusip phone telephone tel mobile fax lat latitude lon lng long
    longitude easting northing utm coord coords coordinate coordinates year years yr yyyy timestamp epoch unix index
    idx serial account barcode nummer kennung kennziffer jahr telefon breitengrad längengrad année annee numéro
    téléphone año código codigo teléfono telefone telefono anno ano 番号 コード 年 年度 西暦 緯度 経度 電話 郵便
    编号 代码 年份 电话 邮编 纬度 经度 번호 코드 연도 전화 위도 경도"""
)
_CODES_AT_END = _words(
    """no nr num number key ref reference rank ranking position pos row line month day week weekday quarter hour minute
    level version port ip invoice ward district zone x_coord y_coord monat tag woche mois jour mes día mês dia 月 日
    順位"""
)


def questions(wording: Wording, files: Sequence[CardFile]) -> list[str]:
    """Two or three questions that the files' columns suggest."""
    columns = [column for file in files if file.facts for column in file.facts.columns if column.name]
    measure, adds_up = _measure(columns)
    group = _first(columns, "category", "boolean", "text")
    date = _first(columns, "date")
    asked = [wording.plain("Describe this data and what stands out")]
    if measure and date:
        asked.append(wording.plain("{measure} over {date}, as a line chart", measure=measure, date=date))
    if measure and group:
        total, average = (
            N_("Total {measure} by {group}, as a bar chart"),
            N_("Average {measure} by {group}, as a bar chart"),
        )
        asked.append(wording.plain(total if adds_up else average, measure=measure, group=group))
    if measure and len(asked) == 1:
        asked.append(wording.plain("How is {measure} distributed? Show a chart", measure=measure))
    if len(asked) == 1:
        asked.append(wording.plain("Are there missing values?"))
    return asked


def _first(columns: Sequence[Column], *types: str) -> str:
    """The first column of the first type that has any, codes left out."""

    def wanted() -> Iterator[str]:
        for kind in types:
            yield from (column.name for column in columns if column.type == kind and not _is_code(column.name))

    return next(wanted(), "")[:LONGEST_NAME]


def _measure(columns: Sequence[Column]) -> tuple[str, bool]:
    """The number that people most likely ask about, and whether its sum means anything; "" without numbers."""
    numbers = [column for kind in ("number", "integer") for column in columns if column.type == kind]
    wanted = [column for column in numbers if _is_amount(column.name) or not (column.codes or _is_code(column.name))]
    best = min(wanted, key=lambda column: _rank(column.name), default=None)
    return (best.name[:LONGEST_NAME], _is_amount(best.name)) if best else ("", False)


def _rank(name: str) -> int:
    """0 for amounts, 1 for any number, 2 for rates."""
    return 2 if _has(name, _RATES) else 0 if _is_amount(name) else 1


def _is_amount(name: str) -> bool:
    parts = _parts(name)
    counted = parts[:2] in (["number", "of"], ["no", "of"], ["num", "of"])
    return counted or (_has(name, _AMOUNTS) and not _has(name, _RATES) and not _has(name, _CODES))


def _is_code(name: str) -> bool:
    parts = _parts(name)
    if (parts[:1] == ["number"] and len(parts) > 1) or "per" in parts:
        return False
    return _has(name, _CODES) or (bool(parts) and parts[-1] in _CODES_AT_END) or name.endswith(("番号", "コード"))


def _has(name: str, words: frozenset[str]) -> bool:
    """Whether one of the words is in a name; names without spaces between words may just end with one."""
    parts = _parts(name)
    return not words.isdisjoint(parts) or any(
        part.endswith(word) or (words is _RATES and part.startswith(word))
        for part in parts
        if not part.isascii()
        for word in words
        if not word.isascii()
    )


def _parts(name: str) -> list[str]:
    """The words of a name: ``customerId (old)`` has ``customer``, ``id`` and ``old``."""
    plain = unicodedata.normalize("NFKC", name[: 2 * LONGEST_NAME])
    return [part.rstrip("0123456789") or part for part in _WORD.findall(_CAMEL.sub(" ", plain).lower())]
