"""Under a constant gradient the steps have a closed form."""

import pytest

from dlkit.claims.constant_gradient_steps import run


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.99])
def test_the_steps_are_those_of_the_closed_forms(alpha):
    """`1 / sqrt(t)` for AdaGrad, `1 / sqrt(1 - alpha^t)` for RMSprop."""
    found = run(alpha=alpha)
    for t in (1, 100, 10_000):
        assert found[f"adagrad_step_{t}"] == pytest.approx(t**-0.5, rel=1e-6)
        assert found[f"rmsprop_step_{t}"] == pytest.approx((1 - alpha**t) ** -0.5, rel=1e-6)
