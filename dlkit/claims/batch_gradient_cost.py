"""What one update of batch gradient descent costs as the data grow, beside a mini-batch update."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.flop_counter import FlopCounterMode

from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, examples: PositiveInt = 2000, times: PositiveInt = 10
) -> dict[str, float]:
    """Operations, kept values and seconds of one gradient: `times examples` against `examples`.

    A network of 20-64-64-10. Operations are those of the matrix products; kept values are what the
    forward pass saves for the backward pass. A mini-batch of 64 costs the same whatever the data.
    The ratio of seconds depends on the machine and is only reported.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(
            *(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        )
        x, classes = torch.randn(times * examples, 20), torch.randint(10, (times * examples,))
    small = _cost(model, x[:examples], classes[:examples])
    large = _cost(model, x, classes)
    batch = _cost(model, x[:64], classes[:64])
    return {
        "operations_ratio": large[0] / small[0],
        "kept_values_ratio": large[1] / small[1],
        "seconds_ratio": large[2] / small[2],
        "operations_over_mini_batch": large[0] / batch[0],
    }


def _cost(model: nn.Module, x: Tensor, classes: Tensor) -> tuple[float, float, float]:
    """Operations, values kept for the backward pass, and seconds (the least of 3)."""
    kept = 0

    def keep(values: Tensor) -> Tensor:
        nonlocal kept
        kept += values.numel() if values.shape[:1] == x.shape[:1] else 0
        return values

    with (
        FlopCounterMode(display=False) as counter,
        torch.autograd.graph.saved_tensors_hooks(keep, lambda values: values),
    ):
        _backward(model, x, classes)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        _backward(model, x, classes)
        seconds.append(time.perf_counter() - start)
    return float(counter.get_total_flops()), float(kept), min(seconds)


def _backward(model: nn.Module, x: Tensor, classes: Tensor) -> None:
    cross_entropy(model(x), classes).backward()
