"""That max and average pooling are the largest and the mean value of each square."""

from __future__ import annotations

import torch
from torch.nn.functional import avg_pool2d, max_pool2d

from dlkit.dictionary.forms import layers
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, size: PositiveInt = 2) -> dict[str, float]:
    """Largest differences of torch's pooling from loops by hand, and the share of the gradient.

    The gradient of the summed output reaches one pixel of each square behind max pooling, and all
    of them behind average pooling.
    """
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(12, 12, generator=generator, dtype=torch.float64, requires_grad=True)
    found = {}
    for name, pool, by_hand in (
        ("max", max_pool2d, layers.max_pooling),
        ("average", avg_pool2d, layers.average_pooling),
    ):
        out = pool(image[None], size)[0]
        expected = torch.tensor(by_hand(image.tolist(), size=size), dtype=torch.float64)
        (slopes,) = torch.autograd.grad(out.sum(), image)
        found[f"difference_{name}"] = float((out - expected).detach().abs().max())
        found[f"share_with_gradient_{name}"] = float((slopes != 0).double().mean())
    return found
