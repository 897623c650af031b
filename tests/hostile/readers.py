"""Everything in production code that reads foreign text, with the patterns that it reads by.

A pattern that is new in production code must be added here (``test_every_pattern_is_known`` fails until then), to a
reader that exercises it, or to ``OURS`` when it sees no foreign text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

from azure_assistant.assistant import AssistantFile, Prompt, PromptFile
from azure_assistant.responses.artifacts import decode_data_uri
from azure_assistant.responses.sandbox_files import Listed, results
from azure_assistant.run import files, instructions
from azure_assistant.run.artifacts import LOOKED_AT, Cell, Upload, original_name, pair
from azure_assistant.run.links import sandbox_links, sandbox_path
from azure_assistant.run.reader import AnswerText
from azure_assistant.transport import parameter_names
from azure_assistant.transport.durations import wait_in_words
from azure_assistant.transport.error_mapping import from_wire
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.redaction import outline
from azure_assistant.transport.wire_json import as_objects
from conversations.access.rule_book import read_subject
from conversations.database import columns
from conversations.errors import FileEmpty
from conversations.files.code import python_file
from conversations.numbers.grounds import ungrounded
from conversations.numbers.stated import stated
from conversations.planning import prompt, smalltalk
from conversations.planning.file_choice import Near, choose_files
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import CardFile, Footer, Place, UsedFile
from conversations.ports.workplace import SharedFile
from conversations.slash.answered_bots import bots_command, meant
from conversations.slash.pausing import pause_command
from evals.cases import Expected
from evals.judging.chart_kinds import chart_kinds
from evals.judging.judge import invented_numbers, is_right
from evals.judging.languages import is_kept
from evals.reports.as_html import _text as on_a_page
from evals.reports.as_markdown import _cell as in_a_cell
from handlers.sockets import ENVELOPE, TICKET
from receipts.cells import Habits, typed
from receipts.comparing import agrees
from receipts.form import Claim, read_receipt
from receipts.naming import column_names, named
from receipts.variants import columns_in, depends_on_order, variants
from replies.answer import _purpose
from replies.answers import compose
from replies.markdown.links import address_of, markup, without_punctuation
from replies.markdown.model_text import GrowingText
from replies.markdown.sanitize import Sanitiser, escape, on_one_line, sanitise
from replies.markdown.segments import Segmenter, segments
from replies.markdown.tables import MarkdownTable
from replies.views import blocks, home
from replies.views import footer as closing
from replies.views.how_modal import CodeStep, how_modal
from replies.views.suggestions import questions
from replies.views.wording import Wording
from slack_api.identity import Identity
from tables import Column, FileFacts, pasted, pasted_tables, without_pasted
from tables.columns import describe_columns
from tables.dialect import Dialect
from tables.encodings import detect
from tables.heading import find_heading
from tables.layout import find_tables
from tables.regions import read_regions
from tables.traps import find_traps
from tests.support.splitting import split
from untrusted import characters, payload
from workplace import events
from workplace.reading.markup import as_seen, references
from workplace.reading.message_text import message_text
from workplace.reading.shared_file import shared_file as read_file

MEGABYTE = 1_000_000
EN = Wording("en")
PLACE = Place("T:C:1.2", "T", "C", "1.2", "1.2", "U1")
NOTHING_BELOW = closing.Closing([], "", "")


@dataclass(frozen=True)
class Reader:
    """A function that is given foreign text.

    Attributes:
        read: Reads a text.
        longest: Characters that it is given at most, or looks at.
        shortest: Fewer take another way: they need no cut.
        aside: Whether it is called in a thread, or in the helper process, when the text is long.
        patterns: The patterns that it uses, as ``module:NAME`` (or ``module:function`` for those without a name).
    """

    read: Callable[[str], object]
    longest: int = MEGABYTE
    shortest: int = 2000
    aside: bool = False
    patterns: tuple[str, ...] = ()


def of(module: str, *names: str) -> tuple[str, ...]:
    """The names of patterns in a module."""
    return tuple(f"{module}:{name}" for name in names)


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": "1.2", "channel": "C1", "text": text} | more


def user_text(text: str) -> object:
    return events.user_text(message(text), Identity("T1", "U0BOT", "B0BOT"))


def blocks_text(text: str) -> object:
    inline = [{"type": "text", "text": text}, {"type": "link", "url": text}, {"type": "user", "user_id": text}]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inline}]}
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": text}]]}
    return str(message_text({"text": "", "blocks": [rich, table], "attachments": [{"blocks": [table]}]}))


def shared_file(text: str) -> object:
    return read_file({"id": "F1", "name": text, "mimetype": text, "url_private": text})


def fed(text: str) -> object:
    """A streamed answer, read twice a second or so."""
    sanitiser, segmenter = Sanitiser("spell"), Segmenter()
    for begin in range(0, len(text), 997):
        segmenter.feed(sanitiser.feed(text[begin : begin + 997]))
    return [*segmenter.feed(sanitiser.close()), *segmenter.close()]


def in_small_deltas(text: str) -> object:
    """What is done with each delta as it comes: nothing that looks back."""
    answer = AnswerText()
    for begin in range(0, len(text), 20):
        answer.add((0, 0), text[begin : begin + 20])
    return answer.whole


def composed(text: str) -> object:
    plain = characters.visible(characters.whole(text))
    return compose.Composer(EN, 9000).compose(segments(plain), NOTHING_BELOW, "text")


def in_cells(text: str) -> object:
    """A table of many cells with marks, each parsed once; those of more than 2,000 characters are not parsed."""
    plain = characters.whole(text).replace("\n", " ")
    rows = "".join(f"| {plain[begin : begin + 1500]} | 1 |\n" for begin in range(0, len(plain), 1500))
    return MarkdownTable(f"| a | b |\n|---|---|\n{rows}").to_csv()


def in_table(text: str) -> object:
    """The text as the source of a table."""
    table = MarkdownTable(f"| a | b |\n|---|---|\n{characters.whole(text)}")
    return table.fits or (table.preview.block(""), table.to_csv())


def below(text: str) -> object:
    footer = Footer([UsedFile(text, text, 1.0)], [FileEmpty(name=text)], missing=(text,), seconds=1.0, has_code=True)
    return closing.footer(EN, PLACE, footer)


def noticed(text: str) -> object:
    return blocks.section(EN.notice(Notice(NoticeKind.ASKED, {"by": text, "question": text})))


def prompted(text: str) -> object:
    file = PromptFile(AssistantFile("f1", text, 1), text, text)
    prompt = Prompt(question=text, context=text, files=[file], nearby=text, locale="en", timezone="UTC")
    return instructions.user_parts(prompt, {"f1": text}), instructions.whole(prompt)


def refused(text: str) -> object:
    """An error of the service's, in the forms that it may have."""
    body = {"error": {"code": text, "message": text, "param": text, "innererror": {"message": text}}}
    for status in (None, 400, 404, 429):
        from_wire(body, status=status, headers={"retry-after": text, "apim-request-id": "x"}, path="/threads/t/runs")
    wait_in_words(text[:4000])
    return from_wire(text, status=500), outline({text: text})


