"""Sends each regularizer to where it acts: one word of a config, one destination.

Dropout and batch normalisation go to the model, label smoothing to the loss, weight decay to the
optimizer, penalties, clipping and averaging to the engine, augmentation to the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dlkit.catalog import LOSSES, MODELS, OPTIMIZERS
from dlkit.config.regularizers import Route
from dlkit.config.schema import DEFAULT_LOSSES, ROUTED, Component, RunConfig
from dlkit.errors import ConfigError, Location, Problem
from dlkit.registry import Registry


@dataclass(frozen=True)
class Rule:
    """An optimizer; `weight_decay` is for the groups of one that has no decoupled decay itself."""

    optimizer: Component
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Routed:
    """Each part of a run with the options of its section and those of its regularizers.

    `loss` is None for the task's own. `rules` has an optimizer for each part of the model, or one for
    all under an empty name. Each of `penalties` has a `kind` (l1, l2) and its options.
    """

    model: Component
    loss: Component | None
    rules: Mapping[str, Rule]
    penalties: tuple[Mapping[str, Any], ...] = ()
    clip_norm: float | None = None
    clip_value: float | None = None
    weight_averaging: float | None = None
    """The decay of the average, None where none is kept."""
    augmentation: Mapping[str, Any] = field(default_factory=dict)
    """The options of `augmentation`, empty where the config has none."""

    def rule(self, part: str) -> Rule:
        """The optimizer that moves a part."""
        return self.rules[part if part in self.rules else ""]


def route(config: RunConfig) -> Routed:
    """Where everything goes. Raises `ConfigError` for what is set twice or can't go anywhere."""
    if found := problems(config):
        raise ConfigError(*found)
    added: dict[str, dict[str, Any]] = {}
    for target in config.routes().values():
        added.setdefault(target.section, {}).update(target.options)
    engine = added.get("engine", {})
    return Routed(
        model=_with(config.model, added.get("model", {})),
        loss=_loss(config, added.get("loss", {})),
        rules={
            part: _rule(component, added.get("optimizer", {}))
            for part, component in config.rules().items()
        },
        penalties=tuple({"kind": kind, **engine[kind]} for kind in ("l1", "l2") if kind in engine),
        clip_norm=engine.get("clip_norm"),
        clip_value=engine.get("clip_value"),
        weight_averaging=engine.get("weight_averaging"),
        augmentation=added.get("data", {}),
    )


def problems(config: RunConfig) -> list[Problem]:
    """What keeps the regularizers from being routed."""
    found = (
        _twice(config, name, target) or _nowhere(config, name, target)
        for name, target in config.routes().items()
    )
    return [problem for problem in found if problem]


def _rule(optimizer: Component, options: Mapping[str, Any]) -> Rule:
    """The optimizer with what regularizers set there, by its own option or by its groups."""
    name = optimizer.name
    if OPTIMIZERS[name].facts.get("decoupled") and _takes(OPTIMIZERS, name, options):
        return Rule(_with(optimizer, options))
    return Rule(optimizer, options.get("weight_decay", 0.0))


def _takes(table: Registry, name: str, options: Mapping[str, Any]) -> bool:
    return set(options) <= set(table.signature(name).names())


def _with(component: Component, options: Mapping[str, Any]) -> Component:
    return replace(component, options={**component.options, **options})


def _loss(config: RunConfig, options: Mapping[str, Any]) -> Component | None:
    """The loss; the default one by its name only where it gets options."""
    if config.loss or not options:
        return config.loss and _with(config.loss, options)
    return Component(config.loss_name() or DEFAULT_LOSSES["classes"], options)


def _owners(config: RunConfig, section: str) -> list[tuple[str, Component]]:
    """The components of a section that a regularizer may set options of, and their dotted keys."""
    if section == "optimizer":
        return [(f"optimizer.{part}".rstrip("."), rule) for part, rule in config.rules().items()]
    owner = getattr(config, section) if section in ROUTED else None
    return [(section, owner)] if owner else []


def _twice(config: RunConfig, name: str, target: Route) -> Problem | None:
    """The complaint if the config sets what the regularizer sets."""
    both = [
        f"{key}.{option}"
        for key, owner in _owners(config, target.section)
        for option in target.options
        if option in owner.options
    ]
    if not both:
        return None
    key, other = both[0], f"regularization.{name}"
    place = config.locate(other)
    hint = f"Keep one of them; the second is set at {place}." if place else "Keep one of them."
    return Problem(f"'{key}' and '{other}' set the same thing.", config.locate(key), hint)


def _nowhere(config: RunConfig, name: str, target: Route) -> Problem | None:
    """The complaint if the part that a regularizer acts in has no such option."""
    place = config.locate(f"regularization.{name}")
    if name == "weight_averaging" and config.takes() == "adversarial":
        message = f"model '{config.model.name}' keeps an average of its own, of the generator."
        return Problem(message, place, "Set its decay with 'model.ema_decay'.")
    if target.section == "model":
        return _no_option(MODELS, config.model.name, name, target, place)
    if target.section != "loss":
        return None
    loss = config.loss_name()
    if config.takes() in ("own", "adversarial"):
        reason = f"model '{config.model.name}' is not trained on them"
    elif config.yields() == "values" and not config.loss:
        reason = f"data '{config.data.name}' yields values"
    elif loss and LOSSES[loss].facts["takes"] != "classes":
        reason = f"loss '{loss}' has none"
    else:
        return _no_option(LOSSES, loss, name, target, place) if loss else None
    return Problem(f"label smoothing acts on class labels: {reason}.", place)


def _no_option(
    table: Registry, part: str, name: str, target: Route, place: Location | None
) -> Problem | None:
    if _takes(table, part, target.options):
        return None
    message = f"{table.kind} '{part}' has no option '{name}' for 'regularization.{name}' to set."
    able = ", ".join(each for each in table.names() if _takes(table, each, target.options))
    return Problem(message, place, f"These have: {able}." if able else "")
