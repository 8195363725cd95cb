"""`dlkit explain`: looks a word up, shows its page, and runs what the page claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dlkit.dictionary.show import Style

CONTEXT = {"ignore_unknown_options": True}
"""Knobs of an experiment are options that only its signature knows."""


def command(
    terms: Annotated[
        list[str] | None,
        typer.Argument(metavar="TERM...", help="A word; two words are contrasted."),
    ] = None,
    run: Annotated[
        bool,
        typer.Option("--run", help="Run its claims: all, or those named after TERM (C26, errata); "
                                   "knobs of the experiment are options, e.g. --init he."),
    ] = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=100, help="With --run: how many seeds.")
    ] = None,
    errata: Annotated[bool, typer.Option("--errata", help="What is printed wrongly, and what is right.")] = False,
    lang: Annotated[str | None, typer.Option(help="en, ja or both; default: as TERM is written.")] = None,
    formula: Annotated[str, typer.Option(help="unicode, ascii or latex.")] = "unicode",
    as_json: Annotated[bool, typer.Option("--json", help="The page as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the page as HTML; with --all a site into a folder.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the page's picture as SVG.")] = None,
    every: Annotated[bool, typer.Option("--all", help="With --json, --html or --run: every page.")] = False,
    config: Annotated[Path | None, typer.Option(help="Explain every word of a config.")] = None,
    topics: Annotated[bool, typer.Option("--list", help="List all pages, or those of a topic.")] = False,
    search: Annotated[str | None, typer.Option(help="Pages whose text holds these words.")] = None,
    random: Annotated[bool, typer.Option("--random", help="Any page.")] = False,
    quiz: Annotated[bool, typer.Option("--quiz", help="Be asked: names by definition, and back.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Print the template of a page for TERM.")] = False,
    lint: Annotated[Path | None, typer.Option(help="Check a page's file, then show it.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:  # fmt: skip
    """Explain a TERM of deep learning, in English or Japanese, and run what its page claims."""
    from dlkit.cli.explain_page import explain, make_style

    words, knobs = _split(terms or [], may_have_knobs=run)
    style = make_style(lang, formula, " ".join(words))
    if run:
        return _run(words, knobs, style, seeds, every=every, as_json=as_json)
    if lint or new or html or svg or config:
        from dlkit.cli import explain_files as files

        if lint:
            return files.lint(lint, style)
        if new:
            return files.new(words)
        if html:
            return files.html(html, words, every=every)
        if svg:
            return files.svg(svg, words, style)
        return files.config(config or Path(), style, as_json=as_json)
    if topics or search is not None or random or quiz or (every and as_json):
        from dlkit.cli import explain_lists as lists

        if topics:
            return lists.topics(words, style, as_json=as_json)
        if search is not None:
            return lists.search(search, style, as_json=as_json)
        if random:
            return lists.random(style, as_json=as_json)
        return lists.quiz(style) if quiz else lists.everything()
    return explain(words, style, errata=errata, as_json=as_json)


def _split(terms: list[str], *, may_have_knobs: bool) -> tuple[list[str], dict[str, str]]:
    """The words, and with `--run` the knobs: `--name value` or `--name=value`."""
    from dlkit.errors import ConfigError

    words: list[str] = []
    knobs: dict[str, str] = {}
    rest = iter(terms)
    for term in rest:
        if not (term.startswith("--") and len(term) > 2):
            words.append(term)
            continue
        if not may_have_knobs:
            raise ConfigError(
                f"no such option: {term.partition('=')[0]}", hint="See dlkit explain --help."
            )
        name, equals, value = term[2:].partition("=")
        if not equals and (value := next(rest, "")) == "":
            raise ConfigError(f"--{name} needs a value.")
        knobs[name] = value
    return words, knobs


def _run(words: list[str], knobs: dict[str, str], style: Style, seeds: int | None, *,
         every: bool, as_json: bool) -> int:  # fmt: skip
    from dlkit.cli.explain_run import run

    return run(words, knobs, style, seeds, every=every, as_json=as_json)
