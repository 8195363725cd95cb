"""What a formula is made of once it has been parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "letter", "number", "function", "relation", "binary", "sign", "comma", "open", "close", "text",
    "space", "big",
]  # fmt: skip
"""How a symbol behaves: `binary` stands between operands, `sign` before one, `big` takes limits."""


@dataclass(frozen=True)
class Symbol:
    """One letter, number, word or mark, in Unicode; `style` is bold, roman, or neither."""

    text: str
    role: Role
    style: Literal["", "bold", "roman"] = ""


@dataclass(frozen=True)
class Row:
    """Parts side by side."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction:
    """One part over another."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Root:
    """The square root of `body`."""

    body: Node


@dataclass(frozen=True)
class Accent:
    """A mark above: `hat`, `bar` or `tilde`."""

    mark: Literal["hat", "bar", "tilde"]
    body: Node


@dataclass(frozen=True)
class Script:
    """A base with what stands below and above it on the right; below and above a `big` symbol."""

    base: Node
    sub: Node | None
    sup: Node | None


@dataclass(frozen=True)
class Fence:
    """Brackets that grow with their content; an empty text stands for none."""

    left: str
    body: Node
    right: str


@dataclass(frozen=True)
class Grid:
    """Rows of cells: `cases`, `aligned`, `array` or `pmatrix`."""

    kind: Literal["cases", "aligned", "array", "pmatrix"]
    rows: tuple[tuple[Node, ...], ...]


Node = Symbol | Row | Fraction | Root | Accent | Script | Fence | Grid


def row(parts: Sequence[Node]) -> Node:
    """The parts as one node; a single part stays itself."""
    return parts[0] if len(parts) == 1 else Row(tuple(parts))
