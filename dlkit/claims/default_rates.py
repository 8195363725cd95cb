"""How optimizers rank at their libraries' default rates, and at rates that were tuned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlkit.ranges import PositiveInt

RULES: dict[str, tuple[Callable[..., Optimizer], dict[str, Any], float, tuple[float, ...]]] = {
    "sgd": (torch.optim.SGD, {}, 1e-3, (0.1, 0.3, 1.0)),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, 1e-3, (0.01, 0.03, 0.1)),
    "rmsprop": (torch.optim.RMSprop, {}, 1e-2, (0.001, 0.003, 0.01)),
    "adam": (torch.optim.Adam, {}, 1e-3, (0.003, 0.01, 0.03)),
}
"""Each rule with its options, PyTorch's default rate, and the rates that are tried."""


def run(*, seed: int = 0, epochs: PositiveInt = 10) -> dict[str, float]:
    """Validation accuracy of an MLP (64-32-10) on scikit-learn's digits, each rule alone.

    The same first weights and batches of 64 for all. `default_*` is at PyTorch's default rate,
    `tuned_*` the best of three rates for each rule; `spread_*` the best rule minus the worst.
    """
    data = _digits(seed)
    default, tuned = {}, {}
    for name, (make, options, rate, rates) in RULES.items():
        scores = {r: _score(make, {"lr": r, **options}, data, seed, epochs) for r in (rate, *rates)}
        default[name], tuned[name] = scores[rate], max(scores[r] for r in rates)
    return {
        **{f"default_{name}": score for name, score in default.items()},
        **{f"tuned_{name}": score for name, score in tuned.items()},
        "spread_default": max(default.values()) - min(default.values()),
        "spread_tuned": max(tuned.values()) - min(tuned.values()),
    }


def _digits(seed: int) -> tuple[Tensor, Tensor]:
    """1,797 shuffled images (1797, 64) from 0 to 1 and their classes (1797,)."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(seed))
    x = torch.tensor(bunch.data, dtype=torch.float32) / 16
    return x[order], torch.tensor(bunch.target)[order]


def _score(
    make: Callable[..., Optimizer],
    options: dict[str, Any],
    data: tuple[Tensor, Tensor],
    seed: int,
    epochs: int,
) -> float:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = make(model.parameters(), **options)
    x, y = data
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(1437, generator=generator), 64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            torch.autograd.backward(loss)
            optimizer.step()
    with torch.no_grad():
        return float((model(x[1437:]).argmax(1) == y[1437:]).float().mean())
