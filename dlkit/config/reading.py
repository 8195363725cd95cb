"""One pass over a document: what is right becomes the config, all that is wrong is noted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from dlkit.catalog import REGULARIZERS
from dlkit.config.document import ABSENT, Document, KeyPath, dotted
from dlkit.config.override import FILE as SET
from dlkit.config.scalars import quoted, show
from dlkit.config.schema import (
    COMPONENTS,
    DEFAULT_NAMES,
    ORDER,
    SETTINGS,
    Component,
    RunName,
    settings,
)
from dlkit.config.shorthand import is_off
from dlkit.config.values import UnfitError, convert, is_path
from dlkit.errors import Location, Problem
from dlkit.ranges import an
from dlkit.registry import Registry, did_you_mean, nearest
from dlkit.signatures import REQUIRED, Option, Signature

TOP = "the top level"


class Reading:
    """Reads sections of `document`, whose file is in `folder`, and collects `problems`."""

    def __init__(self, document: Document, folder: Path) -> None:
        self.document, self.folder = document, folder
        self.problems: list[Problem] = []

    def top(self) -> None:
        """Checks the names of the sections."""
        self._refuse_unknown((), ORDER, "")

    def name(self, default: str) -> str:
        """The run's name."""
        option = Option("name", RunName, default)
        return str(self._options((), Signature((option,), ""))[0].get("name", default))

    def settings(self, section: str) -> Any:
        """A plain section, e.g. `Fit`."""
        value, signature = self.document.get((section,)), settings(section)
        if value is not ABSENT and value is not None and not isinstance(value, dict):
            self._note(f"'{section}' must be a mapping of settings, not {show(value)}.", (section,))
        self._refuse_unknown((section,), signature.names(), "")
        return SETTINGS[section](**self._complete(*self._options((section,), signature), signature))

    def component(self, section: str) -> Component | None:
        """The component that a section names, or that it stands for; None if there is none."""
        table, value = COMPONENTS[section], self.document.get((section,))
        required = section in ("data", "model")
        if not required and (value is ABSENT or is_off(value) and section == "early_stopping")
