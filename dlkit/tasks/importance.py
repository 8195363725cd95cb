"""A tighter bound of the log-likelihood than the one that is trained: many weighted codes an image."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from dlkit.nn.priors import Prior
from dlkit.nn.variational import Likelihood, gaussian_log_density

CODES_AT_ONCE = 2000
"""Codes that are decoded together, whatever the number of images, so that memory stays bounded."""


class Autoencoder(Protocol):
    """What scores and pictures need of a variational autoencoder; see `models.vae`."""

    latent: int
    prior: Prior
    likelihood: Likelihood

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the codes, each `(B, Z)`, of images `(B, C, H, W)`."""

    def decode(self, codes: Tensor) -> Tensor:
        """What the likelihood takes, `(B, C, H, W)`, for codes `(B, Z)`."""


def importance_bound(
    model: Autoencoder, images: Tensor, samples: int, generator: torch.Generator
) -> Tensor:
    """`log 1/K sum_k p(x, z_k) / q(z_k|x)` with K `samples` from q, `(B,)` for images `(B, C, H, W)`.

    Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519, equation 8. In expectation it is the evidence
    lower bound for K = 1, never falls with K, and tends to `log p(x)` (their theorem 1). `generator`
    lies on the images' device.
    """
    mean, log_variance = model.encode(images)  # (B, Z)
    at_once = max(1, CODES_AT_ONCE // len(images))
    weights = []
    for count in (min(at_once, samples - done) for done in range(0, samples, at_once)):
        noise = torch.randn(count, *mean.shape, device=mean.device, generator=generator)
        codes = mean + (0.5 * log_variance).exp() * noise  # (k, B, Z)
        weights.append(_log_weights(model, images, codes, mean, log_variance))
    return torch.cat(weights).logsumexp(0) - math.log(samples)


def _log_weights(
    model: Autoencoder, images: Tensor, codes: Tensor, mean: Tensor, log_variance: Tensor
) -> Tensor:
    """`log p(x|z) + log p(z) - log q(z|x)`, `(k, B)`, for codes `(k, B, Z)`."""
    decoded = model.decode(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])  # (k, B, C, H, W)
    posterior = gaussian_log_density(codes, mean, log_variance)
    return model.likelihood.log_prob(decoded, images) + model.prior.log_density(codes) - posterior
