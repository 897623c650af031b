"""Which names in a text are what a result is to be called, and no file to look for. Pure.

Taken for a result is only what is told so plainly: a source that is taken for one is not missed, and another file is
computed from in its place. The other way round a person is asked once too often.
"""

from __future__ import annotations

import re

_CJK = "\u2e80"
_BEFORE, _AFTER = 60, 40
_OPENED = r"\s*[\"'`“„«‘(]*$"
_KEEP = (
    r"sav(?:e|es|ed|ing)\b|writ(?:e|es|ten|ing)?\b|store (?:it|them|this|that|the|all)\b|put\b|speicher|schreib"
    r"|enregistr|guard|salv|opsla|zapis|grav"
)
_TURN = r"export(?:e|a|ar|er|ed|ing|iere?)?\b|convert|output\b|download\b|turn\b|transform|renam|dump\b|konvert|wandle"
_MAKE = r"creat|make\b|produce\b|generat|attach|return\b|send|cré|cri|erstell"
_KEEP_OR_TURN_IN_ASIA = "保存|另存|書き|写入|저장|导出|匯出|转换|轉換|輸出|出力|変換|변환"
_KEPT = re.compile(rf"\b(?:{_KEEP}|{_TURN})|{_KEEP_OR_TURN_IN_ASIA}")
_SAVED = re.compile(rf"\b(?:{_KEEP}|{_TURN}|{_MAKE})|{_KEEP_OR_TURN_IN_ASIA}|作成|生成")
_AS = re.compile(rf"(?:\b(?:as|named|called|als|namens|comme|como|come|jako|chamado|llamado)|=|→|[为為成]){_OPENED}")
_INTO = re.compile(rf"(?:\b(?:to|into|under|nach|zu|sous|vers|a|à|para|naar)|[到至]){_OPENED}")
_IN = re.compile(
    r"\b(?:(?:save|write|put|store) (?:it|them|this|that|all|everything|the (?:results?|output))|speichere? (?:es|das"
    r"|alles)|guárdalo|enregistre-le|salve) (?:all )?(?:in|inside|em|dans|en)"
    rf"{_OPENED}|\bconvert\w{{0,6}} [^\n]{{1,40}} en{_OPENED}"
)
_SPLIT = re.compile(rf"\b(?:merge|combine|split|join)\b[^\n]*\binto{_OPENED}")
_MADE = re.compile(
    r"(?:\b(?:write|create|make|produce|generate|build|erstelle|crée|crea|crie)"
    r"(?: (?:me|us|a|an|the|new|file|eine?|un|une|uma?)){0,4}"
    r"|\b(?:give|get|send|want|need|prepare|provide|return|gib|brauche|veux|quiero|necesito|quero)"
    r"(?: (?:me|us|back|mir|uns)){0,2} (?:an?|eine?n?|une?|uma?)(?: (?:new|file|called|named|neue\w?)){0,3}"
    r"|\b(?:name|call)(?: (?:it|them|this|the|file|result|output)){1,3}"
    rf"|(?:生成|创建|制作|建立)(?:一个|一個|一份|个)?){_OPENED}"
)
_COMPARED = re.compile(r"\b(?:compar(?:e|ed|es|ing|er|ar)|relative|versus|vs|against|vergleich\w{0,4})\b|比")
_RESULT_AFTER = re.compile(
    r"[\"'`”»’」』)]*\s?(?:として|という|olarak|に(?:保存|出力|書|して|変換|まとめ|分割|格納)|へ(?:保存|出力|書|変換)|を[作出生]"
    r"|(?:으?로|에) ?(?:저장|변환|내보|만들))"
)
_AND = frozenset(("", "and", "und", "et", "y", "e", "en", "i", "と", "和"))
_SIGNS = " ,、&+\"'`“”„«»"


def is_result(text: str, begin: int, end: int) -> bool:
    """Whether the name from ``begin`` to ``end`` of a text (in lower case) is what something is to be saved as."""
    begin += next((n for n in range(end - begin, 0, -1) if text[begin + n - 1] >= _CJK), 0)  # a name in Chinese text
    before = text[max(0, begin - _BEFORE) : begin]
    if _COMPARED.search(before):
        return False
    return bool(
        _MADE.search(before)
        or (_AS.search(before) and _SAVED.search(before))
        or (_INTO.search(before) and _KEPT.search(before))
        or _IN.search(before)
        or _SPLIT.search(before)
        or _RESULT_AFTER.match(text, end, end + _AFTER)
    )


def is_another(text: str, result: int, begin: int) -> bool:
    """Whether the name that begins at ``begin`` goes on with the result whose name ends at ``result``."""
    return 0 < result <= begin <= result + _AFTER and text[result:begin].strip(_SIGNS) in _AND
