"""What is shown below the text: an answer's footer, an error with its buttons, or who stopped it."""

from __future__ import annotations

from collections.abc import Sequence
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


def footer(wording: Wording, place: Place, shown: Footer) -> Closing:
    """Below an answer: files used and not read, remarks, time, and the buttons."""
    lines = _footer_lines(wording, shown)
    below: list[Block] = blocks.contexts(lines)
    if shown.has_code:
        below.append(blocks.actions(buttons.show_code(wording, place.turn)))
    below.append(buttons.judgement(wording, place.turn, place.asker))
    return Closing(below, "\n".join(lines), wording.say("Here is the result."))


def first_line(wording: Wording, newest: Sequence[str]) -> str:
    """What stands above a text, as Markdown: the files that it is from, when nobody has named them; "" for none."""
    named = ", ".join(f"`{name}`" for name in (name.replace("`", "'") for name in newest[:_MOST_FILES]))
    more = len(newest) - _MOST_FILES
    files = f"{named} {wording.plain('and {count} more', count=more)}" if more > 0 else named
    return wording.plain("From {files}, the newest here:", files=files) + "\n\n" if newest else ""


def failure(wording: Wording, place: Place, error: AnalystError) -> Closing:
    """Below a failed turn: one sentence, and "Try again" where that may help."""
    sentence = f":warning: {wording.error(error)}"
    below: list[Block] = [blocks.section(sentence)]
    if not isinstance(error, SetAside):
        below.append(blocks.actions(buttons.try_again(wording, place.turn)))
    return Closing(below, sentence, "")


def stop(wording: Wording, place: Place, by: str) -> Closing:
    """Below a stopped turn. ``by`` is a name, or "" when nobody is known."""
    sentence = wording.say("Stopped by {by}.", by=by) if by else wording.say("Stopped.")
    below = [*blocks.contexts([sentence]), blocks.actions(buttons.try_again(wording, place.turn))]
    return Closing(below, sentence, "")


def _footer_lines(wording: Wording, shown: Footer) -> list[str]:
    lines = [":warning: " + wording.error(error) for error in shown.unread[:_MOST_FILES]]
    missing = ", ".join(shown.missing)
    keys = list(shown.notes)
    if missing and "missing_files" not in keys and "lost_files" not in keys:
        keys.append("missing_files")
    lines += [line for key in keys if (line := wording.note(key, files=missing))]
    if shown.archived:
        lines.append(wording.say("{count} more charts and files are in {name}.", count=shown.archived, name=ARCHIVE))
    files = [_all_used(wording, shown.used)] if shown.used else []
    times = [wording.seconds(shown.seconds)] if shown.seconds else []
    return [*lines, " · ".join([*files, *times, wording.say("AI-generated, may be wrong")])]


def _all_used(wording: Wording, used: Sequence[UsedFile]) -> str:
    named = ", ".join(_used(wording, file) for file in used[:_MOST_FILES])
    more = len(used) - _MOST_FILES
    return f"{named} {wording.say('and {count} more', count=more)}" if more > 0 else named


def _used(wording: Wording, file: UsedFile) -> str:
    facts = [escape(file.by)] if file.by else []
    if file.shared_at:
        facts.append(wording.moment(file.shared_at))
    named = f"*{escape(file.name)}*"
    return f"{named} ({', '.join(facts)})" if facts else named
