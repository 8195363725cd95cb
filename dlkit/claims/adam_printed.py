"""Adam with `m` in its second moment, and with corrections that count from 0, as printed."""

from __future__ import annotations

from dlkit.dictionary.forms.adam import adam, adam_counting_from_0, adam_with_m_for_v


def run(*, seed: int = 0) -> dict[str, float]:
    """The parameter on `w^2 / 2` from -1, where the gradient is negative, after 1 and 2 steps."""
    return {
        "m_for_v_after_1_step": adam_with_m_for_v(lambda w: w, -1.0, 1)[-1],
        "m_for_v_after_2_steps": adam_with_m_for_v(lambda w: w, -1.0, 2)[-1],
        "counting_from_0_after_1_step": adam_counting_from_0(lambda w: w, -1.0, 1)[-1],
        "corrected_after_2_steps": adam(lambda w: w, -1.0, 2)[-1],
    }
