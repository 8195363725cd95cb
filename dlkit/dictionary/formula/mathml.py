"""Writes a formula as MathML, which browsers show without any script."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from dlkit.dictionary.formula import tree
from dlkit.dictionary.formula.tree import Node

_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
_LIMITS = frozenset({"max", "min", "sup", "inf", "lim", "argmax", "argmin"})


def render(node: Node, *, block: bool = True) -> str:
    """The formula as a `<math>` element; `block` gives it a line of its own."""
    display = ' display="block"' if block else ""
    return f"<math{display}>{_element(node)}</math>"


def _element(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _symbol(node: tree.Symbol) -> str:
    text = escape(node.text)
    if node.role in ("letter", "function"):
        return f"<mi>{_bold(text)}</mi>" if node.style == "bold" else _letter(text, node.style)
    if node.role == "number":
        return f"<mn>{text}</mn>"
    if node.role == "text":
        return f"<mtext>{text}</mtext>"
    if node.role == "space":
        return f'<mspace width="{len(node.text) / 2:g}em"/>'
    form = ' form="prefix"' if node.role == "sign" else ""
    stretch = ' stretchy="false"' if node.role in ("open", "close") else ""
    return f"<mo{form}{stretch}>{text}</mo>"


def _letter(text: str, style: str) -> str:
    upright = ' mathvariant="normal"' if style == "roman" and len(text) == 1 else ""
    return f"<mi{upright}>{text}</mi>"


def _bold(text: str) -> str:
    """Latin letters in Unicode's mathematical bold; MathML has no other way."""
    return "".join(
        chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z"
        else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c
        for c in text
    )  # fmt: skip


def _row(node: tree.Row) -> str:
    return f"<mrow>{''.join(map(_element, node.parts))}</mrow>"


def _fraction(node: tree.Fraction) -> str:
    return f"<mfrac>{_element(node.top)}{_element(node.bottom)}</mfrac>"


def _root(node: tree.Root) -> str:
    return f"<msqrt>{_element(node.body)}</msqrt>"


def _accent(node: tree.Accent) -> str:
    return f'<mover accent="true">{_element(node.body)}<mo>{_ACCENTS[node.mark]}</mo></mover>'


def _script(node: tree.Script) -> str:
    base = _element(node.base)
    symbol = isinstance(node.base, tree.Symbol)
    limits = symbol and (node.base.role == "big" or node.base.text in _LIMITS)  # type: ignore[union-attr]
    names = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    parts = [_element(part) for part in (node.sub, node.sup) if part is not None]
    name = names[2] if len(parts) == 2 else names[0] if node.sub is not None else names[1]
    return f"<{name}>{base}{''.join(parts)}</{name}>"


def _fence(node: tree.Fence) -> str:
    left, right = (f"<mo>{escape(mark)}</mo>" if mark else "" for mark in (node.left, node.right))
    return f"<mrow>{left}{_element(node.body)}{right}</mrow>"


def _grid(node: tree.Grid) -> str:
    rows = "".join(
        f"<mtr>{''.join(f'<mtd>{_element(cell)}</mtd>' for cell in cells)}</mtr>"
        for cells in node.rows
    )
    table = f'<mtable class="{node.kind}">{rows}</mtable>'
    left, right = {"cases": ("{", ""), "pmatrix": ("(", ")")}.get(node.kind, ("", ""))
    before, after = (f"<mo>{mark}</mo>" if mark else "" for mark in (left, right))
    return f"<mrow>{before}{table}{after}</mrow>"


_WRITERS: dict[type, Callable[[Any], str]] = {
    tree.Symbol: _symbol, tree.Row: _row, tree.Fraction: _fraction, tree.Root: _root,
    tree.Accent: _accent, tree.Script: _script, tree.Fence: _fence, tree.Grid: _grid,
}  # fmt: skip
