"""What becomes of a generator whose discriminator stands still: all samples at one point."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from dlkit.claims.toy_networks import built, dense_net, step
from dlkit.ranges import NaturalInt


def run(*, seed: int = 0, steps: NaturalInt = 1000) -> dict[str, float]:
    """Mean and deviation of the samples before and after training against a fixed discriminator.

    The data are normal with mean 3 and deviation 0.5. The generator begins with samples of mean 0
    and deviation 2; the discriminator is the best one against those, which is known exactly, and
    does not learn. Goodfellow 2016, arXiv:1701.00160, section 5.1.1: the generator is then best
    where it maps every z to the x that looks most real. Here that is 3.2.

    - `steps`: updates of the generator, Adam at 3e-3, batches of 256.
    """
    network = built(seed, lambda: dense_net(1, 1, 32))
    draws = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(300):  # begins as z -> 2z
        z = torch.randn(256, 1, generator=draws)
        step(optimizer, (network(z) - 2 * z).square().mean())
    before = _samples(network, draws)
    for _ in range(steps):
        z = torch.randn(256, 1, generator=draws)
        step(optimizer, softplus(-_score(network(z))).mean())
    after = _samples(network, draws)
    return {
        "mean_before": float(before.mean()),
        "deviation_before": float(before.std()),
        "mean_after": float(after.mean()),
        "deviation_after": float(after.std()),
    }


def _score(x: Tensor) -> Tensor:
    """`log N(x; 3, 0.5^2) - log N(x; 0, 2^2)`, up to a constant."""
    return (x / 2).square() / 2 - ((x - 3) / 0.5).square() / 2


@torch.no_grad()
def _samples(network: torch.nn.Module, draws: torch.Generator) -> Tensor:
    samples: Tensor = network(torch.randn(2000, 1, generator=draws))
    return samples
