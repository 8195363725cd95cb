"""Losses of the game: equal to torch's or their closed form, in value and in where they pull."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from dlkit.catalog import LOSSES
from dlkit.nn.adversarial import gan_hinge, least_squares, non_saturating, wasserstein

REAL = 2 * torch.randn(6, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
FAKE = 2 * torch.randn(6, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
NAMES = [name for name in LOSSES.names() if LOSSES[name].facts["takes"] == "adversarial"]


def slopes(loss, logits):
    """The derivative of a loss in each logit."""
    logits = logits.clone().requires_grad_()
    loss(logits).backward()
    return logits.grad


def test_non_saturating_is_binary_cross_entropy():
    """The discriminator's targets are 1 and 0, the generator's 1 for its own samples."""
    loss, entropy = non_saturating(), functional.binary_cross_entropy_with_logits
    one, zero = torch.ones_like(REAL), torch.zeros_like(FAKE)

    torch.testing.assert_close(
        loss.discriminator(REAL, FAKE), entropy(REAL, one) + entropy(FAKE, zero)
    )
    torch.testing.assert_close(loss.generator(FAKE), entropy(FAKE, one))


def test_least_squares_is_half_the_mean_squared_error():
    """Mao et al. 2017, equation 9, with the targets 1 for real and 0 for generated."""
    loss, mse = least_squares(), functional.mse_loss
    one, zero = torch.ones_like(REAL), torch.zeros_like(FAKE)

    torch.testing.assert_close(
        loss.discriminator(REAL, FAKE), (mse(REAL, one) + mse(FAKE, zero)) / 2
    )
    torch.testing.assert_close(loss.generator(FAKE), mse(FAKE, one) / 2)


def test_hinge_is_zero_beyond_the_margin():
    """By hand: 0.5 is 0.5 short of its margin, -3 is beyond it; 0.2 is 1.2 on the wrong side."""
    loss = gan_hinge()

    assert loss.discriminator(torch.tensor([0.5, 2.0]), torch.tensor([-3.0, 0.2])) == pytest.approx(
        0.5 / 2 + 1.2 / 2
    )
    assert loss.generator(torch.tensor([-3.0, 0.5])) == 1.25


def test_hinge_is_torch_s_for_signs():
    """The discriminator's half is the binary hinge loss that torch has for multiple margins of 1."""
    signed = torch.cat([REAL, -FAKE])
    reference = functional.margin_ranking_loss(
        signed, torch.zeros_like(signed), torch.ones_like(signed), margin=1.0
    )

    torch.testing.assert_close(gan_hinge().discriminator(REAL, FAKE), 2 * reference)


def test_wasserstein_is_the_difference_of_means():
    """The critic raises real and lowers generated logits; the generator raises its own."""
    loss = wasserstein()

    torch.testing.assert_close(loss.discriminator(REAL, FAKE), FAKE.mean() - REAL.mean())
    torch.testing.assert_close(loss.generator(FAKE), -FAKE.mean())


class Linear(nn.Module):
    """`a . x`, whose slope is `a` everywhere."""

    def __init__(self, slope):
        super().__init__()
        self.slope = nn.Parameter(slope)

    def forward(self, x):
        return x.flatten(1) @ self.slope[:, None]


@pytest.mark.parametrize("norm", [0.25, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_in_closed_form(norm):
    """It is `10 (|a| - 1)^2` wherever the points lie, with the derivative `20 (|a| - 1) a / |a|`."""
    slope = torch.tensor([0.6, 0.0, 0.8, 0.0]) * norm
    critic = Linear(slope)
    real, fake = torch.randn(5, 1, 2, 2), torch.randn(5, 1, 2, 2)

    penalty = wasserstein().penalty(critic, real, fake)
    penalty.backward()

    torch.testing.assert_close(penalty.detach(), torch.tensor(10 * (norm - 1) ** 2))
    torch.testing.assert_close(critic.slope.grad, 20 * (norm - 1) * slope / norm)
    stronger = wasserstein(penalty=20.0).penalty(critic, real, fake)
    torch.testing.assert_close(stronger.detach(), 2 * penalty.detach())


def test_the_penalty_is_taken_between_real_and_generated_examples():
    """Each point is on the line between its pair, at a place of its own."""
    seen = []
    critic = nn.Module()
    critic.forward = lambda x: (seen.append(x.detach()), x.flatten(1).sum(1))[1]
    real, fake = torch.zeros(64, 3, 2, 2), torch.ones(64, 3, 2, 2)

    wasserstein().penalty(critic, real, fake)

    (points,) = seen
    places = points[:, 0, 0, 0]
    assert torch.equal(points, places[:, None, None, None].expand_as(points))
    assert 0 <= places.min() < 0.2
    assert 0.8 < places.max() <= 1


def test_the_penalty_is_float32_under_autocast():
    """A gradient of a gradient in bfloat16 would be off by percents."""
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    real, fake = torch.rand(5, 1, 4, 4), torch.rand(5, 1, 4, 4)

    torch.manual_seed(1)
    expected = wasserstein().penalty(critic, real, fake)
    torch.manual_seed(1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        penalty = wasserstein().penalty(critic, real, fake)

    assert penalty == expected


@pytest.mark.parametrize("name", NAMES)
def test_each_side_pulls_its_own_way(name):
    """The discriminator raises real and lowers generated logits around 0; the generator raises them."""
    loss, zeros = LOSSES.load(name)(), torch.zeros(4, 1, dtype=torch.float64)

    assert (slopes(lambda real: loss.discriminator(real, zeros), zeros) < 0).all()
    fake = slopes(lambda fake: loss.discriminator(zeros, fake), zeros)
    assert (fake > 0).all() or (name == "least_squares" and (fake == 0).all())
    assert (slopes(loss.generator, zeros) < 0).all()


def test_the_generator_learns_from_a_sure_discriminator():
    """At a logit of -20 the saturating loss has no slope left, the non-saturating one a slope of 1."""
    sure = torch.full((1,), -20.0, dtype=torch.float64)

    assert slopes(non_saturating().generator, sure).item() == pytest.approx(-1)
    assert slopes(lambda d: -functional.softplus(d), sure).item() == pytest.approx(-math.exp(-20))
    assert non_saturating().generator(-1000 * torch.ones(1)) == 1000  # and does not overflow


@pytest.mark.parametrize("name", NAMES)
def test_only_wasserstein_has_a_penalty(name):
    """The others return None, so no term is logged for them."""
    real = torch.rand(2, 1, 2, 2)

    penalty = LOSSES.load(name)().penalty(Linear(torch.ones(4)), real, real)

    assert (penalty is None) == (name != "wasserstein")
