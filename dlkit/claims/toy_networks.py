"""Small networks whose weights depend on a seed alone, and one step of their training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Built = TypeVar("Built")


def built(seed: int, make: Callable[[], Built]) -> Built:
    """What `make` returns, its weights drawn from `seed`; the global generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def dense_net(inputs: int, outputs: int, hidden: int) -> nn.Sequential:
    """Two hidden layers of `hidden` units with tanh: `(B, inputs)` to `(B, outputs)`."""
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(),
        nn.Linear(hidden, outputs),
    )  # fmt: skip


def step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One update of the optimizer's parameters down the gradient of `loss`."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()
