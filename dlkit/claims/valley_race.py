"""The race of optimizers down a long valley, along the axes and turned."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from dlkit.ranges import Degrees, PositiveFloat

Move = Callable[[Tensor], Tensor]
LIMIT = 600


def run(
    *, seed: int = 0, degrees: Degrees = 0.0, condition: PositiveFloat = 100.0
) -> dict[str, float]:
    """Steps of each rule, at its best rate, to a hundredth of the start's distance, and held there.

    On `(u^2 + condition v^2) / 2` from u = v = 1, where u and v are the axes turned by `degrees`.
    Each rule has 11 rates, a factor of 2 apart; a rate counts if all later of 600 steps stay
    within the target. Momentum 0.9, RMSprop's alpha 0.9, Adam's betas 0.9 and 0.999. Nothing is
    random.
    """
    turn = math.radians(degrees)
    axes = torch.tensor(
        [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]], dtype=torch.float64
    )
    scale = torch.tensor([1.0, condition], dtype=torch.float64)
    hessian = axes.T @ (scale[:, None] * axes)  # (2, 2)
    start = axes.T @ torch.ones(2, dtype=torch.float64)  # (2,)
    return {f"steps_{name}": _best(rule, centre, hessian, start) for name, rule, centre in RULES}


def _best(rule: Callable[[], Move], centre: float, hessian: Tensor, start: Tensor) -> float:
    """All rates at once: each is a row of `w`, and rules act on every number by itself."""
    rates = centre * 2.0 ** torch.arange(-5, 6, dtype=torch.float64)[:, None]  # (11, 1)
    w, move = start.expand(len(rates), 2), rule()
    inside = []
    for _ in range(LIMIT):
        w = w - rates * move(w @ hessian)
        inside.append(w.norm(dim=1) <= 0.01 * start.norm())
    held = torch.stack(inside).flip(0).cumprod(0).sum(0)  # (11,): steps at the end, all inside
    return LIMIT - int(held.max()) + 1.0 if held.any() else math.inf


def _sgd() -> Move:
    return lambda g: g


def _momentum(*, look_ahead: bool = False) -> Move:
    buffer = torch.zeros(1)

    def move(g: Tensor) -> Tensor:
        nonlocal buffer
        buffer = 0.9 * buffer + g
        return g + 0.9 * buffer if look_ahead else buffer

    return move


def _nag() -> Move:
    return _momentum(look_ahead=True)


def _adagrad() -> Move:
    h = torch.zeros(1)

    def move(g: Tensor) -> Tensor:
        nonlocal h
        h = h + g * g
        return g / (h.sqrt() + 1e-10)

    return move


def _rmsprop() -> Move:
    h = torch.zeros(1)

    def move(g: Tensor) -> Tensor:
        nonlocal h
        h = 0.9 * h + 0.1 * g * g
        return g / (h.sqrt() + 1e-8)

    return move


def _adam() -> Move:
    m, v, t = torch.zeros(1), torch.zeros(1), 0

    def move(g: Tensor) -> Tensor:
        nonlocal m, v, t
        t += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        return m / (1 - 0.9**t) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)

    return move


RULES: tuple[tuple[str, Callable[[], Move], float], ...] = (
    ("sgd", _sgd, 0.01),
    ("momentum", _momentum, 0.01),
    ("nag", _nag, 0.01),
    ("adagrad", _adagrad, 1.0),
    ("rmsprop", _rmsprop, 0.05),
    ("adam", _adam, 0.1),
)
"""Each rule with the middle of its rates."""
