"""The basin map: where each start ends at each rate."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.comparing.surfaces.choose import HOLD, RATES, arrival
from dlkit.comparing.surfaces.functions import Surface
from dlkit.comparing.surfaces.record import Basin
from dlkit.comparing.surfaces.trajectories import Runs, race

STARTS = 41
"""Starts, evenly along the surface's line."""
MAP_RATES = RATES[::2]
"""Every second rate of the grid: four a decade."""
NEAR = 0.5
"""A run is at a minimum if its last points are all within this distance of it."""


def basin(surface: Surface, rule: str) -> Basin:
    """The outcome of `rule` for every rate of `MAP_RATES` and every start on the line, unturned."""
    ends = torch.tensor(surface.line, dtype=torch.float64)
    share = torch.linspace(0, 1, STARTS, dtype=torch.float64)[:, None]
    starts = ends[0] + share * (ends[1] - ends[0])  # (S, 2)
    rates = torch.tensor(MAP_RATES, dtype=torch.float64)
    runs = race(
        surface,
        rule,
        rates=rates.repeat_interleave(STARTS),
        starts=starts.repeat(len(rates), 1),
        degrees=torch.zeros(len(rates) * STARTS, dtype=torch.float64),
    )
    signs = outcomes(surface, runs)
    return Basin(rule, [signs[k : k + STARTS] for k in range(0, len(signs), STARTS)])


def outcomes(surface: Surface, runs: Runs) -> str:
    """A letter a run: h hit and held, o at another minimum, d diverged, n none of these yet."""
    hit = arrival(surface, runs).isfinite()
    gone = (runs.left > 0) & ~hit
    elsewhere = ~hit & ~gone & _at_another_minimum(surface, runs.path)
    flags = zip(hit.tolist(), gone.tolist(), elsewhere.tolist(), strict=True)
    return "".join("h" if h else "d" if d else "o" if o else "n" for h, d, o in flags)


def _at_another_minimum(surface: Surface, path: Tensor) -> Tensor:
    """`(N,)`: whether the last points of `path` `(steps + 1, N, 2)` are all near one of `others`."""
    at = torch.zeros(path.shape[1], dtype=torch.bool)
    for place in surface.others:
        distance = (path[-HOLD:] - path.new_tensor(place)).norm(dim=-1)
        at |= (distance <= NEAR).all(0)
    return at
