"""The components of the catalogue as pages name them: `optimizer.momentum`, and their options."""

from __future__ import annotations

import re
from typing import Any

from dlkit.catalog import REGULARIZERS, TASKS
from dlkit.config.schema import COMPONENTS
from dlkit.config.sections import SETTINGS, settings
from dlkit.ranges import describe
from dlkit.registry import Registry, did_you_mean
from dlkit.signatures import REQUIRED, Option, Signature

SECTIONS: dict[str, Registry] = {**COMPONENTS, "regularization": REGULARIZERS, "task": TASKS}
"""The first word of a component's address, and the table of the second."""

SYMBOL = 12
"""A docstring that says less of an option only names its symbol; the legend explains that."""


def is_plain(section: str) -> bool:
    """Whether a section of a config holds plain settings, as `fit` does, and no component."""
    return section in SETTINGS


def complain(address: str) -> str | None:
    """What is wrong with the address of a component, if anything."""
    section, _, name = address.partition(".")
    if section in SETTINGS:
        known = settings(section).names()
        return None if name in known else f"unknown setting '{name}'.{did_you_mean(name, known)}"
    if section not in SECTIONS:
        return f"unknown section '{section}'.{did_you_mean(section, SECTIONS)}"
    return None if name in SECTIONS[section] else SECTIONS[section].complain(name)


def options(address: str) -> tuple[Option, ...]:
    """The options of a component, or the one setting that `fit.batch_size` names.

    None if the component's code is not there to be read.
    """
    section, _, name = address.partition(".")
    if section in SETTINGS:
        return tuple(option for option in settings(section).options if option.name == name)
    found = _signature(address)
    return found.options if found else ()


def _signature(address: str) -> Signature | None:
    section, _, name = address.partition(".")
    try:
        return SECTIONS[section].signature(name)
    except (LookupError, ModuleNotFoundError):
        return None


def says(address: str, option: str) -> str:
    """What the component's docstring says of an option; empty if it says next to nothing."""
    found = None if is_plain(address.partition(".")[0]) else _signature(address)
    pattern = rf"^- `{option}`: (.*?)(?=^\S|\Z)"
    match = re.search(pattern, found.doc if found else "", re.MULTILINE | re.DOTALL)
    text = " ".join(match[1].split()) if match else ""
    return text if len(text) > SYMBOL else ""


def summary(address: str) -> str:
    """The catalogue's line on a component."""
    section, _, name = address.partition(".")
    return SECTIONS[section][name].summary


def default(option: Option) -> str:
    """An option's default as a config writes it."""
    return "required" if option.default is REQUIRED else written(option.default)


def written(value: Any) -> str:
    """A value as a config writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return str(value)


def words(option: Option) -> str:
    """What an option takes, in words."""
    return describe(option.annotation)
