"""Parses the LaTeX subset that `docs/dictionary-format.md` lists, and refuses everything else."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NoReturn

from dlkit.dictionary.formula import symbols
from dlkit.dictionary.formula.tree import (
    Accent,
    Fence,
    Fraction,
    Grid,
    Node,
    Role,
    Root,
    Row,
    Script,
    Symbol,
    row,
)  # fmt: skip

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_PLAIN: dict[str, Role] = {
    **dict.fromkeys("+-", "binary"), **dict.fromkeys("=<>", "relation"),
    **dict.fromkeys(",;", "comma"),
    **dict.fromkeys("([", "open"), **dict.fromkeys(")]", "close"), "*": "binary", "/": "letter",
    "|": "letter", "!": "close", ":": "relation", ".": "letter", "'": "letter",
}  # fmt: skip
_FENCES = {".": "", "|": "|", "(": "(", ")": ")", "[": "[", "]": "]", "\\{": "{", "\\}": "}",
           "\\lfloor": "⌊", "\\rfloor": "⌋",
           "\\lceil": "⌈", "\\rceil": "⌉", "\\|": "‖"}  # fmt: skip
_MARKS: dict[str, Literal["hat", "bar", "tilde"]] = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
}  # fmt: skip
MAX_DEPTH = 40


class UnsupportedFormulaError(ValueError):
    """The formula is outside the subset; the message names the command or what is missing."""


def parse(latex: str) -> Node:
    """The formula as a tree. Raises `UnsupportedFormulaError`."""
    parser = _Parser(latex)
    node = parser.row(frozenset())
    if parser.peek() is not None:
        parser.refuse(f"'{parser.peek()}' closes nothing")
    return node


class _Parser:
    """Reads pieces from left to right, one method for each construct."""

    def __init__(self, latex: str) -> None:
        self.pieces = _TOKEN.findall(latex)
        self.index = 0
        self.depth = 0

    def refuse(self, reason: str) -> NoReturn:
        raise UnsupportedFormulaError(f"formula: {reason}")

    def skip_blanks(self) -> None:
        while self.index < len(self.pieces) and self.pieces[self.index].isspace():
            self.index += 1

    def peek(self) -> str | None:
        self.skip_blanks()
        return self.pieces[self.index] if self.index < len(self.pieces) else None

    def next(self) -> str:
        piece = self.peek()
        if piece is None:
            self.refuse("it ends too early")
        self.index += 1
        return piece

    def expect(self, piece: str) -> None:
        if (found := self.peek()) != piece:
            self.refuse(f"'{piece}' expected" + (f" before '{found}'" if found else " at the end"))
        self.index += 1

    def row(self, stop: AbstractSet[str]) -> Node:
        """Parts up to, not including, a piece of `stop`; a closing brace always stops."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"nested more than {MAX_DEPTH} levels deep")
        parts: list[Node] = []
        while (piece := self.peek()) is not None and piece not in stop and piece != "}":
            parts.append(self.scripted(self.atom(parts)))
        self.depth -= 1
        return row(parts)

    def scripted(self, base: Node) -> Node:
        """The base with the scripts that follow it; primes join the upper one."""
        found: dict[str, Node] = {}
        while (piece := self.peek()) in ("^", "_", "'"):
            self.next()
            key = "_" if piece == "_" else "^"
            part = Symbol("′", "letter") if piece == "'" else self.argument()
            if key in found and piece != "'" and found[key] != Symbol("′", "letter"):
                self.refuse(f"two '{key}' after one symbol")
            found[key] = row((found[key], part)) if key in found else part
        return Script(base, found.get("_"), found.get("^")) if found else base

    def argument(self) -> Node:
        """What a command or a script takes: a group in braces, or the next symbol."""
        if self.peek() == "{":
            return self.group()
        piece = self.peek()
        if piece and len(piece) > 1 and piece[0].isdigit():  # x^12 is x^1 2
            self.pieces[self.index : self.index + 1] = [piece[0], piece[1:]]
        return self.atom([])

    def group(self) -> Node:
        self.expect("{")
        node = self.row(frozenset())
        self.expect("}")
        return node

    def raw(self) -> str:
        """A group's text as it stands, blanks included."""
        self.expect("{")
        text = ""
        while self.index < len(self.pieces) and self.pieces[self.index] != "}":
            text += self.pieces[self.index]
            self.index += 1
        self.expect("}")
        return text

    def atom(self, before: list[Node]) -> Node:
        """One part; `before` decides whether a sign stands between operands or before one."""
        piece = self.peek()
        if piece == "{":
            return self.group()
        if piece in ("^", "_", "&") or piece is None:
            self.refuse(f"'{piece}' has nothing to belong to" if piece else "it ends too early")
        self.next()
        if piece.startswith("\\"):
            return self.command(piece[1:], before)
        if piece[0].isdigit():
            return Symbol(piece, "number")
        if piece in _PLAIN:
            return self.operator(piece, _PLAIN[piece], before)
        if piece.isascii() and piece.isalpha():
            return Symbol(piece, "letter")
        self.refuse(f"'{piece}' is not supported")

    def operator(self, text: str, role: Role, before: list[Node]) -> Node:
        if role == "binary" and not _is_operand(before):
            role = "sign"
        return Symbol({"-": "−", "'": "′", "*": "∗"}.get(text, text), role)

    def command(self, name: str, before: list[Node]) -> Node:
        if name in _STRUCTURES:
            return _STRUCTURES[name](self)
        if name in symbols.ACCENTS:
            return Accent(_MARKS[name], self.argument())
        if name in symbols.STYLES:
            return _styled(self.argument(), symbols.STYLES[name])
        if name in symbols.BINARY:
            return self.operator(symbols.BINARY[name], "binary", before)
        tables: tuple[tuple[dict[str, str], Role], ...] = (
            (symbols.LETTERS, "letter"), (symbols.RELATIONS, "relation"), (symbols.BIG, "big"),
            (symbols.OPEN, "open"), (symbols.CLOSE, "close"), (symbols.SPACES, "space"),
            ({"|": "‖", "%": "%", "_": "_", "&": "&"}, "letter"),
        )  # fmt: skip
        for table, role in tables:
            if name in table:
                return Symbol(table[name], role)
        if name in symbols.FUNCTIONS:
            return Symbol(name, "function", "roman")
        self.refuse(f"'\\{name}' is not supported")

    def fraction(self) -> Node:
        return Fraction(self.argument(), self.argument())

    def root(self) -> Node:
        if self.peek() == "[":
            self.refuse("only square roots are supported")
        return Root(self.argument())

    def text(self) -> Node:
        return Symbol(self.raw(), "text", "roman")

    def fence(self) -> Node:
        left = self.bracket()
        body = self.row(frozenset({"\\right"}))
        self.expect("\\right")
        return Fence(left, body, self.bracket())

    def bracket(self) -> str:
        piece = self.next()
        if piece not in _FENCES:
            self.refuse(f"'{piece}' is no bracket")
        return _FENCES[piece]

    def grid(self) -> Node:
        kind: Any = self.raw()
        if kind not in ("cases", "aligned", "array", "pmatrix"):
            self.refuse(f"'\\begin{{{kind}}}' is not supported")
        if kind == "array":
            self.raw()
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.row(frozenset({"&", "\\\\", "\\end"})))
            piece = self.next()
            if piece == "\\\\":
                rows.append([])
            elif piece == "\\end":
                break
        if self.raw() != kind:
            self.refuse(f"'\\begin{{{kind}}}' is not closed")
        full = tuple(tuple(cells) for cells in rows if any(cell != Row(()) for cell in cells))
        return Grid(kind, full)


