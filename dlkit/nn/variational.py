"""The probabilities of a variational autoencoder: a normal code, and pixels given what was decoded.

Pixels are from 0 to 1; all logarithms are natural, so that everything is in nats.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

LEAST_LOG_SCALE = -6.0
"""A learned scale stays above `exp(-6)`, 0.0025 (Rybkin et al. 2021, arXiv:2006.13298, section 4)."""
FIRST_SCALE = 0.3
"""Where a learned scale begins: about the deviation of the pixels of grey images."""
LEAST_SHARE = 1e-3
"""A pixel that was always black, or white, in training is not held to be certain."""
LOG_TWO_PI = math.log(2 * math.pi)

Score = Callable[[Tensor], Tensor]
"""Log-probabilities `(B,)` of images `(B, C, H, W)`."""


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """`KL(N(mean, variance), N(0, I))` of each row, `(..., Z)` to `(...)`.

    `1/2 sum_j (mean_j^2 + variance_j - 1 - log variance_j)`: Kingma & Welling 2014,
    arXiv:1312.6114, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1)


def gaussian_log_density(points: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """`log N(points; mean, variance)` of each row, `(..., Z)` to `(...)`, with its constant.

    Arguments broadcast; `log_variance` may be one number.
    """
    squares = (points - mean).square() * (-log_variance).exp()
    return -0.5 * (squares + log_variance + LOG_TWO_PI).sum(-1)


def binarised(images: Tensor, how: str) -> Tensor:
    """Images of pixels from 0 to 1 as they are (`none`), white where above 0.5 (`threshold`), or white
    with the probability that each pixel is (`sample`), by torch's own generator."""
    if how == "sample":
        return torch.bernoulli(images)
    return (images > 0.5).to(images.dtype) if how == "threshold" else images


class Likelihood(nn.Module, ABC):
    """What decoded numbers `(..., C, H, W)` say of images `(..., C, H, W)`; either broadcasts."""

    @abstractmethod
    def log_prob(self, decoded: Tensor, images: Tensor) -> Tensor:
        """Log-probability or log-density of each image, `(...)`, summed over its pixels."""

    @abstractmethod
    def constant(self, mean: Tensor, square: Tensor) -> Score:
        """The best of this kind for a decoder that says the same whatever the code is: independent
        pixels. `mean` and `square` `(C, H, W)` are the mean pixels, and squared pixels, of training."""

    def mean(self, decoded: Tensor) -> Tensor:
        """The expected pixels, from 0 to 1."""
        return decoded.float().sigmoid()


class Bernoulli(Likelihood):
    """White with the probability `sigmoid(decoded)`, else black (Kingma & Welling 2014, appendix C.1).

    Of grey pixels this gives minus a cross-entropy. That is no likelihood: it does not integrate to 1
    over the grey values, and even the best decoder is left with their entropy.
    """

    def log_prob(self, decoded: Tensor, images: Tensor) -> Tensor:
        """`sum x log p + (1 - x) log(1 - p)`, where `log(1 - p)` is `-softplus(decoded)`."""
        logits = decoded.float()
        return (images * logits - softplus(logits)).flatten(-3).sum(-1)

    def constant(self, mean: Tensor, square: Tensor) -> Score:
        """Each pixel is white as often as in training, at least 1 in 1000 times and at most 999."""
        logits = mean.clamp(LEAST_SHARE, 1 - LEAST_SHARE).logit()
        return lambda images: self.log_prob(logits, images)


class Gaussian(Likelihood):
    """Normal around `sigmoid(decoded)` (the same, appendix C.2), all pixels with one scale.

    `scale` is their standard deviation; None learns it (Rybkin et al. 2021, arXiv:2006.13298,
    section 4). The density has its full constant. It is one of real numbers: of pixels in 256 steps it
    may exceed 1, and negative "nats" are no error.
    """

    def __init__(self, scale: float | None = None) -> None:
        super().__init__()
        self.fixed = scale
        if scale is None:
            excess = math.log(FIRST_SCALE) - LEAST_LOG_SCALE
            self.excess = nn.Parameter(torch.tensor(math.log(math.expm1(excess))))

    @property
    def log_scale(self) -> Tensor:
        """Logarithm of the standard deviation, 0-dimensional; a learned one is bounded smoothly."""
        if self.fixed is not None:
            return torch.tensor(math.log(self.fixed))
        return LEAST_LOG_SCALE + softplus(self.excess)

    def log_prob(self, decoded: Tensor, images: Tensor) -> Tensor:
        """`sum log N(x; sigmoid(decoded), scale^2)`."""
        return _log_density(images, self.mean(decoded), self.log_scale)

    def constant(self, mean: Tensor, square: Tensor) -> Score:
        """Training's mean image, and either the fixed scale or the root of the mean variance."""
        variance = (square - mean.square()).mean().clamp_min(math.exp(2 * LEAST_LOG_SCALE))
        log_scale = 0.5 * variance.log() if self.fixed is None else self.log_scale
        return lambda images: _log_density(images, mean, log_scale)


def _log_density(images: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    return gaussian_log_density(images.flatten(-3), mean.flatten(-3), 2 * log_scale)
