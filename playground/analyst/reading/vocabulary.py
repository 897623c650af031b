"""Words that questions are made of, in English and Japanese."""

from __future__ import annotations

import re


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "revenue sales sale turnover income 売上 売上高 売上金額 売上額 売り上げ 収益",
        "quantity qty unit units 数量 個数 販売数 販売数量",
        "price unitprice 単価 価格 値段",
        "profit earning earnings 利益 粗利",
        "cost expense expenses spending 原価 費用 コスト 経費",
        "amount sum 金額 額",
        "discount 割引 値引き 割引率",
        "date day 日付 日 年月日 日時 購入日 注文日 販売日",
        "time timestamp 時刻 時間 日時",
        "year 年 年度",
        "month 月",
        "region area district zone 地域 エリア 地区 地方",
        "country nation 国",
        "city town 都市 市 市区町村",
        "prefecture state province 都道府県 県 州",
        "store shop branch outlet 店舗 店 支店",
        "product item goods 商品 製品 品目 商品名",
        "category genre class segment カテゴリ カテゴリー 分類 種別 ジャンル 商品カテゴリ",
        "type kind 種類 タイプ",
        "channel チャネル 販路 チャンネル",
        "customer client buyer 顧客 お客様 得意先",
        "employee staff 社員 従業員 担当者",
        "department dept division 部署 部門 部",
        "gender sex 性別",
        "age 年齢",
        "name title 名前 氏名 名称 名",
        "score point points rating 点数 スコア 評価",
        "temperature temp 気温 温度",
        "precipitation rain rainfall 降水量 雨量",
        "wind 風速 風",
        "weather 天気 天候",
        "salary wage wages pay 給与 給料 年収",
        "population 人口",
        "order orders 注文 受注",
        "location address place 場所 住所 所在地",
        "payment 支払 支払い 支払額",
        "method 方法",
        "rank level grade 順位 ランク 等級",
        "job occupation profession 職業 職種",
    )
)

GENERIC = _set(
    """
    id code name number no num date type value column field data total the of in made nr key per usd jpy
    eur pct percent percentage bin
    """
)
"""Words of column names that say little: half a match."""

FUNCTION_WORDS = _set(
    """
    a an and are as at be been being both by can could did do does each find for from get give graph had
    has have how i if in into is it its just kind let list made make many me most much my need not of on
    or order our out over per please plot represent return set show shows so sort split tell than that
    the their them there these they this those through to under up us use used using versus vs want was
    we were what when where which who whose will with would you your draw display visualize visualise
    create calculate compute determine count counts number numbers bar bars chart charts line pie
    scatter histogram stacked axis x y average mean avg median max min maximum minimum maximal minimal
    highest lowest largest smallest sum total top bottom best worst different distinct unique across all
    any every between compare comparison distribution trend relationship correlation correlate group
    grouped row rows record records entry entries dataset data table file csv high low higher lower
    great greater more less fewer above below least asc desc ascending descending describe summarize
    summarise summary overview analyze analyse analysis about general please thanks thank help missing
    null values value many much proportion share percentage percent standard deviation std skewness
    outlier outliers normal normally only also same again now then instead but without except excluding
    including overall deviation variance time
    """
)
"""Words that name no column on their own, unless the column's whole name is that word and the place fits."""

AGGREGATES: tuple[tuple[str, str], ...] = (
    ("std", r"standard[- ]deviations?|\bstd(\s?dev)?\b|\bstdev\b|標準偏差"),
    ("var", r"\bvariance\b|分散"),
    ("skew", r"\bskew(ness|ed)?\b|歪度"),
    ("median", r"\bmedian\b|中央値|メジアン"),
    ("mode", r"\bmode\b|最頻値|\bmost (common|frequent)\b|最も多い"),
    ("mean", r"\baverages?\b|\bmean\b|\bavg\b|平均|\bhow old\b|\bon average\b"),
    (
        "max",
        r"\bmax(imum|imal)?\b|\bhighest\b|\blargest\b|\bbiggest\b|\bgreatest\b|\bmost expensive\b|\boldest\b"
        r"|最大|最高|最多",
    ),
    ("min", r"\bmin(imum|imal)?\b|\blowest\b|\bsmallest\b|\bcheapest\b|\byoungest\b|最小|最低|最少"),
    ("nunique", r"\bdistinct\b|\bunique\b|\b(how many|count|number of)( the)? different\b|何種類|種類数|ユニーク"),
    (
        "count",
        r"\bcounts?\b|\bhow many\b|\bnumber of\b|\bthe number\b|\bfrequency\b|\btotal number\b|件数|何件|何行"
        r"|人数|何人|回数|いくつ|の数",
    ),
    ("sum", r"\btotals?\b|\bsums?\b|\boverall\b|\bhow much\b|合計|総額|総計|総売上|トータル|総"),
)
"""Function of pandas by the words for it; earlier ones win where words overlap."""

