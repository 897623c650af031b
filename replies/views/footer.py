"""What is shown below the text: an answer's footer, an error with its buttons, or who stopped it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations.errors import SetAside
from conversations.files.answer_budget import ARCHIVE
from conversations.ports.replies import Footer, Place, UsedFile
from errors import AnalystError
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks, buttons
from replies.views.wording import Wording

_MOST_FILES = 8


@dataclass(frozen=True)
class Closing:
    """The end of an outcome: its blocks, and the same in one mrkdwn text for where no blocks are possible.

    ``alone`` is said above it when there is no text; "" when it speaks for itself.
    """

    blocks: Sequence[Block]
    text: str
    alone: str


def footer(wording: Wording, place: Place, shown: Footer, names: Mapping[str, str]) -> Closing:
    """Below an answer: files used and not read, remarks, time, and the buttons."""
    lines = _footer_lines(wording, shown, names)
    below: list[Block] = blocks.contexts(lines)
    if shown.has_code:
        below.append(blocks.actions(buttons.show_code(wording, place.turn)))
    below.append(buttons.judgement(wording, place.turn, place.asker))
    return Closing(below, "\n".join(lines), wording.say("Here is the result."))


def failure(
    wording: Wording, place: Place, error: AnalystError, shown: Footer | None, names: Mapping[str, str]
) -> Closing:
    """Below a failed turn: one sentence, what is known, and "Try again"."""
    sentence = f":warning: {wording.error(error)}"
    below: list[Block] = [blocks.section(sentence)]
    lines = _footer_lines(wording, shown, names) if shown is not None else []
    below += blocks.contexts(lines)
    pressable = [] if isinstance(error, SetAside) else [buttons.try_again(wording, place.turn)]
    if shown is not None and shown.has_code:
        pressable.append(buttons.show_code(wording, place.turn))
    if pressable:
        below.append(blocks.actions(*pressable))
    return Closing(below, "\n".join([sentence, *lines]), "")


def stop(wording: Wording, place: Place, by: str) -> Closing:
    """Below a stopped turn. ``by`` is a name, or "" when nobody is known."""
    sentence = wording.say("Stopped by {by}.", by=by) if by else wording.say("Stopped.")
    below = [*blocks.contexts([sentence]), blocks.actions(buttons.try_again(wording, place.turn))]
    return Closing(below, sentence, "")


def _footer_lines(wording: Wording, shown: Footer, names: Mapping[str, str]) -> list[str]:
    lines = [":warning: " + wording.error(error) for error in shown.unread[:_MOST_FILES]]
    missing = ", ".join(shown.missing)
    keys = list(shown.notes)
    if missing and "missing_files" not in keys and "lost_files" not in keys:
        keys.append("missing_files")
    lines += [line for key in keys if (line := wording.note(key, files=missing))]
    if shown.archived:
        lines.append(wording.say("{count} more charts and files are in {name}.", count=shown.archived, name=ARCHIVE))
    files = [_all_used(wording, shown.used, names)] if shown.used else []
    times = [wording.seconds(shown.seconds)] if shown.seconds else []
    return [*lines, " · ".join([*files, *times, wording.say("AI-generated, may be wrong")])]


def _all_used(wording: Wording, used: Sequence[UsedFile], names: Mapping[str, str]) -> str:
    named = ", ".join(_used(wording, file, names) for file in used[:_MOST_FILES])
    more = len(used) - _MOST_FILES
    return f"{named} {wording.say('and {count} more', count=more)}" if more > 0 else named


def _used(wording: Wording, file: UsedFile, names: Mapping[str, str]) -> str:
    facts = [escape(names[file.user])] if names.get(file.user) else []
    if file.shared_at:
        facts.append(wording.moment(file.shared_at))
    named = f"*{escape(file.name)}*"
    return f"{named} ({', '.join(facts)})" if facts else named
