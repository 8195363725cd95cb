"""Activations: their values, their derivatives, and the facts the dictionary states about them."""

import math

import pytest
import torch
from torch.func import jacrev, vmap

from dlkit.catalog import ACTIVATIONS
from dlkit.nn import activations

X = torch.arange(-120, 121, dtype=torch.float64) / 20
SMOOTH = [name for name in ACTIVATIONS.names() if name not in ("step", "softmax")]


def derivative(module, x):
    x = x.clone().requires_grad_()
    module(x).sum().backward()
    return x.grad


def normal_cdf(x):
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


FORMULAS = {
    "identity": (lambda x: x, torch.ones_like),
    "sigmoid": (
        lambda x: 1 / (1 + torch.exp(-x)),
        lambda x: torch.sigmoid(x) * (1 - torch.sigmoid(x)),
    ),
    "relu": (lambda x: x.clamp(min=0), lambda x: (x > 0).double()),
    "tanh": (lambda x: 2 * torch.sigmoid(2 * x) - 1, lambda x: 1 - torch.tanh(x) ** 2),
    "softplus": (lambda x: torch.log(1 + torch.exp(x)), torch.sigmoid),
    "elu": (
        lambda x: torch.where(x > 0, x, torch.exp(x) - 1),
        lambda x: torch.where(x > 0, 1.0, torch.exp(x)),
    ),
    "leaky_relu": (
        lambda x: torch.where(x > 0, x, 0.01 * x),
        lambda x: torch.where(x > 0, 1.0, 0.01 * torch.ones_like(x)),
    ),
    "gelu": (
        lambda x: x * normal_cdf(x),
        lambda x: normal_cdf(x) + x * torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "silu": (
        lambda x: x * torch.sigmoid(x),
        lambda x: torch.sigmoid(x) * (1 + x * (1 - torch.sigmoid(x))),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_value_and_derivative_are_the_docstring_s(name):
    """Every element-wise activation and its autograd derivative equal their closed forms."""
    value, slope = FORMULAS[name]
    module = ACTIVATIONS.load(name)()

    torch.testing.assert_close(module(X), value(X), rtol=0, atol=1e-12)
    torch.testing.assert_close(derivative(module, X), slope(X), rtol=0, atol=1e-12)


def test_step_is_one_from_zero_on():
    """The step is 0 below 0 and 1 from 0 on, at the ends of the number line too."""
    x = torch.tensor([-math.inf, -3.0, -1e-30, -0.0, 0.0, 1e-30, 3.0, math.inf])

    assert activations.step()(x).tolist() == [0, 0, 0, 1, 1, 1, 1, 1]


def test_step_lets_no_gradient_through_but_backward_works():
    """Without a surrogate the weights before a step get gradients, and all of them are 0."""
    before, after = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)

    after(activations.step()(before(torch.randn(5, 3)))).sum().backward()

    assert not before.weight.grad.any()
    assert after.weight.grad.any()


def test_straight_through_step_has_the_slope_of_the_identity():
    """The surrogate changes the gradient to 1 and leaves the values as they are."""
    module = activations.step(gradient="straight_through")

    assert torch.equal(derivative(module, X), torch.ones_like(X))
    assert torch.equal(module(X), (X >= 0).double())


def test_sigmoid_slope_is_at_most_a_quarter():
    """The sigmoid's steepest place is 0, with slope 1/4 (C21)."""
    slope = derivative(activations.sigmoid(), X)

    assert slope.max() == 0.25
    assert X[slope.argmax()] == 0


def test_relu_slope_at_zero_is_zero():
    """At the kink torch takes the subgradient 0 (C27)."""
    assert derivative(activations.relu(), torch.zeros(1)) == 0


def test_relu_zeroes_half_of_centred_input():
    """ReLU is sparse, sigmoid and tanh are not (C23, C26, C31)."""
    z = torch.randn(100_000, generator=torch.Generator().manual_seed(0))

    assert (activations.relu()(z) == 0).float().mean().item() == pytest.approx(0.5, abs=0.01)
    assert not (activations.sigmoid()(z) == 0).any()
    assert not (activations.tanh()(z) == 0).any()


def test_softplus_is_at_most_ln_2_over_beta_above_relu():
    """Softplus is above ReLU, most at 0, there by ln(2)/beta (C32); 1000 does not overflow."""
    for beta in (1.0, 4.0):
        gap = activations.softplus(beta=beta)(X) - X.clamp(min=0)
        assert gap.max().item() == pytest.approx(math.log(2) / beta)
        assert X[gap.argmax()] == 0
    assert activations.softplus()(torch.tensor(1000.0)) == 1000


def test_softplus_is_linear_beyond_its_threshold():
    """`threshold` says from where on softplus is x itself."""
    x = torch.tensor([1.9, 2.1], dtype=torch.float64)

    assert (activations.softplus(threshold=2.0)(x) == x).tolist() == [False, True]


def test_elu_slope_jumps_at_zero_unless_alpha_is_one():
    """The slope just below 0 is alpha."""
    below = torch.tensor([-1e-9], dtype=torch.float64)

    assert derivative(activations.elu(alpha=0.7), below).item() == pytest.approx(0.7)
    assert derivative(activations.elu(), below).item() == pytest.approx(1)


def test_leaky_relu_slope_below_zero_is_the_option():
    """`negative_slope` is the derivative below 0."""
    assert derivative(activations.leaky_relu(negative_slope=0.2), X[:1]).item() == 0.2


def test_gelu_approximation_is_the_paper_s():
    """`approximate: tanh` is the paper's formula, and within 0.001 of the exact function."""
    inner = math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)
    approximate = activations.gelu(approximate="tanh")(X)

    torch.testing.assert_close(approximate, X / 2 * (1 + torch.tanh(inner)))
    assert 1e-6 < (approximate - activations.gelu()(X)).abs().max() < 1e-3


def test_softmax_is_a_distribution_over_the_features():
    """Softmax sums to 1 over dimension 1 of tables and images, shifts don't matter, 1000 is no nan
    (C35)."""
    for shape in ((3, 5), (2, 4, 3, 3)):
        x = torch.randn(shape, dtype=torch.float64)
        y = activations.softmax()(x)
        torch.testing.assert_close(y.sum(1), torch.ones_like(y.sum(1)))
        torch.testing.assert_close(y, activations.softmax()(x + 1000))


def test_softmax_jacobian():
    """`df_i / dx_k = f_i ((i == k) - f_k)` (C35)."""
    x = torch.randn(1, 4, dtype=torch.float64)
    f = activations.softmax()(x)[0]

    jacobian = jacrev(activations.softmax())(x)[0, :, 0]

    torch.testing.assert_close(jacobian, torch.diag(f) - torch.outer(f, f))


@pytest.mark.parametrize("name", ACTIVATIONS.names())
def test_works_batched_and_in_bfloat16(name):
    """Every activation keeps shape and number format, and vmap gives what a loop gives."""
    module = ACTIVATIONS.load(name)()
    x = torch.randn(3, 2, 5)

    assert torch.equal(vmap(module)(x), torch.stack([module(each) for each in x]))
    half = module(x.bfloat16())
    assert (half.shape, half.dtype) == (x.shape, torch.bfloat16)


def test_step_matches_heaviside():
    """The step is torch's Heaviside function with the value 1 at 0."""
    assert torch.equal(activations.step()(X), torch.heaviside(X, torch.ones_like(X)))


def test_step_says_which_gradient_it_has():
    """Printing a model shows whether its steps learn."""
    assert repr(activations.step()) == "Step(straight_through=False)"
