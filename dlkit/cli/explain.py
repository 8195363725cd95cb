"""`dlkit explain`: looks a word up, shows its page, and runs what the page claims.

A plain look-up does not come here: see `dlkit.cli.lookup`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dlkit.dictionary.show import Style

CONTEXT = {"ignore_unknown_options": True}
"""Knobs of an experiment are options that only its signature knows."""

_RUN = """Run what the page claims: all of it, or what is named after TERM (C26, errata, claims).
Knobs of the experiment are options: --init he."""
_HTML = "Write the page as HTML; with --all the whole dictionary into a folder."


def command(
    terms: Annotated[
        list[str] | None,
        typer.Argument(metavar="TERM...", help="A word; two words are contrasted."),
    ] = None,
    *,
    run: Annotated[bool, typer.Option("--run", help=_RUN)] = False,
    seeds: Annotated[int | None, typer.Option(min=1, max=100, help="With --run: repeats.")] = None,
    errata: Annotated[bool, typer.Option("--errata", help="Show its corrections.")] = False,
    lang: Annotated[
        str | None, typer.Option(help="en, ja or both; default: as TERM is written.")
    ] = None,
    formula: Annotated[str, typer.Option(help="unicode, ascii or latex.")] = "unicode",
    as_json: Annotated[bool, typer.Option("--json", help="Print data as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help=_HTML)] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the page's picture as SVG.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="With --json, --html or --run: every page.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="Explain every word of a config.")] = None,
    topics: Annotated[bool, typer.Option("--list", help="List the pages, or a topic's.")] = False,
    search: Annotated[str | None, typer.Option(help="Pages that mention these words.")] = None,
    random: Annotated[bool, typer.Option("--random", help="Show any page.")] = False,
    quiz: Annotated[bool, typer.Option("--quiz", help="Guess names and definitions.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Print a template for TERM's page.")] = False,
    lint: Annotated[Path | None, typer.Option(help="Check a page's file, then show it.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:
    """Explain a TERM of deep learning, in English or Japanese, and run what its page claims."""
    from dlkit.cli.explain_page import explain, make_style

    words, knobs = split(terms or [], may_have_knobs=run)
    style = make_style(lang, formula, " ".join(words))
    if run:
        from dlkit.cli.explain_run import run as run_claims

        return run_claims(words, knobs, style, seeds, every=every, as_json=as_json)
    if lint or new or html or svg:
        return _files(words, style, lint=lint, html=html, svg=svg, every=every)
    if config:
        from dlkit.cli.explain_files import config as explain_config

        return explain_config(config, style, as_json=as_json)
    if topics or search is not None or random or quiz or every:
        wanted = "list" if topics else "random" if random else "quiz" if quiz else "all"
        return _lists(words, style, wanted, search, as_json=as_json)
    return explain(words, style, errata=errata, as_json=as_json)


def split(terms: list[str], *, may_have_knobs: bool) -> tuple[list[str], dict[str, str]]:
    """The words, and with `--run` the knobs: `--name value` or `--name=value`.

    Raises `ConfigError` for an option that can't be a knob.
    """
    from dlkit.errors import ConfigError

    words: list[str] = []
    knobs: dict[str, str] = {}
    rest = iter(terms)
    for term in rest:
        if not (term.startswith("-") and len(term) > 1):
            words.append(term)
            continue
        name, equals, value = term.lstrip("-").partition("=")
        if not may_have_knobs or not term.startswith("--"):
            option = term.partition("=")[0]
            raise ConfigError(f"no such option: {option}.", hint="See dlkit explain --help.")
        if not equals and (value := next(rest, "")) == "":
            raise ConfigError(f"--{name} needs a value.")
        knobs[name] = value
    return words, knobs


def _files(
    words: list[str],
    style: Style,
    *,
    lint: Path | None,
    html: Path | None,
    svg: Path | None,
    every: bool,
) -> int:
    """What reads or writes a page's file; a template where none of them was asked for."""
    from dlkit.cli import explain_files as files

    if lint:
        return files.lint(lint, style)
    if html:
        return files.html(html, words, every=every)
    return files.svg(svg, words, style) if svg else files.new(words)


def _lists(
    words: list[str], style: Style, wanted: str, search: str | None, *, as_json: bool
) -> int:
    """What looks at all pages."""
    from dlkit.cli import explain_lists as lists

    if search is not None:
        return lists.search(search, style, as_json=as_json)
    if wanted == "list":
        return lists.topics(words, style, as_json=as_json)
    if wanted == "random":
        return lists.random(style, as_json=as_json)
    return lists.quiz(style) if wanted == "quiz" else lists.everything(style, as_json=as_json)
