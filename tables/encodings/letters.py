"""How plausible a character is in a language whose letters take one byte: by how frequent it is, and by its neighbours.

The letters stand from the most to the least frequent one, as in running text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

Plausibility = Callable[[str, str, str], float]

_CYRILLIC = "оаеинтсрвлкмдпуіяьгзбчйхжшюцщјыфєїэъґљњћђўџё"
_GREEK = "αοιετσνηυρπκμλςωίάόέδγχήθύφβώξζψϊΐϋΰ"
_HEBREW = "יוהלארתבמשנעםדקחפכטגצןזסךףץ"
_ARABIC = "اليمنتروهبسةدعفحقكجشطصخأضزئذثغإءىآؤظیکپچگژ"
_THAI = "านรอก่ัเงม้ยลีวดทสติะปบคหแ์จพชืขใุไู็ำถโธผซศณฟภึษฉญฐฮ๊๋ฑฌฎฏฆฬฒฤๆฯ"
_SIGNS = frozenset("€£§°²³µ·«»–—’‘“”„…®©™½¼¡¿ªº×№،؛؟฿₪\xa0")
_APOSTROPHES = frozenset("’'·")

_WESTERN = {
    "German": "äöüß",
    "French": "éèêëàâçîïôûùœ",
    "Spanish": "áéíñóúü",
    "Portuguese": "áâãàçéêíóôõú",
    "Italian": "àèéìòù",
    "Danish": "æøåé",
    "Swedish": "åäöé",
}
_CENTRAL = {
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Croatian": "čćđšž",
    "Romanian": "ăâîşţ",
}
_BALTIC = {"Lithuanian": "ąčęėįšųūž", "Latvian": "āčēģīķļņšūž", "Estonian": "äõöüšž"}
_VIETNAMESE = "ăâđêôơưàáãèéìíòóõùúý"
_VOWELS = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")


def _apart(letters: str) -> Plausibility:
    """For letters that are no Latin ones: words have no Latin letters, and one capital at most, at their start."""
    last = len(letters)
    rank = {letter: 1.0 - 0.9 * place / last for place, letter in enumerate(letters)}
    rank.update({letter.upper(): points for letter, points in list(rank.items()) if len(letter.upper()) == 1})
    rank.update(dict.fromkeys("ΆΈΉΊΌΎΏ", 0.3) if "α" in letters else {})

    def plausibility(before: str, char: str, after: str) -> float:
        if any(near.isascii() and near.isalpha() for near in (before, after) if near):
            return -0.5
        points = rank.get(char)
        if points is None:
            return 0.2 if char in _SIGNS else -0.7
        if unicodedata.category(char) == "Mn":
            on_letter = before > "\x7f" and unicodedata.category(before)[0] in "LM"
            return points if on_letter else -1.0
        if not (before > "\x7f" or after > "\x7f"):
            return min(points, 0.3)
        return points if not char.isupper() else -0.4 if before.islower() else points - 0.04 * before.isupper()

    return plausibility


def _among_latin(letters: str, *, apart: bool = True) -> Plausibility:
    """For accented letters, which stand alone among ASCII letters; in a mistaken decoding they come in clusters.

    ``apart``: two of the language's hardly ever stand side by side.
    """
    known = frozenset(letters + letters.upper())

    def plausibility(before: str, char: str, after: str) -> float:
        near = [one for one in (before, after) if one]
        crowded = sum(
            (0.6 if apart or one not in known else 0.1) for one in near if one > "\xa0" and "ß" not in (one, char)
        )
        beside = sum(one.isascii() and one.isalpha() for one in near)
        if char in known:
            wrong_case = 0.6 if char.isupper() and before.islower() else 0.0
            return (0.9 if beside else 0.4) - crowded - wrong_case
        if char in _SIGNS:
            return (0.4 if beside < 2 or char in _APOSTROPHES else -0.6) - crowded  # noqa: PLR2004 - in a word
        return -0.6 - crowded

    return plausibility


def _vietnamese(before: str, char: str, after: str) -> float:
    """Code page 1258 writes a tone as a mark after its vowel."""
    if unicodedata.category(char) == "Mn":
        return 1.0 if before in _VOWELS else -1.0
    if char.lower() in _VIETNAMESE:
        return -0.4 if char.isupper() and before.islower() else 0.9
    return 0.3 if char in _SIGNS else -0.8


def _discounted(plausibility: Plausibility, share: float) -> Plausibility:
    def discounted(before: str, char: str, after: str) -> float:
        points = plausibility(before, char, after)
        return points * share if points > 0 else points

    return discounted


_WESTERN_MODELS = [
    *map(_among_latin, _WESTERN.values()),
    _discounted(_among_latin("ý" + "".join(_WESTERN.values())), 0.8),  # several languages in one text
]
_CENTRAL_MODELS = [_among_latin(letters, apart=False) for letters in _CENTRAL.values()]
_BALTIC_MODELS = [_among_latin(letters, apart=False) for letters in _BALTIC.values()]
_TURKISH_MODELS = [_among_latin("çğıöşüâîİ", apart=False)]

LETTERS: Mapping[str, Sequence[Plausibility]] = {
    "cp1252": [*_WESTERN_MODELS, _discounted(_among_latin("áðéíóúýþæö"), 0.98)],
    "cp1251": [_apart(_CYRILLIC)],
    "cp1250": _CENTRAL_MODELS,
    "cp1253": [_apart(_GREEK)],
    "cp1254": _TURKISH_MODELS,
    "cp1255": [_apart(_HEBREW)],
    "cp1256": [_apart(_ARABIC)],
    "cp1257": _BALTIC_MODELS,
    "cp1258": [_vietnamese],
    "cp874": [_apart(_THAI)],
    "iso8859_2": _CENTRAL_MODELS,
    "iso8859_5": [_apart(_CYRILLIC)],
    "iso8859_6": [_apart(_ARABIC)],
    "iso8859_7": [_apart(_GREEK)],
    "iso8859_8": [_apart(_HEBREW)],
    "iso8859_9": _TURKISH_MODELS,
    "iso8859_13": _BALTIC_MODELS,
    "iso8859_15": _WESTERN_MODELS,
    "koi8_r": [_apart(_CYRILLIC)],
    "koi8_u": [_apart(_CYRILLIC)],
    "cp866": [_apart(_CYRILLIC)],
    "mac_cyrillic": [_apart(_CYRILLIC)],
    "cp850": _WESTERN_MODELS,
    "mac_roman": _WESTERN_MODELS,
    "cp852": _CENTRAL_MODELS,
    "cp857": _TURKISH_MODELS,
    "cp737": [_apart(_GREEK)],
    "cp862": [_apart(_HEBREW)],
    "cp775": _BALTIC_MODELS,
}
"""Models of the languages that are written in a code page. Of equals the first one is taken."""

RARE = {
    "koi8_r": 0.08,
    "koi8_u": 0.09,
    "cp866": 0.1,
    "cp857": 0.1,
    "mac_cyrillic": 0.03,
    "mac_roman": 0.05,
} | dict.fromkeys(("cp850", "cp852", "cp737", "cp862", "cp775"), 0.06)
"""What a code page has to be more plausible by than those in daily use."""
