"""Writes a formula on one line: `η / (1 − α)`, or in nothing but ASCII `eta / (1 - alpha)`."""

from __future__ import annotations

from collections.abc import Mapping

from dlkit.dictionary.formula import symbols, tree, unicode
from dlkit.dictionary.formula.tree import Node

_ASCII = {
    **{letter: name for name, letter in symbols.LETTERS.items()},
    "∂": "d", "∞": "inf", "…": "...", "⋯": "...", "′": "'", "⊤": "T", "ε": "eps", "ℓ": "l",
    "−": "-", "·": "*", "×": "*", "⊙": "*", "∗": "*", "±": "+-", "∘": "o", "∪": "union",
    "∩": "intersection", "⊕": "(+)", "÷": "/", "∖": "\\", "⋆": "*",
    "≥": ">=", "≤": "<=", "≠": "!=", "←": "<-", "→": "->", "↦": "|->", "⇒": "=>", "∈": "in",
    "∉": "not in", "⊂": "subset of", "⊆": "subset of", "≈": "~=", "∼": "~", "∝": "proportional to",
    "≡": "==", "≪": "<<", "≫": ">>", "∥": "||", "‖": "||", "∑": "sum", "∏": "prod", "∫": "int",
    "⟨": "<", "⟩": ">", "ℝ": "R", "ℕ": "N", "ℤ": "Z", "ℂ": "C", "𝔼": "E", "ℙ": "P", "𝟙": "1",
    "ℒ": "L", "𝒩": "N", "𝒟": "D", "𝒪": "O", "ℋ": "H", "ℱ": "F", "𝒳": "X", "ℬ": "B", "φ": "phi",
}  # fmt: skip
_ROUNDING = {"⌊": "floor(", "⌈": "ceil(", "⌋": ")", "⌉": ")"}
_MARKS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}


def render(node: Node, *, ascii_only: bool = False) -> str:
    """The formula as one line."""
    text = _Writer(_ASCII if ascii_only else {}).text(node)
    return " ".join(text.split()).replace(" ,", ",")


class _Writer:
    """One method for each kind of node; `words` replaces symbols, and is empty for Unicode."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def text(self, node: Node) -> str:
        written: str = getattr(self, type(node).__name__.lower())(node)
        return written

    def word(self, text: str) -> str:
        return _ROUNDING.get(text) or self.words.get(text, text)

    def group(self, node: Node) -> str:
        """The text, in brackets unless it is one symbol."""
        text = self.text(node).strip()
        return text if text.replace("_", "").replace(".", "").isalnum() else f"({text})"

    def symbol(self, node: tree.Symbol) -> str:
        text = self.word(node.text)
        if node.role in ("relation", "binary"):
            return f" {text} "
        if node.role == "comma":
            return f"{text} "
        separate = len(text) > 1 and text.isalpha() and node.role != "function"
        return f" {text} " if separate else text

    def row(self, node: tree.Row) -> str:
        text = ""
        for part in node.parts:
            piece = self.text(part)
            if text and piece and _run_together(text, piece):
                text += " "
            text += piece
        return text

    def fraction(self, node: tree.Fraction) -> str:
        return f" {self.group(node.top)} / {self.group(node.bottom)} "

    def root(self, node: tree.Root) -> str:
        body = self.text(node.body).strip()
        return f"sqrt({body})" if self.words else f"√({body})"

    def accent(self, node: tree.Accent) -> str:
        body = self.text(node.body).strip()
        return f"{body}_{node.mark}" if self.words else body + _MARKS[node.mark]

    def script(self, node: tree.Script) -> str:
        text = self.text(node.base).strip()
        if isinstance(node.base, tree.Symbol) and node.base.role == "big":
            limits = "..".join(self.text(part).strip() for part in (node.sub, node.sup) if part)
            return f" {text}[{limits.replace(' = ', '=')}] "
        if not self.words and len(rows := unicode.render(node)) == 1:
            return rows[0]  # in small characters: w₁²
        if node.sub is not None:
            text += f"_{self.group(node.sub)}"
        if node.sup is not None:
            raised = self.text(node.sup).strip()
            text += raised if set(raised) <= {"'", "′"} else f"^{self.group(node.sup)}"
        return text

    def fence(self, node: tree.Fence) -> str:
        return f"{self.word(node.left)}{self.text(node.body).strip()}{self.word(node.right)}"

    def grid(self, node: tree.Grid) -> str:
        joint = ", if " if node.kind == "cases" else "  "
        rows = "; ".join(
            joint.join(self.text(cell).strip() for cell in cells) for cells in node.rows
        )
        left, right = {"cases": ("{ ", " }"), "pmatrix": ("[", "]")}.get(node.kind, ("", ""))
        return left + rows + right


def _run_together(left: str, right: str) -> bool:
    """Whether a blank must stand between: `alpha v`, `2 (x + 1)`, but `f(x)`."""
    if not (left[-1].isalnum() or left[-1] == ")"):
        return False
    if right[0] == "(":
        word = left.rsplit(maxsplit=1)[-1]
        return not word.isalnum() or word.isdigit()
    return right[0].isalnum()
