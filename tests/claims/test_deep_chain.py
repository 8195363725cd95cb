"""The gradients along a chain are those of the product of its matrices."""

import math

import pytest
import torch

from dlkit.claims.deep_chain import ACTIVATIONS, gradient_norms, gradient_ratio, weights


def test_a_linear_chain_multiplies_by_its_weights():
    """With the identity the gradient at each layer is that of the layer above times its weights."""
    generator = torch.Generator().manual_seed(3)
    torch.randn(5, 4, generator=generator, dtype=torch.float64)  # the inputs
    matrices = [weights(4, "he", generator) for _ in range(3)]
    gradient = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    expected = [float(gradient.norm())]
    for matrix in reversed(matrices[1:]):
        gradient = gradient @ matrix.T
        expected.insert(0, float(gradient.norm()))
    norms = gradient_norms("identity", depth=3, width=4, init="he", seed=3, batch=5)
    assert norms == pytest.approx(expected)


def test_the_gain_is_a_power_of_the_depth():
    """Twice the weights: twice the growth in each layer after the first, of a linear chain."""
    plain, doubled = (gradient_ratio("identity", depth=6, width=8, gain=g) for g in (1.0, 2.0))
    assert doubled / plain == pytest.approx(2**5)


@pytest.mark.parametrize(("init", "variance"), [("default", 1 / 3), ("xavier", 1), ("he", 2)])
def test_weights_have_the_variance_of_their_scheme(init, variance):
    """The variance of a weight times the width."""
    drawn = weights(400, init, torch.Generator().manual_seed(0))
    assert float(drawn.var() * 400) == pytest.approx(variance, rel=0.02)


def test_batch_normalization_hides_the_gain():
    """Normalised sums don't depend on the scale of the weights; the gradient at them does."""
    plain, doubled = (
        gradient_norms("tanh", depth=4, width=8, gain=g, batch_norm=True) for g in (1.0, 2.0)
    )
    assert [b / a for a, b in zip(plain, doubled, strict=True)] == pytest.approx(
        [0.5] * 4, rel=1e-3
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_a_gradient(activation):
    """Norms are finite and not 0."""
    norms = gradient_norms(activation, depth=3, width=8, batch=16)
    assert all(math.isfinite(norm) and norm > 0 for norm in norms)
