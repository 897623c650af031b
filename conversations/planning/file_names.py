"""Finds the files that a text names: by name or title, in any spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from conversations.planning.naming.result_names import is_another, is_result
from conversations.planning.naming.spelling import GLUE, marked, plain
from conversations.ports.workplace import SharedFile
from tables import extension

MAX_MISSING = 5
"""Names that are nowhere which are looked after, and said: each is compared with all files."""

_LOOKED_AT = 40_000
"""Characters of a question in which names are looked for; the longest text that Slack takes."""

_LONGEST_NAME = 255
_SHORT = 3
_LONGEST_ENDING = 12
_PACKED = r"(?:gz|bz2|xz|zst|zip|7z|tar)(?![a-z0-9])"
_ENDING = re.compile(
    r"\.(?:csv|tsv|tab|psv|xlsx|xlsm|xlsb|xls|ods|jsonl|ndjson|geojson|json|xml|parquet|feather|arrow|avro|orc|dta|sav"
    r"|sas7bdat|xpt|rds|rdata|sqlite3?|duckdb|db|mdb|accdb|dbf|npy|npz|mat|h5|hdf5|gpkg|kml|pdf|txt|docx?|pptx"
    rf"|{_PACKED})(?![a-z0-9])(?!\.[a-z0-9])"
)
_QUOTED = re.compile(r"[\"`“”„«»「」『』‘]([^\"`“”„«»「」『』\n]{1,255})[\"`“”„«»「」『』’]")
_PARTING = re.compile(r"[\s<>|*?—\"'`“”„«»‘’「」『』（）()\[\]、。,;:!？]+")
_FILE_LINK = re.compile(
    r"(?:\[[^\[\]\n]{0,255}\]\()?https://[a-z0-9.-]{1,100}\.slack\.com/files/[A-Z0-9]{1,32}/(F[A-Z0-9]{1,31})"
    r"(?:/[^\s()<>|]{0,300})?\)?"
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
    written, linked = _linked(text[:_LOOKED_AT], {file.id: file for file in files})
    looked, quotes = marked(written), {plain(quote[1]) for quote in _QUOTED.finditer(written)}
    named = linked
    doubtful: list[SharedFile] = []
    perhaps: list[SharedFile] = []
    taken: list[str] = []
    for name, bearers in _spellings(files, quotes):
        places = list(_places(looked, name))
        if not places:
            if _is_glued(looked, name) and not any(file.id in first for file in bearers):
                perhaps += bearers
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
    found = Names(unique(named), unique(doubtful), list(missing))
    return Names((), unique(perhaps), ()) if found.is_silent else found


def _linked(text: str, files: Mapping[str, SharedFile]) -> tuple[str, list[SharedFile]]:
    """The files whose links stand in a text, and the text without these; links to others are the names in them."""
    found: list[SharedFile] = []

    def read(link: re.Match[str]) -> str:
        if link[1] in files:
            found.append(files[link[1]])
            return "\n"
        return link[0] if link[0].startswith("[") else f" {link[0].rpartition('/')[2]} "

    return _FILE_LINK.sub(read, text), found


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
    """Whether a name without its ending is neither a word nor a date: it has letters and something else."""
    return len(stem) > _SHORT and not stem.isalpha() and any(map(str.isalpha, stem))


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    looked = text.replace(GLUE, " ")
    begin = looked.find(name)
    while begin >= 0:
        end = begin + len(name)
        if not (_goes_back(text, begin) or _goes_on(text, end, name)):
            yield begin, end
        begin = looked.find(name, end)


def _is_glued(text: str, name: str) -> bool:
    """Whether a name without its ending is a part of a word: ``sales_q3-final``, or the German ``sales_q3-Datei``."""
    if _ENDING.search(name):
        return False
    place = next(_places(text.replace(GLUE, " "), name), None)
    return place is not None and not _ENDING.search(text[place[1] :].partition(" ")[0])


def _goes_back(text: str, begin: int) -> bool:
    """Whether a name that is found is the end of a longer one: of ``sales_q3.csv``, say."""
    left = text[begin - 1 : begin]
    is_glued = left in _WITHIN and text[begin - 2 : begin - 1].isalnum()
    return _joined(left, text[begin]) or (
        is_glued and not _ENDING.match(text, text.rfind(".", max(0, begin - _LONGEST_ENDING), begin - 1))
    )


def _goes_on(text: str, end: int, name: str) -> bool:
    """Whether a name that is found is the beginning of a longer one; a name with its ending is whole, unless packed."""
    is_glued = text[end : end + 1] == GLUE and text[end + 1 : end + 2].isalnum()
    if _ENDING.search(name):
        is_glued = bool(_PACKING.match(text, end))
    return is_glued or _joined(name[-1], text[end : end + 1])


def _joined(left: str, right: str) -> bool:
    """Whether two characters are of one word; Japanese text goes on without a blank."""
    return _is_word(left) and _is_word(right)


def _is_word(char: str) -> bool:
    return char.isalnum() and char < _JAPANESE and not _THAI <= char < _GEORGIAN


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
    """Whether a name is a piece of known ones, or Japanese text that ends in one."""
    if any(name in known or (name.endswith(known) and _is_apart(name[: -len(known)], known)) for known in taken):
        return True
    rest = name
    for known in taken:
        rest = rest.replace(known, " ")
    return rest != name and not any(map(str.isalnum, rest))


def _is_apart(before: str, name: str) -> bool:
    """Whether what stands before a name is no part of it."""
    return before[-1:] not in (" ", *_WITHIN) and not _joined(before[-1:], name[0])


def _is_one(files: Sequence[SharedFile]) -> bool:
    """Whether files are of one name, so that the newest is meant."""
    return len({file.name for file in files}) == 1


def _seeming(text: str) -> Iterator[str]:
    """What looks like the name of a data file; not the names that results are to get."""
    folded = text.lower()
    if len(folded) != len(text):  # a letter that has no lower case of the same length
        folded = text
    quotes = {quote.end(1): quote.start(1) for quote in _QUOTED.finditer(text)}
    result = 0  # where the last name of a result ends
    for ending in _ENDING.finditer(folded):
        begin = max(0, ending.start() - _LONGEST_NAME)
        begin = max((part.end() for part in _PARTING.finditer(text, begin, ending.start())), default=begin)
        if begin == ending.start():
            begin = _bracketed(text, begin)
        begin = min(begin, quotes.get(ending.end(), begin))
        name = text[begin : ending.end()].strip("*_~")
        if begin == ending.start() or "/" in name:
            continue
        if is_result(folded, begin, ending.end()) or is_another(folded, result, begin):
            result = ending.end()
        else:
            yield name


def _bracketed(text: str, end: int) -> int:
    """Where a name begins that ends in brackets: ``export (2)``."""
    lowest = max(0, end - _LONGEST_NAME)
    opened = max(text.rfind(sign, lowest, end) for sign in "([（") if text[end - 1 : end] in (")", "]", "）") else -1
    if opened < 0:
        return end
    word = lowest + len(text[lowest:opened].rstrip(" "))
    return max((part.end() for part in _PARTING.finditer(text, lowest, word)), default=lowest)


_JAPANESE = "\u2e80"
"""From here on scripts that part words without blanks, or add particles to them (Korean)."""
_THAI, _GEORGIAN = "\u0e00", "\u10a0"
"""Between these, too: Thai, Lao, Tibetan, Burmese."""
_WITHIN = frozenset((".", "&", "+", "%", "~", GLUE))
"""What joins two words to a name."""

_PACKING = re.compile(rf"\.{_PACKED}")
