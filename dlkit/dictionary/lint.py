"""Checks a page beyond its schema: languages agree, names exist, formulas can be laid out."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from dlkit import signatures
from dlkit.config.document import Document, KeyPath
from dlkit.config.nodes import parse_value
from dlkit.dictionary import components, marks
from dlkit.dictionary.formula.parse import UnsupportedFormulaError, parse
from dlkit.dictionary.page import Both, Claim, Erratum, Formula, Page, Plot, Side
from dlkit.dictionary.width import width
from dlkit.errors import ConfigError, Problem

SHORT = 100
"""Columns of a short definition."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[0-9]+(?:[.,][0-9]+)*")
_OPENING = "[(「『"

Finding = tuple[KeyPath, str]


def lint(page: Page, document: Document) -> list[Problem]:
    """Everything that is wrong with the page, each at its place in the file."""
    found = [finding for check in CHECKS for finding in check(page)]
    return [Problem(message, document.value(path)) for path, message in found]


def missing_links(page: Page, known: set[str]) -> Iterator[Finding]:
    """The links of a page that lead to no page."""
    for path, both in texts(page):
        for target in sorted({*marks.links(both.en), *marks.links(both.ja)} - known):
            yield path, f"there is no page '{target}' to link to."
    listed: list[Finding] = [
        (("contrast", i, "page"), each.page) for i, each in enumerate(page.contrast)
    ]
    listed += [(("see_also", i), target) for i, target in enumerate(page.see_also)]
    listed += [(("meanings", i, "page"), m.page) for i, m in enumerate(page.meanings)
               if m.page not in (None, "none")]  # fmt: skip
    for place, target in listed:
        if target not in known:
            yield place, f"there is no page '{target}'."


def texts(record: BaseModel, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Both]]:
    """Every text in both languages, with its path; not the name, which has nothing to agree on."""
    for name in type(record).model_fields:
        if (*path, name) == ("name",):
            continue
        value = getattr(record, name)
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            place = (*path, name) if index is None else (*path, name, index)
            if isinstance(item, Both):
                yield place, item
            if isinstance(item, BaseModel):
                yield from texts(item, place)


def _short(page: Page) -> Iterator[Finding]:
    for language in ("en", "ja"):
        text = getattr(page.short, language)
        if "\n" in text or width(text) > SHORT:
            size = width(text)
            yield ("short", language), f"a short text is one line of {SHORT} columns, not {size}."


def _agreement(page: Page) -> Iterator[Finding]:
    """Both languages hold the same links, formulas, code and numbers."""
    for path, both in texts(page):
        for what, collect in _COLLECTED.items():
            en, ja = collect(both.en), collect(both.ja)
            if en != ja:
                only = ", ".join(sorted(en ^ ja))
                yield path, f"{what} of one language only: {only}."


def _numbers(text: str) -> set[str]:
    """Numbers in the text; whole ones up to 10 may be words, and so don't count."""
    bare = re.sub(r"`[^`]*`|\$[^$]*\$|\[\[[^\]|]*", " ", text)
    found = {number.replace(",", "") for number in _NUMBER.findall(bare)}
    return {number for number in found if not (number.isdigit() and int(number) <= 10)}


def _segments(kind: str) -> Callable[[str], set[str]]:
    return lambda text: {each.content for each in marks.segments(text) if each.kind == kind}


_COLLECTED: dict[str, Callable[[str], set[str]]] = {
    "links": _segments("link"),
    "formulas": _segments("formula"),
    "code": _segments("code"),
    "numbers": _numbers,
}


def _formulas(page: Page) -> Iterator[Finding]:
    for path, latex in _latex(page):
        try:
            parse(latex)
        except UnsupportedFormulaError as error:
            yield path, f"{error}: {latex}"


