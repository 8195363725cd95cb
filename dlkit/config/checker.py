"""Looks at the keys and values of a document, and notes what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlkit.config.advice import advice
from dlkit.config.document import ABSENT, OVERRIDE, Document, KeyPath, dotted
from dlkit.config.scalars import quoted, show
from dlkit.config.schema import COMPONENTS
from dlkit.config.values import UnfitError, convert
from dlkit.errors import Problem
from dlkit.ranges import describe
from dlkit.registry import nearest
from dlkit.signatures import REQUIRED, Option, Signature


class Checker:
    """Checks `document`, whose file lies in `folder`; what is wrong is collected in `problems`.

    A value that is wrong counts as not set, so that the rest can be checked in the same pass.
    """

    def __init__(self, document: Document, folder: Path) -> None:
        self.document, self.folder = document, folder
        self.problems: list[Problem] = []

    def mapping(self, path: KeyPath, what: str) -> dict[str, Any]:
        """The mapping at `path`, or an empty one; noted if something else was written there."""
        value = self.document.get(path)
        if isinstance(value, dict):
            return value
        if value is not ABSENT and value is not None:
            self.must_be(path, what)
        return {}

    def options(
        self, path: KeyPath, signature: Signature, *, also: Sequence[str] = (), owner: str = ""
    ) -> dict[str, Any]:
        """The options at `path` that were set, and are right."""
        self.refuse_unknown(path, (*signature.names(), *also), owner=owner)
        values = {option.name: self.option(path, option) for option in signature.options}
        return {name: value for name, value in values.items() if value is not ABSENT}

    def option(self, path: KeyPath, option: Option) -> Any:
        """The value of an option in the mapping at `path`; `ABSENT` if not set, or wrong."""
        inner = (*path, option.name)
        value = self.document.get(inner)
        if value is ABSENT:
            if option.default is REQUIRED:
                self.must_be(inner, describe(option.annotation))
            return ABSENT
        from_command_line = self.document.values[inner].file == OVERRIDE
        folder = Path.cwd() if from_command_line else self.folder
        try:
            return convert(option.annotation, value, inner, folder)
        except UnfitError as error:
            for fault in error.faults:
                self.note(fault.message, fault.path, fault.hint)
            return ABSENT

    def must_be(self, path: KeyPath, what: str) -> None:
        """Notes that the value at `path` is missing, or of the wrong kind."""
        value, key = self.document.get(path), quoted(dotted(path))
        if value is ABSENT:
            self.note(f"{key} is missing. It must be {what}.", path)
        else:
            self.note(f"{key} must be {what}, not {show(value)}.", path)

    def refuse_unknown(
        self, path: KeyPath, names: Sequence[str], *, noun: str = "key", owner: str = ""
    ) -> None:
        """Notes each key of the mapping at `path` that is not among `names`."""
        value = self.document.get(path)
        for key in value if isinstance(value, dict) else ():
            if key not in names:
                hint = advice(self.document, dotted(path), key, names)
                place = self.document.keys[*path, key]
                meant = (*path, nearest(key, names) or key)
                message = f"unknown {noun} {quoted(key)}{owner}."
                self.problems.append(Problem(message, place, hint, self.topics(meant)))

    def note(self, message: str, path: KeyPath, hint: str = "") -> None:
        """Takes down a problem with the value at `path`."""
        top = replace(self.document.values[()], source="")  # where no line is to blame
        place = self.document.value(path) or top
        self.problems.append(Problem(message, place, hint, self.topics(path)))

    def topics(self, path: KeyPath) -> tuple[str, ...]:
        """Words that explain the value at `path`: of an option its component's first.

        `("optimizer", "momentum")` of a config with nag: `nag.momentum`, `momentum`, `nag`,
        `optimizer`. Where the name itself is wrong, the name that may be meant comes first.
        """
        *section, key = (each for each in path if isinstance(each, str))
        name = self.document.get((*section, "name"))
        if key == "name":
            table = COMPONENTS.get(section[0]) if section else None
            meant = nearest(str(name), table.names()) if table else None
            return tuple(each for each in (meant, *section) if each)
        owner = [name] if isinstance(name, str) else section[-1:]
        return tuple(dict.fromkeys([*(f"{each}.{key}" for each in owner), key, *owner, *section]))
