"""Writes the first look at a file: read it, and print what its columns are."""

from __future__ import annotations

from playground.analyst.files import DataFile

GUESS = r'''
import csv, codecs

def guess(path):
    """Encoding and delimiter of a text file, from its beginning."""
    with open(path, "rb") as file:
        head = file.read(200_000)
    encodings = ["utf-8-sig", "cp932", "euc_jp", "cp1252", "latin-1"]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings.insert(0, "utf-16")
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
            break
        except UnicodeDecodeError:
            pass
    try:
        return encoding, csv.Sniffer().sniff("\n".join(text.splitlines()[:50]), delimiters=",;\t|").delimiter
    except csv.Error:
        return encoding, ","

encoding, sep = guess({path!r})
df = pd.read_csv({path!r}, encoding=encoding, sep=sep{extra}, low_memory=False)
reader = f"pd.read_csv({{{path!r}!r}}, encoding={{encoding!r}}, sep={{sep!r}}{extra})"
'''

LOOK = r'''
def numbers(text):
    """How text becomes numbers: what to strip, whether the comma is decimal, and the numbers."""
    bare = text.str.replace(r"[\s$€£¥￥円%]", "", regex=True)
    marked = bare[bare.str.contains(r"[.,]", regex=True)]
    if marked.str.fullmatch(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}").mean() > 0.5:
        bare = bare.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        return r"[\s$€£¥￥円%.]", True, pd.to_numeric(bare, errors="coerce")
    return r"[\s$€£¥￥円%,]", False, pd.to_numeric(bare.str.replace(",", "", regex=False), errors="coerce")


def date_format(text):
    """The format that reads most of the values, and the share that it reads."""
    best, most, few = "", 0.0, text.sample(min(len(text), 50), random_state=0)
    for pattern in FORMATS:
        if pd.to_datetime(few, format=pattern, errors="coerce").notna().mean() < 0.5:
            continue  # it cannot be that of most
        read = pd.to_datetime(text, format=pattern, errors="coerce")
        share = read.notna().mean()
        if share > most and read.dropna().dt.year.between(1600, 2200).all():
            best, most = pattern, share
        if most == 1:
            break
    return best, most


def as_number(read):
    """Range of numbers."""
    read = read.dropna()
    return {"kind": "number", "low": str(read.min()), "high": str(read.max()), "whole": bool((read % 1 == 0).all())}


def as_date(present, pattern):
    """Range of dates."""
    read = pd.to_datetime(present, format=pattern, errors="coerce")
    return {"kind": "date", "format": pattern, "unreadable": int(read.isna().sum()),
            "low": str(read.min()), "high": str(read.max())}


def as_text(present):
    """Whether text is numbers, dates, a few categories, or just text."""
    sample = present.sample(min(len(present), 2000), random_state=0)
    if numbers(sample)[2].notna().mean() >= 0.85:
        strip, comma, read = numbers(present)
        return as_number(read) | {"clean": strip, "decimal_comma": comma, "unreadable": int(read.isna().sum()),
                                  "percent": bool(sample.str.endswith("%").mean() > 0.5)}
    if sample.str.contains(r"\d").mean() > 0.8:
        pattern, share = date_format(sample)
        if share >= 0.85:
            return as_date(present, pattern)
    few = present.nunique() <= max(50, len(present) * 0.05) and present.str.len().mean() < 60
    return {"kind": "category" if few else "text"}


def look(name):
    """What a column is."""
    present = df[name].dropna()
    found = {"name": name, "missing": int(df[name].isna().sum()), "unique": int(present.astype(str).nunique())}
    if present.empty:
        return found | {"kind": "empty"}
    if pd.api.types.is_bool_dtype(present):
        found["kind"] = "flag"
    elif pd.api.types.is_datetime64_any_dtype(present):
        found |= as_date(present, "")
    elif pd.api.types.is_numeric_dtype(present):
        found |= as_number(present)
        if "date" in name.lower() or "日" in name:
            digits = present.astype("int64").astype(str)
            if present.between(16_000_101, 22_001_231).all() and date_format(digits)[1] == 1:
                found |= as_date(digits, "%Y%m%d") | {"whole": True}
    else:
        found |= as_text(present.astype(str).str.strip())
    if found["kind"] in ("category", "text", "flag") or found["unique"] <= 30:
        found["values"] = [str(value).strip() for value in present.value_counts().index[:300]]
    return found


df.columns = df.columns.map(str).str.strip()
print(json.dumps({"rows": len(df), "reader": reader, "duplicates": int(df.astype(str).duplicated().sum()),
                  "columns": [look(name) for name in df.columns]}, ensure_ascii=False))
'''

FORMATS = r'''
FORMATS = """ISO8601|%Y/%m/%d|%m/%d/%Y|%d/%m/%Y|%Y年%m月%d日|%d-%b-%Y|%d-%b-%y|%b %d %Y|%d %b %Y|%B %d, %Y|%b %d, %Y
%d %B %Y|%d.%m.%Y|%Y.%m.%d|%m-%d-%Y|%d-%m-%Y|%m/%d/%y|%d/%m/%y|%Y%m%d|%Y/%m/%d %H:%M|%Y/%m/%d %H:%M:%S|%m/%d/%Y %H:%M
%m/%d/%Y %H:%M:%S|%d/%m/%Y %H:%M|%d/%m/%Y %H:%M:%S|%m/%d/%y %H:%M|%d.%m.%Y %H:%M|%m/%d/%Y %I:%M:%S %p|%m/%d/%Y %I:%M %p
%b %d %Y %I:%M:%S %p|%Y年%m月|%Y/%m|%b %Y|%B %Y|%b-%y""".replace("\n", "|").split("|")
'''


def look_code(file: DataFile, *, trust_remark: bool = True) -> str:
    """Python that reads the file as ``df`` and prints its profile as one line of JSON.

    Args:
        file: The file.
        trust_remark: Whether to read it with the encoding and delimiter that the message names; without them (or when
            that failed) the code finds out for itself.
    """
    return f"import json\nimport pandas as pd\n{FORMATS}{_reading(file, trust_remark)}{LOOK}"


def _reading(file: DataFile, trust_remark: bool) -> str:
    readers = {
        ".xlsx": f"pd.read_excel({file.path!r})",
        ".xls": f"pd.read_excel({file.path!r})",
        ".jsonl": f"pd.read_json({file.path!r}, lines=True)",
        ".ndjson": f"pd.read_json({file.path!r}, lines=True)",
        ".json": f"pd.read_json({file.path!r})",
        ".parquet": f"pd.read_parquet({file.path!r})",
    }
    if file.suffix in readers:
        return _expression(readers[file.suffix])
    packed = ", compression='zip'" if file.zipped else ""
    if trust_remark and file.encoding:
        sep = f", sep={file.delimiter!r}" if file.delimiter and file.delimiter != "," else ""
        return _expression(f"pd.read_csv({file.path!r}, encoding={file.encoding!r}{sep}{packed}, low_memory=False)")
    if file.zipped:
        return _expression(f"pd.read_csv({file.path!r}, sep=None, engine='python', compression='zip')")
    return GUESS.format(path=file.path, extra="")


def _expression(reader: str) -> str:
    return f"\ndf = {reader}\nreader = {reader!r}\n"
