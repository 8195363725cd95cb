"""Many runs at once: every row is one start at one rate, moved by one rule for the same steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dlkit.comparing.stacked_rules import RULES
from dlkit.comparing.surfaces.functions import Surface

FAR = 1e6
"""A run with a coordinate beyond this has diverged: it is frozen, and the step is reported."""

Gradient = Callable[[Tensor, int], Tensor]
"""`(weights (N, 2), step from 1 on) -> (N, 2)`."""


@dataclass(frozen=True)
class Runs:
    """`path` `(steps + 1, N, 2)` from the start on; `left` `(N,)`: when a run got too far, or 0.

    A frozen run stays where it last was within bounds; nothing is clipped.
    """

    path: Tensor
    left: Tensor


def descend(gradient: Gradient, rule: str, *, rates: Tensor, starts: Tensor, steps: int) -> Runs:
    """Moves every row of `starts` `(N, 2)` by `rule`, each with its own of `rates` `(N,)`.

    The rule's other options are its defaults. `gradient` returns a tensor of its own: rules may
    use it up.
    """
    w, rates = starts.clone(), rates[:, None]  # (N, 2), (N, 1)
    memory = {name: torch.zeros_like(w) for name in RULES[rule].memory}
    path = w.new_empty(steps + 1, *w.shape)
    path[0] = w
    left = torch.zeros(len(w), dtype=torch.long)
    inside = torch.ones(len(w), 1, dtype=torch.bool)
    for t in range(1, steps + 1):
        RULES[rule].step(w, gradient(w, t), memory, t, rates)
        inside = inside & (w.abs() <= FAR).all(dim=1, keepdim=True)  # a NaN is not inside
        w = torch.where(inside, w, path[t - 1])
        left += inside[:, 0]
        path[t] = w
    return Runs(path, torch.where(left < steps, left + 1, 0))


def race(
    surface: Surface, rule: str, *, rates: Tensor, starts: Tensor, degrees: Tensor, steps: int = 0
) -> Runs:
    """`descend` on `surface` turned about the origin by `degrees` `(N,)`, its starts with it.

    `starts` `(N, 2)` and the path are in the surface's own coordinates; the rule sees the turned
    ones. All tensors are float64. `steps` of 0 are the surface's own.
    """
    turn = torch.polar(torch.ones_like(degrees), degrees * (math.pi / 180))

    def gradient(w: Tensor, _: int) -> Tensor:
        x, y = _turn(w, turn.conj()).unbind(-1)
        return _turn(torch.stack(surface.slope(x, y), -1), turn)

    turned = _turn(starts, turn)
    runs = descend(gradient, rule, rates=rates, starts=turned, steps=steps or surface.steps)
    return Runs(_turn(runs.path, turn.conj()), runs.left)


def _turn(points: Tensor, turn: Tensor) -> Tensor:
    """Points `(..., N, 2)` turned, each row by its own complex number of length 1."""
    return torch.view_as_real(torch.view_as_complex(points.contiguous()) * turn)
