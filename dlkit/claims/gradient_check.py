"""Gradients by backpropagation beside central differences, for every parameter of a network."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, step: PositiveFloat = 1e-5) -> dict[str, float]:
    """The norm of the difference between the two gradients, relative to the gradient's norm.

    4 inputs, 8 tanh units, 3 classes, 20 examples, in float64. `step` is the distance of the
    differences: their own error is about its square.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double()
        x, classes = torch.randn(20, 4, dtype=torch.float64), torch.randint(3, (20,))

    def loss() -> Tensor:
        return cross_entropy(model(x), classes)

    exact = torch.autograd.grad(loss(), list(model.parameters()))
    by_backpropagation = torch.cat([g.flatten() for g in exact])  # (parameters,)
    by_differences = torch.stack(
        [d for w in model.parameters() for d in _differences(loss, w.data.view(-1), step)]
    )  # (parameters,)
    error = (by_backpropagation - by_differences).norm() / by_backpropagation.norm()
    return {"relative_error": float(error), "parameters": float(len(by_differences))}


@torch.no_grad()
def _differences(loss: Callable[[], Tensor], weights: Tensor, step: float) -> list[Tensor]:
    """The central difference of the loss in each entry of `weights`, which is left as it was."""
    slopes = []
    for i, value in enumerate(weights.tolist()):
        losses = []
        for shifted in (value + step, value - step):
            weights[i] = shifted
            losses.append(loss())
        weights[i] = value
        slopes.append((losses[0] - losses[1]) / (2 * step))
    return slopes
