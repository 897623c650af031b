"""In which language a text is written, as far as that tells whether the asker's was kept."""

from __future__ import annotations

import re
from collections import Counter

LONGEST = 20_000
"""Characters that are looked at."""

_CODE = re.compile(r"```[^`]*```|`[^`\n]*`|\]\([^)\n]{0,300}\)")
_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HAN = re.compile("[\u4e00-\u9fff]")
_LEAST = 0.08
"""Share of a text's letters: columns and names keep their own script."""

_COMMON = {
    "en": "the of and is are in for was with that to by has have not no from this there than a an as it on all per",
    "de": "der die das und ist sind im für war mit dass zu von hat haben nicht kein aus ein eine als den",
    "fr": "le la les des et est sont dans pour avec que par pas une un du sur au",
    "es": "el la los las y es son en para con que por no una un del se su al",
    "it": "il la le e è sono in per con che da non una un del della di gli",
    "pt": "o a os as e é são em para com que por não uma um do da no",
    "nl": "de het een en is zijn in voor met dat van niet geen op te",
}
_LANGUAGES_OF_WORD: dict[str, list[str]] = {}
for _language, _words in _COMMON.items():
    for _one in _words.split():
        _LANGUAGES_OF_WORD.setdefault(_one, []).append(_language)


def languages_of(text: str) -> set[str]:
    """The codes of the languages that it may be; none when too little is said to tell."""
    plain = _CODE.sub(" ", text[:LONGEST])
    letters = sum(char.isalpha() for char in plain)
    if not letters:
        return set()
    for language, script in (("ja", _KANA), ("ko", _HANGUL), ("zh", _HAN)):
        if len(script.findall(plain)) >= _LEAST * letters:
            return {language}
    counted = Counter(
        language for word in _WORD.findall(plain.lower()) for language in _LANGUAGES_OF_WORD.get(word, ())
    )
    most = max(counted.values(), default=0)
    return {language for language, number in counted.items() if number == most}


def is_kept(wanted: str, text: str) -> bool | None:
    """Whether an answer is in the wanted language; None when too little is said to tell."""
    languages = languages_of(text)
    return wanted.partition("-")[0].lower() in languages if languages else None
