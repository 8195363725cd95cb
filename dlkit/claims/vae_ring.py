"""A variational autoencoder on points along a ring: its two costs, and what it generates."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dlkit.claims.toy_networks import built, dense_net, step
from dlkit.nn.priors import Mixture, Prior, StandardNormal
from dlkit.ranges import NaturalInt, NonNegativeFloat, PositiveInt

SPREAD = 0.2
"""Standard deviation that the decoder's normal distribution has around its output."""


def run(
    *,
    seed: int = 0,
    beta: NonNegativeFloat = 1.0,
    components: NaturalInt = 0,
    steps: PositiveInt = 1500,
) -> dict[str, float]:
    """Parts of the ELBO in nats, and how far the samples are from the ring of radius 2.

    Kingma & Welling 2014, arXiv:1312.6114. Encoder and decoder have two hidden layers of 64 units,
    the latent space has 2 dimensions; Adam at 3e-3. Samples are the decoder's outputs for z drawn
    from the prior. `energy` is the energy distance between 2,000 of them and
    2,000 points of the ring; `energy_gaussian` is that of the normal distribution with the ring's
    variance, `energy_same` that of two draws from the ring.

    - `beta`: weight of the KL divergence; 0 is an autoencoder with noise (Higgins et al. 2017).
    - `components`: normal distributions that the prior is a learned mixture of (Tomczak & Welling 2018,
      arXiv:1705.07120, section 2); 0 is the standard normal distribution.
    - `steps`: updates, on 128 new points each.
    """
    encoder, decoder, prior = built(seed, lambda: _networks(components))
    generator = torch.Generator().manual_seed(seed)
    parameters = [*encoder.parameters(), *decoder.parameters(), *prior.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    for _ in range(steps):
        x = _ring(128, generator)
        reconstruction, divergence = _costs(encoder, decoder, prior, x, generator)
        step(optimizer, reconstruction + beta * divergence)
    with torch.no_grad():
        points, others = _ring(2000, generator), _ring(2000, generator)
        reconstruction, divergence = _costs(encoder, decoder, prior, points, generator)
        samples = decoder(prior.draw(2000, generator))  # (2000, 2)
        gaussian = torch.randn(2000, 2, generator=generator) * points.std()
    return {
        "reconstruction": float(reconstruction),
        "divergence": float(divergence),
        "elbo": -float(reconstruction + divergence),
        "near_the_ring": float(((samples.norm(dim=1) - 2).abs() < 0.5).float().mean()),
        "energy": _energy_distance(samples, points),
        "energy_gaussian": _energy_distance(gaussian, points),
        "energy_same": _energy_distance(others, points),
    }


def _ring(count: int, generator: torch.Generator) -> Tensor:
    """`(count, 2)`: angles uniform, radii normal around 2 with a deviation of 0.1."""
    angle = 2 * math.pi * torch.rand(count, generator=generator)
    radius = 2 + 0.1 * torch.randn(count, generator=generator)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)


def _networks(components: int) -> tuple[nn.Module, nn.Module, Prior]:
    """Encoder, decoder and prior."""
    prior = Mixture(2, components) if components else StandardNormal(2)
    return dense_net(2, 4, 64), dense_net(2, 2, 64), prior


def _costs(
    encoder: nn.Module, decoder: nn.Module, prior: Prior, x: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mean of `-log p(x|z)` for one sampled z, and of `KL(q(z|x), p(z))`, over x `(B, 2)`."""
    mean, log_variance = encoder(x).chunk(2, dim=1)  # (B, 2) each
    noise = torch.randn(mean.shape, generator=generator)
    z = mean + noise * (log_variance / 2).exp()
    variance = SPREAD**2
    square = (x - decoder(z)).square().sum(1)
    reconstruction = square / (2 * variance) + math.log(2 * math.pi * variance)
    divergence = prior.divergence(z[None], mean, log_variance)
    return reconstruction.mean(), divergence.mean()


def _energy_distance(a: Tensor, b: Tensor) -> float:
    """`2 E|A-B| - E|A-A'| - E|B-B'|`, 0 only for equal distributions (Szekely & Rizzo 2013)."""
    between, within = torch.cdist(a, b).mean(), torch.cdist(a, a).mean() + torch.cdist(b, b).mean()
    return float(2 * between - within)
