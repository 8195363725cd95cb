"""The types of a component's options: a Python type together with the range it may take.

A signature such as `def adam(groups, *, learning_rate: PositiveFloat = 1e-3)` is the whole schema
of the option. `signatures` reads it without importing the component; `describe` says it in words.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt, Predicate


@dataclass(frozen=True)
class Words:
    """How to say a type in an error message, where its parts would not say it well."""

    text: str


@dataclass(frozen=True)
class PathKind:
    """Marks text that is a path: `~` is expanded, and it is relative to the config's folder."""

    kind: Literal["file", "folder"]


@dataclass(frozen=True)
class NameOf:
    """Marks text that must be a name of the catalogue's table `kind`."""

    kind: str


def is_odd(number: int) -> bool:
    """Whether 2 does not divide `number`."""
    return number % 2 == 1


PositiveInt = Annotated[int, Ge(1), Le(1_000_000_000)]
NaturalInt = Annotated[int, Ge(0), Le(1_000_000_000)]
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]
PositiveFloat = Annotated[float, Gt(0)]
NonNegativeFloat = Annotated[float, Ge(0)]
FiniteFloat = Annotated[float, Words("a finite number")]
Fraction = Annotated[float, Gt(0), Lt(1)]
Share = Annotated[float, Ge(0), Lt(1)]
UnitInterval = Annotated[float, Ge(0), Le(1)]
PositiveShare = Annotated[float, Gt(0), Le(1)]
OddInt = Annotated[int, Ge(1), Le(101), Predicate(is_odd), Words("an odd integer from 1 to 101")]
Degrees = Annotated[float, Ge(0), Le(180)]
BatchSize = Annotated[
    Annotated[int, Ge(1), Le(10_000_000)] | Literal["full"],
    Words("an integer from 1 to 10000000, or 'full' for all examples at once"),
]
FilePath = Annotated[str, PathKind("file")]
FolderPath = Annotated[str, PathKind("folder")]
ActivationName = Annotated[str, NameOf("activation")]
PositiveInts = Annotated[Sequence[PositiveInt], Len(1, 64)]
PositiveIntsOrNone = Annotated[Sequence[PositiveInt], Len(0, 64)]
InitialisationName = Literal["default", "xavier", "he", "lecun", "orthogonal"]

_NOUNS: dict[Any, str] = {
    int: "an integer",
    float: "a finite number",
    str: "text",
    bool: "true or false",
    type(None): "null",
}


def an(noun: str) -> str:
    """The noun with its article: `an optimizer`, `a loss`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def describe(annotation: Any) -> str:
    """The type in words, e.g. `an integer from 1 to 1000000000` for `PositiveInt`."""
    if annotation in _NOUNS:
        return _NOUNS[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _describe_range(parts[0], parts[1:])
    if origin is Literal:
        return "one of " + ", ".join(str(choice) for choice in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(describe(part) for part in parts)
    if origin is tuple:
        return f"a list of {len(parts)}: " + ", ".join(describe(part) for part in parts)
    if origin is dict:
        return f"a mapping of names to {describe(parts[1])}"
    return f"a list, each {describe(parts[0])}" if parts else str(annotation)


def _describe_range(inner: Any, marks: tuple[Any, ...]) -> str:
    for mark in marks:
        if isinstance(mark, Words):
            return mark.text
        if isinstance(mark, PathKind):
            return f"the path of a {mark.kind}"
        if isinstance(mark, NameOf):
            return f"the name of {an(mark.kind)}"
    low = next((mark for mark in marks if isinstance(mark, Ge | Gt)), None)
    high = next((mark for mark in marks if isinstance(mark, Le | Lt)), None)
    noun = describe(inner)
    size = next((mark for mark in marks if isinstance(mark, Len)), None)
    if size is not None:
        return noun.replace("a list", f"a list of {size.min_length} to {size.max_length}", 1)
    if isinstance(low, Ge) and isinstance(high, Le):
        return f"{noun} from {low.ge} to {high.le}"
    return " ".join([noun, *_bounds(low, high)])


def _bounds(low: Any, high: Any) -> list[str]:
    words = []
    if low is not None:
        words.append(f"of at least {low.ge}" if isinstance(low, Ge) else f"greater than {low.gt}")
    if high is not None:
        joint = "and " if words else ""
        bound = f"at most {high.le}" if isinstance(high, Le) else f"less than {high.lt}"
        words.append(joint + bound)
    return words
