"""Learning rates over a training: constant, in steps, and a warm-up with half a cosine."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture
from dlkit.dictionary.forms.descent import cosine_rate, stepped_rate, warmed_rate

STEPS, WARMUP = 100, 10


def draw() -> Picture:
    """100 steps; a factor of 0.3 every 30, and 10 steps of warm-up."""
    steps = range(STEPS)
    return Picture(
        (0, STEPS),
        (0.0, 1.1),
        lines=[
            Line([(0, 1), (STEPS, 1)], "constant", "一定", style="faint"),
            Line(
                [(t, stepped_rate(t, every=30, factor=0.3)) for t in steps],
                "steps", "段階的", style="dashed",
            ),
            Line([(t, _warm_cosine(t)) for t in steps], "warm-up and cosine", "予熱とコサイン"),
        ],
    )  # fmt: skip


def _warm_cosine(step: int) -> float:
    if step < WARMUP:
        return warmed_rate(step, warmup=WARMUP)
    return cosine_rate(step - WARMUP, total=STEPS - WARMUP)
