"""What Adam is when its first moment is switched off, and when its second is."""

from __future__ import annotations

import math

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, steps: PositiveInt = 100) -> dict[str, float]:
    """The largest distance on random gradients between `torch.optim.Adam` and what it is made of.

    With beta1 0 that is RMSprop whose mean is divided by `1 - beta2^t`, by hand. With the
    gradients' signs only, beta2 and epsilon 0, the second moment is 1 and what is left is
    bias-corrected momentum. Kingma & Ba 2015, section 5.
    """
    generator = torch.Generator().manual_seed(seed)
    gradients = torch.randn(steps, generator=generator, dtype=torch.float64).tolist()
    signs = [math.copysign(1.0, g) for g in gradients]
    rmsprop = _adam(gradients, betas=(0.0, 0.999), eps=1e-8)
    momentum = _adam(signs, betas=(0.9, 0.0), eps=0.0)
    return {
        "distance_to_corrected_rmsprop": _distance(rmsprop, _corrected_rmsprop(gradients)),
        "distance_to_corrected_momentum": _distance(momentum, _corrected_momentum(signs)),
    }


def _adam(gradients: list[float], *, betas: tuple[float, float], eps: float) -> list[float]:
    w = torch.zeros(1, dtype=torch.float64)
    optimizer = torch.optim.Adam([w], lr=0.1, betas=betas, eps=eps)
    path = []
    for g in gradients:
        w.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
        path.append(float(w))
    return path


def _corrected_rmsprop(gradients: list[float]) -> list[float]:
    path, w, v = [], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        v = 0.999 * v + 0.001 * g * g
        w -= 0.1 * g / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
        path.append(w)
    return path


def _corrected_momentum(gradients: list[float]) -> list[float]:
    path, w, m = [], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m = 0.9 * m + 0.1 * g
        w -= 0.1 * m / (1 - 0.9**t)
        path.append(w)
    return path


def _distance(left: list[float], right: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(left, right, strict=True))
