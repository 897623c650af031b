"""The sentences of the offline analyst, in English and Japanese. Keys are the same in both."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "ja"]

SENTENCES: dict[str, dict[Language, str]] = {
    "footer": {
        "en": "_Offline analyst: it works by rules, without a language model._",
        "ja": "_オフライン分析です（言語モデルなし、ルールによる回答）。_",
    },
    "looking": {"en": "Read {name} and look at its columns", "ja": "{name} を読み込んで列を確認"},
    "hello": {
        "en": "Hello! Share a CSV or Excel file and ask about it.",
        "ja": "こんにちは。CSV や Excel のファイルを共有して、質問してください。",
    },
    "thanks": {"en": "You're welcome!", "ja": "どういたしまして。"},
    "help": {
        "en": "I answer questions about tables: totals, averages and counts by group, trends over time, top N, "
        "distributions, correlations, shares, filters, missing values and cleaning; with charts.",
        "ja": "表についての質問に答えます。グループ別の合計・平均・件数、推移、上位 N 件、分布、相関、構成比、"
        "絞り込み、"
        "欠損値の確認、クリーニング。グラフも描きます。",
    },
    "no_file": {
        "en": "I have no data file in this conversation yet. Share a CSV, TSV, Excel or JSON file, and ask again.",
        "ja": "この会話にはまだデータファイルがありません。CSV・TSV・Excel・JSON のファイルを共有して、"
        "もう一度質問してください。",
    },
    "no_python": {
        "en": "I cannot run Python in this turn, so I have no numbers to give. Ask about a shared file, please.",
        "ja": "今回は Python を実行できないため、数値を出せません。共有したファイルについて質問してください。",
    },
    "unreadable": {
        "en": "I could not read `{name}` as a table: {reason}",
        "ja": "`{name}` を表として読み込めませんでした: {reason}",
    },
    "failed": {
        "en": "The calculation failed, so there is no answer: {reason}",
        "ja": "計算に失敗したため、回答できません: {reason}",
    },
    "unknown": {
        "en": "I did not recognise what to compute, so here is what the data holds.",
        "ja": "何を計算すればよいか読み取れなかったため、データの概要を示します。",
    },
    "examples": {"en": "You could ask:", "ja": "たとえば次のように質問できます:"},
    "overview": {
        "en": "**{name}** has **{rows} rows** and **{columns} columns**{span}.",
        "ja": "**{name}** は **{rows} 行 × {columns} 列** のデータです{span}。",
    },
    "span": {"en": ", from {low} to {high} ({column})", "ja": "（{column}: {low} 〜 {high}）"},
    "gaps": {
        "en": "Missing values: {listed}.",
        "ja": "欠損値: {listed}。",
    },
    "no_gaps": {"en": "No values are missing.", "ja": "欠損値はありません。"},
    "duplicates": {"en": "{n} rows are exact duplicates.", "ja": "完全に重複する行が {n} 行あります。"},
    "columns": {"en": "**{name}** has {columns} columns:", "ja": "**{name}** には {columns} 列あります:"},
    "frequent": {"en": "Most frequent values:", "ja": "多い値:"},
    "extreme": {
        "en": "The {quantity} is in **{label}**: **{value}**.",
        "ja": "{quantity}は **{label}** の **{value}** です。",
    },
    "percent_of_rows": {"en": ", {percent} of all {all}", "ja": "（全 {all} 行の {percent}）"},
    "highest": {
        "en": "**{label}** has the highest {quantity}: **{value}**{share}.",
        "ja": "{quantity}が最も大きいのは **{label}** で **{value}**{share}です。",
    },
    "lowest": {
        "en": "**{label}** has the lowest {quantity}: **{value}**{share}.",
        "ja": "{quantity}が最も小さいのは **{label}** で **{value}**{share}です。",
    },
    "of_total": {"en": ", {percent} of the total {total}", "ja": "（全体 {total} の {percent}）"},
    "then_lowest": {"en": " Lowest: {label} with {value}.", "ja": "最小は {label} の {value} です。"},
    "then_highest": {"en": " Highest: {label} with {value}.", "ja": "最大は {label} の {value} です。"},
    "only_group": {
        "en": "{quantity}: **{value}** for **{label}**.",
        "ja": "**{label}** の{quantity}は **{value}** です。",
    },
    "tied": {
        "en": "All {n} groups have the same {quantity}: **{value}**.",
        "ja": "{n} 個すべてで{quantity}は同じ **{value}** です。",
    },
    "trend": {
        "en": "{quantity} went from **{first}** ({start}) to **{last}** ({end}){change}. "
        "Highest: {top} ({top_label}); lowest: {low} ({low_label}).",
        "ja": "{quantity}は {start} の **{first}** から {end} の **{last}** に推移しました{change}。"
        "最大は {top_label} の {top}、最小は {low_label} の {low} です。",
    },
    "change": {"en": ", {sign}{percent}", "ja": "（{sign}{percent}）"},
    "scalar": {"en": "The {quantity} is **{value}**{where}.", "ja": "{quantity}は **{value}** です{where}。"},
    "count": {"en": "There are **{value}** rows{of}.", "ja": "**{value}** 行あります{of}。"},
    "different": {
        "en": "There are **{value}** different values of {name}.",
        "ja": "{name} は **{value}** 種類あります。",
    },
    "where": {"en": " ({listed})", "ja": "（{listed}）"},
    "of_rows": {"en": " (of {all})", "ja": "（全 {all} 行中）"},
    "rows_top": {"en": "The {n} rows with the highest {name}:", "ja": "{name} が大きい {n} 行です。"},
    "rows_low": {"en": "The {n} rows with the lowest {name}:", "ja": "{name} が小さい {n} 行です。"},
    "rows_any": {"en": "The first {n} rows:", "ja": "最初の {n} 行です。"},
    "more": {"en": "… and {n} more.", "ja": "ほか {n} 件。"},
    "earlier": {"en": "… and {n} earlier.", "ja": "これより前に {n} 件。"},
    "correlation": {
        "en": "{first} and {second} are **{strength}** correlated: Pearson **r = {r}** (Spearman {rank}, {n} rows).",
        "ja": "{first} と {second} の相関は**{strength}**: ピアソンの **r = {r}**（スピアマン {rank}、{n} 行）。",
    },
    "correlations": {
        "en": "The strongest correlation: **{first}** and **{second}**, r = **{r}**.",
        "ja": "最も強い相関は **{first}** と **{second}** の r = **{r}** です。",
    },
    "constant": {
        "en": "There is no correlation to compute: one of the two columns has a single value throughout.",
        "ja": "片方の列の値がすべて同じため、相関を計算できません。",
    },
    "no_pairs": {
        "en": "There is no correlation to compute: fewer than two columns of numbers.",
        "ja": "数値の列が 2 つ以上ないため、相関を計算できません。",
    },
    "causation": {
        "en": "Correlation alone says nothing about causes.",
        "ja": "相関は因果関係を示すものではありません。",
    },
    "distribution": {
        "en": "{name}: mean **{mean}**, median **{median}**, standard deviation {std}, from {min} to {max}; "
        "half of the values lie between {q1} and {q3}. {shape}",
        "ja": "{name} は平均 **{mean}**、中央値 **{median}**、標準偏差 {std}、範囲 {min} 〜 {max} です。"
        "中央の半分は {q1} 〜 {q3} にあります。{shape}",
    },
    "right": {
        "en": "The distribution has a long tail to the right (skewness {skew}).",
        "ja": "右に裾が長い分布です（歪度 {skew}）。",
    },
    "left": {
        "en": "The distribution has a long tail to the left (skewness {skew}).",
        "ja": "左に裾が長い分布です（歪度 {skew}）。",
    },
    "even": {
        "en": "The distribution is fairly symmetric (skewness {skew}).",
        "ja": "ほぼ左右対称の分布です（歪度 {skew}）。",
    },
    "normal": {
        "en": "{name} **looks normally distributed** (Jarque–Bera p = {p}; skewness {skew}, excess kurtosis "
        "{kurtosis}).",
        "ja": "{name} は**正規分布とみなせます**（ジャック–ベラ検定 p = {p}、歪度 {skew}、尖度 {kurtosis}）。",
    },
    "not_normal": {
        "en": "{name} is **not normally distributed** (Jarque–Bera p = {p}; skewness {skew}, excess kurtosis "
        "{kurtosis}).",
        "ja": "{name} は**正規分布ではありません**（ジャック–ベラ検定 p = {p}、歪度 {skew}、尖度 {kurtosis}）。",
    },
    "outliers": {
        "en": "**{n} outliers** in {name} ({percent} of {all} values): below {low} or above {high} "
        "({method}).{examples}",
        "ja": "{name} の外れ値は **{n} 件**です（{all} 件の {percent}）。{low} 未満または {high} "
        "超を外れ値としました（{method}）。{examples}",
    },
    "iqr": {"en": "1.5 × interquartile range", "ja": "四分位範囲の 1.5 倍"},
    "zscore": {"en": "|z| > 3", "ja": "|z| > 3"},
    "extremes": {"en": " For example {listed}.", "ja": "例: {listed}。"},
    "missing_one": {
        "en": "**{n}** values of {name} are missing ({percent} of {all} rows).",
        "ja": "{name} の欠損値は **{n} 件**です（{all} 行の {percent}）。",
    },
    "missing_all": {
        "en": "**{n} values are missing**, most of them in **{name}** ({most}). {complete} of {all} rows are complete.",
        "ja": "**欠損値は {n} 件**で、最も多いのは **{name}**（{most} 件）です。{all} 行のうち {complete} "
        "行は欠損がありません。",
    },
    "missing_none": {"en": "**No values are missing** in {all} rows.", "ja": "{all} 行に**欠損値はありません**。"},
    "cleaned": {
        "en": "I cleaned the data: **{used} of {all} rows** are in [{file}](sandbox:/mnt/data/{file}).",
        "ja": "データをクリーニングしました。**{all} 行中 {used} 行**を [{file}](sandbox:/mnt/data/{file}) "
        "に保存しました。",
    },
    "clean_steps": {
        "en": "Blanks around text removed; numbers and dates written in one form; {doubles} duplicate and "
        "{empty} empty rows dropped.",
        "ja": "前後の空白を除き、数値と日付の書き方をそろえ、重複 {doubles} 行と空行 {empty} 行を削除しました。",
    },
    "clean_filled": {
        "en": "{n} gaps in {name} filled with the median {value}.",
        "ja": "{name} の欠損 {n} 件を中央値 {value} で補完しました。",
    },
    "clean_left": {
        "en": "Left empty, as any guess would be invented: {listed}.",
        "ja": "推測を避けるため空欄のまま残した列: {listed}。",
    },
    "empty": {
        "en": "No rows match ({filters}), so there is nothing to compute.",
        "ja": "条件（{filters}）に合う行がないため、計算できません。",
    },
    "known_values": {"en": "{column} has values such as {listed}.", "ja": "{column} の値の例: {listed}。"},
    "known_span": {"en": "{column} runs from {low} to {high}.", "ja": "{column} の範囲は {low} 〜 {high} です。"},
    "note_filter": {
        "en": "Only rows with {filters}: {used} of {all}.",
        "ja": "条件: {filters}（{all} 行中 {used} 行）。",
    },
    "note_having": {"en": "Only groups with {filters}.", "ja": "条件に合うグループのみ: {filters}。"},
    "note_missing": {"en": "{n} rows without {name} are left out.", "ja": "{name} が空の {n} 行は除いています。"},
    "note_unlabelled": {
        "en": "{n} rows without {name} belong to no group.",
        "ja": "{name} が空の {n} 行は集計に含まれません。",
    },
    "note_unreadable": {
        "en": "{n} values of {name} could not be read and count as missing.",
        "ja": "{name} の {n} 件は読み取れず、欠損として扱いました。",
    },
    "note_file": {"en": "File: {name}.", "ja": "ファイル: {name}。"},
    "note_formula": {"en": "{name} = {formula}.", "ja": "{name} = {formula}。"},
    "no_column": {
        "en": "The table has no column for **{word}**, so I cannot answer that. Its columns are: {listed}.",
        "ja": "表に**{word}**に当たる列がないため、お答えできません。列は次のとおりです: {listed}。",
    },
    "note_share": {"en": "Shares are of the sum over all groups.", "ja": "構成比は全グループの合計に対する割合です。"},
}


def say(key: str, language: str, /, **values: object) -> str:
    """A sentence in a language (``en`` or ``ja``)."""
    sentence = SENTENCES[key]["ja" if language == "ja" else "en"].format(**values)
    return re.sub(r"(?<![\d,.])1 rows\b", "1 row", sentence)


def strength(r: float, language: str) -> str:
    """How strong a correlation is called (Cohen's rough steps)."""
    size = abs(r)
    words = (("hardly", "ほぼなし"), ("weakly", "弱い"), ("moderately", "中程度"), ("strongly", "強い"))
    step = 0 if size < 0.1 else 1 if size < 0.3 else 2 if size < 0.6 else 3
    english = words[step][0] + ("" if step == 0 else " negatively" if r < 0 else " positively")
    japanese = words[step][1] + ("" if step == 0 else "負の相関" if r < 0 else "正の相関")
    return japanese if language == "ja" else english
