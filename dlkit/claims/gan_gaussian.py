"""A generator against a discriminator: do the samples take on the data's mean and deviation?"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from dlkit.claims.toy_networks import built, dense_net, step
from dlkit.ranges import PositiveInt, Share

MEAN, DEVIATION = 3.0, 0.5


def run(
    *,
    seed: int = 0,
    momentum: Share = 0.0,
    steps: PositiveInt = 1500,
) -> dict[str, float]:
    """Moments of the samples at the start, and averaged over the last fifth of the steps.

    The data are normal with mean 3 and deviation 0.5, the noise is standard normal. The generator's
    loss is the non-saturating one of Goodfellow et al. 2014, arXiv:1406.2661, section 3. Both
    networks have two hidden layers of 32 units; Adam at 2e-3, batches of 128.

    - `momentum`: Adam's first decay constant, of both networks; alternating updates of a game want
      little or none (Gidel et al. 2019, arXiv:1807.04740).
    - `steps`: updates of each network.
    """
    generator, discriminator = built(seed, lambda: (dense_net(1, 1, 32), dense_net(1, 1, 32)))
    draws = torch.Generator().manual_seed(seed)
    players = [
        torch.optim.Adam(player.parameters(), lr=2e-3, betas=(momentum, 0.99))
        for player in (generator, discriminator)
    ]
    start, late = _moments(generator, draws), []
    for number in range(steps):
        real = MEAN + DEVIATION * torch.randn(128, 1, generator=draws)
        fake = generator(torch.randn(128, 1, generator=draws))
        step(players[1], _discriminator_loss(discriminator, real, fake.detach()))
        fake = generator(torch.randn(128, 1, generator=draws))
        step(players[0], softplus(-discriminator(fake)).mean())
        if number >= steps * 0.8 and number % 10 == 0:
            late.append(_moments(generator, draws))
    mean, deviation = torch.tensor(late or [start]).mean(0).tolist()
    return {
        "start_mean": start[0],
        "start_deviation": start[1],
        "mean": mean,
        "deviation": deviation,
    }


def _discriminator_loss(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """`-log D(x) - log(1 - D(G(z)))`, D being the sigmoid of the score."""
    return softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()


@torch.no_grad()
def _moments(generator: nn.Module, draws: torch.Generator) -> tuple[float, float]:
    samples = generator(torch.randn(2000, 1, generator=draws))
    return float(samples.mean()), float(samples.std())
