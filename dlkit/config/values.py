"""Checks the value of one option against the option's annotation, and says in words what is wrong.

pydantic decides, in strict mode on JSON: `true` is no integer, `"10"` no number, `.nan` no finite
one, and a list will do where the annotation says tuple or Sequence. `_complete` teaches it the
marks of `dlkit.ranges` that it does not know.
"""

from __future__ import annotations

import json
import os
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from dlkit.catalog import TABLES
from dlkit.config.document import KeyPath, dotted
from dlkit.config.scalars import show
from dlkit.ranges import NameOf, PathKind, describe
from dlkit.registry import nearest
from dlkit.signatures import Option


@dataclass(frozen=True)
class Fault:
    """What is wrong with the value at `path`."""

    path: KeyPath
    message: str
    hint: str = ""


class UnfitError(ValueError):
    """A value does not fit its annotation; `faults` says where and why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(*self.faults)


def convert(annotation: Any, value: Any, path: KeyPath, folder: Path) -> Any:
    """The value as its component takes it; paths in it are made absolute from `folder`.

    Raises `UnfitError` with all that is wrong.
    """
    try:
        return _adapter(annotation).validate_json(json.dumps(value), context=folder)
    except ValidationError as error:
        raise UnfitError(_faults(annotation, value, path, error)) from None


def default(option: Option) -> Any:
    """The default of an option; a path in it is relative to the current folder."""
    if not isinstance(option.default, str) or not _holds(option.annotation, PathKind):
        return option.default
    return convert(option.annotation, option.default, (option.name,), Path.cwd())


def _holds(annotation: Any, kind: type) -> bool:
    """Whether a mark of this kind is anywhere in the annotation."""
    parts = get_args(annotation)
    return isinstance(annotation, kind) or any(_holds(part, kind) for part in parts)


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    config = ConfigDict(strict=True, allow_inf_nan=False)
    return TypeAdapter(_complete(annotation), config=config)


def _complete(annotation: Any) -> Any:
    """The annotation with a validator for each mark, and each Literal, that needs one."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Annotated[annotation, BeforeValidator(_same_kind(parts))]
    if origin is Annotated:
        return reduce(_marked, parts[1:], _complete(parts[0]))
    if origin in (Union, types.UnionType):
        return reduce(or_, map(_complete, parts))
    return origin[tuple(map(_complete, parts))] if parts else annotation


def _marked(inner: Any, mark: Any) -> Any:
    if isinstance(mark, PathKind):
        mark = AfterValidator(_absolute)
    elif isinstance(mark, NameOf):
        mark = AfterValidator(_known(mark.kind))
    return Annotated[inner, mark]


def _same_kind(choices: Sequence[Any]) -> Any:
    def check(value: Any) -> Any:
        """To pydantic, 8.0 and 8, or true and 1, are the same choice."""
        if not any(type(choice) is type(value) and choice == value for choice in choices):
            raise ValueError("none of the choices")
        return value

    return check


def _absolute(text: str, info: ValidationInfo[Path]) -> str:
    """`~` expanded, relative to the folder of the config; variables such as `$HOME` stay as is."""
    if not text:
        raise ValueError("no path")
    return os.path.abspath(os.path.join(info.context, os.path.expanduser(text)))


def _known(kind: str) -> Any:
    def check(name: str) -> str:
        if name not in TABLES[kind]:
            complaint = TABLES[kind].complain(name[:60])
            raise PydanticCustomError("unknown_name", "{text}", {"text": complaint})
        return name

    return check


def _faults(annotation: Any, value: Any, path: KeyPath, error: ValidationError) -> list[Fault]:
    """One fault for each culprit: the innermost values that pydantic complains of."""
    found: dict[KeyPath, Fault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        inner, kind, culprit = _descend(annotation, value, detail["loc"])
        if detail["type"] == "unknown_name":
            found[inner] = Fault(path + inner, detail["msg"])
        else:
            found.setdefault(inner, _fault(kind, culprit, path + inner))
    deepest = max(map(len, found))
    return [fault for inner, fault in found.items() if len(inner) == deepest]


def _fault(annotation: Any, value: Any, path: KeyPath) -> Fault:
    message = f"'{dotted(path)}' must be {describe(annotation)}, not {show(value)}."
    choices = [choice for choice in _choices(annotation) if isinstance(choice, str)]
    hit = nearest(value, choices) if isinstance(value, str) else None
    return Fault(path, message, f"Did you mean '{hit}'?" if hit else "")


def _choices(annotation: Any) -> list[Any]:
    parts = [part for part in _branches(annotation) if get_origin(part) is Literal]
    return [choice for part in parts for choice in get_args(part)]


def _descend(annotation: Any, value: Any, steps: Sequence[Any]) -> tuple[KeyPath, Any, Any]:
    """Follows pydantic's steps into `value`, but for those that only name a branch of a union."""
    path: KeyPath = ()
    for step in steps:
        inside = range(len(value)) if isinstance(value, list) else value
        if isinstance(value, list | dict) and step in inside:
            annotation, value = _item(annotation, value, step), value[step]
            path = (*path, step)
    return path, annotation, value


def _item(annotation: Any, value: Any, step: Any) -> Any:
    """The annotation of an item of `value`, a list or a mapping that `annotation` allows."""
    origins: tuple[Any, ...] = (dict,) if isinstance(value, dict) else (list, tuple, Sequence)
    for branch in _branches(annotation):
        if get_origin(branch) in origins:
            parts = get_args(branch)
            return parts[step] if get_origin(branch) is tuple else parts[-1]
    return annotation


def _branches(annotation: Any) -> list[Any]:
    """The types that a value may have, without their marks."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _branches(parts[0])
    if origin in (Union, types.UnionType):
        return [branch for part in parts for branch in _branches(part)]
    return [annotation]
