"""Momentum with two minus signs, as it is sometimes printed, beside the right form."""

from __future__ import annotations

from dlkit.dictionary.forms.optimizers import momentum, momentum_double_minus


def run(*, seed: int = 0) -> dict[str, float]:
    """The parameter after 200 steps on `w^2 / 2` from 1, at a rate of 0.01 and momentum 0.9."""
    printed = momentum_double_minus(lambda w: w, 1.0, 200)
    corrected = momentum(lambda w: w, 1.0, 200)
    return {"printed_after_200_steps": printed[-1], "corrected_after_200_steps": corrected[-1]}
