"""The short ways to write a config, and the one long form that the rest of the program reads.

`loss: cross_entropy` is short for `loss: {name: cross_entropy}`, and `dropout: 0.3` for
`dropout: {rate: 0.3}`: a regularizer's first option.
"""

from __future__ import annotations

from dlkit.catalog import MODELS, REGULARIZERS
from dlkit.config.document import Document, KeyPath
from dlkit.config.schema import COMPONENTS

PARTS = {part for entry in MODELS.entries.values() for part in entry.facts.get("parts", ())}
"""Every part of a model that may have an optimizer of its own."""


def expand(document: Document) -> Document:
    """The document in the long form; what is in no known form stays as it is."""
    for section in COMPONENTS:
        if isinstance(document.get((section,)), str):
            document = _inside(document, (section,), "name")
    for part in PARTS:
        if isinstance(document.get(("optimizer", part)), str):
            document = _inside(document, ("optimizer", part), "name")
    regularizers = document.get(("regularization",))
    for name, value in regularizers.items() if isinstance(regularizers, dict) else ():
        if name in REGULARIZERS and not isinstance(value, dict | list) and not is_off(value):
            first = REGULARIZERS.signature(name).options[0].name
            document = _inside(document, ("regularization", name), first)
    return document


def is_off(value: object) -> bool:
    """Whether a component that may be absent is switched off: `false`, or null."""
    return value is None or value is False


def _inside(document: Document, path: KeyPath, key: str) -> Document:
    """The document with the value at `path` as the only entry, `key`, of a mapping."""
    place, inner = document.values[path], (key,)
    part = Document({key: document.get(path)}, {inner: place}, {(): place, inner: place})
    return document.replace(path, part)
