"""The rules of the race are those of `torch.optim`."""

import pytest
import torch

from dlkit.claims.valley_race import RULES, run

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nag": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.9}),
    "adam": (torch.optim.Adam, {}),
}
HESSIAN = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64)


@pytest.mark.parametrize(("name", "rule", "centre"), RULES)
def test_a_rule_moves_as_torchs(name, rule, centre):
    """50 steps of each rule at a quarter of its middle rate end where torch's do."""
    make, options = OPTIMIZERS[name]
    w = torch.ones(2, dtype=torch.float64)
    expected = w.clone()
    optimizer = make([expected], lr=centre / 4, **options)
    move = rule()
    for _ in range(50):
        w = w - centre / 4 * move(w @ HESSIAN)
        expected.grad = HESSIAN @ expected
        optimizer.step()
    torch.testing.assert_close(w, expected, atol=1e-12, rtol=0)


def test_turning_the_valley_does_not_touch_rules_with_one_rate():
    """Gradient descent, momentum and NAG need as many steps in a turned valley; AdaGrad more."""
    straight, turned = run(), run(degrees=45.0)
    for name in ("sgd", "momentum", "nag"):
        assert turned[f"steps_{name}"] == straight[f"steps_{name}"]
    assert turned["steps_adagrad"] > 10 * straight["steps_adagrad"]
