"""How large Adam's first updates are beside its later ones, without and with a warm-up."""

from __future__ import annotations

import torch

from dlkit.ranges import NaturalInt, PositiveInt


def run(
    *, seed: int = 0, warmup: NaturalInt = 100, parameters: PositiveInt = 1000
) -> dict[str, float]:
    """The mean `|update|` over the learning rate, at the first step and over steps 901 to 1,000.

    Gradients are noise alone, standard normal for each parameter: there is nothing to be learned
    from them. Adam with betas of 0.9 and 0.999. The first update of every parameter is the learning
    rate in full, whatever its gradient; later the mean of noise is small beside its root mean
    square. A linear warm-up over `warmup` steps divides the first update by that number. Ma &
    Yarats 2021, arXiv:1910.04209.
    """
    plain, warmed = _updates(seed, 0, parameters), _updates(seed, warmup, parameters)
    return {
        "first_update": plain[0],
        "first_update_warmup": warmed[0],
        "later_update": sum(plain[900:]) / 100,
        "path_of_10_updates": sum(plain[:10]),
        "path_of_10_updates_warmup": sum(warmed[:10]),
    }


def _updates(seed: int, warmup: int, parameters: int) -> list[float]:
    """The mean absolute update of each of 1,000 steps, in units of the final learning rate."""
    generator = torch.Generator().manual_seed(seed)
    mean = torch.zeros(parameters)
    square = torch.zeros(parameters)
    sizes = []
    for step in range(1, 1001):
        g = torch.randn(parameters, generator=generator)
        mean = 0.9 * mean + 0.1 * g
        square = 0.999 * square + 0.001 * g**2
        corrected = (mean / (1 - 0.9**step)) / (square / (1 - 0.999**step)).sqrt()
        sizes.append(min(1.0, step / max(1, warmup)) * float(corrected.abs().mean()))
    return sizes
