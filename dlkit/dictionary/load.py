"""Reads page files: strict YAML into a `Page`, or every problem with its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dlkit.config.document import Document, KeyPath, dotted
from dlkit.config.nodes import parse_value
from dlkit.dictionary.page import Page
from dlkit.errors import ConfigError, Problem
from dlkit.registry import did_you_mean

PAGES = Path(__file__).parent / "pages"
MAX_BYTES = 1 << 18


def load(path: Path) -> tuple[Page, Document]:
    """The page in the file `path`, and where each part of it stands. Raises `ConfigError`."""
    return parse(_text(path), str(path))


def load_all(folder: Path = PAGES, *, draft: bool = False) -> dict[str, Page]:
    """Every page of the folder by its id, in the order of the file names.

    Raises `ConfigError` with the problems of all files; a `draft` leaves broken pages out.
    """
    pages: dict[str, Page] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            page, document = load(path)
        except ConfigError as error:
            problems += error.problems
            continue
        if page.id != path.stem:
            message = f"the page's id is '{page.id}', so its file must be '{page.id}.yaml'."
            problems.append(Problem(message, document.value(("id",))))
        pages[page.id] = page
    if problems and not draft:
        raise ConfigError(*problems)
    return pages


def parse(text: str, file: str) -> tuple[Page, Document]:
    """The page that `text` holds; `file` is how errors call it. Raises `ConfigError`."""
    document = parse_value(text, file)
    if not isinstance(document.data, dict):
        raise ConfigError(Problem(f"{file}: a page must be a mapping, beginning with 'id:'."))
    try:
        page = Page.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        problems = [_problem(detail, document) for detail in error.errors(include_url=False)]
        raise ConfigError(*document.problems, *problems) from None
    if document.problems:
        raise ConfigError(*document.problems)
    return page, document


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"page '{path}' can't be read: {reason}.") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"page '{path}' is larger than {MAX_BYTES} bytes.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"page '{path}' is not UTF-8 at byte {error.start}.") from None


def _problem(detail: Any, document: Document) -> Problem:
    """One of pydantic's complaints, at the key or the value that it is about."""
    path: KeyPath = _written(detail["loc"], document)
    name = dotted(path) or "the page"
    if detail["type"] == "extra_forbidden":
        # `{en: one, two, ja: 一}`: YAML takes `two` for a key without a value
        split = document.get(path) is None
        hint = "Quote a text that holds a comma." if split else ""
        known = did_you_mean(str(path[-1]), _siblings(path))
        return Problem(f"unknown key '{name}'.", document.keys.get(path), hint or known.strip())
    if detail["type"] == "missing":
        return Problem(f"'{dotted(tuple(detail['loc']))}' is missing.", document.value(path))
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(f"'{name}': {message[:1].lower()}{message[1:]}.", document.value(path))


def _written(location: Iterable[str | int], document: Document) -> KeyPath:
    """The part of pydantic's location that is in the document (it adds names of union branches)."""
    path: KeyPath = ()
    for step in location:
        if (*path, step) in document.values:
            path = (*path, step)
    return path


def _siblings(path: KeyPath) -> tuple[str, ...]:
    """The keys that may stand where the unknown key `path` stands."""
    model: Any = Page
    for step in path[:-1]:
        if isinstance(step, str):
            model = _model_of(model.model_fields[step].annotation)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _model_of(annotation: Any) -> Any:
    """The record inside `list[Record]`, `Record | None` or `dict[str, Record]`."""
    from typing import get_args

    inner = [part for part in get_args(annotation) if part not in (str, type(None))]
    return _model_of(inner[0]) if inner else annotation
