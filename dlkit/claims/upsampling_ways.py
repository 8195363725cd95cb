"""What three ways to enlarge an image give back of an image that was made smaller."""

from __future__ import annotations

import torch
from torch.nn.functional import avg_pool2d, interpolate


def run(*, seed: int = 0) -> dict[str, float]:
    """Relative errors of images averaged over 2x2 pixels and enlarged again, by interpolation.

    `smooth` images are white noise averaged twice over 9x9 pixels, `noise` is the noise itself. The
    last value is the error of averaging the enlarged image (nearest) again: enlarging is undone.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(16, 1, 48, 48, generator=generator)
    smooth = avg_pool2d(avg_pool2d(noise, 9, stride=1), 9, stride=1)
    found = {}
    for kind, images in (("smooth", smooth), ("noise", noise)):
        small = avg_pool2d(images, 2)
        for way in ("nearest", "bilinear"):
            large = interpolate(small, scale_factor=2, mode=way)
            found[f"error_{kind}_{way}"] = float((large - images).norm() / images.norm())
    enlarged = interpolate(small, scale_factor=2, mode="nearest")
    found["error_of_small_again"] = float((avg_pool2d(enlarged, 2) - small).abs().max())
    return found
