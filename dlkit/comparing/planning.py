"""From what was asked for on the command line to a plan. No torch, but for a config of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing.plan import FIRST_REPORTING_SEED, Plan, Track
from dlkit.comparing.presets import PRESETS, fashion_is_here
from dlkit.errors import ConfigError
from dlkit.registry import did_you_mean


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What may change in a preset; None leaves it as it is. Lists are separated by commas."""

    optimizers: str | None = None
    seeds: int | None = None
    tuning_seeds: int | None = None
    first_seed: int | None = None
    rates: int | None = None
    track: str | None = None
    estimators: str | None = None
    budget: int | None = None
    target: float | None = None

    def given(self) -> list[str]:
        """The options that were used, as one types them."""
        return [
            f"--{name.replace('_', '-')}" for name, value in vars(self).items() if value is not None
        ]


def plan_for(
    preset: str | None, config: Path | None, overrides: Sequence[str], wishes: Wishes
) -> tuple[Plan, list[str]]:
    """The plan, and what its owner should know. Raises `ConfigError` for wishes that can't be met."""
    changes = _changes(wishes)
    if config is not None and preset is not None:
        raise ConfigError("--preset and --config are two different comparisons: give one of them.")
    if overrides and config is None:
        raise ConfigError("--set overrides a key of --config, and there is none.")
    if config is None:
        plan, notes = _preset(preset or "quick")
    else:
        plan, notes = _own(config, overrides, wishes), []
    if wishes.budget is not None:
        changes["tasks"] = tuple(replace(task, epochs=wishes.budget) for task in plan.tasks)
    plan = replace(plan, **changes)
    if plan.axis_rule not in plan.rules:
        plan = replace(plan, axis_rule=plan.rules[0])
    return plan, notes


def _preset(name: str) -> tuple[Plan, list[str]]:
    if name not in PRESETS:
        raise ConfigError(f"unknown preset '{name}'.{did_you_mean(name, PRESETS)}")
    return PRESETS[name](name == "laptop" and fashion_is_here())


def _own(config: Path, overrides: Sequence[str], wishes: Wishes) -> Plan:
    from dlkit.comparing.config_runner import config_task

    task = config_task(config, overrides, wishes.budget)
    return Plan(task.name, (task,), OPTIMIZERS.names(), tuning_seeds=2, reporting_seeds=5)


def _changes(wishes: Wishes) -> dict[str, Any]:
    """The fields of a plan that `wishes` set, checked."""
    for name, least in {"seeds": 1, "tuning_seeds": 1, "rates": 1, "budget": 1}.items():
        value = getattr(wishes, name)
        if value is not None and value < least:
            flag = f"--{name.replace('_', '-')}"
            why = (
                " epochs train nothing"
                if name == "budget"
                else f" {name.replace('_', ' ')} say nothing"
            )
            raise ConfigError(f"{flag} {value}:{why}; it must be at least {least}.")
    changes: dict[str, Any] = {
        "reporting_seeds": wishes.seeds,
        "tuning_seeds": wishes.tuning_seeds,
        "first_seed": _first_seed(wishes),
        "rates": wishes.rates,
        "target": wishes.target,
        "track": _track(wishes.track),
        "rules": _rules(wishes.optimizers),
        "estimators": _estimators(wishes.estimators),
    }
    return {name: value for name, value in changes.items() if value is not None}


def _first_seed(wishes: Wishes) -> int | None:
    """Checked so that the tuning seeds stay below the reporting seeds."""
    first = wishes.first_seed
    if first is not None and not 0 <= first <= FIRST_REPORTING_SEED - (wishes.tuning_seeds or 3):
        raise ConfigError(
            f"--first-seed {first}: tuning seeds are from 0 to {FIRST_REPORTING_SEED - 1}."
        )
    return first


def _track(name: str | None) -> str | None:
    tracks = get_args(Track)
    if name is not None and name not in tracks:
        raise ConfigError(f"unknown track '{name}'.{did_you_mean(name, tracks)}")
    return name


def _rules(text: str | None) -> tuple[str, ...] | None:
    """The rules named, once each. Raises `ConfigError` with every unknown name."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [OPTIMIZERS.complain(name) for name in names if name not in OPTIMIZERS]
    if unknown:
        raise ConfigError(*unknown)
    if not names:
        raise ConfigError("--optimizers names no rule.", hint="Name some: --optimizers adam,sgd.")
    return names


def _estimators(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if names == ("none",):
        return ()
    wrong = [name for name in names if name != "full" and not (name.isdecimal() and int(name) > 0)]
    if wrong:
        raise ConfigError(
            f"--estimators: '{wrong[0]}' is no batch size.",
            hint="Write full for all examples at once, 1 for one, or any number: full,1,64.",
        )
    return tuple(name if name == "full" else str(int(name)) for name in names)
