"""Names that a config may use, each bound to the place of its code, resolved only when built.

A `Registry` is a table of strings: importing it imports no component. The same table answers which
names exist, which one was meant, what a component's options are, and, last, builds the component.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlkit.signatures import Signature, read


@dataclass(frozen=True)
class Entry:
    """One name of a table.

    `target` is `"package.module:attribute"`; `summary` one line; `facts` what other parts of a
    config must know about the component before it is imported (each table says which facts it has).
    """

    target: str
    summary: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Registry:
    """A table of components of one kind, e.g. `Registry("activation", {"relu": Entry(...)})`."""

    def __init__(self, kind: str, entries: Mapping[str, Entry]) -> None:
        self.kind = kind
        self.entries = dict(entries)

    def __contains__(self, name: object) -> bool:
        # A config may hold anything where a name belongs, a list, say, which no table can look up.
        return isinstance(name, str) and name in self.entries

    def names(self) -> tuple[str, ...]:
        """Every name, in the order of the table."""
        return tuple(self.entries)

    def __getitem__(self, name: str) -> Entry:
        return self.entries[name]

    def signature(self, name: str) -> Signature:
        """The component's options, read from its source without importing it."""
        return read(self.entries[name].target)

    def load(self, name: str) -> Callable[..., Any]:
        """The component itself; imports its module."""
        module, _, attribute = self.entries[name].target.partition(":")
        component: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
        return component

    def complain(self, name: str) -> str:
        """What to say of a name that is not in the table."""
        return f"unknown {self.kind} '{name}'.{did_you_mean(name, self.names())}"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of `words`, or None when none is close (difflib ratio below 0.6)."""
    folded = {candidate.casefold(): candidate for candidate in words}
    hits = difflib.get_close_matches(word.casefold()[:100], folded, n=1, cutoff=0.6)
    return folded[hits[0]] if hits else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """` Did you mean 'relu'?`, or all the names there are when none is close."""
    known = tuple(words)
    hit = nearest(word, known)
    return f" Did you mean '{hit}'?" if hit else f" Known: {', '.join(sorted(known))}."