def _latex(page: Page) -> Iterator[tuple[KeyPath, str]]:
    for i, formula in enumerate(page.formulas):
        yield ("formulas", i, "latex"), formula.latex
        for j, symbol in enumerate(formula.symbols):
            yield ("formulas", i, "symbols", j, "symbol"), symbol.symbol
    for i, erratum in enumerate(page.errata):
        for side in ("wrong", "right"):
            if latex := getattr(erratum, side).latex:
                yield ("errata", i, side, "latex"), latex
    for path, both in texts(page):
        for text in (both.en, both.ja):
            for segment in marks.segments(text):
                if segment.kind == "formula":
                    yield path, segment.content


def _components(page: Page) -> Iterator[Finding]:
    for i, address in enumerate(page.implements):
        if message := components.complain(address):
            yield ("implements", i), message
    names = {option.name for each in page.implements if not components.complain(each)
             for option in components.options(each)}  # fmt: skip
    for i, formula in enumerate(page.formulas):
        for j, symbol in enumerate(formula.symbols):
            if symbol.option and names and symbol.option not in names:
                known = ", ".join(sorted(names))
                message = f"no component here has the option '{symbol.option}'. Known: {known}."
                yield ("formulas", i, "symbols", j, "option"), message


def _code(page: Page) -> Iterator[Finding]:
    """Forms, pictures and experiments that a page names exist."""
    for path, target in _named(page):
        module, _, function = target.partition(":")
        try:
            present = hasattr(importlib.import_module(module), function)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            present = False
        if not present:
            yield path, f"there is no '{target}'."


def _named(page: Page) -> Iterator[tuple[KeyPath, str]]:
    holders: list[tuple[KeyPath, Formula | Plot | Side]] = []
    holders += [(("formulas", i), each) for i, each in enumerate(page.formulas)]
    holders += [(("plots", i), each) for i, each in enumerate(page.plots)]
    for i, erratum in enumerate(page.errata):
        holders += [
            (("errata", i, "wrong"), erratum.wrong),
            (("errata", i, "right"), erratum.right),
        ]
    for path, holder in holders:
        for field in ("python", "curve"):
            if target := getattr(holder, field, None):
                yield (*path, field), f"dlkit.dictionary.forms.{target}"
        if picture := getattr(holder, "picture", None):
            yield (*path, "picture"), f"dlkit.dictionary.pictures.{picture}:draw"


def _experiments(page: Page) -> Iterator[Finding]:
    """Experiments are read, not imported: their knobs are the options of their signature."""
    sources: list[tuple[KeyPath, Claim | Erratum]] = []
    sources += [(("claims", i), each) for i, each in enumerate(page.claims)]
    sources += [(("errata", i), each) for i, each in enumerate(page.errata)]
    for path, source in sources:
        if source.experiment is None:
            continue
        try:
            known = set(signatures.read(source.experiment).names())
        except (LookupError, TypeError) as error:
            yield (*path, "experiment"), f"{error}."
            continue
        if "seed" not in known:
            yield (*path, "experiment"), f"'{source.experiment}' has no keyword-only 'seed'."
        for j, case in enumerate(getattr(source, "cases", ())):
            for knob in sorted(set(case.knobs) - known):
                yield (*path, "cases", j, "knobs", knob), f"the experiment has no knob '{knob}'."


def _config(page: Page) -> Iterator[Finding]:
    if page.config is None:
        return
    try:
        document = parse_value(page.config, "config")
    except ConfigError as error:
        yield ("config",), f"{error}"
        return
    if not isinstance(document.data, dict):
        yield ("config",), "the lines of a config must be a mapping."


CHECKS = (_short, _agreement, _formulas, _components, _code, _experiments, _config)


def lint_file(path: Path) -> tuple[Page, list[Problem]]:
    """The page in a file and all that is wrong with it. Raises `ConfigError` if it is no page."""
    from dlkit.dictionary.load import PAGES, load

    page, document = load(path)
    problems = lint(page, document)
    known = {each.stem for each in PAGES.glob("*.yaml")} | {page.id}
    links = [Problem(message, document.value(at)) for at, message in missing_links(page, known)]
    return page, problems + links
