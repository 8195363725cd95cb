"""Lays a formula out in two dimensions with the characters of a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dlkit.dictionary.formula import symbols, tree
from dlkit.dictionary.formula.tree import Node
from dlkit.dictionary.width import pad, width

_SUPER = str.maketrans(dict(zip(
    "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθ⊤′∗",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᵀ′*",
    strict=True,
)))  # fmt: skip
_SUB = str.maketrans(dict(zip(
    "0123456789+−=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
    strict=True,
)))  # fmt: skip
_MARKS = {"hat": ("\u0302", "^"), "bar": ("\u0304", "_"), "tilde": ("\u0303", "~")}
_TALL = {"(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "|": "│││", "‖": "‖‖‖", "⌊": "⎢⎢⎣",
         "⌋": "⎥⎥⎦", "⌈": "⎡⎢⎢", "⌉": "⎤⎥⎥"}  # fmt: skip


_BLANKS = re.compile(r" ?([=<>≤≥≠←→∈∉≈∼∝,+−·×]) ")
_SPACED = ("relation", "binary", "comma", "space", "close")
_LIMITS = frozenset({"max", "min", "sup", "inf", "lim", "argmax", "argmin"})


@dataclass(frozen=True)
class Box:
    """Text rows of one width; the row `base` is level with its neighbours' `base`."""

    rows: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """Columns."""
        return width(self.rows[0])


def render(node: Node) -> list[str]:
    """The formula's rows, without blanks at their ends."""
    return [row.rstrip() for row in _box(node).rows]


def render_line(node: Node) -> str | None:
    """The formula if it is one row, as inside a sentence."""
    rows = render(node)
    return rows[0].strip() if len(rows) == 1 else None


def _box(node: Node) -> Box:
    return _LAYOUTS[type(node)](node)


def _symbol(node: tree.Symbol) -> Box:
    spaced = {"relation": f" {node.text} ", "binary": f" {node.text} ", "comma": f"{node.text} "}
    return Box((spaced.get(node.role, node.text),))


def _row(node: tree.Row) -> Box:
    boxes = [_box(part) for part in node.parts[:1]]
    for part, following in pairwise(node.parts):
        if _needs_blank(_base(part), _base(following)):
            boxes.append(Box((" ",)))
        boxes.append(_box(following))
    return _beside(boxes)


def _base(part: Node) -> Node:
    return part.base if isinstance(part, tree.Script) else part


def _needs_blank(left: Node, right: Node) -> bool:
    """Whether two neighbours would run together: `t log y`, or a letter beside a fraction's bar."""
    if _role(right) in _SPACED or _role(left) in _SPACED:
        return False
    if isinstance(right, tree.Fraction) or isinstance(left, tree.Fraction):
        return not isinstance(right, tree.Fence) and _role(left) not in ("sign", "open", "big")
    if _role(left) == "function":
        return not isinstance(right, tree.Fence) and _role(right) != "open"
    return _role(right) == "function" and _role(left) not in ("sign", "open", "big")


def _role(part: Node) -> str:
    return part.role if isinstance(part, tree.Symbol) else ""


def _beside(boxes: Sequence[Box]) -> Box:
    """The boxes in a row, their base lines level."""
    full = [box for box in boxes if box.width] or [Box(("",))]
    above = max(box.base for box in full)
    below = max(len(box.rows) - box.base for box in full)
    rows = [""] * (above + below)
    for box in full:
        top = above - box.base
        for index in range(len(rows)):
            inside = 0 <= index - top < len(box.rows)
            rows[index] += box.rows[index - top] if inside else " " * box.width
    return Box(tuple(rows), above)


def _centred(box: Box, columns: int) -> tuple[str, ...]:
    left = (columns - box.width) // 2
    return tuple(pad(" " * left + row, columns) for row in box.rows)


def _fraction(node: tree.Fraction) -> Box:
    top, bottom = _box(node.top), _box(node.bottom)
    columns = max(top.width, bottom.width)
    rows = (*_centred(top, columns), "─" * columns, *_centred(bottom, columns))
    return Box(rows, len(top.rows))


def _root(node: tree.Root) -> Box:
    body = _box(node.body)
    height = len(body.rows)
    if height == 1:
        simple = body.width == 1
        return Box((f"√{body.rows[0]}",)) if simple else Box((f"√({body.rows[0]})",))
    line = " " * height + "_" * body.width
    rows = [" " * (height - 1 - i) + "╱" + " " * i + row for i, row in enumerate(body.rows)]
    return Box((line, *rows), body.base + 1)


def _accent(node: tree.Accent) -> Box:
    body = _box(node.body)
    combining, above = _MARKS[node.mark]
    if len(body.rows) == 1 and body.width == 1:
        return Box((unicodedata.normalize("NFC", body.rows[0] + combining),))
    mark = above * body.width if node.mark == "bar" else above
    return Box((*_centred(Box((mark,)), body.width), *body.rows), body.base + 1)


