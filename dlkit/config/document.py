"""A text that was read: its plain data, and where each key and each value stands.

Every part of the data has a path, e.g. `("fit", "epochs")`. Documents are never changed: `replace`
returns another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlkit.errors import Location, Problem

KeyPath = tuple[str | int, ...]
"""The keys (text) and positions in lists (numbers) that lead from the top to a value."""

OVERRIDE = "--set"
"""What stands for the file's name in the locations of an override."""

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""What `Document.get` returns where nothing was written."""


@dataclass(frozen=True)
class Document:
    """`data` made of dict, list, str, int, float, bool and None; positions by path.

    `problems` are those that did not keep the text from being read, such as a repeated key.
    """

    data: Any = field(default_factory=dict)
    keys: Mapping[KeyPath, Location] = field(default_factory=dict)
    values: Mapping[KeyPath, Location] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def get(self, path: KeyPath) -> Any:
        """The value at `path`, or `ABSENT`."""
        value = self.data
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return ABSENT
            value = value[key]
        return value

    def value(self, path: KeyPath) -> Location | None:
        """Where the value at `path` was written; else the nearest enclosing key, if any."""
        if path in self.values:
            return self.values[path]
        enclosing = (path[:length] for length in range(len(path) - 1, 0, -1))
        return next((self.keys[outer] for outer in enclosing if outer in self.keys), None)

    def replace(self, path: KeyPath, part: Document, key: Location | None = None) -> Document:
        """This document with `part` at `path`, whose mappings all exist but for the last key."""
        keys = {old: place for old, place in self.keys.items() if old[: len(path)] != path}
        values = {old: place for old, place in self.values.items() if old[: len(path)] != path}
        keys |= {path + inner: place for inner, place in part.keys.items()}
        values |= {path + inner: place for inner, place in part.values.items()}
        if place := key or self.keys.get(path):
            keys[path] = place
        return Document(
            _with(self.data, path, part.data), keys, values, self.problems + part.problems
        )


def _with(data: dict[str, Any], path: KeyPath, value: Any) -> dict[Any, Any]:
    """A copy of `data` in which `path` holds `value`; what lies beside the path is shared."""
    first, *rest = path
    return {**data, first: _with(data[str(first)], tuple(rest), value) if rest else value}


def dotted(path: KeyPath) -> str:
    """The path as messages write it: `model.channels[1]`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")
