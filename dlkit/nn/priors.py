"""What a variational autoencoder expects of its codes before it sees an image.

Codes have `Z` numbers; all logarithms are natural.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from dlkit.nn.variational import gaussian_kl, gaussian_log_density

FIRST_SPREAD = 0.5
"""Standard deviation of the means that the components of a mixture begin with."""


class Prior(nn.Module, ABC):
    """A distribution of codes."""

    @abstractmethod
    def log_density(self, codes: Tensor) -> Tensor:
        """Of each code, `(..., Z)` to `(...)`, with its constant."""

    @abstractmethod
    def divergence(self, codes: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
        """`KL(N(mean, variance), prior)`, `(B, Z)` to `(B,)`.

        Without a closed form, the mean over `codes` `(k, B, Z)`, drawn from the normal distribution, of
        what the divergence is the expectation of.
        """

    @abstractmethod
    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each number of a code: `(Z,)` each."""

    @abstractmethod
    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """`(count, Z)` on the CPU, where the generator lies."""


class StandardNormal(Prior):
    """`N(0, I)`, which learns nothing (Kingma & Welling 2014, arXiv:1312.6114, section 3)."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.latent = latent

    def log_density(self, codes: Tensor) -> Tensor:
        """`-1/2 sum_j (z_j^2 + log 2 pi)`."""
        zero = torch.zeros((), device=codes.device)
        return gaussian_log_density(codes, mean=zero, log_variance=zero)

    def divergence(self, codes: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
        """See `gaussian_kl`."""
        return gaussian_kl(mean, log_variance)

    def moments(self) -> tuple[Tensor, Tensor]:
        """0 and 1."""
        return torch.zeros(self.latent), torch.ones(self.latent)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(count, self.latent, generator=generator)


class Mixture(Prior):
    """`sum_k w_k N(mean_k, variance_k)` with shares, means and diagonal variances that are learned.

    The best prior for a given encoder is the mean of all its codes' distributions, and a mixture can
    come closer to that than one normal distribution (Tomczak & Welling 2018, arXiv:1705.07120, section
    2). It begins with equal shares, variances of 1, and means drawn by torch's own generator.
    """

    def __init__(self, latent: int, components: int) -> None:
        super().__init__()
        self.means = nn.Parameter(FIRST_SPREAD * torch.randn(components, latent))
        self.log_variances = nn.Parameter(torch.zeros(components, latent))
        self.logits = nn.Parameter(torch.zeros(components))

    def log_density(self, codes: Tensor) -> Tensor:
        """`log sum_k w_k N(z; mean_k, variance_k)`."""
        each = gaussian_log_density(codes[..., None, :].float(), self.means, self.log_variances)
        return (self.logits.log_softmax(0) + each).logsumexp(-1)

    def divergence(self, codes: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
        """The mean of `log N(z; mean, variance) - log prior(z)` over the codes of an image. It varies
        with them, and may fall below 0."""
        posterior = gaussian_log_density(codes, mean, log_variance)  # (k, B)
        return (posterior - self.log_density(codes)).mean(0)

    def moments(self) -> tuple[Tensor, Tensor]:
        """Of all components together."""
        shares = self.logits.softmax(0)[:, None]
        mean = (shares * self.means).sum(0)
        squares = shares * (self.log_variances.exp() + (self.means - mean).square())
        return mean, squares.sum(0).sqrt()

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """A component by its share, then a code by its normal distribution."""
        chosen = torch.multinomial(
            self.logits.softmax(0).cpu(), count, replacement=True, generator=generator
        )
        noise = torch.randn(count, self.means.shape[1], generator=generator)
        deviations = (0.5 * self.log_variances).exp()
        return self.means.cpu()[chosen] + deviations.cpu()[chosen] * noise
