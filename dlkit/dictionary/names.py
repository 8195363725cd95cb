"""Collects the names of all pages: which word leads where, and which has several meanings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dlkit.dictionary.normalise import normalise
from dlkit.dictionary.page import Page
from dlkit.errors import ConfigError, Problem

_BRACKETS = re.compile(r"(?<=\S)\s*[(（][^()（）]*[)）]$")
TOPICS = (
    "basics", "activation", "loss", "gradient-descent", "optimizer", "layer", "architecture",
    "training", "data", "evaluation", "generative", "detection", "framework", "environment",
)  # fmt: skip
"""The order in which topics are listed."""


def in_order(pages: Mapping[str, Page]) -> list[Page]:
    """The pages by topic, umbrella terms first, then by id."""
    return sorted(pages.values(), key=lambda p: (TOPICS.index(p.topic), p.kind != "umbrella", p.id))


def collect(pages: Mapping[str, Page]) -> dict[str, Any]:
    """The file of names. Raises `ConfigError` where two pages claim one alias."""
    words = _words(pages)
    return {
        "pages": {page.id: _line(page) for page in in_order(pages)},
        "aliases": _aliases(pages, words),
        "words": words,
        "components": {name: page.id for page in in_order(pages) for name in page.implements},
    }


def _line(page: Page) -> dict[str, Any]:
    """What lists show of a page."""
    short = {"en": page.short.en, "ja": page.short.ja}
    return {"topic": page.topic, "en": page.name.en, "ja": page.name.ja, "short": short}


def in_links(called: Mapping[str, Any]) -> dict[str, str]:
    """What links call a page: its names, without what they add in brackets at the end."""
    return {language: _BRACKETS.sub("", called[language]) for language in ("en", "ja")}


def own_names(page: Page) -> list[str]:
    """Every name that a page has by itself, as written."""
    listed = page.aliases
    reading = [page.name.reading] if page.name.reading else []
    return [page.id, page.name.en, page.name.ja, *reading,
            *listed.en, *listed.ja, *listed.code, *listed.misspellings]  # fmt: skip


def _words(pages: Mapping[str, Page]) -> dict[str, list[dict[str, Any]]]:
    """Each word with several meanings, normalised, and its meanings on all pages."""
    words: dict[str, list[dict[str, Any]]] = {}
    for page in in_order(pages):
        for meaning in page.meanings:
            target = None if meaning.page == "none" else meaning.page or page.id
            entry = {"page": target, "en": meaning.en, "ja": meaning.ja}
            known = words.setdefault(normalise(meaning.word), [])
            same = [i for i, other in enumerate(known) if target and other["page"] == target]
            if not same:
                known.append(entry)
            elif meaning.page is None:  # a page's own gloss stands before a stranger's
                known[same[0]] = entry
    return words


def _aliases(pages: Mapping[str, Page], words: Iterable[str]) -> dict[str, str]:
    """Each name of exactly one page, normalised. A page's id is its own whatever else it means."""
    owners = {normalise(page.id): page.id for page in pages.values()}
    several = set(words)
    problems = []
    for page in in_order(pages):
        for name in own_names(page):
            key = normalise(name)
            if key in several:
                continue
            owner = owners.setdefault(key, page.id)
            if owner != page.id:
                message = f"'{name}' is a name of both '{owner}' and '{page.id}'."
                problems.append(Problem(message, hint="List it in 'meanings' of both pages."))
    if problems:
        raise ConfigError(*problems)
    for page in in_order(pages):
        for address in page.implements:  # a config's word for it, where nobody else has the word
            owners.setdefault(normalise(address.partition(".")[2]), page.id)
    return {
        key: owner for key, owner in owners.items() if key not in several or key == normalise(owner)
    }
