"""How long activations take, forwards and backwards: reported, never asserted."""

from __future__ import annotations

from time import perf_counter

import torch

from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, elements: PositiveInt = 1_000_000, repeats: PositiveInt = 7
) -> dict[str, float]:
    """Milliseconds for `elements` numbers on one CPU thread, the fastest of `repeats` rounds.

    The functions take turns within a round, so that a busy machine slows all of them.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(elements, generator=generator).requires_grad_()
    grown = torch.ones(elements)
    functions = {
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "gelu": torch.nn.functional.gelu,
    }
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(repeats):
        for name, function in functions.items():
            start = perf_counter()
            torch.autograd.grad(function(x), x, grown)
            best[name] = min(best[name], 1000 * (perf_counter() - start))
    return {f"milliseconds_{name}": time for name, time in best.items()}
