"""Reads a component's signature from its source, without importing it.

The keyword-only parameters of a component are its options: their annotations and defaults are the
schema. Reading them from the syntax tree keeps torch out of config checks, `--help` and listings,
and works where torch is broken. Annotations may use the names of `dlkit.ranges`, builtin types,
`Literal`, `list`, `tuple`, `dict`, `Sequence` and `|`; defaults are literals. Nothing is evaluated;
what lies outside this grammar raises `TypeError`, and a test reads every component.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union

from dlkit import ranges

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "REQUIRED"})()
"""The default of an option that has none."""

_PLAIN: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool, "None": type(None)}
_GENERIC: dict[str, Any] = {"list": list, "tuple": tuple, "dict": dict, "Sequence": Sequence}


@dataclass(frozen=True)
class Option:
    """One keyword-only parameter: its name, its annotation as a type, its default."""

    name: str
    annotation: Any
    default: Any = REQUIRED


@dataclass(frozen=True)
class Signature:
    """A component as its source declares it: its options in order, and its docstring."""

    options: tuple[Option, ...]
    doc: str

    def names(self) -> tuple[str, ...]:
        """The options' names, in the order of the source."""
        return tuple(option.name for option in self.options)


@cache
def read(target: str) -> Signature:
    """The signature of `"package.module:attribute"`, a function or a class.

    Raises `LookupError` if there is no such definition, `TypeError` if an annotation or a default
    is outside the grammar of this module.
    """
    module, _, attribute = target.partition(":")
    definition = _find(_tree(module), attribute, target)
    doc = ast.get_docstring(definition) or ""
    if isinstance(definition, ast.ClassDef):
        definition = _find(definition, "__init__", target)
    arguments = definition.args  # type: ignore[union-attr]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return Signature(tuple(_option(argument, default) for argument, default in pairs), doc)


@cache
def _tree(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"there is no module {module!r}")
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def _find(tree: ast.AST, name: str, target: str) -> ast.FunctionDef | ast.ClassDef:
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"there is no {name!r} for {target!r}")


def _option(argument: ast.arg, default: ast.expr | None) -> Option:
    if argument.annotation is None:
        raise TypeError(f"option {argument.arg!r} has no annotation")
    value = REQUIRED if default is None else ast.literal_eval(default)
    return Option(argument.arg, _type(argument.annotation), value)


def _type(node: ast.expr) -> Any:
    """The type that an annotation names."""
    if isinstance(node, ast.Name):
        return _PLAIN.get(node.id) or getattr(ranges, node.id, None) or _refuse(node)
    if isinstance(node, ast.Constant) and node.value is None:
        return type(None)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return Union[_type(node.left), _type(node.right)]  # noqa: UP007 - built from values
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _subscript(node.value.id, node)
    return _refuse(node)


def _subscript(name: str, node: ast.Subscript) -> Any:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return Literal[tuple(ast.literal_eval(part) for part in parts)]
    if name in _GENERIC:
        return _GENERIC[name][tuple(_type(part) for part in parts)]
    return _refuse(node)


def _refuse(node: ast.expr) -> Any:
    raise TypeError(f"annotation {ast.unparse(node)!r} is outside the grammar of dlkit.signatures")
