"""Sizes on the way through a network of images: what comes in, what a sliding window leaves."""

from __future__ import annotations

from dataclasses import dataclass

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError


@dataclass(frozen=True)
class Window:
    """What a convolution or a pooling slides over an image; the fields are torch's arguments."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """How many pixels it covers from end to end, gaps included."""
        return self.dilation * (self.kernel_size - 1) + 1

    def output_size(self, size: int) -> int:
        """How many places it takes in an image of `size` pixels; not positive if it does not fit.

        `floor((n + 2p - d (k - 1) - 1) / s) + 1` (Dumoulin & Visin 2016, arXiv:1603.07285).
        """
        return (size + 2 * self.padding - self.span) // self.stride + 1


def image_shape(facts: Facts, model: str) -> tuple[int, int, int]:
    """`(C, H, W)` of the data, for the catalogue's `model`; raises `ConfigError` for other data."""
    if len(facts.input_shape) != 3:
        shape = "x".join(map(str, facts.input_shape))
        raise ConfigError(
            f"model '{model}' takes images; the data yield {shape} features per example",
            hint="Use model 'mlp', or a data set of images.",
        )
    channels, height, width = facts.input_shape
    return channels, height, width
