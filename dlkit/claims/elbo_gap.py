"""The evidence lower bound beside the evidence itself, where both are known exactly."""

from __future__ import annotations

import math
import random

from dlkit.ranges import FiniteFloat, PositiveFloat


def run(
    *, seed: int = 0, mean: FiniteFloat = 0.0, deviation: PositiveFloat = 1.0,
    noise: PositiveFloat = 0.5,
) -> dict[str, float]:  # fmt: skip
    """`log p(x)`, the bound and their gap for `z ~ N(0, 1)`, `x ~ N(z, noise^2)`, one random x.

    `q(z|x)` is `N(mean, deviation^2)`; `gap_at_posterior` is the gap for the true posterior, and
    `gap_minus_divergence` the difference between the gap and `KL(q(z|x), p(z|x))`. Kingma & Welling
    2014, arXiv:1312.6114, eq. 1-3. All parts are in closed form.

    - `mean`, `deviation`: of q.
    - `noise`: standard deviation of x around z.
    """
    x = random.Random(seed).gauss(0, math.sqrt(1 + noise**2))
    evidence = _log_normal(x, 0, 1 + noise**2)
    posterior_mean, posterior_variance = x / (1 + noise**2), noise**2 / (1 + noise**2)
    bound = _bound(x, mean, deviation**2, noise**2)
    best = _bound(x, posterior_mean, posterior_variance, noise**2)
    divergence = _divergence(mean, deviation**2, posterior_mean, posterior_variance)
    return {
        "log_evidence": evidence,
        "bound": bound,
        "gap": evidence - bound,
        "gap_at_posterior": evidence - best,
        "gap_minus_divergence": evidence - bound - divergence,
    }


def _log_normal(x: float, mean: float, variance: float) -> float:
    return -((x - mean) ** 2 / variance + math.log(2 * math.pi * variance)) / 2


def _bound(x: float, mean: float, variance: float, noise_variance: float) -> float:
    """`E_q log p(x|z) - KL(q, N(0, 1))` for `q = N(mean, variance)`."""
    fit = _log_normal(x, mean, noise_variance) - variance / (2 * noise_variance)
    return fit - _divergence(mean, variance, 0, 1)


def _divergence(mean: float, variance: float, other_mean: float, other_variance: float) -> float:
    """`KL(N(mean, variance), N(other_mean, other_variance))`."""
    ratio = variance / other_variance
    return (ratio - 1 - math.log(ratio) + (mean - other_mean) ** 2 / other_variance) / 2
