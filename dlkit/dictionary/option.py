"""Shows one option of a component: `dlkit explain adam.beta1`."""

from __future__ import annotations

from typing import Any

from dlkit.dictionary.show import Style, indented
from dlkit.dictionary.words import takes

Record = dict[str, Any]


def option(record: Record, name: str) -> Record:
    """What is known of an option: its components, type, default, and its symbol in the formula."""
    symbols = [
        {"symbol": each["symbol"], "en": each["en"], "ja": each["ja"]}
        for formula in record["formulas"]
        for each in formula["symbols"]
        if each["option"] == name
    ]
    places = [
        {"component": address, **each}
        for address, options in record["options"].items()
        for each in options
        if each["name"] == name
    ]
    return {"page": record["id"], "option": name, "components": places, "symbols": symbols[:1]}


def text(data: Record, style: Style) -> str:
    """The option in words."""
    lines = []
    for place in data["components"]:
        lines.append(style.bold(f"{place['component']}.{data['option']}"))
        lines += indented(takes(place, style.languages[0]), style)
        if place["says"] and "en" in style.languages:
            lines += indented(place["says"], style)
    for symbol in data["symbols"]:
        for each in style.languages:
            lines += indented(symbol[each], style, first=f"  {symbol['symbol']}  ")
    lines.append(f"  dlkit explain {data['page']}")
    return "\n".join(lines) + "\n"
