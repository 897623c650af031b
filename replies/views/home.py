"""The app's own pages: the home tab, and what is offered in an empty direct message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.ports.windows import Talk
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.wording import Wording
from untrusted.characters import visible

_LINK_LABEL = 90
_LOOKED_AT = 2000


def home(wording: Wording, talks: Sequence[Talk], links: Mapping[str, str]) -> Block:
    """The argument ``view`` of ``views.publish``. ``links``: addresses of the talks' threads, by ``channel:thread``."""
    shown = [
        blocks.section(
            wording.say(
                "*I analyse data files, here in Slack.*"
                "\n• Share a CSV, Excel or JSON file in a channel that I am in, or send it to me directly."
                "\n• Mention me with a question: I answer in the thread, with tables, charts and files."
                "\n• Ask on in the thread; there I need no mention. `stop` ends an answer, `mute` keeps me quiet."
                "\n• The button How shows what lies behind an answer: files, traps in them, and the Python."
            )
        ),
        {"type": "divider"},
        blocks.section(wording.say("*Your recent conversations*")),
    ]
    shown += [_talk(wording, talk, links.get(f"{talk.channel}:{talk.thread}", "")) for talk in talks]
    if not talks:
        shown += blocks.contexts([wording.say("None yet. Share a file and ask me something.")])
    return {"type": "home", "blocks": [*shown, *blocks.contexts([wording.say("AI-generated, may be wrong")])]}


def refused_home(sentence: str) -> Block:
    """The same for somebody who may not use the bot."""
    return {"type": "home", "blocks": [blocks.section(sentence)]}


def prompts(wording: Wording) -> list[dict[str, str]]:
    """The argument ``prompts`` of ``assistant.threads.setSuggestedPrompts``."""
    asked = [
        (wording.plain("Describe my data"), wording.plain("Describe the newest file that I shared")),
        (wording.plain("Show a trend"), wording.plain("Show the trend over time as a chart")),
        (wording.plain("Compare groups"), wording.plain("Compare the totals by group as a bar chart")),
        (wording.plain("What can you do?"), wording.plain("What can you do?")),
    ]
    return [{"title": title, "message": message} for title, message in asked]


def words(text: str, most: int) -> str:
    """A question, as its reader sees it, on one line, shortened."""
    line = " ".join(visible(text[:_LOOKED_AT]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _talk(wording: Wording, talk: Talk, link: str) -> Block:
    label = escape(words(talk.question, _LINK_LABEL)).replace("|", "¦")
    named = f"<{link}|{label}>" if link else label
    place = "" if talk.channel.startswith("D") else f" · <#{talk.channel}>"
    return blocks.section(f"{named}{place} · {wording.moment(talk.used_at)}")
