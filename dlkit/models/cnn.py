"""The convolutional network: blocks of convolutions and a pooling, then dense layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Literal

from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.shapes import Window, image_shape
from dlkit.nn.initialisation import initialise
from dlkit.nn.layers import dense_layers, dropout_layer, output_layer, stack
from dlkit.ranges import (
    ActivationName,
    InitialisationName,
    NaturalInt,
    OddInt,
    PositiveInt,
    PositiveInts,
    PositiveIntsOrNone,
    Share,
)


def cnn(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    channels: PositiveInts = (32, 64),
    convolutions_per_block: PositiveInt = 1,
    kernel_size: OddInt = 3,
    stride: PositiveInt = 1,
    padding: Literal["same", "valid"] | NaturalInt = "same",
    dilation: PositiveInt = 1,
    pooling: Literal["max", "average", "none"] = "max",
    pool_size: PositiveInt = 2,
    global_average: bool = False,
    dense: PositiveIntsOrNone = (128,),
    batch_norm: bool = False,
    dropout: Share = 0.0,
    initialisation: InitialisationName = "default",
    output_activation: ActivationName | None = None,
) -> nn.Module:
    """Blocks of convolutions and a pooling, then dense layers: `(B, C, H, W)` to `(B, outputs)`.

    LeCun et al. 1998, "Gradient-based learning applied to document recognition". Raises
    `ConfigError` if the data are not images, `OptionError` if a block's window does not fit the
    image that reaches it. Options:

    - `channels`: feature maps of each block, so the number of blocks.
    - `convolutions_per_block`: convolutions in a row before the pooling (Simonyan & Zisserman
      2015, arXiv:1409.1556).
    - `kernel_size`: a convolution sums over so many times so many pixels of each map.
    - `stride`: step of each block's first convolution; larger ones shrink the image.
    - `padding`: rings of zeros around the image; `valid` is 0, and `same` as many as keep the size
      at stride 1: `dilation (kernel_size - 1) / 2`.
    - `dilation`: distance between the pixels that a kernel reads (Yu & Koltun 2016,
      arXiv:1511.07122).
    - `pooling`: keep the largest or the mean value of each square of `pool_size`.
    - `pool_size`: side and step of the pooling.
    - `global_average`: hand on the mean of each feature map instead of all of its values (Lin, Chen
      & Yan 2014, arXiv:1312.4400, section 3.2).
    - `dense`: units of each hidden dense layer after the blocks.
    - `batch_norm`: normalise each feature map, and each dense unit, over the batch before its
      activation (Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.2); such layers have no bias.
    - `dropout`: share of each dense layer's inputs that is zeroed at random while training.
    - `initialisation`: see `dlkit.nn.initialisation`.
    - `output_activation`: applied to the outputs; null for losses that take raw outputs.
    """
    maps, *size = image_shape(facts, "cnn")
    first = Window(kernel_size, stride, _rings(padding, kernel_size, dilation), dilation)
    windows = [first, *[replace(first, stride=1)] * (convolutions_per_block - 1)]
    pool = None if pooling == "none" else Window(pool_size, stride=pool_size)

    blocks: dict[str, nn.Module] = {}
    for number, outputs in enumerate(channels, 1):
        size = _size_after(size, windows, pool, block=number)
        blocks[f"block{number}"] = stack(
            **_convolutions(maps, outputs, windows, activation, batch_norm=batch_norm),
            pool=_pool(pooling, pool_size),
        )
        maps = outputs

    features = maps if global_average else maps * size[0] * size[1]
    sizes = [features, *dense, facts.outputs]
    model = stack(
        **blocks,
        average=nn.AdaptiveAvgPool2d(1) if global_average else None,
        flatten=nn.Flatten(),
        dropout=dropout_layer(dropout),
        **dense_layers(sizes, activation, batch_norm=batch_norm, dropout=dropout),
        output_activation=output_layer(output_activation),
    )
    initialise(model, scheme=initialisation)
    return model


def _rings(padding: str | int, kernel_size: int, dilation: int) -> int:
    """How many rings of zeros `padding` means."""
    if isinstance(padding, int):
        return padding
    return dilation * (kernel_size - 1) // 2 if padding == "same" else 0


def _convolutions(
    maps: int,
    outputs: int,
    windows: Sequence[Window],
    activation: Callable[[], nn.Module],
    *,
    batch_norm: bool,
) -> dict[str, nn.Module]:
    """`(B, maps, H, W)` to `(B, outputs, H', W')`: a convolution for each window."""
    layers: dict[str, nn.Module] = {}
    for number, window in enumerate(windows, 1):
        layers[f"convolution{number}"] = stack(
            # A bias would be subtracted again by the normalisation, which has a shift of its own.
            conv=nn.Conv2d(maps, outputs, **asdict(window), bias=not batch_norm),
            norm=nn.BatchNorm2d(outputs) if batch_norm else None,
            activation=activation(),
        )
        maps = outputs
    return layers


def _pool(pooling: str, size: int) -> nn.Module | None:
    if pooling == "none":
        return None
    return nn.MaxPool2d(size) if pooling == "max" else nn.AvgPool2d(size)


def _size_after(
    size: Sequence[int], windows: Sequence[Window], pool: Window | None, *, block: int
) -> list[int]:
    """Height and width behind a block's convolutions and pooling; raises `OptionError` at 0."""
    for window in windows:
        _check_convolution(window, size, block)
        size = [window.output_size(side) for side in size]
    if pool and min(size) < pool.span:
        raise OptionError(
            "pool_size",
            f"block {block} pools {pool.span}x{pool.span} pixels, but only {_text(size)} are left",
            hint="Use fewer blocks (channels), a smaller pool_size or stride, or pooling: none.",
        )
    return [pool.output_size(side) for side in size] if pool else list(size)


def _check_convolution(window: Window, size: Sequence[int], block: int) -> None:
    padded = [side + 2 * window.padding for side in size]
    if min(padded) < window.span:
        raise OptionError(
            "kernel_size" if min(padded) < window.kernel_size else "dilation",
            f"block {block} convolves {window.span}x{window.span} pixels, "
            f"but only {_text(padded)} are left, padding included",
            hint="Use fewer blocks (channels), a smaller kernel_size, dilation or stride, "
            "or padding: same.",
        )


def _text(size: Sequence[int]) -> str:
    return "x".join(map(str, size))