def parameters(text: str) -> object:
    known = {"reasoning": {"effort": "low"}, "truncation": "auto", "include": ["usage"]}
    return OptionalParameters().leave_out("responses", known, [text[:120]]), parameter_names.named(
        text[:120], text[:4000].lower()
    )


def written(text: str) -> object:
    """What a run made, by its code, its answer and the names of its files."""
    code = text[:LOOKED_AT]
    cells = [Cell(code, ["a"]), Cell(code, ["b", "c"])]
    uploads = [Upload(text[:120], text[:120], text[:120], 1)]
    listing = [Listed("c", "f", text[:400], by_model=True, created=1.0), Listed("c", "g", "a.csv", True, 1.0)]
    results(listing, started=0.0, seen={}, uploads=uploads, code=["extractall" + code, code], mentioned=[text[:400]])
    return pair(cells, ["a.png", text[:400]]), original_name(text[:400], uploads)


def logged(text: str) -> object:
    return TICKET.sub("ticket=…", text)


def cells_guessed(text: str) -> object:
    return describe_columns([text], [[text]] * 30, 1)


def suggested(text: str) -> object:
    columns = (Column(text, "number"), Column(text, "integer"), Column(text, "text"))
    return questions(EN, [CardFile(text, 1, FileFacts(text, 1, columns=columns))])


def heading_found(text: str) -> object:
    return find_heading([[text] * 3] * 3)


