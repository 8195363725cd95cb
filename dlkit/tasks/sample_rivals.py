"""Images that take no generator, to judge one by: noise, one class over and over, a Gaussian, real."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def rivals(images: Tensor, labels: Tensor, count: int, *, seed: int) -> dict[str, Tensor]:
    """`count` images of each kind, made of the training `images` `(N, C, H, W)` from 0 to 1 with the
    `labels` `(N,)`; a function of the seed. There are at most N real images.

    - `noise`: every pixel uniform by itself;
    - `one class`: real images of the most frequent class only, over and over: a collapsed generator;
    - `gaussian`: normally distributed pixels with the mean and covariance of the images, cut off at 0
      and 1;
    - `real`: images themselves, which no generator is expected to beat.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = images[labels == labels.bincount().argmax()]
    order = torch.randperm(len(images), generator=generator).to(images.device)
    shape = (count, *images.shape[1:])
    noise = torch.rand(shape, generator=generator)
    return {
        "noise": noise.to(images.device),
        "one class": chosen[torch.arange(count, device=images.device) % len(chosen)],
        "gaussian": gaussian(images, count, generator=generator).clamp(0, 1),
        "real": images[order[:count]],
    }


def gaussian(images: Tensor, count: int, *, generator: torch.Generator) -> Tensor:
    """`count` normally distributed images with the mean and covariance of `images` `(N, ...)`.

    A sum of the N centred images, each times a normal number, over `sqrt(N - 1)`, has just this
    covariance; no matrix of pixels times pixels is needed.
    """
    rows = images.flatten(1)
    mean = rows.mean(0)
    weights = torch.randn(count, len(rows), generator=generator).to(rows.device)
    samples = mean + weights @ (rows - mean) / math.sqrt(max(len(rows) - 1, 1))  # (count, pixels)
    return samples.unflatten(1, images.shape[1:])
