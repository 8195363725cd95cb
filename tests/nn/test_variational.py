"""Probabilities of a variational autoencoder, against torch.distributions and closed forms."""

import math

import pytest
import torch
from torch import distributions

from dlkit.nn.variational import (
    Bernoulli,
    Gaussian,
    binarised,
    gaussian_kl,
    gaussian_log_density,
)

RANDOM = torch.Generator().manual_seed(0)
MEAN, LOG_VARIANCE = torch.randn(2, 5, 3, generator=RANDOM)
DECODED = 3 * torch.randn(4, 2, 3, 5, generator=RANDOM)
GREY = torch.rand(4, 2, 3, 5, generator=RANDOM)


def test_the_divergence_is_that_of_torch():
    """KL(N(mean, variance), N(0, I)), summed over the numbers of a code."""
    code = distributions.Normal(MEAN, (0.5 * LOG_VARIANCE).exp())
    expected = distributions.kl_divergence(code, distributions.Normal(0.0, 1.0)).sum(1)

    assert torch.allclose(gaussian_kl(MEAN, LOG_VARIANCE), expected)
    assert gaussian_kl(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0


def test_the_density_is_that_of_torch():
    """With its constant."""
    points = torch.randn(5, 3, generator=RANDOM)
    expected = distributions.Normal(MEAN, (0.5 * LOG_VARIANCE).exp()).log_prob(points).sum(1)

    assert torch.allclose(gaussian_log_density(points, MEAN, LOG_VARIANCE), expected)


def test_bernoulli_is_that_of_torch():
    """On black and white, summed over the pixels of an image; codes may have an axis of their own."""
    images = (GREY > 0.5).float()
    expected = distributions.Bernoulli(logits=DECODED).log_prob(images).sum((1, 2, 3))
    several = torch.stack([DECODED, -DECODED])

    assert torch.allclose(Bernoulli().log_prob(DECODED, images), expected)
    assert torch.allclose(Bernoulli().log_prob(several, images)[0], expected)
    assert torch.allclose(Bernoulli().mean(DECODED), DECODED.sigmoid())


def test_bernoulli_of_certain_pixels_is_finite():
    """Huge outputs of bfloat16 lose nothing to a rounded probability of 0 or 1."""
    decoded = torch.full((1, 1, 1, 2), 200.0, dtype=torch.bfloat16)
    images = torch.tensor([[[[1.0, 0.0]]]])

    assert Bernoulli().log_prob(decoded, images).item() == -200


def test_grey_pixels_have_an_entropy_that_no_decoder_gets_below():
    """Decoding each pixel to itself is the best there is, and leaves the entropy of the greys."""
    best = Bernoulli().log_prob(GREY.logit(), GREY)
    entropy = distributions.Bernoulli(GREY).entropy().sum((1, 2, 3))

    assert torch.allclose(-best, entropy, atol=1e-4)
    assert (Bernoulli().log_prob(DECODED, GREY) < best).all()


@pytest.mark.parametrize("scale", [0.1, None])
def test_gaussian_is_that_of_torch(scale):
    """Fixed or learned, which begins at 0.3."""
    likelihood = Gaussian(scale)
    expected = distributions.Normal(DECODED.sigmoid(), scale or 0.3).log_prob(GREY).sum((1, 2, 3))

    assert torch.allclose(likelihood.log_prob(DECODED, GREY), expected)
    assert len(list(likelihood.parameters())) == (scale is None)


def test_a_learned_scale_becomes_the_error_and_never_nothing():
    """By gradient descent it finds the root of the mean squared error; at its floor it stays."""
    likelihood = Gaussian()
    optimizer = torch.optim.Adam(likelihood.parameters(), 0.05)
    for _ in range(400):
        optimizer.zero_grad()
        (-likelihood.log_prob(DECODED, GREY).mean()).backward()
        optimizer.step()
    error = (DECODED.sigmoid() - GREY).square().mean().sqrt()

    assert likelihood.log_scale.exp().item() == pytest.approx(error.item(), rel=1e-3)
    likelihood.excess.data.fill_(-1e6)
    assert likelihood.log_scale.item() == -6


def test_independent_pixels_are_the_best_constant():
    """Of the training images' own moments, no other constant output is likelier."""
    mean, square = GREY.mean(0), GREY.square().mean(0)
    for likelihood, best in [
        (Bernoulli(), Bernoulli().log_prob(mean.logit(), GREY).mean()),
        (Gaussian(0.2), Gaussian(0.2).log_prob(mean.logit(), GREY).mean()),
    ]:
        own = likelihood.constant(mean, square)(GREY).mean()
        assert torch.allclose(own, best)
        for shift in (-0.1, 0.1):
            assert likelihood.log_prob(mean.logit() + shift, GREY).mean() < own


def test_independent_pixels_with_a_learned_scale():
    """The scale is the root of the mean variance: 1/2 log(2 pi e variance) a pixel."""
    mean, square = GREY.mean(0), GREY.square().mean(0)
    variance = (square - mean.square()).mean().item()
    expected = -0.5 * math.log(2 * math.pi * math.e * variance) * GREY[0].numel()

    assert Gaussian().constant(mean, square)(GREY).mean().item() == pytest.approx(
        expected, rel=1e-5
    )


def test_a_pixel_that_was_always_black_may_be_white():
    """Once in a thousand times."""
    black = torch.zeros(1, 1, 1)
    score = Bernoulli().constant(black, black)

    assert score(torch.ones(1, 1, 1, 1)).item() == pytest.approx(math.log(1e-3), rel=1e-4)


def test_binarised_pixels():
    """As they are; by a threshold; or by chance, which torch's generator decides."""
    images = torch.tensor([0.0, 0.2, 0.5, 0.51, 1.0]).expand(10_000, 1, 1, 5)
    torch.manual_seed(0)
    drawn = binarised(images, "sample")
    torch.manual_seed(0)

    assert binarised(images, "none") is images
    assert binarised(images, "threshold")[0].flatten().tolist() == [0, 0, 0, 1, 1]
    assert set(drawn.unique().tolist()) == {0, 1}
    assert torch.allclose(drawn.mean(0), images[0], atol=0.02)
    assert torch.equal(drawn, binarised(images, "sample"))
