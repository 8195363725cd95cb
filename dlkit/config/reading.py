"""Makes a config out of a document, section by section; the checker notes what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from dlkit.catalog import MODELS, REGULARIZERS
from dlkit.config.checker import Checker
from dlkit.config.document import ABSENT, KeyPath
from dlkit.config.schema import COMPONENTS, DEFAULT_NAMES, SECTIONS, Component, RunConfig
from dlkit.config.sections import SETTINGS, RunName, settings
from dlkit.config.shorthand import is_off
from dlkit.config.values import default
from dlkit.ranges import NameOf, an
from dlkit.signatures import REQUIRED, Option, Signature

NEEDED = ("data", "model")
"""The sections that a config can't do without."""


def read_config(checker: Checker, name: str) -> RunConfig | None:
    """The config, called `name` unless it says otherwise; None without data or a model.

    Where the checker noted problems, the config holds what is right, for further checks.
    """
    checker.refuse_unknown((), SECTIONS)
    given = checker.option((), Option("name", RunName, name))
    parts: dict[str, Any] = {section: _component(checker, (section,)) for section in COMPONENTS}
    parts |= {section: _settings(checker, section) for section in SETTINGS}
    parts |= {"regularization": _regularization(checker)}
    if parts["data"] is None or parts["model"] is None:
        return None
    if not MODELS[parts["model"].name].facts.get("activation", True):
        parts["activation"] = None
    name = name if given is ABSENT else given
    return RunConfig(name=name, document=checker.document, **parts)


def _settings(checker: Checker, section: str) -> Any:
    """A plain section, e.g. `Fit`."""
    signature = settings(section)
    checker.mapping((section,), "a mapping of settings")
    options = checker.options((section,), signature)
    return SETTINGS[section](**(_defaults(signature) | options))


def _component(checker: Checker, path: KeyPath) -> Component | dict[str, Component] | None:
    """What a section names or, where that is wrong, what it would hold by default."""
    section = str(path[0])
    if path == ("optimizer",) and (parts := _parts(checker)):
        return _optimizers(checker, parts)
    name, table = _chosen(checker, path), COMPONENTS[section]
    if name is None:
        return Component(DEFAULT_NAMES[section]) if section in DEFAULT_NAMES else None
    signature = table.signature(name)
    owner = f" for {table.kind} '{name}'"
    options = checker.options(path, signature, also=("name",), owner=owner)
    return Component(name, options, _defaults(signature))


def _parts(checker: Checker) -> tuple[str, ...]:
    """The parts of the model, if the optimizers are given by part."""
    model, given = checker.document.get(("model", "name")), checker.document.get(("optimizer",))
    parts: tuple[str, ...] = MODELS[model].facts.get("parts", ()) if model in MODELS else ()
    return parts if isinstance(given, dict) and set(parts) & set(given) else ()


def _optimizers(checker: Checker, parts: Sequence[str]) -> dict[str, Component]:
    """An optimizer for each part: the default one where none is given."""
    checker.refuse_unknown(("optimizer",), parts, noun="part")
    read = {part: _component(checker, ("optimizer", part)) for part in parts}
    return {part: each for part, each in read.items() if isinstance(each, Component)}


def _chosen(checker: Checker, path: KeyPath) -> str | None:
    """The name of a component; None if there is none, or it is wrong."""
    section = str(path[0])
    value, table = checker.document.get(path), COMPONENTS[section]
    default_name = DEFAULT_NAMES.get(section)
    off = value is ABSENT or value is None or (section == "early_stopping" and value is False)
    if off and section not in NEEDED:
        return default_name
    if not isinstance(value, dict):
        checker.must_be(path, f"the name of {an(table.kind)}, or a mapping with 'name'")
        return None
    kind = Annotated[str, NameOf(table.kind)]
    name = checker.option(path, Option("name", kind, default_name or REQUIRED))
    if "name" not in value:
        return default_name
    return None if name is ABSENT else str(name)


def _regularization(checker: Checker) -> dict[str, Component]:
    """The regularizers that are on and right, in the order of the config."""
    path: KeyPath = ("regularization",)
    found = checker.mapping(path, "a mapping of regularizers")
    checker.refuse_unknown(path, REGULARIZERS.names(), noun="regularizer")
    on = [name for name, value in found.items() if name in REGULARIZERS and not is_off(value)]
    read = {name: _regularizer(checker, (*path, name), name) for name in on}
    return {name: component for name, component in read.items() if component}


def _regularizer(checker: Checker, path: KeyPath, name: str) -> Component | None:
    """One regularizer; None if anything about it is wrong, because then it can't act."""
    if not isinstance(checker.document.get(path), dict):
        checker.must_be(path, "a mapping of options")
        return None
    count, signature = len(checker.problems), REGULARIZERS.signature(name)
    options = checker.options(path, signature, owner=f" for regularizer '{name}'")
    if len(checker.problems) > count:
        return None
    return Component(name, options, _defaults(signature))


def _defaults(signature: Signature) -> dict[str, Any]:
    """The options that have a default."""
    options = (option for option in signature.options if option.default is not REQUIRED)
    return {option.name: default(option) for option in options}
