"""Shows a page's record as text: headings and indentation, the same wherever it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dlkit.dictionary.width import pad, width, wrap
from dlkit.dictionary.words import Language, takes, word

Record = dict[str, Any]
Formulas = Literal["unicode", "ascii", "latex"]


@dataclass(frozen=True)
class Style:
    """How to show: in which languages, how wide, with which formulas, with or without escapes."""

    languages: tuple[Language, ...] = ("en",)
    columns: int = 80
    formulas: Formulas = "unicode"
    colour: bool = False

    def heading(self, key: str) -> str:
        """A section's heading, in each language."""
        return self.bold(" / ".join(word(key, language) for language in self.languages))

    def bold(self, text: str) -> str:
        """The text in bold, where escapes are shown."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text


def page(record: Record, style: Style, *, errata: bool = False) -> str:
    """The whole page; `errata` shows its corrections in full instead of everything else."""
    lines = [*_head(record, style)]
    sections = _ERRATA if errata else _SECTIONS
    for name, section in sections.items():
        body = list(section(record, style))
        if body:
            lines += ["", style.heading(name), *body]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def indented(text: str, style: Style, indent: int = 2, first: str = "") -> list[str]:
    """The text wrapped and indented; `first` stands before its first line, in the indentation."""
    margin = max(indent, width(first))
    lines = wrap(text, max(20, style.columns - margin))
    return [pad(first, margin) + lines[0], *(" " * margin + line for line in lines[1:])]


def _head(record: Record, style: Style) -> Iterator[str]:
    names = [record["name"][language] for language in style.languages]
    kind = ", ".join(word(record["topic"], language) for language in style.languages[:1])
    age = f", {word('as_of', style.languages[0])} {record['as_of']}" if record["as_of"] else ""
    yield f"{style.bold(' / '.join(dict.fromkeys(names)))}  [{record['id']}: {kind}{age}]"
    for language in style.languages:
        yield from indented(record["short"][language], style)
    for meaning in record["meanings"]:
        if meaning["page"] not in (None, record["id"]):
            for language in style.languages:
                text = f"'{meaning['word']}' {word('also', language)}: {meaning[language]}"
                where = f" (dlkit explain {meaning['page']})" if meaning["page"] != "none" else ""
                yield from indented(text + where, style)
    for language in style.languages:
        yield from _paragraphs(record["body"][language], style)


def _paragraphs(parts: Sequence[str], style: Style) -> Iterator[str]:
    """Paragraphs with an empty line before each; list items close together."""
    after_item = False
    for part in parts:
        item = part.startswith("- ")
        if not (item and after_item):
            yield ""
        yield from indented(part[2:], style, first="  - ") if item else indented(part, style)
        after_item = item


def _formula(record: Record, style: Style) -> Iterator[str]:
    for number, formula in enumerate(record["formulas"]):
        if number:
            yield ""
        if formula["caption"]:
            for language in style.languages:
                yield from indented(formula["caption"][language], style)
        yield from ("    " + row for row in rows(formula, style))
        size = max((width(each["symbol"]) for each in formula["symbols"]), default=0)
        for each in formula["symbols"]:
            yield from _symbol(each, size, style)


def rows(formula: Record, style: Style) -> list[str]:
    """The rows of a formula in the alphabet that the style asks for."""
    shown = formula[style.formulas]
    return shown if isinstance(shown, list) else [shown]


def _symbol(symbol: Record, size: int, style: Style) -> Iterator[str]:
    sign = symbol["symbol"] if style.formulas == "unicode" else symbol["latex"]
    sign = pad(f"    {sign}", 4 + size + 2)
    text = " / ".join(symbol[language] for language in style.languages)
    if symbol["option"]:
        text += f" ({symbol['option']})"
    yield from indented(text, style, first=sign + "  ")


def _pictures(record: Record, style: Style) -> Iterator[str]:
    for number, plot in enumerate(record["plots"]):
        if number:
            yield ""
        for language in style.languages:
            yield from indented(plot["caption"][language], style)
        drawn = plot["rows"] if style.formulas == "unicode" else map(_coarse, plot["rows"])
        yield from ("  " + row for row in drawn)
        for entry in plot["legend"]:
            text = " / ".join(dict.fromkeys(entry[language] for language in style.languages))
            yield f"    {entry['sign']}  {text}"


def _coarse(row: str) -> str:
    """A row of braille in ASCII: what is left of it when each cell is one character."""
    return "".join(_ascii(character) for character in row)


def _ascii(character: str) -> str:
    dots = ord(character) - 0x2800
    if not 0 < dots < 0x100:
        return " " if dots == 0 else character
    upper, lower = bool(dots & 0x1B), bool(dots & 0xE4)
    return ":" if upper and lower else "'" if upper else "."


def _text(field: str) -> Callable[[Record, Style], Iterator[str]]:
    def section(record: Record, style: Style) -> Iterator[str]:
        if record[field]:
            for language in style.languages:
                for part in record[field][language]:
                    item = part.startswith("- ")
                    yield from (
                        indented(part[2:], style, first="  - ") if item else indented(part, style)
                    )

    return section


def _options(record: Record, style: Style) -> Iterator[str]:
    for address, options in record["options"].items():
        yield f"  {address}"
        size = max((width(each["name"]) for each in options), default=0)
        for each in options:
            text = takes(each, style.languages[0])
            yield from indented(text, style, first=pad(f"    {each['name']}", 4 + size) + "  ")
            if each["says"] and "en" in style.languages:
                yield from indented(each["says"], style, 6 + size)


def _config(record: Record, style: Style) -> Iterator[str]:
    yield from ("    " + line for line in (record["config"] or "").splitlines())


def _claims(record: Record, style: Style) -> Iterator[str]:
    verdicts = [word(claim["verdict"], style.languages[0]) for claim in record["claims"]]
    for claim, verdict in zip(record["claims"], verdicts, strict=True):
        head = f"  {pad(claim['id'], 5)} {pad(verdict, max(map(width, verdicts)))}  "
        for language in style.languages:
            yield from indented(claim["text"][language], style, first=head)
            head = " " * width(head)
            if claim["condition"]:
                condition = f"{word('if', language)}: {claim['condition'][language]}"
                yield from indented(condition, style, width(head))
        if claim["as_of"]:
            text = f"{word('as_of', style.languages[0])} {claim['as_of']}; {claim['source']}"
            yield from indented(text, style, width(head))
    if any(claim["experiment"] for claim in record["claims"]):
        yield f"  {word('run', style.languages[0])}: dlkit explain {record['id']} --run"


def _errata_line(record: Record, style: Style) -> Iterator[str]:
    severities = [word(erratum["severity"], style.languages[0]) for erratum in record["errata"]]
    for erratum, severity in zip(record["errata"], severities, strict=True):
        head = f"  {pad(erratum['id'], 5)} {pad(severity, max(map(width, severities)))}  "
        for language in style.languages:
            yield from indented(erratum["why"][language], style, first=head)
            head = " " * width(head)
    if record["errata"]:
        yield f"  {word('run', style.languages[0])}: dlkit explain {record['id']} --errata"


def _errata(record: Record, style: Style) -> Iterator[str]:
    """Each correction in full: what is printed, why it is wrong, what is right."""
    for number, erratum in enumerate(record["errata"]):
        if number:
            yield ""
        yield f"  {erratum['id']}  {word(erratum['severity'], style.languages[0])}"
        for side, label in (("wrong", "printed"), ("right", "right")):
            yield from _side(erratum[side], label, style)
        for language in style.languages:
            yield from indented(
                erratum["why"][language], style, 4, f"    {word('why', language)}: "
            )
        if erratum["source"]:
            label = word("source", style.languages[0])
            yield from indented(erratum["source"], style, 4, f"    {label}: ")
        if erratum["experiment"]:
            yield f"    dlkit explain {record['id']} --run {erratum['id']}"


def _side(side: Record, label: str, style: Style) -> Iterator[str]:
    for language in style.languages[: 2 if side["text"] else 1]:
        mark = f"    {word(label, language)}: "
        if side["text"]:
            yield from indented(side["text"][language], style, 4, mark)
        else:
            yield mark.rstrip()
    if "latex" in side:
        yield from ("        " + row for row in rows(side, style))


def _contrast(record: Record, style: Style) -> Iterator[str]:
    for each in record["contrast"]:
        first = f"  {each['page']}: "
        for language in style.languages:
            yield from indented(each[language], style, 4, first)
            first = "    "


def _references(record: Record, style: Style) -> Iterator[str]:
    for each in record["references"]:
        link = reference_link(each)
        yield from indented(each["text"] + (f", {link}" if link else ""), style, first="  - ")


def reference_link(reference: Record) -> str:
    """Where a reference can be read."""
    if "arxiv" in reference:
        return f"arXiv:{reference['arxiv']}"
    if "doi" in reference:
        return f"doi:{reference['doi']}"
    return str(reference.get("url", ""))


def _see_also(record: Record, style: Style) -> Iterator[str]:
    if record["see_also"]:
        yield from indented(", ".join(record["see_also"]), style)


_SECTIONS: dict[str, Callable[[Record, Style], Iterable[str]]] = {
    "formula": _formula, "picture": _pictures, "when_to_use": _text("when_to_use"),
    "what_goes_wrong": _text("what_goes_wrong"), "options": _options, "config": _config,
    "claims": _claims, "contrast": _contrast, "errata": _errata_line,
    "references": _references, "see_also": _see_also,
}  # fmt: skip
_ERRATA: dict[str, Callable[[Record, Style], Iterable[str]]] = {"errata": _errata}


def meanings(data: Record, style: Style) -> str:
    """A word with several meanings, each with the command that shows its page."""
    lines = [style.bold(data["query"]) + f"  {len(data['meanings'])} {style.heading('meanings')}"]
    for each in data["meanings"]:
        for language in style.languages:
            lines += indented(each[language], style, first="  - ")
        if each["page"]:
            lines.append(f"    dlkit explain {each['page']}")
    return "\n".join(lines) + "\n"
