"""How a report writes its numbers: scores, rates, seconds, intervals, misses. Plain text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlkit.comparing.plan import Task


def is_share(task: Task) -> bool:
    """Whether the task's score is a share of examples, written in per cent."""
    return "accuracy" in task.score


def score(task: Task, value: float | None) -> str:
    """`97.31 %` or `0.1234`; `-` where there is none."""
    if value is None:
        return "-"
    return f"{100 * value:.2f} %" if is_share(task) else f"{value:.4g}"


def spread(task: Task, value: float | None) -> str:
    """A difference of scores without its sign: `0.31 points` or `0.0123`."""
    if value is None:
        return "-"
    return f"{100 * value:.2f} points" if is_share(task) else f"{value:.3g}"


def rate(value: float | None) -> str:
    """Three digits: `0.0128`, `8e-06`."""
    return "-" if value is None else f"{value:.3g}"


def knobs(pairs: Sequence[Sequence[Any]] | None) -> str:
    """What was chosen: the rate, then the other knobs by name; `-` where nothing was finite."""
    if not pairs:
        return "-"
    rest = [f"{name}={_value(value)}" for name, value in pairs[1:]]
    return ", ".join([rate(float(pairs[0][1])), *rest])


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "(" + ", ".join(_value(each) for each in value) + ")"
    return rate(value) if isinstance(value, float) else str(value)


def steps(value: float | None) -> str:
    """`420`; a miss is `never`, nothing to judge is `-`."""
    if value is None:
        return "-"
    return "never" if math.isinf(value) else f"{value:.0f}"


def seconds(value: float | None) -> str:
    """`0.42 s`, `95 µs`; a miss is `never`."""
    if value is None:
        return "-"
    if math.isinf(value):
        return "never"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def chance(value: float) -> str:
    """A probability in two digits that never claims certainty: `>.99`, `.50`, `<.01`."""
    if value > 0.99:
        return ">.99"
    return "<.01" if value < 0.01 else f"{value:.2f}".removeprefix("0")


def listed(names: Sequence[str]) -> str:
    """`adam, nag and sgd`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
