"""Which output activations can reach the targets of a regression."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dlkit.ranges import FiniteFloat

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
}


def run(*, seed: int = 0, low: FiniteFloat = -3.0, high: FiniteFloat = 3.0) -> dict[str, float]:
    """The mean squared error of a small network, by its output activation, after training.

    The target rises from `low` to `high` along a sine of the input; 1 input, 16 tanh units, 1
    output, 300 full-batch steps of Adam from the same weights.
    """
    x = torch.linspace(-1, 1, 128)[:, None]  # (128, 1)
    target = low + (high - low) * (1 + torch.sin(torch.pi / 2 * x)) / 2  # (128, 1)
    return {f"mse_{name}": _train(output, x, target, seed) for name, output in OUTPUTS.items()}


def _train(output: Callable[[Tensor], Tensor], x: Tensor, target: Tensor, seed: int) -> float:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 16), (16,), (16, 1), (1,)]
    w1, b1, w2, b2 = parameters = [
        (0.5 * torch.randn(shape, generator=generator)).requires_grad_() for shape in shapes
    ]
    optimizer = torch.optim.Adam(parameters, lr=0.03)
    for _ in range(300):
        loss = (output(torch.tanh(x @ w1 + b1) @ w2 + b2) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return float(loss.detach())
