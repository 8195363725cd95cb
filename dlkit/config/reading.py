"""One pass over a document: what is right becomes the config, all that is wrong is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from dlkit.catalog import REGULARIZERS
from dlkit.config.advice import advice
from dlkit.config.document import ABSENT, Document, KeyPath, dotted
from dlkit.config.override import FILE as SET
from dlkit.config.scalars import quoted, show
from dlkit.config.schema import (
    COMPONENTS,
    DEFAULT_NAMES,
    SECTIONS,
    SETTINGS,
    Component,
    RunConfig,
    RunName,
    settings,
)
from dlkit.config.shorthand import is_off
from dlkit.config.values import UnfitError, convert, default
from dlkit.errors import Problem
from dlkit.ranges import NameOf, an, describe
from dlkit.signatures import REQUIRED, Option, Signature

NEEDED = ("data", "model")


class Reading:
    """Reads the sections of `document`, whose file lies in `folder`, and collects `problems`.

    An option that is wrong counts as not set, so that the rest can be checked in the same pass.
    """

    def __init__(self, document: Document, folder: Path) -> None:
        self.document, self.folder = document, folder
        self.problems: list[Problem] = []

    def config(self, name: str) -> RunConfig | None:
        """The config, called `name` unless it says otherwise; None without data and a model."""
        self.refuse_unknown((), SECTIONS)
        given = self.option((), Option("name", RunName, name))
        parts: dict[str, Any] = {section: self.component(section) for section in COMPONENTS}
        parts |= {section: self.settings(section) for section in SETTINGS}
        parts["regularization"] = self.regularization()
        if parts["data"] is None or parts["model"] is None:
            return None
        parts["name"] = name if given is ABSENT else given
        return RunConfig(document=self.document, **parts)

    def settings(self, section: str) -> Any:
        """A plain section, e.g. `Fit`."""
        signature = settings(section)
        self.mapping((section,), "a mapping of settings")
        options = self.options((section,), signature)
        return SETTINGS[section](**(_defaults(signature) | options))

    def component(self, section: str) -> Component | None:
        """What a section names or, where that is wrong, what it would hold by default."""
        name, table = self.chosen(section), COMPONENTS[section]
        if name is None:
            return Component(DEFAULT_NAMES[section]) if section in DEFAULT_NAMES else None
        signature = table.signature(name)
        owner = f" for {table.kind} '{name}'"
        options = self.options((section,), signature, also=("name",), owner=owner)
        return Component(name, options, _defaults(signature))

    def chosen(self, section: str) -> str | None:
        """The name of a section's component; None if there is none, or it is wrong."""
        value, table = self.document.get((section,)), COMPONENTS[section]
        default_name = DEFAULT_NAMES.get(section)
        off = value is ABSENT or value is None or (section == "early_stopping" and value is False)
        if off and section not in NEEDED:
            return default_name
        if not isinstance(value, dict):
            self.must_be((section,), f"the name of {an(table.kind)}, or a mapping with 'name'")
            return None
        kind = Annotated[str, NameOf(table.kind)]
        name = self.option((section,), Option("name", kind, default_name or REQUIRED))
        if "name" not in value:
            return default_name
        return None if name is ABSENT else str(name)

    def regularization(self) -> dict[str, Component]:
        """The regularizers that are on and right, in the order of the config."""
        path: KeyPath = ("regularization",)
        found = self.mapping(path, "a mapping of regularizers")
        self.refuse_unknown(path, REGULARIZERS.names(), noun="regularizer")
        on = [name for name, value in found.items() if name in REGULARIZERS and not is_off(value)]
        read = {name: self.regularizer((*path, name), name) for name in on}
        return {name: component for name, component in read.items() if component}

    def regularizer(self, path: KeyPath, name: str) -> Component | None:
        """One regularizer; None if anything about it is wrong, because then it can't act."""
        count, signature = len(self.problems), REGULARIZERS.signature(name)
        if not isinstance(self.document.get(path), dict):
            self.must_be(path, "a mapping of options")
            return None
        options = self.options(path, signature, owner=f" for regularizer '{name}'")
        if len(self.problems) > count:
            return None
        return Component(name, options, _defaults(signature))

    def mapping(self, path: KeyPath, what: str) -> dict[str, Any]:
        """The mapping at `path`, empty if nothing was written there."""
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
        """The value of one option; `ABSENT` if it was not set, or is wrong."""
        inner = (*path, option.name)
        value = self.document.get(inner)
        if value is ABSENT:
            if option.default is REQUIRED:
                self.must_be(inner, describe(option.annotation))
            return ABSENT
        place = self.document.values[inner]
        folder = Path.cwd() if place.file == SET else self.folder
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
                place = self.document.key((*path, key))
                message = f"unknown {noun} {quoted(key)}{owner}."
                hint = advice(self.document, dotted(path), key, names)
                self.problems.append(Problem(message, place, hint))

    def note(self, message: str, path: KeyPath, hint: str = "") -> None:
        """Takes down a problem with the value at `path`."""
        top = self.document.values[()]
        place = self.document.value(path) or replace(top, source="")  # no line to blame
        self.problems.append(Problem(message, place, hint))


def _defaults(signature: Signature) -> dict[str, Any]:
    """The options that have a default."""
    options = (option for option in signature.options if option.default is not REQUIRED)
    return {option.name: default(option) for option in options}
