"""The rates in the picture of the long valley are the best of their grid."""

import math

import pytest

from dlkit.dictionary.pictures.long_valley import RULES, path


@pytest.mark.parametrize(("label", "_ja", "rule", "options"), RULES)
def test_the_rate_is_the_best_of_the_grid(label, _ja, rule, options):
    """No other rate of 0.005 times a power of 2 is sooner within 0.04 of the minimum, to stay."""
    steps = {}
    for power in range(10):
        rate = 0.005 * 2**power
        distances = [math.hypot(*w) for w in path(rule, {**options, "learning_rate": rate}, 400)]
        steps[rate] = 1 + max(i for i, distance in enumerate(distances) if not distance < 0.04)
    assert min(steps, key=steps.__getitem__) == options["learning_rate"]
