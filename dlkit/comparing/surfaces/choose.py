"""The one rule for the rates: the same grid for all, and the fewest steps to reach and hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dlkit.comparing.surfaces.functions import Surface
from dlkit.comparing.surfaces.trajectories import Runs

RATES = tuple(10.0 ** (k / 8) for k in range(-40, 17))
"""57 rates from 1e-5 to 100, eight a decade, for every rule."""

HOLD = 10
"""A target counts when at least so many steps follow, and it is not left again in any."""

WORDS = (
    f"the best of {len(RATES)} rates from 1e-05 to 100, eight a decade, the same for every rule: "
    f"fewest steps to reach the target and hold it to the last step (at least {HOLD} more); "
    "a tie goes to the smaller rate; where none holds, the lowest value at the end"
)


@dataclass(frozen=True)
class Best:
    """The rate chosen. `steps` is None where no rate holds the target.

    `share` of the rates that hold it; `decades`: how wide the rates within twice the fewest steps
    are, 1/8 a rate; `edge`: whether the best rate is the first or last of the grid.
    """

    index: int
    steps: int | None
    share: float
    decades: float
    edge: bool


def held_from(values: Tensor, target: float) -> Tensor:
    """The step `(N,)` from which `values` `(steps + 1, N)` stay at or below `target`; inf: never."""
    total = len(values)
    held = (values <= target).flip(0).cumprod(0).sum(0)  # (N,): entries at the end, all inside
    return torch.where(held > HOLD, (total - held).double(), math.inf)


def choose(steps: Tensor, last: Tensor) -> Best:
    """The best of the grid, of the steps `(R,)` to the target and the last values `(R,)`.

    `last` is inf for a run that diverged.
    """
    hits = steps.isfinite()
    best = int(steps.argmin() if hits.any() else last.argmin())
    fewest = steps[best]
    near = hits & (steps <= 2 * fewest)
    return Best(
        best,
        int(fewest) if hits.any() else None,
        round(float(hits.double().mean()), 4),
        int(near.sum()) / 8,
        best in (0, len(steps) - 1),
    )


def arrival(surface: Surface, runs: Runs) -> Tensor:
    """The step `(N,)` from which each run holds the surface's target; inf: never, or diverged.

    Where there is no lowest value, going far away below the target is arriving.
    """
    steps = held_from(surface.value(*runs.path.unbind(-1)), surface.target)
    return torch.where((runs.left > 0) & surface.bounded, math.inf, steps)


def final(surface: Surface, runs: Runs) -> Tensor:
    """The last value `(N,)` of each run; inf where it diverged."""
    values: Tensor = surface.value(*runs.path[-1].unbind(-1))
    return torch.where(runs.left > 0, math.inf, values)
