"""The report as a page of its own, with each transcript and chart. All that it shows of them is hostile."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from conversations.ports.checks import Checked
from evals.answers import Judged, Picture
from evals.measures import FAULTS
from evals.reports.summary import Table, about, tables
from evals.results import Results
from untrusted.characters import spelled, whole

_PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
"""What is shown as a picture, and how it begins; others run scripts, or are none."""

_MOST_BYTES = 5_000_000
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 0 0 1.5rem } td, th { padding: .25rem .75rem; text-align: left }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
details.case { border: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
details.case { border-radius: .5rem; padding: 1rem }
details.case + details.case { margin-top: 1rem } h4 { margin: 1rem 0 .25rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere } pre.answer { font: inherit } img { max-width: 100% }
.so { padding: .1rem .5rem; border-radius: 1rem; border: 1px solid #2e7d32 } .wrong { border-color: #c62828 }
summary { cursor: pointer } .more { opacity: .7 }
"""


def as_html(results: Results, judged: Sequence[Judged]) -> str:
    """``report.html``: it loads nothing, and runs nothing."""
    cases = [list(turns) for _, turns in groupby(judged, lambda one: one.case.id)]
    body = [
        "<h1>Eval</h1>",
        f'<p class="more">{_text(about(results.about))}</p>',
        *map(_table, tables(results)),
        "<h2>Transcripts</h2><p>Open: those in which something went wrong.</p>",
        *("".join(_case(turns)) for turns in cases),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Eval</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body>\n{chr(10).join(body)}\n</body></html>\n"
    )


def _table(table: Table) -> str:
    heads = "".join(f"<th>{_text(head)}</th>" for head in table.heads)
    rows = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>\n" for row in table.rows)
    return f"<h2>{_text(table.title)}</h2>\n<table><tr>{heads}</tr>\n{rows}</table>"


def _case(turns: Sequence[Judged]) -> Iterator[str]:
    case = turns[0].case
    names = ", ".join(path.name for path in case.files)
    is_wrong = any(FAULTS.get(name) == so for judged in turns for name, so in judged.verdicts.items())
    yield f'<details class="case"{" open" if is_wrong else ""}><summary>{_text(case.id)}</summary>'
    yield f'<p class="more">{_text(case.kind)} · {_text(names)} · {_text(case.locale)}</p>'
    for judged in turns:
        yield from _turn(judged)
    yield "</details>\n"


def _turn(judged: Judged) -> Iterator[str]:
    given = judged.given
    yield f'<h4>{_text(judged.turn.ask)}</h4><pre class="answer">{_text(given.text)}</pre>'
    if given.error:
        yield f"<p>{_text(given.error)}</p>"
    yield from map(_picture, given.charts)
    chips = [
        f'<span class="so{" wrong" if FAULTS.get(name) == so else ""}">{_text(name)}: {"yes" if so else "no"}</span>'
        for name, so in judged.verdicts.items()
    ]
    chips.append(f'<span class="more">{_text(given.outcome)}, {given.seconds:.1f} s, {given.tokens:,.0f} tokens</span>')
    yield f"<p>{' '.join(chips)}</p>"
    if expected := str(judged.turn.expected):
        yield f'<p class="more">Expected: {_text(expected)}</p>'
    if given.checked:
        yield f"<p>{_text(_checked(given.checked))}</p>"
    if given.code:
        shown = "\n\n".join(f"{code}\n# →\n{output}" for code, output in given.code)
        yield f"<details><summary>Python</summary><pre>{_text(shown)}</pre></details>"


def _checked(checked: Checked) -> str:
    said = f"Receipt: {checked.agreed} of {checked.numbers} agree, {checked.unchecked} could not be checked"
    return "; ".join([said, *(f"{one.label}: {one.stated}, not {one.found}" for one in checked.differences)])


def _picture(picture: Picture) -> str:
    begin = _PICTURES.get(picture.media_type)
    if begin is None or not picture.data.startswith(begin) or len(picture.data) > _MOST_BYTES:
        return f"<p>{_text(picture.name)} (not shown)</p>"
    data = b64encode(picture.data).decode()
    return f'<p><img src="data:{picture.media_type};base64,{data}" alt="{_text(picture.name)}"></p>'


def _text(text: str) -> str:
    """Foreign words as nothing but words, characters that turn or hide them spelled out."""
    return escape(spelled(whole(text)), quote=True)
