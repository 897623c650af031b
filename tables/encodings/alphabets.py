"""How plausible a character is in a text of a language, given its neighbours: what encoding detection scores with.

The sets are characters that are frequent in the headers and cells of tables: dates, money, places, names, counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from tables.encodings.letters import LETTERS, Plausibility

_JAPANESE = frozenset(
    "日月年時分秒週曜火水木金土名前氏姓性別男女住所県市区町村都道府番号電話地域東京大阪北海名古屋横浜神奈川千葉埼玉福岡広島仙台札幌沖縄京兵庫新潟静岡"
    "売上高数量単価合計金額税込抜値段価格円原利益率費用経支払入出荷在庫発注受注納品商製部門課担当者社員店舗支顧客取引先会計予算実績目標前比増減昨今本来"
    "件回人個本台箱枚冊点種類型式区分備考内容説明状態完了未済中止開始終期間平均最小大値順位割合全国内外海上下左右中高低長短多少新旧良不可有無"
    "佐藤鈴木高橋田中伊渡辺山本村林加吉松井口清崎森池斎山石小川島原野谷橋上健太郎子美恵一二三四五六七八九十百千万億春夏秋冬朝昼夜午後気温度湿風雨晴曇雪"
    "学校生徒点国語数理英社科目病院患者薬食飲肉魚菜果米茶酒車電機器材料工場設備管理番登録更新日付作成変更削除確認承認申請連絡報告調査結果分析集計一覧表"
    "業務職種役給与勤怠労働退株式券銀行口座振込残債資産負純損契約保険料手続書類箇所項目質問回答評満足応対希望理由問題解決方法対応渋谷宿袋"
    "髙﨑々〆ヶ令和平成昭初末毎各他計歳代際限定版付属交換返送着便宅配達倉"
)
_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔"
    "销售额价格总计金额数量单价日期姓名年龄性别地址电话城市省区县北京上海广州深圳天津重庆成都武汉杭州南京苏州产品商类编号订单客户公司部门员工备注状态李王刘陈杨赵黄周吴徐孙胡朱林何郭"
    "收入支出利润成本库存分店项目时间季度亿元"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日期月時間地區銷售額數量單價金總計姓名年齡性別地址電話城市縣臺台北高雄中南桃園新竹基隆產品商類編號訂單客戶公司部門員工備註狀態"
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅收入支出利潤成本庫存分店項目季度億元香港九龍"
)
_KOREAN = frozenset(
    "가각간감강개거건격견경계고공과관광교구국군권그금급기김까나난날남내년노농누는니님다단달담당대도동되된두드등디라람량러런레력련령로록론료류률르를름리린림마만말매머면명모목무문물미민박반발방배백번법변별보복본부북분불비사산살상새생서석선설성세소속손송수순술스시식신실심십아안않약양어억언업에여역연열영예오온와왔외요용우운울원월위유육율은을음의이인일입있자작장재저전점정제조종주준중지직진질집차창책처천철첫청체초총최추축출충취치친카커코크타터토통트특파판팔패평포표품프피하학한할함합항해했행향현형호화확환활황회효후훈휴히"
)


def _one(_char: str) -> int:
    return 1


def _double(_char: str) -> int:
    return 2


def _japanese_width(char: str) -> int:
    return 1 if "\uff61" <= char <= "\uff9f" else 2


@dataclass(frozen=True)
class Alphabet:
    """A codec, how many bytes a character takes in it, and how plausible a character is there (-1 to 1)."""

    codec: str
    plausibility: Plausibility
    width: Callable[[str], int] = _double


def _east_asian_sign(char: str) -> float | None:
    """Points for what all East Asian texts share, None for the rest."""
    if "\u3000" <= char <= "\u3020" or "\uff01" <= char <= "\uff5e" or char == "￥":
        return 0.6
    if "\ue000" <= char <= "\uf8ff" or char < "\xa0":
        return -1.0
    if char in "・ー々〆○●◎△▲▽▼□■◇◆☆★※→←↑↓℃％‰±×÷…—―─Ⅰ①②③④⑤⑥⑦⑧⑨㈱㈲№℡":
        return 0.5
    if unicodedata.category(char)[0] not in "L":
        return -0.3
    return None


def _halfwidth_kana(before: str, char: str, after: str) -> float:
    """Kana come in runs; single ones, and runs with Japanese quotes or stops, are bytes of another encoding."""
    in_run = any("\uff66" <= near <= "\uff9f" for near in (before, after) if near)
    return 0.5 if in_run and char >= "\uff66" else -0.5


def _in_japanese(before: str, char: str, after: str) -> float:
    if "\u3041" <= char <= "\u30fe":
        return 1.0
    if "\uff61" <= char <= "\uff9f":
        return _halfwidth_kana(before, char, after)
    sign = _east_asian_sign(char)
    if sign is not None:
        return sign
    return _ideograph(char, _JAPANESE, "euc_jp", 0xCF)


def _ideograph(char: str, common: frozenset[str], charset: str, last_lead: int) -> float:
    """National charsets put the characters in daily use first: up to a certain lead byte."""
    if char in common:
        return 1.0
    if not "\u4e00" <= char <= "\u9fff":
        return -0.6
    try:
        return 0.3 if char.encode(charset)[0] <= last_lead else -0.2
    except UnicodeEncodeError:
        return -0.3


def _in_simplified(_before: str, char: str, _after: str) -> float:
    sign = _east_asian_sign(char)
    return sign if sign is not None else _ideograph(char, _SIMPLIFIED, "gb2312", 0xD7)


def _in_traditional(_before: str, char: str, _after: str) -> float:
    sign = _east_asian_sign(char)
    return sign if sign is not None else _ideograph(char, _TRADITIONAL, "big5", 0xC6)


def _in_korean(_before: str, char: str, _after: str) -> float:
    if char in _KOREAN:
        return 1.0
    if "\uac00" <= char <= "\ud7a3":
        return 0.1
    sign = _east_asian_sign(char)
    return sign if sign is not None else -0.4


ALPHABETS = (
    Alphabet("cp932", _in_japanese, _japanese_width),
    Alphabet("euc_jp", _in_japanese),
    Alphabet("euc_jis_2004", _in_japanese),
    Alphabet("gb18030", _in_simplified),
    Alphabet("big5", _in_traditional),
    Alphabet("cp949", _in_korean),
    *(Alphabet(codec, model, _one) for codec, models in LETTERS.items() for model in models),
)
