"""AdaDelta with `s - rho` in place of `1 - rho`, as it is sometimes printed."""

from __future__ import annotations

from dlkit.dictionary.forms.scaling_optimizers import adadelta, adadelta_with_s


def run(*, seed: int = 0) -> dict[str, float]:
    """The parameter after 2 steps on `w^2 / 2` from 1, at rho 0.95 and epsilon 1e-6."""
    return {
        "printed_after_2_steps": adadelta_with_s(lambda w: w, 1.0, 2)[-1],
        "corrected_after_2_steps": adadelta(lambda w: w, 1.0, 2, rho=0.95)[-1],
    }