GRAINS: tuple[tuple[str, str], ...] = (
    ("weekday", r"\bday[s]? of (the )?week\b|\bweekdays?\b|曜日"),
    (
        "QE",
        r"\bquarters?\b|\bquarterly\b|四半期",
    ),
    (
        "ME",
        r"\bmonths?\b|\bmonthly\b|月別|月ごと|月毎|月次|各月|月間|毎月|月単位|何月|どの月|月はいつ|(多い|少ない"
        r"|高い|低い|良い|悪い)月",
    ),
    ("W", r"\bweeks?\b|\bweekly\b|週別|週ごと|週次|毎週|週単位"),
    ("YE", r"\byears?\b|\byearly\b|\bannual(ly)?\b|年別|年ごと|年毎|年次|各年|毎年|年度別|年単位"),
    ("D", r"\bdaily\b|\b(by|per|each|every) (calendar )?day\b|日別|日ごと|日毎|日次|毎日|日単位"),
    ("h", r"\bhourly\b|\b(by|per|each|every) hour\b|時間別|時間帯|時間ごと"),
)
"""Resampling rule of pandas (or ``weekday``) by the words for it."""

CHARTS: tuple[tuple[str, str], ...] = (
    ("none", r"\b(no|without)( a| any)? (charts?|graphs?|plots?)\b|(グラフ|図)(は|なし|不要|いらない)+"),
    ("stacked", r"\bstack(ed)?\b|積み上げ"),
    ("pie", r"\bpie\b|\bdonut\b|円グラフ"),
    ("scatter", r"\bscatter(\s?plot)?\b|散布図"),
    ("box", r"\bbox[- ]?plots?\b|箱ひげ図"),
    ("hist", r"\bhistograms?\b|ヒストグラム"),
    ("line", r"\bline (charts?|graphs?|plots?)\b|\bas a line\b|折れ線"),
    ("bar", r"\bbar (charts?|graphs?|plots?)\b|\bbars?\b|\bcolumn charts?\b|棒グラフ"),
    ("any", r"\bcharts?\b|\bgraphs?\b|\bplots?\b|\bvisuali[sz]e|グラフ|図示|可視化|チャート"),
)
"""Kind of chart by the words for it."""

GROUP_BEFORE = re.compile(
    r"(\bby|\bper|\beach|\bevery|\bacross|\bdifferent|\bvarious|\bamong|\bfor all|\bin all|\bversus|\bvs\.?|\bagainst|"
    r"\bbetween|\bwith each|\bof every|\bover|\bbased on|\bsplit into|\bbroken down into|各)"
    r"\s*((of|the|all|these|those|our|their|different|various|single|individual)\s+)*$"
)
COUNTED_BEFORE = re.compile(r"\b(count|how many|number of)\s+(the\s+)?(different|distinct|unique)\s*$")
GROUP_AFTER = re.compile(r"^\s*(別|ごと|毎|による|単位|の内訳|間の?比較|の比較|を比較|groups?\b|categories\b)")
WHICH_BEFORE = re.compile(
    r"(\bwhich|\bwhat|\bthe (name|names) of the|\blist (the|all|each)|\bshow (all )?the|どの|どこの"
    r"|どんな)\s*(is the\s*|are the\s*|the\s*)?$"
)
SUPERLATIVE = re.compile(
    r"\b(highest|most|largest|biggest|best|greatest|maximum|top|lead(s|ing)?|lowest|least|smallest|worst|minimum"
    r"|fewest|bottom|weakest|slowest|strongest)\b"
    r"|一番|最も|もっとも|最大|最高|最小|最低|最多|最少|トップ|上位|下位|ワースト|ベスト|多い|少ない|高い|低い"
)
LEAST = re.compile(
    r"\b(lowest|least|smallest|worst|minimum|fewest|bottom|cheapest|weakest|slowest)\b|最小|最低|最少|下位"
    r"|ワースト|少ない|低い|小さい"
)

ADDITIVE = _set(
    """
    revenue sale sales turnover amount total quantity qty unit units cost expense profit budget order
    orders payment visit visits view views click clicks pay spend spending earning count volume death
    deaths injury injuries casualty fatality production generation export import damage trips miles
    passengers goals votes population precipitation rain donation commit commits calls call 売上 売上金額 売上高
    金額 数量 個数 原価 費用 利益 件数 合計 人数 販売数 粗利 税 消費税
    """
)
"""Words of columns whose values may be added up; others are averaged unless the question says otherwise."""

NOT_ADDITIVE = _set(
    """
    price rate ratio percent percentage pct share average avg mean score rating index age temperature
    temp year discount margin speed wind latitude longitude lat lon lng per height weight 単価 価格 率 割合 平均
    年齢 気温 割引 スコア 評価 緯度 経度
    """
)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
