"""Sentences that people read from us, in English; those of errors are the docstrings of their classes.

Translations are gettext catalogues in ``replies/views/locale/<language>/LC_MESSAGES/messages.po``.
"""

from __future__ import annotations

from collections.abc import Mapping

from conversations.ports.notices import NoticeKind
from conversations.ports.replies import Activity


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name for "translated later"
    """Mark a sentence for translation where it is declared."""
    return msgid


ACTIVITIES: Mapping[Activity, str] = {
    Activity.QUEUED: N_("is waiting for its turn in this thread…"),
    Activity.THINKING: N_("is thinking…"),
    Activity.READING: N_("is reading {file}…"),
    Activity.RUNNING_CODE: N_("is running Python…"),
    Activity.DRAWING: N_("is drawing a chart…"),
    Activity.WRITING: N_("is writing…"),
    Activity.RETRYING: N_("is trying again…"),
    Activity.WAITING: N_("is waiting for Azure OpenAI (about {seconds} s)…"),
    Activity.RESUMING: N_("is going on after a restart…"),
}

NOTICES: Mapping[NoticeKind, str] = {
    NoticeKind.FILE_ADDED: N_("I have added {files}. Ask me about it."),
    NoticeKind.HELP: N_(
        "Share a data file (CSV, Excel, JSON…) here and mention me with a question, "
        "such as “total by region, as a chart”."
        "\nIn a thread where we talk already you need not mention me. `stop` ends an answer, `mute` keeps me quiet."
    ),
    NoticeKind.MUTED: N_("I am quiet in this thread now. Mention me with `unmute` to bring me back."),
    NoticeKind.UNMUTED: N_("I answer in this thread again."),
    NoticeKind.FORGOTTEN: N_("I have forgotten this conversation and its files."),
    NoticeKind.FORGOTTEN_HERE: N_(
        "I have forgotten this conversation and its files. Azure OpenAI has not deleted its copies yet; "
        "I try again every night until it has."
    ),
    NoticeKind.NOTHING_TO_FORGET: N_("There is nothing here to forget. Say it in the thread of a conversation."),
    NoticeKind.FORGET_REFUSED: N_(
        "Only {by}, who began this conversation, or a workspace admin can make me forget it."
    ),
    NoticeKind.FORGOTTEN_MINE: N_("I have forgotten what you had asked me in this workspace."),
    NoticeKind.FORGOTTEN_CHANNEL: N_("I have forgotten what I had been asked in {channel}."),
    NoticeKind.FORGOTTEN_BUT_AT_AZURE: N_(
        "I have forgotten it. Azure OpenAI has not deleted all of its copies yet; I try again every night until it has."
    ),
    NoticeKind.STOPPED: N_("Stopped by {by}."),
    NoticeKind.NOTHING_TO_STOP: N_("Nothing is running here."),
    NoticeKind.TOO_OLD: N_(
        "Your message reached me late, so I have not started on it. Press “Try again” if you want it."
    ),
    NoticeKind.ASKED_AGAIN: N_("{by} asks again: {question}"),
    NoticeKind.ASKED: N_("{by} asks: {question}"),
    NoticeKind.ASKED_TO_LOOK: N_("{by} asks me to analyse this."),
    NoticeKind.CODE_POSTED: N_("The Python behind the answer, posted by {by}:"),
    NoticeKind.THANKS: N_("Thank you! That helps to make the answers better."),
    NoticeKind.SLASH_HELP: N_(
        "Share a data file (CSV, Excel, JSON…) in a channel and mention me with a question; "
        "I answer in the thread, and you ask on there."
        "\n• `/analyst files` lists the data files of this channel"
        "\n• `/analyst status` shows what I am doing here"
        "\n• `/analyst card on`, `reaction` or `off`: what I do when somebody shares a data file here"
        "\n• `/analyst forget mine` deletes what you have asked me, `forget channel` what was asked here"
        "\n• `/analyst bots`, `bots add NAME`, `bots remove NAME`: apps that I answer here when they mention me"
        "\n• `/analyst access`: an admin says who may use me, and where"
        "\n• `/analyst pause`, `resume`, both also with `workspace`: an admin keeps me from questions, or lets me go on"
    ),
    NoticeKind.CHANNEL_STATUS: N_("Answers under way here: {running}. Waiting: {waiting}. File cards: `{cards}`."),
    NoticeKind.CARDS_CARD: N_("When somebody shares a data file here, I say what is in it."),
    NoticeKind.CARDS_REACTION: N_("When somebody shares a data file here, I only add a reaction to it."),
    NoticeKind.CARDS_OFF: N_("When somebody shares a data file here, I keep quiet."),
    NoticeKind.BOTS_LISTED: N_("When one of these apps mentions me here, I answer: {bots}."),
    NoticeKind.BOTS_NONE: N_("I answer no other app here. `/analyst bots add NAME` lets me answer one."),
    NoticeKind.BOT_UNCLEAR: N_("No single app is called {name}. Those that I know here: {bots}. Take a name or an id."),
    NoticeKind.NO_FILES: N_("I see no data file of the last 7 days here. If there is one, `/invite` me first."),
    NoticeKind.SUSPECTS: N_("Set aside, or suspected to end my process: {listed}. `/analyst drop TURN` drops one."),
    NoticeKind.DROPPED: N_("`{turn}` is dropped."),
    NoticeKind.NOTHING_TO_DROP: N_("Nothing that is set aside or suspected has the name `{turn}`."),
    NoticeKind.MENTION_ME: N_("Mention me to ask here."),
    NoticeKind.ACCESS_OPEN: N_(
        "Every member of this workspace may use me, in all channels that I am in. "
        "`/analyst access help` tells how to change it."
    ),
    NoticeKind.ACCESS_IN: N_("I work only in {subjects}."),
    NoticeKind.ACCESS_FOR: N_("I work only for {subjects}."),
    NoticeKind.ACCESS_NOT_IN: N_("I do not work in {subjects}."),
    NoticeKind.ACCESS_NOT_FOR: N_("I do not work for {subjects}."),
    NoticeKind.ACCESS_SETTINGS: N_("My settings, which only the person who runs me can change:"),
    NoticeKind.ACCESS_HELP: N_(
        "`/analyst access` lists who may use me, and where."
        "\n• `/analyst access allow` or `deny`, with `@people`, `@groups`, `#channels`, ids, "
        "`here` or `direct` (messages)"
        "\n• `/analyst access remove` takes that back"
        "\nWhat is denied is denied. If channels are allowed, I work in no other; "
        "if people or groups are, for nobody else."
    ),
    NoticeKind.ACCESS_UNCLEAR: N_(
        "I do not know what {name} is. Take a `#channel`, a `@person` or a `@group` from Slack's list, or an id."
    ),
    NoticeKind.PAUSED_HERE: N_(
        "<@{by}> has paused me here ({since}). What runs is finished, and questions are turned away. "
        "An admin brings me back with `/analyst resume`."
    ),
    NoticeKind.PAUSED_WORKSPACE: N_(
        "<@{by}> has paused me in this workspace ({since}). What runs is finished, and questions are turned away. "
        "An admin brings me back with `/analyst resume workspace`."
    ),
    NoticeKind.NOT_PAUSED: N_("I take questions here."),
    NoticeKind.BUDGET_QUESTIONS: N_("`{setting}`: {used} of {limit} questions. Anew from {until} on."),
    NoticeKind.BUDGET_TOKENS: N_("`{setting}`: {used} of {limit} tokens. Anew from {until} on."),
    NoticeKind.BUDGET_MONEY: N_("`{setting}`: {used} of {limit} in money. Anew from {until} on."),
    NoticeKind.BUDGET_LOW_PERSON: N_("<@{who}> has used most of a budget:"),
    NoticeKind.BUDGET_LOW_CHANNEL: N_("Most of a budget of <#{who}> is used:"),
    NoticeKind.BUDGET_LOW_WORKSPACE: N_("Most of a budget of this workspace is used:"),
    NoticeKind.JOINS_NEXT_TURN: N_("{files} came while I was working; it is part of the next question."),
}

NOTES: Mapping[str, str] = {
    "new_thread": N_("Azure no longer had our conversation, so I went on from its transcript."),
    "condensed": N_("Our conversation has become long for the model, so I went on from a transcript of it."),
    "shortened": N_("Our conversation had become too long for the model, so I went on from its ends."),
    "larger_sandbox": N_("The data needed a sandbox with more memory: files were carried over, variables are gone."),
    "cut_short": N_("The answer was cut short by the model's limit. Ask me to go on."),
    "too_long": N_("The answer was longer than I can keep, so its end is left out."),
    "long_code": N_("The code is longer than I can show: all of it is in analysis.py."),
    "not_computed": N_(":warning: Not computed from the file: no code has run for these numbers."),
    "missing_files": N_("Files that were mentioned but never made: {files}"),
    "lost_files": N_("Files that could not be kept: {files}"),
}
