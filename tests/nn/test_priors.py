"""Priors of a variational autoencoder, against torch.distributions and closed forms."""

import torch
from torch import distributions

from dlkit.nn.priors import Mixture, StandardNormal
from dlkit.nn.variational import gaussian_kl

RANDOM = torch.Generator().manual_seed(0)
CODES = torch.randn(7, 5, 3, generator=RANDOM)
MEAN, LOG_VARIANCE = torch.randn(2, 5, 3, generator=RANDOM)


def mixture(components=4):
    prior = Mixture(3, components)
    for each in prior.parameters():
        each.data = torch.randn(each.shape, generator=RANDOM)
    return prior


def of_torch(prior):
    normal = distributions.Normal(prior.means, (0.5 * prior.log_variances).exp())
    return distributions.MixtureSameFamily(
        distributions.Categorical(logits=prior.logits), distributions.Independent(normal, 1)
    )


def test_the_densities_are_those_of_torch():
    """Of one normal distribution and of several, with any number of axes in front."""
    prior = mixture()
    normal = distributions.Independent(distributions.Normal(torch.zeros(3), 1.0), 1)

    assert torch.allclose(StandardNormal(3).log_density(CODES), normal.log_prob(CODES))
    assert torch.allclose(prior.log_density(CODES), of_torch(prior).log_prob(CODES))


def test_the_moments_are_those_of_torch():
    """Mean and standard deviation of each number of a code."""
    prior = mixture()
    mean, deviation = prior.moments()

    assert torch.allclose(mean, of_torch(prior).mean)
    assert torch.allclose(deviation, of_torch(prior).stddev)
    assert torch.equal(
        torch.stack(StandardNormal(3).moments()), torch.tensor([[0.0], [1.0]]).expand(2, 3)
    )


def test_draws_follow_the_density():
    """Mean log-density and moments of many draws are those of torch's; one seed gives one set."""
    prior, count = mixture(), 40_000
    draws = prior.draw(count, torch.Generator().manual_seed(0)).detach()
    torch.manual_seed(0)
    others = of_torch(prior).sample((count,))

    for ours, theirs in zip(prior.moments(), (draws.mean(0), draws.std(0)), strict=True):
        assert torch.allclose(ours, theirs, atol=0.05)
    entropies = [prior.log_density(each).mean() for each in (draws, others)]
    assert torch.allclose(*entropies, atol=0.03)
    assert torch.equal(
        prior.draw(9, torch.Generator().manual_seed(0)),
        prior.draw(9, torch.Generator().manual_seed(0)),
    )
    assert StandardNormal(3).draw(9, torch.Generator().manual_seed(0)).shape == (9, 3)


def test_the_normal_divergence_needs_no_codes():
    """It is the closed form, whatever was drawn."""
    prior = StandardNormal(3)

    assert torch.equal(prior.divergence(CODES, MEAN, LOG_VARIANCE), gaussian_kl(MEAN, LOG_VARIANCE))


def test_the_measured_divergence_has_the_right_expectation():
    """A mixture that is standard normal: over many codes, it tends to the closed form."""
    prior = Mixture(3, 2)
    for each in prior.parameters():
        each.data.zero_()
    noise = torch.randn(60_000, 5, 3, generator=RANDOM)
    codes = MEAN + (0.5 * LOG_VARIANCE).exp() * noise

    measured = prior.divergence(codes, MEAN, LOG_VARIANCE)
    assert torch.allclose(measured, gaussian_kl(MEAN, LOG_VARIANCE), atol=0.05)


def test_a_mixture_comes_closer_than_one_normal_distribution():
    """Codes in two narrow heaps: learned by gradient descent, the divergence falls to that of knowing
    which of the two heaps it is, ln 2."""
    torch.manual_seed(0)
    mean = torch.tensor([[-2.0], [2.0]])
    log_variance = torch.full((2, 1), -3.0)
    prior = Mixture(1, 2)
    optimizer = torch.optim.Adam(prior.parameters(), lr=0.05)
    for _ in range(600):
        codes = mean + (0.5 * log_variance).exp() * torch.randn(64, 2, 1)
        loss = prior.divergence(codes, mean, log_variance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    assert abs(loss.item() - 0.693) < 0.03
    assert gaussian_kl(mean, log_variance).mean() > 2
