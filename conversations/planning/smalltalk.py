"""What a text is about, as far as costs go: small talk needs no file and no sandbox, and everything else may."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

from conversations.planning.phrases import FILLERS, GREETINGS, THANKS

_EMOJI_NAME = re.compile(r":[a-z0-9_+'\-]+:")
_FILE_WORDS = re.compile(
    r"\b(files?|csv|tsv|xlsx?|excel|spreadsheets?|sheets?|attach\w*|upload\w*|data(set|frame)?|tables?|columns?)\b|"
    r"ファイル|添付|データ|表|シート|エクセル|アップロード|列|"
    r"\b(datei(en)?|daten|tabellen?|spalten?|anhang|fichiers?|données|tableaux?|colonnes?|pièces? jointes?|archivos?|"
    r"datos|tablas?|columnas?|adjunt\w+|arquivos?|dados|tabelas?|colunas?|anexos?|dati|tabell[ae]|colonn[ae]|allegat\w+|"
    r"bestand(en)?|gegevens|tabel(len)?|kolom(men)?|bijlagen?|plik\w*|dan[ey]ch?|tabel\w*|kolumn\w*|załączni\w+|"
    r"dosya\w*|veri\w*|tablo\w*|sütun\w*)\b|파일|데이터|첨부|열|文件|数据|附件|表格|資料|檔案",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 1000
"""Characters of a text that may still be nothing but a greeting or a word to the bot."""

_LOOKED_AT = 40_000
"""Characters of a question that are searched for what it may be about; the longest text that Slack takes
(https://docs.slack.dev/reference/methods/chat.postMessage#truncating)."""


def is_small_talk(text: str) -> bool:
    """Whether a text is nothing but greetings, thanks or questions about the bot itself."""
    return _consists_of(text, _SMALL_TALK) or not (text.strip() and (plain_words(text) or len(text) > _LONGEST_PHRASE))


def is_bare_thanks(text: str) -> bool:
    """Whether a text is nothing but thanks, assent or emoji: in a thread, no answer is wanted."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:
        return False
    if plain_words(text):
        return _consists_of(text, _THANKS)
    return bool(_EMOJI_NAME.search(text)) or any(unicodedata.category(char) == "So" for char in text)


def _consists_of(text: str, phrases: Set[str]) -> bool:
    """Whether a text can be parted into phrases and fillers without a rest, one phrase at least."""
    words = plain_words(text).split()
    ends = {0: False}  # how far the words are phrases, and whether one of them is more than a filler
    for end in range(1, len(words) + 1):
        for begin in range(max(0, end - _LONGEST_OF_WORDS), end):
            part = " ".join(words[begin:end])
            if begin in ends and (part in phrases or part in _FILLERS):
                ends[end] = ends.get(end, False) or ends[begin] or part in phrases
    return ends.get(len(words), False)


def plain_words(text: str) -> str:
    """Lower-case letters and digits, single spaces; no emoji or punctuation. "" for what is too long for a phrase."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:  # and normalising takes the square of a run of combining marks
        return ""
    folded = unicodedata.normalize("NFKC", _EMOJI_NAME.sub(" ", text)).casefold().replace("i\u0307", "i")
    kept = (char if char.isalnum() or char in "ー'" else " " for char in folded.replace("’", "'"))
    return " ".join("".join(kept).split())


def speaks_of_file(text: str) -> bool:
    """Whether a text speaks of a file or of data."""
    return bool(_FILE_WORDS.search(text, 0, _LOOKED_AT))


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(plain_words(phrase) for phrase in listed.split(","))


_THANKS = _phrases(THANKS)
_FILLERS = _phrases(FILLERS)
_SMALL_TALK = _THANKS | _phrases(GREETINGS)
_LONGEST_OF_WORDS = max(len(phrase.split()) for phrase in _SMALL_TALK | _FILLERS)
