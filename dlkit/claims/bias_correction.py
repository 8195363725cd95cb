"""The first values of a moving average that begins at 0, with and without correction."""

from __future__ import annotations

from dlkit.dictionary.forms.averages import corrected_average, moving_average
from dlkit.ranges import Share


def run(*, seed: int = 0, beta: Share = 0.9) -> dict[str, float]:
    """The mean of values that are all 1, after 1 and 50 of them. Kingma & Ba 2015, section 3."""
    values = [1.0] * 50
    plain, corrected = moving_average(values, beta=beta), corrected_average(values, beta=beta)
    return {
        "uncorrected_after_1": plain[0],
        "uncorrected_after_50": plain[-1],
        "corrected_after_1": corrected[0],
        "corrected_after_50": corrected[-1],
    }
