"""Finds the files that a text names: by name or title, in any spelling. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from conversations.ports.workplace import SharedFile
from tables import extension
from untrusted.characters import visible

MAX_MISSING = 5
"""Names that are nowhere which are looked after, and said: each is compared with all files."""

_LOOKED_AT = 40_000
"""Characters of a question in which names are looked for; the longest text that Slack takes."""

_MARKS = 8
"""Combining marks of one letter that are kept: normalising takes the square of their number."""

_LONGEST_NAME = 255
_SHORT = 3
_ENDING = re.compile(
    r"\.(?:csv|tsv|tab|psv|xlsx|xlsm|xlsb|xls|ods|jsonl|ndjson|geojson|json|parquet|feather|sqlite|duckdb|zip|pdf|txt)"
    r"(?![a-z0-9])(?!\.[a-z0-9])"
)
_QUOTED = re.compile(r"[\"`“”„«»「」『』‘]([^\"`“”„«»「」『』\n]{1,255})[\"`“”„«»「」『』’]")
_PARTING = re.compile(r"[\s<>|*?\"'`“”„«»‘’「」『』（）()\[\]、。,;:!？]+")
_RESULT = re.compile(
    r"(?:\b(?:as|to|into|in|named|called|als|nach|namens|comme|como|en|sous|chamado|llamado)|=|→)\s*[\"'`“„«‘(]*$"
)
_RESULT_AFTER = re.compile(r"[\"'`”»’」』)]*\s?(?:として|という|に(?:保存|出力|書|して)|を[作出生]|로 저장|으로)")
_MADE = re.compile(
    r"\b(?:write|create|make|produce|generate|erstelle|crée|crea|crie)"
    r"(?: (?:me|us|a|an|the|new|file|eine?|un|une|uma?)){0,4}\s*[\"'`“„«‘(]*$"
)
_SAVING = re.compile(
    r"\b(?:sav|writ|export|creat|mak|produc|generat|convert|output|download|speicher|schreib|enregistr|cré|guard|cri|"
    r"salv)|保存|出力|書き|作成|변환|저장|导出"
)


@dataclass(frozen=True)
class Names:
    """What a text names: ``named`` files, ``doubtful`` ones, and ``missing`` names."""

    named: Sequence[SharedFile]
    doubtful: Sequence[SharedFile]
    missing: Sequence[str]

    @property
    def is_silent(self) -> bool:
        """Whether the text names nothing."""
        return not (self.named or self.doubtful or self.missing)


def find_names(text: str, files: Sequence[SharedFile], first: Collection[str] = ()) -> Names:
    """Find the files that a text names: the longest names first, each place in the text once.

    Args:
        text: As its reader sees it.
        files: All that may be meant.
        first: Ids of those that go before others of the same name.
    """
    written = text[:_LOOKED_AT]
    looked, quotes = plain(written), {plain(quote[1]) for quote in _QUOTED.finditer(written)}
    named: list[SharedFile] = []
    doubtful: list[SharedFile] = []
    taken: list[str] = []
    for name, bearers in _spellings(files, quotes):
        places = list(_places(looked, name))
        if not places:
            continue
        taken.append(name)
        meant = _meant(bearers, written, first)
        if _is_one(meant):
            named.append(max(meant, key=lambda file: file.created))
        else:
            doubtful += meant
        for begin, end in reversed(places):
            looked = f"{looked[:begin]}\n{looked[end:]}"
    typed = "\n".join(line for line in written.split("\n") if not line.startswith(">"))
    seeming = dict.fromkeys(_seeming(typed))
    missing = islice((name for name in seeming if not _is_part(plain(name), taken)), MAX_MISSING)
    return Names(unique(named), unique(doubtful), list(missing))


def plain(text: str) -> str:
    """A text in which all spellings of a name are one: width, case, Unicode form, quotes, blanks and hyphens.

    What nobody sees is no part of a name, nor is a blank before its ending.
    """
    folded = unicodedata.normalize("NFKC", _few_marks(visible(text))).casefold()
    return _SAME.sub(" ", folded.translate(_QUOTES)).replace(" .", ".").strip()


def unique(files: Iterable[SharedFile]) -> list[SharedFile]:
    """The files without repetition, in order."""
    return list({file.id: file for file in files}.values())


def _spellings(files: Sequence[SharedFile], quotes: set[str]) -> Iterator[tuple[str, list[SharedFile]]]:
    """Names and titles, and both without their ending where that cannot be an ordinary word; the longest first."""
    bearers: dict[str, list[SharedFile]] = {}
    for file in files:
        for name in {plain(file.name[:_LONGEST_NAME]), plain(file.title[:_LONGEST_NAME])} - {""}:
            stem = (
                plain(name[: -len(ending) - 1]) if (ending := extension(name)) and name.endswith(f".{ending}") else ""
            )
            whole = name if stem else ""
            for spelling in filter(None, {whole, *(s for s in [stem or name] if s in quotes or _is_a_name(s))}):
                bearers.setdefault(spelling, []).append(file)
    yield from sorted(((name, unique(found)) for name, found in bearers.items()), key=lambda item: -len(item[0]))


def _is_a_name(stem: str) -> bool:
    """Whether a name without its ending is no ordinary word: it has several words, a digit or a sign in it."""
    return len(stem) > _SHORT and any(not char.isalpha() for char in stem)


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    begin = text.find(name)
    while begin >= 0:
        end = begin + len(name)
        if not (_joined(text[begin - 1 : begin], name[0]) or _joined(name[-1], text[end : end + 1])):
            yield begin, end
        begin = text.find(name, end)


def _joined(left: str, right: str) -> bool:
    """Whether two characters are of one word; Japanese text goes on without a blank."""
    return _is_word(left) and _is_word(right)


def _is_word(char: str) -> bool:
    return char.isalnum() and char < _JAPANESE


def _meant(bearers: Sequence[SharedFile], text: str, first: Collection[str]) -> Sequence[SharedFile]:
    """Of several bearers of one name: those that are spelt as in the text, but for case; the near ones; all of it."""
    folded = text.casefold()
    spelt = [file for file in bearers if any(name.casefold() in folded for name in _names(file))]
    meant = bearers if _is_one(bearers) else spelt or bearers
    meant = [file for file in meant if file.id in first] or meant
    exact = [file for file in meant if any(name in text for name in _names(file))]
    return meant if _is_one(meant) else exact or meant


def _names(file: SharedFile) -> list[str]:
    return [name for name in (file.name, file.title) if name]


def _is_part(name: str, taken: Sequence[str]) -> bool:
    """Whether a name is a piece of a known one, or Japanese text that ends in one."""
    return any(
        name in known or (name.endswith(known) and not _joined(name[-len(known) - 1], known[0])) for known in taken
    )


def _is_one(files: Sequence[SharedFile]) -> bool:
    """Whether files are of one name, so that the newest is meant."""
    return len({file.name for file in files}) == 1


def _seeming(text: str) -> Iterator[str]:
    """What looks like the name of a data file; not the names that results are to get."""
    folded = text.lower()
    if len(folded) != len(text):  # a letter that has no lower case of the same length
        folded = text
    quotes = {quote.end(1): quote.start(1) for quote in _QUOTED.finditer(text)}
    for ending in _ENDING.finditer(folded):
        begin = max(0, ending.start() - _LONGEST_NAME)
        begin = max((part.end() for part in _PARTING.finditer(text, begin, ending.start())), default=begin)
        begin = min(begin, quotes.get(ending.end(), begin))
        name = text[begin : ending.end()].strip("*_~")
        if begin == ending.start() or "/" in name or _is_result(folded, begin, ending.end()):
            continue
        yield name


def _is_result(text: str, begin: int, end: int) -> bool:
    """Whether a name is what something is to be saved as."""
    before = text[max(0, begin - 60) : begin]
    is_told_so = _MADE.search(before) or (_RESULT.search(before) and _SAVING.search(before))
    return bool(is_told_so or _RESULT_AFTER.match(text, end))


def _few_marks(text: str) -> str:
    """A text without long runs of combining marks."""
    if text.isascii():
        return text
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MARKS:
            kept.append(char)
    return "".join(kept)


_QUOTES = str.maketrans({"’": "'", "‘": "'", "＇": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_JAPANESE = "\u2e80"
"""From here on scripts that part words without blanks, or add particles to them (Korean)."""

_SAME = re.compile(r"[\s_\-‐-―−]+")
