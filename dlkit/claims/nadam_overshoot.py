"""How far Adam and NAdam roll past the minimum of a parabola."""

from __future__ import annotations

from dlkit.dictionary.forms.adam import adam, nadam
from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, learning_rate: PositiveFloat = 0.1) -> dict[str, float]:
    """The lowest `w` on `w^2 / 2` from 1, with the same rate and betas. Dozat 2016."""
    return {
        "lowest_adam": min(adam(lambda w: w, 1.0, 500, learning_rate=learning_rate)),
        "lowest_nadam": min(nadam(lambda w: w, 1.0, 500, learning_rate=learning_rate)),
    }
