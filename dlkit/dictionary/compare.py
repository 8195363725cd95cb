"""Puts two pages side by side: `dlkit explain adam adamw`."""

from __future__ import annotations

from typing import Any

from dlkit.dictionary import index
from dlkit.dictionary.show import Style, indented, rows
from dlkit.dictionary.words import word

Record = dict[str, Any]


def compare(first: str, second: str) -> Record:
    """What two pages say of each other, and what stands in both for each."""
    one, two = index.page(first), index.page(second)
    said = [
        {"page": a["id"], "against": b["id"], "en": each["en"], "ja": each["ja"]}
        for a, b in ((one, two), (two, one))
        for each in a["contrast"]
        if each["page"] == b["id"]
    ]
    return {"pages": [_brief(one), _brief(two)], "contrast": said}


def _brief(record: Record) -> Record:
    wanted = ("id", "name", "short", "formulas", "options", "when_to_use")
    return {field: record[field] for field in wanted}


def text(data: Record, style: Style) -> str:
    """The contrast first, then each page's definition, formula and options that differ."""
    lines = [style.bold(" / ".join(page["id"] for page in data["pages"]))]
    for each in data["contrast"]:
        for language in style.languages:
            lines += indented(each[language], style)
    for page in data["pages"]:
        lines += ["", *_page(page, style)]
    differing = _differing(data["pages"])
    if differing:
        lines += ["", style.heading("options"), *differing]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _page(page: Record, style: Style) -> list[str]:
    names = dict.fromkeys(page["name"][language] for language in style.languages)
    lines = [f"{style.bold(' / '.join(names))}  [{page['id']}]"]
    for language in style.languages:
        lines += indented(page["short"][language], style)
    for formula in page["formulas"][:1]:
        lines += ["    " + row for row in rows(formula, style)]
    for language in style.languages:
        if page["when_to_use"]:
            heading = f"  {word('when_to_use', language)}: "
            lines += indented(" ".join(page["when_to_use"][language]), style, 4, heading)
    return lines


def _differing(pages: list[Record]) -> list[str]:
    """Options whose defaults differ, or that only one of the two has."""
    tables = [
        {each["name"]: each["default"] for options in page["options"].values() for each in options}
        for page in pages
    ]
    lines = []
    for name in dict.fromkeys([*tables[0], *tables[1]]):
        defaults = [table.get(name, "-") for table in tables]
        if all(tables) and defaults[0] != defaults[1]:
            pairs = zip(pages, defaults, strict=True)
            lines.append(
                f"  {name}: " + ", ".join(f"{page['id']} {value}" for page, value in pairs)
            )
    return lines
