"""Gradients along a deep chain of layers before any training: shared by several experiments."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "softplus": torch.nn.functional.softplus,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
}
DEVIATIONS = {"xavier": 1.0, "he": math.sqrt(2)}
"""Standard deviation of a weight times the root of the width, for normal initialisations."""


def gradient_norms(
    activation: str,
    *,
    depth: int = 20,
    width: int = 64,
    init: str = "xavier",
    gain: float = 1.0,
    batch_norm: bool = False,
    residual: bool = False,
    seed: int = 0,
    batch: int = 128,
) -> list[float]:
    """The norm of the gradient at the weighted sums of each layer, the input's layer first.

    A chain of `depth` square layers `width` wide without biases, `h <- activation(W h)`: weights
    drawn by `init` (`xavier`, `he` or PyTorch's `default`) and multiplied by `gain`, standard
    normal inputs (batch, width), and a standard normal gradient (batch, width) at the last output.
    `batch_norm` normalises the weighted sums, without scale and shift; `residual` adds `h` to what
    the layer makes of it. In float64.

    The weighted sums rather than the weights, because in nets of ReLU the gradients of all weights
    keep one size, whatever their scale, and would hide that the signal vanishes.
    """
    generator = torch.Generator().manual_seed(seed)
    h = _normal(batch, width, generator=generator).requires_grad_()  # (batch, width)
    sums: list[Tensor] = []
    for _ in range(depth):
        z = h @ (gain * weights(width, init, generator))  # (batch, width)
        sums.append(z)
        a = ACTIVATIONS[activation](_normalised(z) if batch_norm else z)
        h = h + a if residual else a
    last = _normal(batch, width, generator=generator)  # (batch, width)
    return [float(g.norm()) for g in torch.autograd.grad(h, sums, last)]


def gradient_ratio(
    activation: str,
    *,
    depth: int = 20,
    width: int = 64,
    init: str = "xavier",
    gain: float = 1.0,
    batch_norm: bool = False,
    residual: bool = False,
    seed: int = 0,
    batch: int = 128,
) -> float:
    """The gradient's norm at the first layer over that at the last; see `gradient_norms`."""
    norms = gradient_norms(
        activation,
        depth=depth,
        width=width,
        init=init,
        gain=gain,
        batch_norm=batch_norm,
        residual=residual,
        seed=seed,
        batch=batch,
    )
    return norms[0] / norms[-1]


def weights(width: int, init: str, generator: torch.Generator) -> Tensor:
    """A weight (width, width); `default` is uniform in `±1/sqrt(width)`, the others are normal."""
    scale = 1 / math.sqrt(width)
    if init == "default":
        uniform = torch.rand(width, width, generator=generator, dtype=torch.float64)
        return scale * (2 * uniform - 1)
    return scale * DEVIATIONS[init] * _normal(width, width, generator=generator)


def _normal(*shape: int, generator: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def _normalised(z: Tensor) -> Tensor:
    """Mean 0 and variance 1 for each unit over the batch; z: (batch, width)."""
    variance, mean = torch.var_mean(z, dim=0, correction=0)
    return (z - mean) / torch.sqrt(variance + 1e-5)
