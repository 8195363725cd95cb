"""What clipping by norm and by value does to the length and the direction of a gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, limit: PositiveFloat = 1.0, entries: PositiveInt = 100
) -> dict[str, float]:
    """Norm, largest entry, and cosine with the original, of a gradient clipped at `limit`.

    Entries are cubes of normal numbers: a few are much larger than the rest. `norm_short` is that
    of a gradient of half the limit's length, clipped by norm: it stays. Pascanu, Mikolov & Bengio
    2013, arXiv:1211.5063, algorithm 1.
    """
    generator = torch.Generator().manual_seed(seed)
    g = torch.randn(entries, generator=generator, dtype=torch.float64) ** 3  # (entries,)
    by_norm, by_value = _clipped(g, limit, "norm"), _clipped(g, limit, "value")
    short = _clipped(0.5 * limit * g / g.norm(), limit, "norm")
    return {
        "norm_before": float(g.norm()),
        "norm_by_norm": float(by_norm.norm()),
        "cosine_by_norm": float(cosine_similarity(by_norm, g, dim=0)),
        "largest_by_value": float(by_value.abs().max()),
        "cosine_by_value": float(cosine_similarity(by_value, g, dim=0)),
        "norm_short": float(short.norm()),
    }


def _clipped(gradient: Tensor, limit: float, how: str) -> Tensor:
    w: Any = torch.zeros_like(gradient, requires_grad=True)
    w.grad = gradient.clone()
    clip = clip_grad_norm_ if how == "norm" else clip_grad_value_
    clip([w], limit)
    clipped: Tensor = w.grad
    return clipped