def traps_found(text: str) -> object:
    """Long cells and short ones, so that each pattern sees what it looks at."""
    rows = [[text[i : i + 100], text[i + 100 : i + 130], text[i + 130 : i + 140]] for i in range(0, len(text), 140)]
    header = [text[:100], "amount", "day"]
    return find_traps(header, rows, describe_columns(header, rows, 3), is_whole=True)


def regions_found(text: str) -> object:
    plain = TextIOWrapper(BytesIO(text.encode("utf-8", "surrogatepass")), "utf-8", "replace")
    return find_tables(read_regions(plain, Dialect(",", '"', 2, 1.0), quotes='"' in text)[0])


def bytes_detected(text: str) -> object:
    return detect(BytesIO(text.encode("utf-8", "surrogatepass")), 1 << 24)


def receipt_read(text: str) -> object:
    return read_receipt(json.dumps({"version": 1, "numbers": [{"value": 1, "query": text, "label": text}]}).encode())


def number_compared(text: str) -> object:
    return agrees(Claim(text[:120], 1.0, text[:60], text[:40], text[:4000]), 1.0)


def code_shown(text: str) -> object:
    return how_modal(EN, "T:C:1.2", [], [CodeStep(text, text)]), python_file([{"code": text, "output": text}])


def answered(text: str) -> object:
    return GrowingText().read(text, is_whole=True)


def judged(text: str) -> object:
    """An answer and its code, by ``bot.py eval``."""
    expected = Expected(values=(7.5,), words=("a|b",))
    found = is_right(expected, text), invented_numbers(text, [text], [])
    return found, chart_kinds([text]), is_kept("en", text), on_a_page(text), in_a_cell(text)


FILES = Near(channel=[SharedFile("F1", "sales_q3.csv"), SharedFile("F2", "Q3 report.csv")])


def forward_read(text: str) -> object:
    inner = {"is_share": True, "author_name": text, "text": text, "files": [{"id": "F1", "name": text}]}
    alert = {"title": text, "text": text, "fields": [{"title": text, "value": text}], "footer": text}
    return str(message_text({"text": "", "attachments": [inner | {"attachments": [inner]}, alert]}))


