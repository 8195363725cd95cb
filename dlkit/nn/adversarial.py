"""Losses of the two-player game: what a discriminator and a generator each make smaller.

Each function returns an `AdversarialLoss` on logits `(B, 1)` or `(B,)`: the discriminator's raw
outputs, high for what it takes to be real. `d(x)` is such a logit, `D = sigmoid(d)`; all means are
over the batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, softplus

from dlkit.ranges import NonNegativeFloat


class AdversarialLoss(nn.Module, ABC):
    """What either side minimises; logits may have any shape, of which the mean is taken."""

    @abstractmethod
    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """The discriminator's loss, a scalar, from its outputs on real and on generated examples."""

    @abstractmethod
    def generator(self, fake_logits: Tensor) -> Tensor:
        """The generator's loss, a scalar, from the discriminator's outputs on generated examples."""

    def penalty(self, discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor | None:
        """What the discriminator minimises besides, a scalar, or None; `real` and `fake` are
        `(B, ...)` examples without a gradient of their own."""
        return None


def non_saturating() -> AdversarialLoss:
    """`-log D(x) - log(1 - D(G(z)))` for the discriminator, `-log D(G(z))` for the generator.

    The generator's half has a gradient where the discriminator is sure of itself, which
    `log(1 - D(G(z)))` has not (Goodfellow et al. 2014, arXiv:1406.2661, section 3).
    """
    return NonSaturating()


def least_squares() -> AdversarialLoss:
    """`((d(x) - 1)^2 + d(G(z))^2) / 2` and `(d(G(z)) - 1)^2 / 2`: targets 1 for real, 0 for generated.

    Samples far on the right side of the boundary are pulled back too (Mao et al. 2017,
    arXiv:1611.04076, equation 9).
    """
    return LeastSquares()


def gan_hinge() -> AdversarialLoss:
    """`max(0, 1 - d(x)) + max(0, 1 + d(G(z)))` for the discriminator, `-d(G(z))` for the generator.

    Lim & Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, equations 16 and 17.
    """
    return GanHinge()


def wasserstein(*, penalty: NonNegativeFloat = 10.0) -> AdversarialLoss:
    """`d(G(z)) - d(x)` and `-d(G(z))`: the difference of means bounds a distance between distributions.

    That holds for a `d` whose slope is at most 1, so the discriminator also minimises
    `penalty * (|gradient of d| - 1)^2` at points between real and generated examples (Gulrajani et
    al. 2017, arXiv:1704.00028, equation 3). It wants a discriminator without batch norm. Options:

    - `penalty`: weight of the gradient's penalty; 10 in the paper.
    """
    return Wasserstein(penalty)


class NonSaturating(AdversarialLoss):
    """See `non_saturating`; `-log sigmoid(d)` is `softplus(-d)`, without overflow."""

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Binary cross-entropy with the targets 1 for real and 0 for generated, summed over the two."""
        return softplus(-real_logits).mean() + softplus(fake_logits).mean()

    def generator(self, fake_logits: Tensor) -> Tensor:
        """Binary cross-entropy with the target 1."""
        return softplus(-fake_logits).mean()


class LeastSquares(AdversarialLoss):
    """See `least_squares`."""

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Half the squared distance from 1 on real, and from 0 on generated examples."""
        return ((real_logits - 1).square().mean() + fake_logits.square().mean()) / 2

    def generator(self, fake_logits: Tensor) -> Tensor:
        """Half the squared distance from 1."""
        return (fake_logits - 1).square().mean() / 2


class GanHinge(AdversarialLoss):
    """See `gan_hinge`."""

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Zero once every example is on its side by a margin of 1."""
        return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()

    def generator(self, fake_logits: Tensor) -> Tensor:
        """The mean logit, to be raised."""
        return -fake_logits.mean()


class Wasserstein(AdversarialLoss):
    """See `wasserstein`."""

    def __init__(self, penalty: float) -> None:
        super().__init__()
        self.strength = penalty

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Minus the difference of the mean logits."""
        return fake_logits.mean() - real_logits.mean()

    def generator(self, fake_logits: Tensor) -> Tensor:
        """The mean logit, to be raised."""
        return -fake_logits.mean()

    def penalty(self, discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor | None:
        """How far the slope is from 1, at one random point on each line from a real to a fake example.

        In float32 also under autocast: a gradient of a gradient loses too much in 8 bits.
        """
        share = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)  # (B, 1, ...)
        points = torch.lerp(real.float(), fake.float(), share).requires_grad_()  # (B, ...)
        with torch.autocast(real.device.type, enabled=False):
            logits = discriminator(points)
            (slopes,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
        return self.strength * (slopes.flatten(1).norm(dim=1) - 1).square().mean()
