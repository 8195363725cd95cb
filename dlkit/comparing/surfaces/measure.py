"""Measures one surface: choices of the rates, paths, basins and noise, all into one record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing.surfaces import noise
from dlkit.comparing.surfaces.basins import MAP_RATES, basin
from dlkit.comparing.surfaces.choose import RATES, WORDS, arrival, choose, final
from dlkit.comparing.surfaces.functions import Surface
from dlkit.comparing.surfaces.record import DIGITS, Choice, Record, Role, Trial
from dlkit.comparing.surfaces.trajectories import Runs, race
from dlkit.environment import command, describe

ROTATIONS = (0.0, 22.5, 45.0)
COMMON_RATE = 0.01
"""The one rate of the picture in which rates are not chosen."""


def measure(surface: Surface, rules: Sequence[str], left_out: Mapping[str, str]) -> Record:
    """The record of `rules` on `surface`; float64, nothing random but the order of batches."""
    choices, trials = [], []
    for rule in rules:
        found, runs = _grid(surface, rule)
        choices += found
        trials += runs + _others(surface, rule, found[0].rate)
    return Record(
        surface=surface.name,
        formula=surface.formula,
        start=surface.start,
        target=surface.target,
        steps=surface.steps,
        rates=[*RATES],
        rule_for_rates=WORDS,
        common_rate=COMMON_RATE,
        rotations=[*ROTATIONS],
        rules={rule: _options(rule) for rule in rules},
        left_out={**left_out},
        choices=choices,
        trials=trials,
        line=surface.line,
        basin_rates=[*MAP_RATES],
        basins=[basin(surface, rule) for rule in rules],
        noise=noise.measure(rules) if surface.name == "valley" else None,
        provenance={"command": command(), **describe(torch.device("cpu")), "numbers": "float64"},
    )


def _grid(surface: Surface, rule: str) -> tuple[list[Choice], list[Trial]]:
    """All rates at all rotations in one run; the best rate of each rotation."""
    pairs = [(rate, degrees) for degrees in ROTATIONS for rate in RATES]
    runs = _runs(surface, rule, pairs)
    steps, last = arrival(surface, runs), final(surface, runs)
    choices, trials = [], []
    for k, degrees in enumerate(ROTATIONS):
        part = slice(k * len(RATES), (k + 1) * len(RATES))
        best = choose(steps[part], last[part])
        rate = RATES[best.index]
        choices.append(Choice(rule, degrees, rate, best.steps, best.share, best.decades, best.edge))
        asked = Trial("best", rule, degrees, rate, None, None, [])
        trials.append(_trial(runs, steps, part.start + best.index, asked))
    return choices, trials


def _others(surface: Surface, rule: str, best: float) -> list[Trial]:
    """The unturned runs at a third and three times the best rate, and at the common one."""
    roles: dict[Role, float] = {"third": best / 3, "triple": best * 3, "common": COMMON_RATE}
    runs = _runs(surface, rule, [(rate, 0.0) for rate in roles.values()])
    steps = arrival(surface, runs)
    return [
        _trial(runs, steps, row, Trial(role, rule, 0.0, rate, None, None, []))
        for row, (role, rate) in enumerate(roles.items())
    ]


def _runs(surface: Surface, rule: str, pairs: Sequence[tuple[float, float]]) -> Runs:
    """One run for each pair of a rate and a rotation, from the surface's start."""
    rates, degrees = torch.tensor(pairs, dtype=torch.float64).unbind(1)
    starts = torch.tensor(surface.start, dtype=torch.float64).expand(len(pairs), 2)
    return race(surface, rule, rates=rates, starts=starts, degrees=degrees)


def _trial(runs: Runs, steps: Tensor, row: int, asked: Trial) -> Trial:
    """What was asked for, with what came of it in that row."""
    arrived, left = float(steps[row]), int(runs.left[row])
    points = runs.path[: left or None, row].tolist()
    path = [(round(x, DIGITS), round(y, DIGITS)) for x, y in points]
    held = int(arrived) if math.isfinite(arrived) else None
    return replace(asked, steps=held, diverged=left or None, path=path)


def _options(rule: str) -> dict[str, Any]:
    """The options of the rule but for its rate: the defaults of its component."""
    options = OPTIMIZERS.signature(rule).options
    return {o.name: o.default for o in options if o.name != "learning_rate"}
