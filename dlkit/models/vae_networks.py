"""The two networks of a variational autoencoder: dense layers, with convolutional blocks around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod

from torch import nn

from dlkit.models.halving import Size, doubling, halved_sizes, halving
from dlkit.nn.layers import dense_layers, stack

Activation = Callable[[], nn.Module]


def encoder_and_decoder(
    shape: tuple[int, int, int],
    channels: Sequence[int],
    hidden: Sequence[int],
    latent: int,
    activation: Activation,
    *,
    batch_norm: bool,
    dropout: float,
) -> tuple[nn.Module, nn.Module]:
    """`(B, *shape)` to `(B, 2 latent)`, and `(B, latent)` to `(B, *shape)`.

    `channels` are the feature maps of the convolutional blocks, from the image inwards, and may be
    none; `hidden` the units of the encoder's dense layers, which the decoder has in reverse. Raises
    `OptionError` if there are too many blocks for the image.
    """
    sizes = halved_sizes(shape[1:], len(channels), otherwise="Use 'architecture: dense'.")
    maps = [shape[0], *channels]
    inner = (maps[-1], *sizes[-1])

    def dense(*ends: int) -> dict[str, nn.Module]:
        return dense_layers(ends, activation, batch_norm=batch_norm, dropout=dropout)

    encoder = stack(
        **_halving(maps, activation, batch_norm),
        flatten=nn.Flatten(),
        **dense(prod(inner), *hidden, 2 * latent),
    )
    decoder = stack(
        **dense(latent, *reversed(hidden), prod(inner)),
        activation=activation() if channels else None,
        unflatten=nn.Unflatten(1, inner),
        **_doubling(maps[::-1], sizes[::-1], activation, batch_norm),
    )
    return encoder, decoder


def _halving(maps: Sequence[int], activation: Activation, batch_norm: bool) -> dict[str, nn.Module]:
    """`block1`, `block2`, ...: from `maps[0]` feature maps to `maps[-1]`, each half as large."""
    blocks: dict[str, nn.Module] = {}
    for number, (before, after) in enumerate(pairwise(maps), 1):
        blocks[f"block{number}"] = stack(
            # A bias would be subtracted again by the normalisation, which has a shift of its own.
            conv=halving(before, after, bias=not batch_norm),
            norm=nn.BatchNorm2d(after) if batch_norm else None,
            activation=activation(),
        )
    return blocks


def _doubling(
    maps: Sequence[int], sizes: Sequence[Size], activation: Activation, batch_norm: bool
) -> dict[str, nn.Module]:
    """The way back. The last block makes the pixels, which are neither normalised nor activated."""
    blocks: dict[str, nn.Module] = {}
    steps = zip(pairwise(maps), pairwise(sizes), strict=True)
    for number, ((before, after), (small, large)) in enumerate(steps, 1):
        last = number == len(maps) - 1
        normalised = batch_norm and not last
        blocks[f"block{number}"] = stack(
            conv=doubling(before, after, small, large, bias=not normalised),
            norm=nn.BatchNorm2d(after) if normalised else None,
            activation=None if last else activation(),
        )
    return blocks
