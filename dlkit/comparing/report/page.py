"""A comparison as one HTML file that loads nothing, light or dark as its reader likes. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dlkit.comparing.report import facts
from dlkit.comparing.report.pictures import Picture
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import Block, Summary
from dlkit.comparing.report.vector import variables

_STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --warn: #fff4e0; }
@media (prefers-color-scheme: dark) { :root { --back: #16181b; --warn: #33290f; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--back); color: var(--c0); }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; } ul { padding-left: 1.2rem; }
.wide { overflow-x: auto; } figure { margin: 1.5rem 0; }
figure svg { width: calc(var(--w) * 100%); min-width: calc(var(--w) * 48rem); }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.7rem; text-align: right; vertical-align: bottom; white-space: nowrap; }
th { border-bottom: 1px solid var(--c0); font-weight: 600; white-space: pre-line; }
th[title]:not([title=""]) { text-decoration: underline dotted; text-underline-offset: 3px; }
td { border-bottom: 1px solid var(--c2); } th:first-child, td:first-child { text-align: left; }
.alarms { background: var(--warn); padding: 0.8rem 1rem; border-left: 3px solid var(--c7); }
.alarms ul { margin: 0; }
details td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
dt { font-weight: 600; } dd { margin: 0 0 0.3rem 1rem; }
"""


def document(results: Results, summary: Summary, drawn: Sequence[tuple[Picture, str]]) -> str:
    """The file's text, with each picture's SVG element in its section."""
    title = f"Optimizers compared: {results.plan.name}"
    parts = [f"<h1>{escape(title)}</h1>", _items(facts.protocol(results))]
    for block in summary.blocks:
        own = [svg for picture, svg in drawn if picture.block is block]
        parts += _section(results, block, own)
    overall = [svg for picture, svg in drawn if picture.block is None]
    parts += ["<h2>All tasks</h2>", *map(_figure, overall)] if overall else []
    parts += ["<h2>How it was made</h2>", _provenance(results)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>{variables()}{_STYLE}</style></head>\n"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _section(results: Results, block: Block, figures: Iterable[str]) -> list[str]:
    return [
        f"\n<h2>{escape(block.task.name)}: {block.axis}</h2>",
        _alarms(block.alarms),
        _table(block),
        _items(facts.sentences(results, block)),
        *map(_figure, figures),
    ]


def _alarms(alarms: list[str]) -> str:
    return f'<div class="alarms" role="note">{_items(alarms)}</div>' if alarms else ""


def _items(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"


def _table(block: Block) -> str:
    columns = facts.columns(block)
    heads = "".join(
        f'<th scope="col" title="{escape(each.meaning, quote=True)}">{escape(each.heading)}</th>'
        for each in columns
    )
    rows = zip(*(each.cells for each in columns), strict=True)
    cells = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    meanings = "".join(
        f"<dt>{escape(each.heading)}</dt><dd>{escape(each.meaning)}</dd>"
        for each in columns
        if each.meaning
    )
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div>'
        f"<details><summary>What the columns mean</summary><dl>{meanings}</dl></details>"
    )


def _figure(svg: str) -> str:
    return f'<figure class="wide">{svg}</figure>'


def _provenance(results: Results) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>"
        for name, value in facts.provenance(results)
    )
    return (
        "<p>Every number here can be made again from <code>record.json</code>, and every training by "
        "itself: <code>dlkit compare-optimizers --out FOLDER --replay CELL</code>.</p>"
        f"<details open><summary>Versions, machine and data</summary><table>{rows}</table></details>"
    )
