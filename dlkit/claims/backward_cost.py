"""What one backward pass costs beside its forward pass, in floating-point operations."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, layers: PositiveInt = 20, width: PositiveInt = 32) -> dict[str, float]:
    """Operations of the matrix products, backward divided by forward, and the gradients obtained.

    A stack of dense layers with tanh, 16 examples. Each layer multiplies once on the way forward
    and twice on the way back, for its weights and for its inputs; only the first has no use for the
    latter, so the ratio is `2 - 1 / layers`. Differences would need a forward pass a parameter.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = [part for _ in range(layers) for part in (nn.Linear(width, width), nn.Tanh())]
        model, x = nn.Sequential(*parts), torch.randn(16, width)  # (16, width)
    with FlopCounterMode(display=False) as forward:
        loss = model(x).square().mean()
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    ratio = backward.get_total_flops() / forward.get_total_flops()
    gradients = sum(w.numel() for w in model.parameters() if w.grad is not None)
    return {"backward_over_forward": ratio, "gradients_in_one_pass": float(gradients)}
