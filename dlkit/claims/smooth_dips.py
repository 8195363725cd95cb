"""Where GELU and SiLU fall, and how well tanh approximates GELU."""

from __future__ import annotations

import torch
from torch.nn.functional import gelu, silu

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, limit: PositiveFloat = 10.0) -> dict[str, float]:
    """Least values and where they are, over 200,001 inputs from `-limit` to `limit`, in float64.

    `tanh_form_error` is the largest difference of GELU from its approximation. Hendrycks & Gimpel
    2016, section 2; Ramachandran et al. 2017.
    """
    x = torch.linspace(-limit, limit, 200_001, dtype=torch.float64)  # (200001,)
    found: dict[str, float] = {}
    for name, f in (("gelu", gelu(x)), ("silu", silu(x))):
        at = int(f.argmin())
        found |= {f"least_{name}": float(f[at]), f"at_{name}": float(x[at])}
    error = (gelu(x) - gelu(x, approximate="tanh")).abs().max()
    return found | {"tanh_form_error": float(error)}
