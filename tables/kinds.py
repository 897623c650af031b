"""Which files are handed over, and which are data. Decided by name and media type alone."""

from __future__ import annotations

from pathlib import PurePosixPath

COUNTED_BYTES = 20 * 1024 * 1024
"""Of a file that is read to its end."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# https://platform.openai.com/docs/assistants/tools/code-interpreter#supported-files (same table for Responses)
ACCEPTED = _words(
    """c cs cpp csv doc docx html java json md pdf php pptx py rb tex txt css js sh ts jpeg jpg gif pkl png tar xlsx xml
    zip"""
)
DELIMITED = _words("csv tsv tab psv txt dat asc prn")
WORKBOOKS = _words("xlsx xlsm xlsb xls ods")
_TEXTS = _words(
    """tsv tab psv dat asc prn jsonl ndjson geojson topojson log yaml yml toml ini conf cfg sql r jl ics vcf rst htm
    ipynb"""
)
_PICTURES_AND_DOCUMENTS = _words("webp bmp tif tiff svg odt ppt rtf")
_BINARY_DATA = _words(
    """parquet feather arrow avro orc xls xlsm xlsb ods dta sav por sas7bdat xpt rds rdata db sqlite sqlite3 duckdb mdb
    accdb dbf npy npz mat h5 hdf5 hdf nc grib shp gpkg kml kmz gz bz2 xz zst 7z tgz"""
)
_DATA = DELIMITED | WORKBOOKS | _BINARY_DATA | _words("json jsonl ndjson geojson xml zip tar pkl")
_EXTENSION_OF_TYPE = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.apache.parquet": "parquet",
    "application/x-sqlite3": "sqlite",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/pdf": "pdf",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/html": "html",
    "text/plain": "txt",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
# What Slack calls some types: https://docs.slack.dev/reference/objects/file-object/
_EXTENSION_OF_FILETYPE = {
    "text": "txt",
    "javascript": "js",
    "python": "py",
    "markdown": "md",
    "ruby": "rb",
    "shell": "sh",
}


def extension(name: str, mimetype: str = "", filetype: str = "") -> str:
    """The extension in lower case without its dot, from the name, else from what Slack says of the type; or ""."""
    suffix = PurePosixPath(name.strip()).suffix.lstrip(".").lower()
    if suffix and suffix.isalnum() and not suffix.isdigit():
        return suffix
    media_type = mimetype.partition(";")[0].strip().lower()
    kind = filetype.lower()
    if kind in {"", "text", "binary", "auto"}:
        return _EXTENSION_OF_TYPE.get(media_type, _EXTENSION_OF_FILETYPE.get(kind, ""))
    return _EXTENSION_OF_FILETYPE.get(kind, kind)


def is_taken(name: str, mimetype: str = "", filetype: str = "") -> bool:
    """Whether a file is one to hand over: data, text, pictures, documents; not programs, sound, film, canvases."""
    kind = extension(name, mimetype, filetype)
    if kind in ACCEPTED | _TEXTS | _BINARY_DATA | _PICTURES_AND_DOCUMENTS:
        return True
    major = mimetype.partition("/")[0].lower()
    return major == "text" or (kind == "" and major == "")


def is_counted(name: str, mimetype: str = "", filetype: str = "") -> bool:
    """Whether rows and columns of a file can be counted here."""
    return extension(name, mimetype, filetype) in DELIMITED | WORKBOOKS


def is_workbook(name: str, mimetype: str = "", filetype: str = "") -> bool:
    """Whether a file is a workbook, which can only be read whole."""
    return extension(name, mimetype, filetype) in WORKBOOKS


def is_data(name: str, mimetype: str = "", filetype: str = "") -> bool:
    """Whether a file is data to analyse (tables, databases, arrays, archives), not a picture, document or program."""
    return extension(name, mimetype, filetype) in _DATA
