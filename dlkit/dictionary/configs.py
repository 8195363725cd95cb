"""Explains every word of a config, in the order in which it stands there."""

from __future__ import annotations

from typing import Any

from dlkit.config.document import Document, KeyPath, dotted
from dlkit.dictionary import components, find, index
from dlkit.dictionary.show import Style, indented
from dlkit.dictionary.words import takes
from dlkit.errors import ConfigError

Record = dict[str, Any]
_SECTION_PAGES = {
    "activation": "activation-function", "loss": "loss-function", "optimizer": "optimization",
    "regularization": "regularization", "early_stopping": "early-stopping",
    "schedule": "learning-rate-schedule", "data": "dataset",
}  # fmt: skip
"""The page that explains a section of a config, where there is one."""


def explain(document: Document) -> list[Record]:
    """One entry for each key and each component's name: its place, what it is, its page."""
    entries: list[Record] = []
    for path, place in document.keys.items():
        entry = {"key": dotted(path), "line": place.line, "value": _value(document.get(path))}
        entries.append(entry | _meaning(path, document))
    return sorted(entries, key=lambda entry: entry["line"])


def _value(value: Any) -> str | None:
    """The value, unless it is a mapping, whose keys follow."""
    return None if isinstance(value, dict) else components.written(value)


def _meaning(path: KeyPath, document: Document) -> Record:
    """What is known of a key: the page of the component, the option, or the section."""
    section, *rest = map(str, path)
    if components.is_plain(section):
        return _setting(section, rest)
    if section == "regularization" and rest:
        return _component(f"regularization.{rest[0]}", rest[1:])
    if section not in components.SECTIONS:
        return _page(section)
    name = document.get((section, "name")) if rest else document.get((section,))
    if rest == ["name"] or (not rest and isinstance(name, str)):
        return _component(f"{section}.{name}", [])
    if not rest:
        return _page(_SECTION_PAGES.get(section, section))
    return _component(f"{section}.{name}", rest)


def _component(address: str, rest: list[str]) -> Record:
    """A component's page, or the option of it that `rest` begins with."""
    if components.complain(address):
        return {"page": None}
    page = index.names()["components"].get(address)
    known = {option.name: option for option in components.options(address)}
    if not (rest and rest[0] in known):
        return _page(page) if page else {"page": None, "short": _same(components.summary(address))}
    option = known[rest[0]]
    entry = {"type": components.words(option), "default": components.default(option)}
    says = components.says(address, rest[0])
    told = _symbol(page, rest[0]) or ({"short": _same(says)} if says else {})
    return entry | told | {"page": page or _find(rest[0])}


def _same(text: str) -> dict[str, str]:
    """A text that there is in English only."""
    return {"en": text, "ja": text}


def _setting(section: str, rest: list[str]) -> Record:
    if not rest:
        return _page(section)
    found = components.options(f"{section}.{rest[0]}")
    page = index.names()["components"].get(f"{section}.{rest[0]}") or _find(rest[0])
    if not found:
        return _page(page)
    entry = {"type": components.words(found[0]), "default": components.default(found[0])}
    return entry | (_page(page) if page else {"page": None})


def _symbol(page: str | None, option: str) -> Record:
    """What the page's legend says of the option's symbol."""
    for formula in index.page(page)["formulas"] if page else ():
        for symbol in formula["symbols"]:
            if symbol["option"] == option:
                return {"short": {"en": symbol["en"], "ja": symbol["ja"]}}
    return {}


def _find(name: str) -> str | None:
    """The page whose own name it is; nothing is guessed."""
    try:
        found = find.find(name.replace("_", "-"))
    except ConfigError:
        return None
    return None if found.guessed or found.option else found.page


def _page(name: str | None) -> Record:
    page = _find(name) if name else None
    if page is None:
        return {"page": None}
    return {"page": page, "short": index.names()["pages"][page]["short"]}


def text(entries: list[Record], file: str, style: Style) -> str:
    """Each key with its line, what it means, its default, and the page to read on."""
    lines = []
    for entry in entries:
        value = f": {entry['value']}" if entry["value"] is not None else ""
        lines.append(style.bold(f"{file}:{entry['line']}  {entry['key']}{value}"))
        for language in style.languages:
            if short := entry.get("short"):
                lines += indented(short[language], style, 4)
        if "type" in entry:
            lines += indented(takes(entry, style.languages[0]), style, 4)
        if entry["page"]:
            lines.append(f"    dlkit explain {entry['page']}")
    return "\n".join([*lines, ""])
