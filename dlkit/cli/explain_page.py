"""Shows what `dlkit explain` found: a page, an option, a contrast, or the meanings of a word.

No option parser and nothing heavy is imported here, so that `lookup` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from dlkit.dictionary import find, index, show
from dlkit.dictionary.find import Found
from dlkit.dictionary.normalise import is_japanese
from dlkit.dictionary.show import Style
from dlkit.errors import ConfigError


def make_style(lang: str | None, formula: str, query: str) -> Style:
    """How to show: by the options, the words' script, and what the output can show."""
    if lang not in (None, "en", "ja", "both"):
        raise ConfigError(f"--lang must be en, ja or both, not '{lang}'.")
    if formula not in ("unicode", "ascii", "latex"):
        raise ConfigError(f"--formula must be unicode, ascii or latex, not '{formula}'.")
    if lang is None:
        lang = "ja" if is_japanese(query) else "en"
    if not (sys.stdout.encoding or "ascii").casefold().startswith("utf"):
        formula = "ascii" if formula == "unicode" else formula
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    languages: Any = ("en", "ja") if lang == "both" else (lang,)
    return Style(languages, _columns(), formula, _colour())  # type: ignore[arg-type]


def _columns() -> int:
    """The terminal's width, at most 100; 80 where there is no terminal."""
    if not sys.stdout.isatty():
        return 80
    return max(40, min(100, os.get_terminal_size(sys.stdout.fileno()).columns))


def _colour() -> bool:
    """Whether escapes are wanted: see no-color.org and force-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR", "0") not in ("", "0")
    return forced or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def explain(words: list[str], style: Style, *, errata: bool, as_json: bool) -> int:
    """One word's page; or how two pages differ."""
    if not words:
        raise ConfigError("no term was given.", hint="Try: dlkit explain --list")
    if len(words) > 1 and (pair := _pair(words)):
        from dlkit.dictionary import compare

        return put(compare.compare(*pair), lambda data: compare.text(data, style), as_json=as_json)
    found = find.find(" ".join(words))
    if found.page is None:
        return _meanings(found, style, as_json=as_json)
    record = index.page(found.page)
    if found.guessed:
        sys.stderr.write(f"note: there is no page for '{found.query}'; this is '{found.page}'.\n")
    if found.option:
        from dlkit.dictionary import option

        return put(
            option.option(record, found.option),
            lambda data: option.text(data, style),
            as_json=as_json,
        )
    return put(record, lambda data: show.page(data, style, errata=errata), as_json=as_json)


def _pair(words: list[str]) -> tuple[str, str] | None:
    """Two pages, if the words are names of two (not guesses) and not one name of two words."""
    if len(words) != 2 or find.is_name(" ".join(words)):
        return None
    try:
        found = [find.find(word) for word in words]
    except ConfigError:
        return None
    first, second = (None if each.guessed else each.page for each in found)
    return (first, second) if first and second and first != second else None


def put(data: Any, text: Callable[[Any], str], *, as_json: bool) -> int:
    """The data as JSON, or as the text that `text` makes of it."""
    if as_json:
        import json

        sys.stdout.write(
            json.dumps(data, ensure_ascii=False, indent=1).replace("\u00a0", " ") + "\n"
        )
    else:
        sys.stdout.write(text(data))
    return 0


def _meanings(found: Found, style: Style, *, as_json: bool) -> int:
    """A word with several meanings: each of them, and no guess."""
    meanings = [{"page": each.page, "en": each.en, "ja": each.ja} for each in found.meanings]
    data = {"query": found.query, "meanings": meanings}
    return put(data, lambda each: show.meanings(each, style), as_json=as_json)
