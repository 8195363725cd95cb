"""The mean output of activations for normal inputs, against closed forms."""

import math

import pytest

from dlkit.claims import output_mean, relu_sparsity


def below(x: float) -> float:
    """The normal distribution function."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


@pytest.mark.parametrize("alpha", [0.7, 1.0, 1.6733])
def test_elu(alpha: float) -> None:
    """`p(0) + alpha (sqrt(e) P(-1) - 1/2)` for inputs with mean 0 and variance 1."""
    expected = 1 / math.sqrt(2 * math.pi) + alpha * (math.exp(0.5) * below(-1) - 0.5)
    assert output_mean.run(alpha=alpha)["elu"] == pytest.approx(expected, abs=0.01)


def test_relu_and_gelu() -> None:
    """ReLU's mean is `p(0)`, GELU's is `1 / sqrt(4 pi)`."""
    measured = output_mean.run()
    assert measured["relu"] == pytest.approx(1 / math.sqrt(2 * math.pi), abs=0.01)
    assert measured["gelu"] == pytest.approx(1 / math.sqrt(4 * math.pi), abs=0.01)


@pytest.mark.parametrize("mean", [-1.0, 0.0, 0.5, 2.0])
def test_zeros_of_relu(mean: float) -> None:
    """The share of exact zeros after ReLU is the share of inputs below 0."""
    assert relu_sparsity.run(mean=mean)["relu"] == pytest.approx(below(-mean), abs=0.01)