def _script(node: tree.Script) -> Box:
    base = node.base
    if isinstance(base, tree.Symbol) and (base.role == "big" or base.text in _LIMITS):
        return _limits(node)
    return _raised(node)


def _raised(node: tree.Script) -> Box:
    """Scripts to the right, in small characters where each has one, else in rows of their own."""
    base = _box(node.base)
    sub, sup = _tight(node.sub), _tight(node.sup)
    small = [_small(box, table) for box, table in ((sub, _SUB), (sup, _SUPER)) if box]
    if len(base.rows) == 1 and all(small):
        return Box((base.rows[0] + "".join(map(str, small)),))
    columns = max(box.width for box in (sub, sup) if box)
    rows = [" " * base.width + pad(row, columns) for row in (sup.rows if sup else ())]
    rows += [row + " " * columns for row in base.rows]
    rows += [" " * base.width + pad(row, columns) for row in (sub.rows if sub else ())]
    return Box(tuple(rows), (len(sup.rows) if sup else 0) + base.base)


def _small(box: Box, table: dict[int, Any]) -> str | None:
    """The text in raised or lowered characters, if each of its characters has one."""
    text = box.rows[0].replace(" ", "")
    if len(box.rows) > 1 or any(ord(character) not in table for character in text):
        return None
    return text.translate(table)


def _limits(node: tree.Script) -> Box:
    """A sum or product with what stands under and over it."""
    base = _box(node.base)
    sub, sup = _tight(node.sub), _tight(node.sup)
    columns = max(box.width for box in (base, sub, sup) if box)
    above = _centred(sup, columns) if sup else ()
    below = _centred(sub, columns) if sub else ()
    rows = (*above, *_centred(base, columns), *below)
    gap = " " if base.rows[0] in symbols.BIG.values() else ""
    return Box(tuple(row + gap for row in rows), len(above) + base.base)


def _tight(node: Node | None) -> Box | None:
    """A script without the blanks around its signs."""
    if node is None:
        return None
    box = _box(node)
    return Box((_BLANKS.sub(r"\1", box.rows[0]).strip(),)) if len(box.rows) == 1 else box


def _fence(node: tree.Fence) -> Box:
    return _fenced(node.left, _box(node.body), node.right)


def _fenced(left: str, body: Box, right: str) -> Box:
    sides = (_side(left, body), body, _side(right, body))
    return _beside([box for box in sides if box is not None])


def _side(mark: str, body: Box) -> Box | None:
    height = len(body.rows)
    if not mark:
        return None
    if height == 1:
        return Box((mark,))
    if mark in "{}":
        return _brace(mark, height, body.base)
    top, middle, bottom = tuple(_TALL.get(mark, mark * 3))
    return Box((top, *[middle] * (height - 2), bottom), body.base)


def _brace(mark: str, height: int, base: int) -> Box:
    hook, line, point, end = tuple("⎧⎪⎨⎩" if mark == "{" else "⎫⎪⎬⎭")
    if height == 2:
        return Box((hook, end), base)
    rows = [line] * height
    rows[0], rows[height // 2], rows[-1] = hook, point, end
    return Box(tuple(rows), base)


def _grid(node: tree.Grid) -> Box:
    cells = [[_box(cell) for cell in cells] for cells in node.rows]
    count = max(map(len, cells), default=0)
    columns = [
        max((row[i].width for row in cells if i < len(row)), default=0) for i in range(count)
    ]
    gap = 0 if node.kind == "aligned" else 2
    lines: list[str] = []
    for index, row in enumerate(cells):
        if index and node.kind != "cases" and max(len(box.rows) for box in row) > 1:
            lines.append(" " * (sum(columns) + gap * (count - 1)))
        padded = [_padded(box, columns[i] + gap * (i < count - 1)) for i, box in enumerate(row)]
        lines += _beside(padded).rows
    wide = max(map(width, lines), default=0)
    box = Box(tuple(pad(line, wide) for line in lines), len(lines) // 2)
    brackets = {"cases": ("{", ""), "pmatrix": ("(", ")")}.get(node.kind)
    return _fenced(brackets[0], box, brackets[1]) if brackets else box


def _padded(box: Box, columns: int) -> Box:
    return Box(tuple(pad(row, columns) for row in box.rows), box.base)


_LAYOUTS: dict[type, Callable[[Any], Box]] = {
    tree.Symbol: _symbol, tree.Row: _row, tree.Fraction: _fraction, tree.Root: _root,
    tree.Accent: _accent, tree.Script: _script, tree.Fence: _fence, tree.Grid: _grid,
}  # fmt: skip
