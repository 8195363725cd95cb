"""Losses of one example: lists of numbers in, one number out."""

from __future__ import annotations

import math
from collections.abc import Sequence


def cross_entropy(scores: Sequence[float], target: Sequence[float]) -> float:
    """`-sum t_k log softmax(z)_k`, with the largest score taken out of the exponentials."""
    top = max(scores)
    log_sum = top + math.log(sum(math.exp(z - top) for z in scores))
    return -sum(t * (z - log_sum) for z, t in zip(scores, target, strict=True))
