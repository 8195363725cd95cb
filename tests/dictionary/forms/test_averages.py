"""Moving averages are the weighted sums that their formulas say."""

import pytest
import torch

from dlkit.dictionary.forms import averages

VALUES = [3.0, -1.0, 2.5, 0.5, 4.0]


def test_moving_average_is_the_weighted_sum():
    """A value of k steps ago counts `(1 - beta) beta^k`, and torch's `lerp` does the same."""
    means = averages.moving_average(VALUES, beta=0.7)
    m = torch.zeros((), dtype=torch.float64)
    for t, x in enumerate(VALUES, 1):
        m = m.lerp(torch.tensor(x, dtype=torch.float64), 0.3)
        weighted = 0.3 * sum(0.7**k * VALUES[t - 1 - k] for k in range(t))
        assert means[t - 1] == pytest.approx(weighted, abs=1e-12)
        assert means[t - 1] == pytest.approx(float(m), abs=1e-12)


def test_corrected_average_divides_by_the_weights():
    """The correction is the sum of the weights given so far."""
    corrected = averages.corrected_average(VALUES, beta=0.7)
    for t in range(1, len(VALUES) + 1):
        weights = [0.3 * 0.7**k for k in range(t)]
        mean = sum(w * VALUES[t - 1 - k] for k, w in enumerate(weights)) / sum(weights)
        assert corrected[t - 1] == pytest.approx(mean, abs=1e-12)
