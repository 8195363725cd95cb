"""Seeds whatever draws from torch's own generators (dropout, sampling), once a step."""

from __future__ import annotations

import torch

from dlkit.data.randomness import mix

EVALUATION = 1 << 40
"""Stands where the step stands in training, so that evaluating draws the same noise every time."""


def seed_noise(device: torch.device, seed: int, step: int) -> None:
    """Makes noise a function of `(seed, step)` instead of a stream.

    There is then no generator to save, and two optimizers compared under one seed drop the same units.
    The generators are seeded directly: `torch.manual_seed` also visits devices that are not in use,
    which costs more than a small model's step.
    """
    number = mix(seed, step)
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        index = device.index if device.index is not None else torch.cuda.current_device()
        torch.cuda.default_generators[index].manual_seed(number)
    elif device.type == "mps":
        torch.mps.manual_seed(number)
