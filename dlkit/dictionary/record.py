"""Turns a page into its record in the index: formulas laid out, pictures drawn, marks resolved."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

from dlkit.dictionary import canvas, components, marks
from dlkit.dictionary.drawing import Line, Picture, Point, curve
from dlkit.dictionary.formula import linear, unicode
from dlkit.dictionary.formula.parse import parse
from dlkit.dictionary.page import Both, Case, Claim, Erratum, Expectation, Formula, Page, Plot, Side

Language = Literal["en", "ja"]
Names = Mapping[str, Mapping[str, str]]
"""For each page its name in both languages: what a link shows."""


def record(page: Page, names: Names) -> dict[str, Any]:
    """The record of a page."""
    whole = page.model_dump(
        include={"id", "topic", "kind", "status", "as_of", "config", "see_also"}
    )
    whole |= page.model_dump(include={"name", "aliases", "references"}, exclude_none=True)
    whole["meanings"] = [each.model_dump() for each in page.meanings]
    for field in ("short", "body", "when_to_use", "what_goes_wrong"):
        both = getattr(page, field)
        whole[field] = both and _paragraphs(both, names)
    whole["short"] = {language: whole["short"][language][0] for language in ("en", "ja")}
    whole["formulas"] = [_formula(formula, names) for formula in page.formulas]
    whole["plots"] = [_plot(plot, names) for plot in page.plots]
    whole["options"] = {address: _options(address) for address in page.implements}
    whole["claims"] = [_claim(claim, names) for claim in page.claims]
    whole["errata"] = [_erratum(erratum, names) for erratum in page.errata]
    whole["contrast"] = [{"page": each.page, **_line(each, names)} for each in page.contrast]
    return whole


def _paragraphs(both: Both, names: Names) -> dict[str, list[str]]:
    return {
        "en": [plain(part, names, "en") for part in marks.paragraphs(both.en)],
        "ja": [plain(part, names, "ja") for part in marks.paragraphs(both.ja)],
    }


def _line(both: Both, names: Names) -> dict[str, str]:
    return {language: " ".join(parts) for language, parts in _paragraphs(both, names).items()}


def plain(paragraph: str, names: Names, language: Language) -> str:
    """The paragraph without its marks: formulas in Unicode, links as the pages' names."""
    return "".join(_plain(segment, names, language) for segment in marks.segments(paragraph))


def _plain(segment: marks.Segment, names: Names, language: Language) -> str:
    if segment.kind == "code":
        return f"`{segment.content}`"
    if segment.kind == "formula":
        return inline(segment.content).replace(" ", "\u00a0")  # a line doesn't break inside
    if segment.kind == "link":
        return segment.label or names.get(segment.content, {}).get(language, segment.content)
    return segment.content


def inline(latex: str) -> str:
    """A formula on one line: as it would stand by itself, if that is one row."""
    tree = parse(latex)
    rows = unicode.render(tree)
    return rows[0].strip() if len(rows) == 1 else linear.render(tree)


def _formula(formula: Formula, names: Names) -> dict[str, Any]:
    return {
        **_latex(formula.latex),
        "python": formula.python,
        "caption": formula.caption and _line(formula.caption, names),
        "symbols": [
            {"symbol": inline(each.symbol), "latex": each.symbol, "option": each.option,
             **_line(each, names)}
            for each in formula.symbols
        ],
    }  # fmt: skip


def _latex(latex: str) -> dict[str, Any]:
    tree = parse(latex)
    return {
        "latex": " ".join(latex.split()),
        "unicode": unicode.render(tree),
        "ascii": linear.render(tree, ascii_only=True),
    }


def _plot(plot: Plot, names: Names) -> dict[str, Any]:
    return {"caption": _line(plot.caption, names), **canvas.draw(picture(plot))}


def picture(plot: Plot) -> Picture:
    """The picture of a plot: of its module, or the curve of its form with the derivative."""
    if plot.picture:
        module = importlib.import_module(f"dlkit.dictionary.pictures.{plot.picture}")
        drawn: Picture = module.draw()
        return drawn
    function = _curve(plot)
    lines = [Line(curve(function, plot.x), "f(x)")]
    if plot.derivative:
        lines.append(Line(_slopes(function, plot.x), "f′(x)", style="dashed"))
    return Picture(plot.x, plot.y or (-1, 1), lines)


def _curve(plot: Plot) -> Callable[[float], float]:
    function = form(plot.curve or "")
    return lambda x: float(function(x, **plot.options))


def form(target: str) -> Callable[..., Any]:
    """The Python form `module:function`."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"dlkit.dictionary.forms.{module}"), name
    )
    return found


def _slopes(function: Callable[[float], float], x: Point) -> list[Point]:
    """The derivative by central differences, between the points so that corners stay sharp."""
    points = curve(function, x, points=240)
    half = 1e-6
    return [(at, (function(at + half) - function(at - half)) / (2 * half)) for at, _ in points]


def _options(address: str) -> list[dict[str, str]]:
    return [
        {"name": option.name, "type": components.words(option),
         "default": components.default(option), "says": components.says(address, option.name)}
        for option in components.options(address)
    ]  # fmt: skip


def _claim(claim: Claim, names: Names) -> dict[str, Any]:
    plain_fields = {"id", "verdict", "experiment", "seeds", "tier", "as_of", "source"}
    return {
        **claim.model_dump(include=plain_fields),
        "text": _line(claim.text, names),
        "condition": claim.condition and _line(claim.condition, names),
        "expect": _expectations(claim.expect),
        "cases": [_case(case) for case in claim.cases],
    }


def _case(case: Case) -> dict[str, Any]:
    return {"knobs": case.knobs, "expect": _expectations(case.expect), "verdict": case.verdict}


def _expectations(expect: Mapping[str, Expectation]) -> dict[str, Any]:
    return {
        name: each.model_dump(by_alias=True, exclude_none=True) for name, each in expect.items()
    }


def _erratum(erratum: Erratum, names: Names) -> dict[str, Any]:
    return {
        **erratum.model_dump(include={"id", "severity", "source", "experiment", "seeds"}),
        "wrong": _side(erratum.wrong, names),
        "right": _side(erratum.right, names),
        "why": _line(erratum.why, names),
        "expect": _expectations(erratum.expect),
    }


def _side(side: Side, names: Names) -> dict[str, Any]:
    return {
        **(_latex(side.latex) if side.latex else {}),
        "text": side.text and _line(side.text, names),
        "python": side.python,
    }
