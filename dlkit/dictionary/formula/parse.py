"""Parses the LaTeX subset that `docs/dictionary-format.md` lists, and refuses everything else."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NoReturn

from dlkit.dictionary.formula import symbols
from dlkit.dictionary.formula.tree import (
    Accent, Fence, Fraction, Grid, Node, Role, Root, Row, Script, Symbol, row,
)  # fmt: skip

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_PLAIN: dict[str, Role] = {
    **dict.fromkeys("+-", "binary"), **dict.fromkeys("=<>", "relation"), **dict.fromkeys(",;", "comma"),
    **dict.fromkeys("([", "open"), **dict.fromkeys(")]", "close"), "*": "binary", "/": "letter",
    "|": "letter", "!": "close", ":": "relation", ".": "letter", "'": "letter",
}  # fmt: skip
_FENCES = {".": "", "|": "|", "(": "(", ")": ")", "[": "[", "]": "]", "\\{": "{", "\\}": "}",
           "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉", "\\|": "‖"}  # fmt: skip
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
    """Reads tokens from left to right, one method for each construct."""

    def __init__(self, latex: str) -> None:
        self.tokens = _TOKEN.findall(latex)
        self.index = 0
        self.depth = 0

    def refuse(self, reason: str) -> NoReturn:
        raise UnsupportedFormulaError(f"formula: {reason}")

    def skip_blanks(self) -> None:
        while self.index < len(self.tokens) and self.tokens[self.index].isspace():
            self.index += 1

    def peek(self) -> str | None:
        self.skip_blanks()
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def next(self) -> str:
        token = self.peek()
        if token is None:
            self.refuse("it ends too early")
        self.index += 1
        return token

    def expect(self, token: str) -> None:
        if (found := self.peek()) != token:
            self.refuse(f"'{token}' expected" + (f" before '{found}'" if found else " at the end"))
        self.index += 1

    def row(self, stop: AbstractSet[str]) -> Node:
        """Parts up to, not including, a token of `stop`; a closing brace always stops."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"nested more than {MAX_DEPTH} levels deep")
        parts: list[Node] = []
        while (token := self.peek()) is not None and token not in stop and token != "}":
            parts.append(self.scripted(self.atom(parts)))
        self.depth -= 1
        return row(parts)

    def scripted(self, base: Node) -> Node:
        """The base with the scripts that follow it; primes join the upper one."""
        found: dict[str, Node] = {}
        while (token := self.peek()) in ("^", "_", "'"):
            self.next()
            key = "_" if token == "_" else "^"
            part = Symbol("′", "letter") if token == "'" else self.argument()
            if key in found and token != "'" and found[key] != Symbol("′", "letter"):
                self.refuse(f"two '{key}' after one symbol")
            found[key] = row((found[key], part)) if key in found else part
        return Script(base, found.get("_"), found.get("^")) if found else base

    def argument(self) -> Node:
        """What a command or a script takes: a group in braces, or the next symbol."""
        if self.peek() == "{":
            return self.group()
        token = self.peek()
        if token and len(token) > 1 and token[0].isdigit():  # x^12 is x^1 2
            self.tokens[self.index : self.index + 1] = [token[0], token[1:]]
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
        while self.index < len(self.tokens) and self.tokens[self.index] != "}":
            text += self.tokens[self.index]
            self.index += 1
        self.expect("}")
        return text

    def atom(self, before: list[Node]) -> Node:
        """One part; `before` decides whether a sign stands between operands or before one."""
        token = self.peek()
        if token == "{":
            return self.group()
        if token in ("^", "_", "&") or token is None:
            self.refuse(f"'{token}' has nothing to belong to" if token else "it ends too early")
        self.next()
        if token.startswith("\\"):
            return self.command(token[1:], before)
        if token[0].isdigit():
            return Symbol(token, "number")
        if token in _PLAIN:
            return self.operator(token, _PLAIN[token], before)
        if token.isascii() and token.isalpha():
            return Symbol(token, "letter")
        self.refuse(f"'{token}' is not supported")

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
        token = self.next()
        if token not in _FENCES:
            self.refuse(f"'{token}' is no bracket")
        return _FENCES[token]

    def grid(self) -> Node:
        kind: Any = self.raw()
        if kind not in ("cases", "aligned", "array", "pmatrix"):
            self.refuse(f"'\\begin{{{kind}}}' is not supported")
        if kind == "array":
            self.raw()
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.row(frozenset({"&", "\\\\", "\\end"})))
            token = self.next()
            if token == "\\\\":
                rows.append([])
            elif token == "\\end":
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