_STRUCTURES = {
    "frac": _Parser.fraction, "tfrac": _Parser.fraction, "dfrac": _Parser.fraction,
    "sqrt": _Parser.root, "text": _Parser.text, "left": _Parser.fence, "begin": _Parser.grid,
}  # fmt: skip


def _is_operand(before: list[Node]) -> bool:
    """Whether something stands before that a binary sign could join to what follows."""
    full = [part for part in before if not (isinstance(part, Symbol) and part.role == "space")]
    if not full:
        return False
    last = full[-1]
    return not isinstance(last, Symbol) or last.role in ("letter", "number", "close", "text")


def _styled(node: Node, style: str) -> Node:
    """The node in another alphabet; letters in sequence become one word in roman type."""
    parts = node.parts if isinstance(node, Row) else (node,)
    if style == "roman":
        if all(isinstance(part, Symbol) and part.role in ("letter", "number", "binary", "sign")
               for part in parts):  # fmt: skip
            word = "".join(part.text for part in parts if isinstance(part, Symbol))
            role: Role = "function" if len(word) > 1 else "letter"
            return Symbol(word, role, "roman")
        return node
    return row(tuple(_restyled(part, style) for part in parts))


def _restyled(part: Node, style: str) -> Node:
    if not isinstance(part, Symbol):
        return part
    if style == "bold":
        return Symbol(part.text, part.role, "bold")
    alphabet = symbols.DOUBLE if style == "double" else symbols.SCRIPT
    return Symbol(alphabet.get(part.text, part.text), part.role)
