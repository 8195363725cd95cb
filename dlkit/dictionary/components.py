"""The components of the catalogue as pages name them: `optimizer.momentum`, and their options."""

from __future__ import annotations

from dlkit.catalog import REGULARIZERS, TASKS
from dlkit.config.schema import COMPONENTS, SETTINGS, settings
from dlkit.ranges import describe
from dlkit.registry import Registry, did_you_mean
from dlkit.signatures import REQUIRED, Option

SECTIONS: dict[str, Registry] = {**COMPONENTS, "regularization": REGULARIZERS, "task": TASKS}
"""The first word of a component's address, and the table of the second."""


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
    try:
        return SECTIONS[section].signature(name).options
    except (LookupError, ModuleNotFoundError):
        return ()


def default(option: Option) -> str:
    """An option's default as a config writes it."""
    if option.default is REQUIRED:
        return "required"
    words = {None: "null", True: "true", False: "false"}
    if option.default is None or isinstance(option.default, bool):
        return words[option.default]
    if isinstance(option.default, list | tuple):
        return f"[{', '.join(map(str, option.default))}]"
    return str(option.default)


def words(option: Option) -> str:
    """What an option takes, in words."""
    return describe(option.annotation)
