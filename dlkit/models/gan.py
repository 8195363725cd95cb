"""The generative adversarial network: a generator of images and a discriminator that mirrors it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn
from torch.nn.utils import parametrizations

from dlkit.data.dataset import Facts
from dlkit.models.halving import Size, doubling, halved_sizes, halving
from dlkit.models.shapes import image_shape
from dlkit.nn.layers import stack
from dlkit.ranges import NonNegativeFloat, PositiveInt, PositiveInts, Share


def gan(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    latent: PositiveInt = 64,
    channels: PositiveInts = (32, 64),
    slope: NonNegativeFloat = 0.2,
    spectral_norm: bool = True,
    discriminator_steps: PositiveInt = 1,
    ema_decay: Share = 0.99,
    initialisation: Literal["normal", "default"] = "normal",
) -> nn.Module:
    """Two networks: `generator` `(B, latent)` to images, `discriminator` images to logits `(B, 1)`.

    Images are `(B, C, H, W)` from 0 to 1 on either side; inside, they go from -1 to 1, the range of
    the generator's tanh. The generator's hidden layers have the config's activation. After Radford,
    Metz & Chintala 2016, arXiv:1511.06434 (DCGAN). Raises `ConfigError` if the data are not images,
    `OptionError` if they are too small for the number of blocks. Options:

    - `latent`: independent normal numbers that the generator makes an image of.
    - `channels`: feature maps of each block, from the image inwards. A block of the discriminator
      halves the image by a strided convolution, one of the generator doubles it by a transposed one.
    - `slope`: of the discriminator's leaky ReLU below 0.
    - `spectral_norm`: divide each weight of the discriminator by its largest singular value, so that
      no layer can be steep (Miyato et al. 2018, arXiv:1802.05957).
    - `discriminator_steps`: updates of the discriminator for each one of the generator.
    - `ema_decay`: the averaged generator keeps this share of itself at each step; it makes the samples
      (Yazıcı et al. 2019, arXiv:1806.04498). 0 for the generator as it is.
    - `initialisation`: `normal` draws weights with a deviation of 0.02 (DCGAN, section 3); `default`
      keeps what torch drew.
    """
    maps, height, width = image_shape(facts, "gan")
    sizes = halved_sizes((height, width), len(channels), otherwise="Use larger images.")
    return Gan(
        _generator(latent, [maps, *channels], sizes, activation, initialisation),
        _discriminator([maps, *channels], sizes, slope, initialisation, spectral_norm),
        latent=latent,
        discriminator_steps=discriminator_steps,
        ema_decay=ema_decay,
    )


class Gan(nn.Module):
    """The two networks, and the options that the adversarial task reads."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        latent: int,
        discriminator_steps: int,
        ema_decay: float,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.latent, self.ema_decay = latent, ema_decay
        self.discriminator_steps = discriminator_steps

    def forward(self, noise: Tensor) -> Tensor:
        """Images `(B, C, H, W)` from 0 to 1 of noise `(B, latent)`."""
        return self.generator(noise)


class Rescale(nn.Module):
    """`factor x + shift`, without parameters."""

    def __init__(self, factor: float, shift: float) -> None:
        super().__init__()
        self.factor, self.shift = factor, shift

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs of any shape, each element mapped."""
        return self.factor * inputs + self.shift


def _generator(
    latent: int,
    maps: Sequence[int],
    sizes: Sequence[Size],
    activation: Callable[[], nn.Module],
    initialisation: str,
) -> nn.Module:
    """`(B, latent)` to `(B, maps[0], *sizes[0])`: the innermost map first, then a block a doubling."""
    blocks = {
        "start": stack(
            unflatten=nn.Unflatten(1, (latent, 1, 1)),
            # A bias would be subtracted again by the normalisation, which has a shift of its own.
            conv=nn.ConvTranspose2d(latent, maps[-1], sizes[-1], bias=False),
            norm=nn.BatchNorm2d(maps[-1]),
            activation=activation(),
        )
    }
    # The last block keeps its maps: a convolution of their own makes the pixels.
    steps = zip(pairwise([*maps[:0:-1], maps[1]]), pairwise(sizes[::-1]), strict=True)
    for number, ((before, after), (small, large)) in enumerate(steps, 1):
        blocks[f"block{number}"] = stack(
            conv=doubling(before, after, small, large, bias=False),
            norm=nn.BatchNorm2d(after),
            activation=activation(),
        )
    pixels = nn.Conv2d(maps[1], maps[0], 3, padding=1)
    generator = stack(**blocks, pixels=pixels, tanh=nn.Tanh(), to_unit=Rescale(0.5, 0.5))
    _initialise(generator, initialisation)
    return generator


def _discriminator(
    maps: Sequence[int],
    sizes: Sequence[Size],
    slope: float,
    initialisation: str,
    spectral_norm: bool,
) -> nn.Module:
    """`(B, maps[0], *sizes[0])` to `(B, 1)`. It has no batch norm, so examples don't meet in it."""
    blocks = {
        "pixels": stack(
            conv=nn.Conv2d(maps[0], maps[1], 3, padding=1), activation=nn.LeakyReLU(slope)
        )
    }
    for number, (before, after) in enumerate(pairwise([maps[1], *maps[1:]]), 1):
        blocks[f"block{number}"] = stack(
            conv=halving(before, after), activation=nn.LeakyReLU(slope)
        )
    height, width = sizes[-1]
    output = nn.Linear(maps[-1] * height * width, 1)
    discriminator = stack(to_tanh=Rescale(2.0, -1.0), **blocks, flatten=nn.Flatten(), output=output)
    _initialise(discriminator, initialisation)
    if spectral_norm:
        for layer in discriminator.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                parametrizations.spectral_norm(layer)
    return discriminator


def _initialise(network: nn.Module, initialisation: str) -> None:
    if initialisation == "default":
        return
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
