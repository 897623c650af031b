"""What came of checking an answer's numbers: a line in its footer, both values of what differs, and the correction."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from conversations.errors import SlackError
from conversations.ports.checks import CORRECTION, DIFFERENCE, LINE, Checked, CheckReplies, Difference
from conversations.ports.journal import Journal
from conversations.ports.replies import Place
from replies.answers.compose import ANSWER, as_mrkdwn
from replies.answers.own_posts import metadata
from replies.answers.post import NoFormAccepted, Poster
from replies.answers.surface import Surface
from replies.markdown.model_text import cleaned
from replies.markdown.segments import as_text
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.sentences import N_
from replies.views.wording import Wording
from slack_api.failures import Refused

log = logging.getLogger(__name__)

_MOST_TOLD = 5
_MOST_BLOCKS = 50
_LONGEST_TEXT, _LONGEST_SAID = 3000, 3000
_LARGE = 1.0
MARKED = N_("Correction, after the numbers were checked · AI-generated, may be wrong")


class SlackChecks(CheckReplies):
    """The part of writing to a workspace that is about checked numbers."""

    _surface: Surface

    @override
    async def show_check(self, place: Place, checked: Checked, journal: Journal) -> None:
        poster = self._poster(place, journal)
        line = footer_line(poster.wording, checked)
        ts = await poster.posted(ANSWER)
        if not (ts and await _is_put_below(poster, ts, line)):
            await _post(poster, LINE, blocks.contexts([line]), line)

    @override
    async def tell_differences(self, place: Place, checked: Checked, journal: Journal) -> None:
        poster = self._poster(place, journal)
        text = "\n".join(difference_lines(poster.wording, checked.differences))
        await _post(poster, DIFFERENCE, [blocks.section(text)], text)

    @override
    async def correct(self, place: Place, text: str, journal: Journal) -> None:
        poster = self._poster(place, journal)
        said = as_text(await cleaned(text[:_LONGEST_SAID]))
        shown = [blocks.markdown(said), *blocks.contexts([poster.wording.say(MARKED)])]
        await _post(poster, CORRECTION, shown, f"{as_mrkdwn(said)}\n{poster.wording.say(MARKED)}")

    def _poster(self, place: Place, journal: Journal) -> Poster:
        return Poster(self._surface, place, journal, recovering=True, tells_asker=False)


def footer_line(wording: Wording, checked: Checked) -> str:
    """What the footer says of an answer's numbers."""
    parts = []
    if checked.agreed:
        parts.append(
            wording.say("✓ {agreed} of {numbers} numbers checked", agreed=checked.agreed, numbers=checked.numbers)
        )
    if different := len(checked.differences):
        parts.append(
            wording.say(
                ":warning: {count} of {numbers} differ from the files", count=different, numbers=checked.numbers
            )
        )
    if checked.unchecked:
        parts.append(
            wording.say("{count} of {numbers} could not be checked", count=checked.unchecked, numbers=checked.numbers)
        )
    return ", ".join(parts)


def difference_lines(wording: Wording, differences: Sequence[Difference]) -> list[str]:
    """Both values of each number that differs."""
    lines = [
        wording.say(
            ":warning: {label}: the answer says {stated}, the files give {found}.",
            label=one.label or wording.plain("A number"),
            stated=one.stated,
            found=_found(wording, one.found),
        )
        for one in differences[:_MOST_TOLD]
    ]
    more = len(differences) - _MOST_TOLD
    return [*lines, wording.say("and {count} more", count=more)] if more > 0 else lines


def _found(wording: Wording, found: str) -> str:
    number = float(found)
    return wording.number(number) if abs(number) >= _LARGE else f"{number:.4g}"


async def _is_put_below(poster: Poster, ts: str, line: str) -> bool:
    """Put a line below an answer's small print; False when Slack does not allow that."""
    try:
        message = await _message(poster, ts)
        shown = _with_line(message.get("blocks") or [], line)
        if not shown or len(shown) > _MOST_BLOCKS:
            return False
        await poster.api.write(
            "chat.update",
            repeatable=True,
            channel=poster.place.channel,
            ts=ts,
            text=str(message.get("text") or "")[:_LONGEST_TEXT],
            blocks=shown,
            metadata=metadata(poster.place.turn, ANSWER),
        )
    except Refused as refusal:
        log.info("An answer's footer cannot be changed: %s", refusal.error)
        return False
    return True


async def _message(poster: Poster, ts: str) -> Mapping[str, Any]:
    place = poster.place
    page = await poster.api.ask(
        "conversations.replies", channel=place.channel, ts=place.thread, oldest=ts, latest=ts, inclusive="1", limit=2
    )
    return next((one for one in page.get("messages") or [] if one.get("ts") == ts), {})


def _with_line(shown: Sequence[Block], line: str) -> list[Block]:
    """A message's blocks with the line below its last small print; none where it has none."""
    kept = [block for block in shown if block.get("block_id") != LINE]
    last = max((place for place, block in enumerate(kept) if block.get("type") == "context"), default=-1)
    if last < 0:
        return []
    (below,) = blocks.contexts([line])
    return [*kept[: last + 1], {**below, "block_id": LINE}, *kept[last + 1 :]]


async def _post(poster: Poster, part: str, shown: Sequence[Block], text: str) -> None:
    try:
        await poster.once(part, [{"blocks": shown, "text": text}, {"text": text}])
    except NoFormAccepted as failure:
        raise SlackError(str(failure), error="no_form_accepted") from failure
