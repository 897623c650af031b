"""What a question is about, by its words: kinds of task, time, shares, rows, quantities."""

from __future__ import annotations

import re

from playground.analyst.plan import Task

TASKS: tuple[tuple[Task, str], ...] = (
    (
        "clean",
        r"\bclean(ed|ing|up)?\b|\bde-?dup|\bremove (the |all )?(duplicates?|missing|nulls?)|\b(drop|fill( in)?"
        r"|impute) (the |all )?(missing|nulls?|na|blank)"
        r"|クリーニング|クレンジング|きれいに|綺麗に|整形|重複を(削除|除)|欠損(値)?を(補完|埋め|除|削除)",
    ),
    ("missing", r"\bmissing\b|\bnulls?\b|\bnans?\b|\bblanks?\b|\bincomplete\b|欠損|欠けて|空欄|空白|未入力"),
    ("outliers", r"\boutliers?\b|\banomal(y|ies|ous)\b|外れ値|異常値"),
    ("normality", r"\bnormal(ly)?[- ]distribut|\bnormal distribution\b|\bnormality\b|\bgaussian\b|正規分布|正規性"),
    (
        "correlation",
        r"\bcorrelat\w*|\brelationships?\b|\brelated?\b|\brelation between\b|\bassociat\w+|\bdepends? on\b|相関"
        r"|の関係|関連",
    ),
    ("distribution", r"\bdistributions?\b|\bspread of\b|\bdistributed\b|分布|ばらつき"),
    (
        "columns",
        r"\b(which|what|list|show)( are)?( all| me)?( the)? (columns|fields|variables)\b|\bcolumn names\b|列名"
        r"|どんな列|カラム一覧|項目一覧|どんな項目",
    ),
    (
        "describe",
        r"\b(describe|summari[sz]e|overview|profile)\b|\bsummary( of| statistics)?\b|\btell me about\b|\bwhat('s"
        r"| is) (in|inside)\b|\bexplore\b"
        r"|\bwhat (can you|do you) (see|tell)|\bkey (insights|findings)\b|\binsights?\b|\banaly[sz]e (this|the|it|my)\b"
        r"|概要|要約|まとめて|説明して|どんなデータ|どのようなデータ|分析して|教えて(ください)?$",
    ),
)


OVER_TIME = re.compile(
    r"\bover time\b|\btrends?\b|\btime series\b|\bdevelop(ment|ed)?\b|\bevol(ve|ution)\w*|\bchang(e|ed|es) (over"
    r"|through|in|by)\b|\bgrow(th|n|ing)?\b|\bseason(al|ality|s)?\b"
    r"|推移|季節|時系列|変化|傾向|トレンド|動向|推移を"
)


SHARE = re.compile(
    r"\bshares?\b|\bproportions?\b|\bpercentages? of\b|\bpercent of\b|\bbreakdown\b|割合|シェア|構成比|比率|内訳"
)


QUANTITIES = re.compile(
    r"\b(revenue|turnover|profits?|costs?|prices?|discounts?|quantity|salary|salaries|temperatures?|rainfall|population"
    r"|scores?|ratings?|margins?|budget)\b|利益|原価|費用|単価|価格|割引|数量|給与|年収|気温|降水量|人口|点数|評価|予算"
)


EACH = re.compile(r"\b(each|every|per|by)\b|各|ごと|別")


WHICH_TIME = re.compile(r"\b(which|what|when|best|worst|strongest|weakest)\b|何月|何曜日|どの|いつ|一番|最も|最高|最低")


ROWS = re.compile(
    r"\b(how many|number of|count( of)?)\s+(the\s+)?(rows|records|entries|lines|observations)\b|何行|行数"
    r"|レコード数|データ数|何件"
)


LISTED = re.compile(r"\b(rows|records|entries|lines)\b|明細|行を")
