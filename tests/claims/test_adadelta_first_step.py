"""AdaDelta's first step has a closed form."""

import pytest

from dlkit.claims.adadelta_first_step import run


@pytest.mark.parametrize(("rho", "epsilon"), [(0.95, 1e-6), (0.9, 1e-6), (0.9, 1e-4)])
def test_the_first_step_comes_from_epsilon(rho, epsilon):
    """`sqrt(epsilon / (1 - rho))`, once the gradient outweighs epsilon."""
    found = run(rho=rho, epsilon=epsilon)
    assert found["first_step_gradient_100"] == pytest.approx((epsilon / (1 - rho)) ** 0.5, rel=1e-5)
