"""Random changes of the colours of training images: functions of (seed, epoch, index)."""

from __future__ import annotations

from enum import IntEnum

import torch
from torch import Tensor

from dlkit.data.randomness import uniform


class _Salt(IntEnum):
    """Which of an example's random numbers; none of them is one of `augmentation`'s."""

    BRIGHTNESS = 8
    CONTRAST = 9
    SATURATION = 10
    RED = 11
    GREEN = 12
    BLUE = 13


def recolour(images: Tensor, indices: Tensor, *, amount: float, seed: int, epoch: int) -> Tensor:
    """Images `(B, C, H, W)` of the examples at `indices` `(B,)`, under another light; the same type.

    Brightness, contrast about the image's mean, and, of three channels, saturation about their mean and
    each channel by itself are multiplied by factors from `1 - amount` to `1 + amount`, all drawn apart
    (a photometric distortion as in Liu et al. 2016, SSD, arXiv:1512.02325, section 2.2). The rest of the
    batch has no say. Whole numbers are rounded and stay within their type.
    """

    def factor(*salts: _Salt) -> Tensor:
        numbers = torch.stack([uniform(seed, epoch, indices, salt) for salt in salts], 1)
        return (1 + amount * (2 * numbers - 1))[:, :, None, None]  # (B, salts, 1, 1)

    pixels = images.float() * factor(_Salt.BRIGHTNESS)
    pixels = _about(pixels, pixels.mean((1, 2, 3), keepdim=True), factor(_Salt.CONTRAST))
    if images.shape[1] == 3:
        pixels = _about(pixels, pixels.mean(1, keepdim=True), factor(_Salt.SATURATION))
        pixels = pixels * factor(_Salt.RED, _Salt.GREEN, _Salt.BLUE)
    if images.is_floating_point():
        return pixels.to(images.dtype)
    return pixels.round().clamp(0, torch.iinfo(images.dtype).max).to(images.dtype)


def _about(pixels: Tensor, middle: Tensor, factor: Tensor) -> Tensor:
    return middle + (pixels - middle) * factor
