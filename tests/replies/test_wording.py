"""Every sentence that a person can read exists in every language, with the same placeholders."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import azure_assistant
import conversations
import workplace
from conversations.errors import FileDeleted, FileTooLarge, RunTooLong, ThreadQueueFull
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity
from errors import AnalystError
from replies.views.sentences import ACTIVITIES, NOTES, NOTICES
from replies.views.wording import LOCALES, Markup, Wording

LANGUAGES = sorted(path.name for path in LOCALES.iterdir() if path.is_dir())


def errors(kind: type[AnalystError] = AnalystError) -> Iterator[type[AnalystError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from errors(child)


def load_all_errors() -> None:
    for package in (azure_assistant, conversations, workplace):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)


def sentences() -> list[str]:
    """What is marked in the code of replies/, and the docstrings of the error tree."""
    load_all_errors()
    found = extract_from_dir(
        LOCALES.parents[1], method_map=[("**.py", "python")], keywords={"say": None, "plain": None, "N_": None}
    )
    marked = [message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found]
    templates = [kind.template() for kind in errors() if kind.__module__.partition(".")[0] != "tests"]
    return list(dict.fromkeys([*marked, *templates]))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete(language: str) -> None:
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    translated = {str(m.id): str(m.string) for m in catalog if m.id and m.string and not m.fuzzy}
    said = sentences()
    assert [sentence for sentence in said if sentence not in translated] == [], "missing"
    assert [sentence for sentence in translated if sentence not in said] == [], "nothing says them any more"
    for sentence, translation in translated.items():
        assert placeholders(sentence) == placeholders(translation), sentence


def test_there_is_japanese() -> None:
    assert "ja" in LANGUAGES


def test_every_step_and_notice_has_a_sentence() -> None:
    assert set(ACTIVITIES) == set(Activity)
    assert set(NOTICES) == set(NoticeKind)
    assert all(NOTES.values())


@pytest.mark.parametrize("kind", [Notice(kind, {}) for kind in NoticeKind])
def test_a_missing_field_never_breaks_a_sentence(kind: Notice) -> None:
    assert Wording("en-US").notice(kind)


def test_numbers_and_durations_follow_the_locale() -> None:
    assert "1,234" in Wording("en-US").error(ThreadQueueFull(limit=1234))
    assert "1.234" in Wording("de-DE").error(ThreadQueueFull(limit=1234))
    assert Wording("ja-JP").seconds(4.23) == "4.2 秒"
    assert Wording("de-DE").seconds(4.23) == "4,2 Sek."


def test_japanese_is_chosen_by_the_askers_locale() -> None:
    assert Wording("ja-JP").error(RunTooLong(minutes=10)).startswith("10 分")
    assert Wording("xx-nonsense").error(RunTooLong(minutes=10)).startswith("This took")


def test_what_is_filled_in_is_escaped() -> None:
    said = Wording("en").error(FileTooLarge(name="<!channel>&.csv", size="1 GB", limit="100 MB"))
    assert "&lt;!channel&gt;&amp;.csv" in said
    assert "<" not in Wording("en").status(Activity.READING, file="<!channel>").replace("<\u2060", "")
    assert "<!date^0^" in Wording("en").say("{when}", when=Wording("en").moment(0))
    assert isinstance(Wording("en").moment(0), Markup)


def test_a_file_without_a_name_is_called_one_in_each_language() -> None:
    assert "*This file* has been deleted" in Wording("en").error(FileDeleted(name=""))
    assert "*このファイル*" in Wording("ja").error(FileDeleted(name=""))
    assert Wording("ja").status(Activity.READING, file="") == Wording("ja").status(Activity.READING, file="ファイル")