ON_THE_LOOP: Mapping[str, Reader] = {
    "apps": Reader(lambda text: meant(text, {}), 512, patterns=("conversations.slash.answered_bots:_MENTION",)),
    "access_rules": Reader(
        read_subject,
        patterns=("conversations.access.rule_book:_ID", "conversations.access.rule_book:_MARKUP"),
    ),
    "bots_command": Reader(lambda text: bots_command("bots add " + text)),
    "pause_command": Reader(lambda text: pause_command("pause " + text)),
    "user_text": Reader(user_text, patterns=of("workplace.events", "_MENTION", "_CALL", "_mention_of")),
    "identifier": Reader(payload.identifier, patterns=("untrusted.payload:_IDENTIFIER",)),
    "timestamp": Reader(payload.timestamp, patterns=("untrusted.payload:_TIMESTAMP",)),
    "string": Reader(payload.string),
    "strip_mention": Reader(
        lambda text: events.strip_mention(text, "U0BOT"), patterns=("workplace.events:strip_mention",)
    ),
    "command": Reader(events.command),
    "text_of blocks": Reader(blocks_text, MEGABYTE // 5),
    "a forward": Reader(forward_read, MEGABYTE // 11),  # it stands in eleven places
    "shared_file": Reader(shared_file),
    "is_small_talk": Reader(smalltalk.is_small_talk),
    "is_bare_thanks": Reader(smalltalk.is_bare_thanks, patterns=("conversations.planning.smalltalk:_EMOJI_NAME",)),
    "plain_words": Reader(smalltalk.plain_words),
    "unescaped": Reader(characters.unescaped),
    "escaped": Reader(characters.escaped),
    "speaks_of_file": Reader(smalltalk.speaks_of_file, patterns=("conversations.planning.smalltalk:_FILE_WORDS",)),
    "suggested questions": Reader(suggested, patterns=of("replies.views.suggestions", "_CAMEL", "_WORD")),
    "has_cjk": Reader(prompt.has_cjk, patterns=("conversations.planning.prompt:_CJK",)),
    "whole": Reader(characters.whole, patterns=("untrusted.characters:_HALF", "untrusted.characters:_LONE")),
    "all_whole": Reader(lambda text: characters.all_whole({"a": [text, {"b": text}]}), MEGABYTE // 2),
    "words of a question": Reader(lambda text: home.words(text, 60)),
    "safe_name": Reader(files.safe_name, patterns=of("azure_assistant.run.files", "safe_name", "_ENDING")),
    "refused": Reader(
        refused,
        MEGABYTE // 5,
        patterns=(
            *of("azure_assistant.transport.durations", "_BETWEEN", "_CLOCK", "_CUE", "_PART", "_PLAIN"),
            *of("azure_assistant.transport.error_mapping", "_QUOTED_CODE", "_plain", "from_wire"),
            *of(
                "azure_assistant.transport.failure_words",
                *("CONTAINER", "DEPLOYMENT", "LIMIT", "REQUESTED", "RUN_ID", "STORED", "TOOLS"),
            ),
            *of("azure_assistant.transport.redaction", "_ECHO", "_NAME", "_SECRET"),
        ),
    ),
    "parameters": Reader(
        parameters,
        patterns=(
            *of("azure_assistant.transport.optional_parameters", "_INDEX", "_path"),
            *of("azure_assistant.transport.parameter_names", "_JOINED", "_LISTED", "_NAME", "_QUOTED", "_WORD"),
        ),
    ),
    "a path in the sandbox": Reader(lambda text: sandbox_path("sandbox:/mnt/data/" + text)),
    "data URI": Reader(
        lambda text: decode_data_uri("data:image/png;base64," + text),
        patterns=("azure_assistant.responses.artifacts:_DATA_URI",),
    ),
    "as_objects": Reader(lambda text: as_objects({"type": text, "item": {"content": [{"text": text}]}})),
    "purpose of code": Reader(_purpose),
    "ticket in a log": Reader(logged, patterns=("handlers.sockets:TICKET",)),
    "envelope": Reader(ENVELOPE.search, patterns=("handlers.sockets:ENVELOPE",)),
    "address_of": Reader(
        lambda text: address_of("https://" + text),
        2000,
        patterns=(
            "replies.markdown.links:_PATH",
            "replies.markdown.links:_AUTHORITY",
            "replies.markdown.links:_ENTITY",
        ),
    ),
    "markup": Reader(lambda text: markup(text, "https://" + text, "keep"), 2000),
    "without_punctuation": Reader(without_punctuation, 2000),
}
"""Read in one piece by the event loop: no megabyte of it may take more than 50 ms."""

HEAVIER_ON_THE_LOOP: Mapping[str, Reader] = {
    "section": Reader(blocks.section, 100_000, patterns=("replies.views.blocks:_HALF_ENTITY",)),
    "escape": Reader(escape, 100_000, patterns=("untrusted.characters:_IS_HIDDEN", "untrusted.characters:_IDLE")),
    "on_one_line": Reader(on_one_line, 100_000),
    "footer": Reader(below, 10_000),
    "notice": Reader(noticed, 50_000),
    "prompt": Reader(prompted, 100_000),
    "a message as mrkdwn": Reader(
        compose.as_mrkdwn,
        12_000,
        patterns=(
            "replies.answers.compose:_ALLOWED_LINK",
            "replies.answers.compose:_TIME",
            "replies.answers.compose:as_mrkdwn",
        ),
    ),
}
"""The same, with texts that are bounded where they come from: names, questions, one message of an answer."""

ASIDE: Mapping[str, Reader] = {
    name: replace(reader, aside=True)
    for name, reader in {
        "pasted_tables": Reader(
            pasted_tables,
            patterns=(
                "tables.pasted:_LANGUAGE",
                "tables.pasted:_LINK",
                "tables.pasted:_RULE",
                "tables.pasted:_REFERENCE",
                "tables.pasted:_PLACE",
            ),
        ),
        "stated numbers": Reader(
            lambda text: ungrounded(stated(text), [text]),
            patterns=of(
                "conversations.numbers.stated",
                *("_ABOUT", "_ADDRESS", "_COUNTING", "_FENCE", "_LISTED", "_MOMENT", "_MONTH_AFTER", "_MONTH_BEFORE"),
                *("_NUMBER", "_ORDINAL", "_PERCENT", "_SCALE", "_is_no_claim", "_spellings"),
            ),
        ),
        "references in pasted tables": Reader(pasted.references),
        "without_pasted": Reader(without_pasted),
        "as_seen": Reader(
            lambda text: as_seen(text, {}),
            patterns=("workplace.reading.markup:_TOKEN", "workplace.reading.markup:_SCHEME"),
        ),
        "references": Reader(
            references, patterns=tuple(f"workplace.reading.markup:{name}" for name in ("_PERSON", "_CHANNEL", "_GROUP"))
        ),
        "choose_files": Reader(
            lambda text: choose_files(text, FILES),
            patterns=tuple(
                f"conversations.planning.file_names:{name}"
                for name in ("_ENDING", "_QUOTED", "_PARTING", "_PACKING", "_FILE_LINK")
            )
            + of("conversations.planning.naming.spelling", "_SAME")
            + of(
                "conversations.planning.naming.result_names",
                *("_KEPT", "_SAVED", "_AS", "_INTO", "_IN", "_SPLIT", "_MADE", "_COMPARED", "_RESULT_AFTER"),
            ),
        ),
        "sandbox_links": Reader(
            sandbox_links,
            patterns=of(
                "azure_assistant.run.links",
                *("_ADDRESS", "_SCHEME", "_INLINE", "_DEFINITION", "_ATTRIBUTE", "_ANCHOR_LABEL", "_IMAGE_LABEL"),
                *("_TITLE", "_REFERENCE", "_BARE", "_ENDED", "_QUERY", "_NESTED"),
            ),
        ),
        "what was made": Reader(
            written,
            patterns=(
                *of("azure_assistant.run.artifacts", "_BETWEEN", "_DRAWS", "_PREFIXED", "_QUOTED"),
                *of("azure_assistant.run.artifacts", "_SAVES", "_SHOWS", "_WORD"),
                *of("azure_assistant.responses.sandbox_files", "_FIGURE", "_READS", "_UNPACKS"),
            ),
        ),
        "sanitise": Reader(
            sanitise,
            patterns=(
                "replies.markdown.source:_BLOCK_START",
                *of("replies.markdown.scanning", "_PLAIN", "_TICKS", "_LONE_LINK", "_PARAGRAPH_ENDS"),
                *of(
                    "replies.markdown.link_reading",
                    *("_BRACKET", "_DESTINATION", "_ANGLED", "_ANGLED_SO_FAR"),
                    *("_URL", "_FOREIGN_URL", "_WHOLE_HOST", "_SANDBOX"),
                ),
                *of(
                    "replies.markdown.sandbox_links",
                    *("_ALT", "_ANGLED", "_ANGLED_SO_FAR", "_CLOSING", "_DEFINITION", "_DEFINITION_SO_FAR"),
                    *("_IN_CODE", "_IN_LINK", "_IN_LINK_SO_FAR", "_REFERENCE", "_TAG", "_TITLE"),
                ),
                *of("replies.markdown.sanitize", "_LIVE_IN_CODE", "_LIVE"),
            ),
        ),
        "spelled links": Reader(lambda text: sanitise(text, "spell")),
        "a streamed answer": Reader(
            fed,
            patterns=(
                "replies.markdown.segments:_ROW",
                "replies.markdown.fences:_OPENING",
                "replies.markdown.fences:_CLOSING",
            ),
        ),
        "a whole answer": Reader(answered),
        "split": Reader(
            lambda text: split(characters.whole(text), 9000),
            shortest=20_000,
            patterns=(
                "replies.markdown.split:_UNCUTTABLE",
                "replies.markdown.split:_SENTENCE_END",
                "replies.markdown.split:_SPACE",
            ),
        ),
        "composed": Reader(composed, shortest=20_000),
        "cells": Reader(
            in_cells,
            patterns=(
                *(f"replies.markdown.tables:{name}" for name in ("_BREAKS", "_NUMBER", "_MARKS", "_NUMBER_LIKE")),
                *("replies.markdown.rows:_PIPE", "replies.markdown.rows:_RULE"),
            ),
        ),
        "table": Reader(in_table, shortest=20_000),  # longer ones are files, too: a step, not growth
        "judged": Reader(
            judged,
            40_000,
            shortest=10_000,
            patterns=(
                *of("evals.judging.chart_kinds", "_CALL", "_PLOT_KIND"),
                *of("evals.judging.judge", "_REFUSES"),
                *of("evals.judging.languages", "_CODE", "_HAN", "_HANGUL", "_KANA", "_WORD"),
                *of("evals.judging.stated_numbers", "_AFTER", "_SPACED", "_TOKEN", "_readings"),
            ),
        ),
        "code shown": Reader(code_shown, shortest=20_000),
        "all deltas": Reader(in_small_deltas),
        "stored JSON": Reader(lambda text: columns.to_json({"a": [text]})),
        "columns": Reader(
            cells_guessed,
            100_000,
            patterns=tuple(f"tables.columns:{name}" for name in ("_INTEGER", "_NUMBER", "_DATE")),
        ),
        "traps": Reader(
            traps_found,
            50_000,
            aside=True,
            patterns=(
                *of("tables.traps.amounts", "_AMOUNT", "_GROUPS"),
                *of("tables.traps.totals", "_TOTAL", "_EXACT"),
                *of("tables.traps.keys", "_WORDS", "_SCIENTIFIC"),
                *of("tables.traps.dates", "_PARTS", "_FORMS", "_ZONE"),
            ),
        ),
        "heading": Reader(heading_found, 100_000, patterns=of("tables.heading", "_LETTERS", "_DIGITS")),
        "regions": Reader(regions_found, shortest=20_000, patterns=("tables.regions:_GAP",)),
        "receipt": Reader(receipt_read, 60_000),
        "stated number": Reader(
            number_compared,
            patterns=(
                *of(
                    "receipts.written",
                    "_NUMBER",
                    "_GAP",
                    "_BEFORE",
                    "_WORD",
                    "_ABOUT",
                    "_PERCENT",
                    "_THOUSAND",
                    "_MYRIADS",
                ),
                "receipts.comparing:_FALLS",
            ),
        ),
        "query": Reader(
            lambda text: (list(variants(text)), depends_on_order(text), columns_in([text])),
            4000,
            patterns=of("receipts.variants", "_MEDIAN", "_QUANTILE", "_WITHIN", "_ROUND", "_SPREAD", "_ORDER", "_ALL"),
        ),
        "cells of a column": Reader(
            lambda text: [
                typed([cell] * 3, Habits()) for cell in (text, f"1{text}", f"2024-01-02 {text}", f"1.{text}")
            ],
            100_000,
            patterns=of(
                "receipts.cells", "_PLAIN", "_EXPONENT", "_YEAR_FIRST", "_YEAR_LAST", "_ERA", "_NAMED", "_TIME"
            ),
        ),
        "names in queries": Reader(lambda text: (named([text] * 3), column_names([text] * 3))),
        "encoding": Reader(bytes_detected, patterns=("tables.encodings.detection:_BEYOND_ASCII",)),
    }.items()
}
"""Done in a thread when the text is long, or in the helper process."""

READERS = {**ON_THE_LOOP, **HEAVIER_ON_THE_LOOP, **ASIDE}

OURS: Mapping[str, str] = {
    "conversations.access.budgets:_PART": "a setting of ours",
    "evals.requirements:_FORM": "an argument of the command line",
    "azure_assistant.run.files:TAKEN_AS_IT_IS": "a list of ours",
    "azure_assistant.run.files:TEXT": "a list of ours",
    "azure_assistant.endpoint:_AZURE": "a setting of ours",
    "azure_assistant.endpoint:_HOST": "a setting of ours",
    "azure_assistant.endpoint:_PLACEHOLDER": "a setting of ours",
    "azure_assistant.assistants.thread:lost_file": "an id of the service's, in an error of 200 characters",
    "replies.views.wording:_PERSON": "a setting of ours",
    "replies.answer:_TS": "what Slack calls a post of ours",
    "tables.inspecting:_CONTROL": "one character each",
    "tables.inspecting:_CJK_ESCAPE": "six bytes each",
    "tables.facts:_CJK": "one character each",
    "tables.extent:_ADDRESS": "twenty bytes each",
    "tables.extent:_PARSED_ADDRESS": "thirteen characters each",
}
"""Patterns that need no reader, and why."""

ROOMS = (
    "app",
    "azure_assistant",
    "conversations",
    "evals",
    "handlers",
    "helper",
    "receipts",
    "replies",
    "slack_api",
    "tables",
    "untrusted",
    "workplace",
)
ROOT = Path(__file__).resolve().parents[2]
