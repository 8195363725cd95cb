"""`--set optimizer.learning_rate=0.1`: one value of the config, from the command line.

The value is read as YAML and checked as if it stood in the file; errors show the override itself.
"""

from __future__ import annotations

from dlkit.config.document import ABSENT, OVERRIDE, Document, KeyPath, dotted
from dlkit.config.nodes import Places, parse_value
from dlkit.config.scalars import quoted, show
from dlkit.config.shorthand import expand
from dlkit.errors import ConfigError, Location, Problem

MAX_KEYS = 8


def override(document: Document, text: str) -> Document:
    """The document with the override `text` applied. Raises `ConfigError`."""
    dotted_key, equals, _ = text.partition("=")
    value = parse_value(text, OVERRIDE, start=len(dotted_key) + 1)
    path: KeyPath = tuple(dotted_key.split("."))
    places = Places(text, OVERRIDE)
    if not equals or "" in path or len(path) > MAX_KEYS:
        problem = f"{quoted(text)} is not of the form section.key=value."
        raise ConfigError(Problem(problem, places.at(0), "Write --set fit.epochs=5, for example."))
    start = 0
    for length, key in enumerate(path[:-1], 1):
        document = _opened(document, path[:length], places.at(start))
        start += len(str(key)) + 1
    return expand(document.replace(path, value, places.at(start)))


def _opened(document: Document, path: KeyPath, place: Location) -> Document:
    """The document with a mapping at `path`, a new one if nothing is there."""
    value = document.get(path)
    if isinstance(value, dict):
        return document
    if value is ABSENT or value is None:
        return document.replace(path, Document({}, values={(): place}), place)
    problem = f"'{dotted(path)}' is {show(value)}: nothing can be set inside it."
    raise ConfigError(Problem(problem, place, f"Set '{dotted(path)}' itself."))
