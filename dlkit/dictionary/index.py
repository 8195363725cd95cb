"""Reads the built index: one small file of names, one file a page. Imports next to nothing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

INDEX = Path(__file__).parent / "index"

Record = dict[str, Any]
"""A page as `dlkit.dictionary.build` wrote it; `--json` prints it."""


@cache
def names() -> Record:
    """All names: `pages`, `aliases`, `words` with several meanings, and `components`."""
    return _read("names.json")


@cache
def texts() -> dict[str, str]:
    """All text of each page, normalised for full-text search."""
    return _read("texts.json")


def page(identifier: str) -> Record:
    """The page with that id."""
    return _read(f"pages/{identifier}.json")


def pages() -> list[Record]:
    """Every page, in the order of topics."""
    return [page(identifier) for identifier in names()["pages"]]


def _read(name: str) -> Record:
    with (INDEX / name).open(encoding="utf-8") as file:
        record: Record = json.load(file)
    return record
