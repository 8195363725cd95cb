"""An encoder and a decoder: images are made small, then large again, by a way of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.shapes import image_shape
from dlkit.nn.initialisation import initialise
from dlkit.nn.layers import stack
from dlkit.nn.resizing import Merge, Pooling, Skip, Upsampling, grow_layer, shrink_layer
from dlkit.ranges import InitialisationName, NonNegativeFloat, OddInt, PositiveInt, PositiveInts


def autoencoder(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    channels: PositiveInts = (16, 32),
    kernel_size: OddInt = 3,
    dilation: PositiveInt = 1,
    pooling: Literal["max", "average", "stride"] = "max",
    upsampling: Literal["nearest", "bilinear", "unpooling", "transposed"] = "unpooling",
    skip: Literal["none", "add", "concatenate"] = "none",
    batch_norm: bool = True,
    noise: NonNegativeFloat = 0.0,
    initialisation: InitialisationName = "default",
) -> nn.Module:
    """Images `(B, C, H, W)` from 0 to 1 to images of the same size, from 0 to 1.

    Each level of the encoder convolves and halves the image; each level of the decoder doubles it and
    convolves. With `noise` the network learns to clean (Vincent et al. 2008, "Extracting and composing
    robust features with denoising autoencoders"); with `skip` it is shaped like the networks that
    segment (Ronneberger et al. 2015, arXiv:1505.04597), with `unpooling` like SegNet (Badrinarayanan
    et al. 2017, arXiv:1511.00561). Raises `OptionError` where options do not go together. Options:

    - `channels`: feature maps of each level, so the number of halvings.
    - `kernel_size`: side of each convolution.
    - `dilation`: distance between the pixels that a kernel of the innermost level reads (Yu & Koltun
      2016, arXiv:1511.07122).
    - `pooling`: how a level halves: keep the largest or the mean of 2x2 pixels, or convolve with a
      stride of 2.
    - `upsampling`: how a level doubles: repeat pixels (`nearest`), interpolate (`bilinear`), put each
      value where the pooling found the largest one and zeros elsewhere (`unpooling`), or convolve
      transposed with a stride of 2.
    - `skip`: whether a level of the decoder gets the maps of its level of the encoder, added or beside
      its own.
    - `batch_norm`: normalise each feature map over the batch before its activation.
    - `noise`: deviation of the normal noise that is added to the images, which the outputs are not
      to have.
    - `initialisation`: see `dlkit.nn.initialisation`.
    """
    maps, *size = image_shape(facts, "autoencoder")
    if upsampling == "unpooling" and pooling != "max":
        raise OptionError(
            "upsampling",
            f"unpooling needs the places of the largest values, and pooling is '{pooling}'",
            "Use pooling: max, or another upsampling.",
        )
    if min(size) >> len(channels) == 0:
        raise OptionError(
            "channels",
            f"{len(channels)} halvings leave nothing of {size[0]}x{size[1]} pixels",
            "Use fewer levels.",
        )

    def block(before: int, after: int, spread: int = 1) -> nn.Module:
        return stack(
            conv=nn.Conv2d(
                before,
                after,
                kernel_size,
                padding=spread * (kernel_size - 1) // 2,
                dilation=spread,
                bias=not batch_norm,
            ),
            norm=nn.BatchNorm2d(after) if batch_norm else None,
            activation=activation(),
        )

    model = Autoencoder(
        maps, channels, block, pooling=pooling, upsampling=upsampling, skip=skip, dilation=dilation
    )
    model.noise = noise
    initialise(model, scheme=initialisation)
    return model


class Autoencoder(nn.Module):
    """Levels of `block(before, after)` around poolings, then as many around their opposites."""

    noise: float
    """Deviation of the noise that the task adds to the images."""

    def __init__(
        self,
        maps: int,
        channels: Sequence[int],
        block: Callable[..., nn.Module],
        *,
        pooling: Pooling,
        upsampling: Upsampling,
        skip: Skip,
        dilation: int,
    ) -> None:
        super().__init__()
        wide = 2 if skip == "concatenate" else 1
        self.encoder = nn.ModuleList(block(a, b) for a, b in pairwise([maps, *channels]))
        self.shrink = nn.ModuleList(shrink_layer(pooling, each) for each in channels)
        self.middle = block(channels[-1], channels[-1], dilation)
        inwards = [*reversed(channels)]
        self.grow = nn.ModuleList(grow_layer(upsampling, each) for each in inwards)
        self.merge = Merge(skip)
        self.decoder = nn.ModuleList(
            block(wide * a, b) for a, b in pairwise([*inwards, channels[0]])
        )
        self.output = stack(conv=nn.Conv2d(channels[0], maps, 1), activation=nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:
        """Images `(B, C, H, W)` to images of the same shape, from 0 to 1."""
        x, levels = images, []
        for block, shrink in zip(self.encoder, self.shrink, strict=True):
            features = block(x)  # (B, c, H, W)
            x, places = shrink(features)  # (B, c, H/2, W/2)
            levels.append((features, places))
        x = self.middle(x)
        for grow, block in zip(self.grow, self.decoder, strict=True):
            features, places = levels.pop()
            x = block(self.merge(grow(x, features.shape[2:], places), features))
        return self.output(x)  # (B, C, H, W)
