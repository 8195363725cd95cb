"""Gradient descent on a loss with a cliff, with and without clipping of the gradient."""

from __future__ import annotations

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    limit: PositiveFloat = 1.0,
    rate: PositiveFloat = 0.01,
    length: PositiveInt = 30,
) -> dict[str, float]:
    """The largest gradient met, the longest step, and the loss after 500 steps from 1.3.

    The loss is `(w^length - 0.5)^2`: a recurrent network of one linear unit with weight w, run for
    `length` time steps from 1, whose output should be 0.5. It is flat below 1 and a cliff above.
    Nothing is random. After Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 2.3.
    """
    clipped = _descend(rate, length, limit)
    free = _descend(rate, length, float("inf"))
    return {
        "largest_gradient": free[0],
        "longest_step_free": free[1],
        "loss_free": free[2],
        "longest_step_clipped": clipped[1],
        "loss_clipped": clipped[2],
    }


def _descend(rate: float, length: int, limit: float) -> tuple[float, float, float]:
    """The largest gradient, the longest step and the last loss."""
    w, largest, longest = 1.3, 0.0, 0.0
    for _ in range(500):
        gradient = _slope(w, length)
        largest = max(largest, abs(gradient))
        step = rate * max(-limit, min(limit, gradient))
        longest = max(longest, abs(step))
        w -= step
        if abs(w) > 1e3:  # far beyond the cliff: w^length would overflow
            return largest, longest, float("inf")
    return largest, longest, (w**length - 0.5) ** 2


def _slope(w: float, length: int) -> float:
    return 2 * (w**length - 0.5) * length * w ** (length - 1)
