"""Decodes picture files with Pillow to uint8 tensors of one size, the same way every time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from dlkit.errors import DataError

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm")
)
"""What counts as a picture, in lower case."""
WHITE = (255, 255, 255, 255)


@dataclass(frozen=True)
class Decoder:
    """Makes every picture `height` x `width` pixels, in colour (`rgb`) or in shades (`grey`).

    In this order: the orientation that EXIF notes is applied; the first frame of an animation is
    taken; transparent parts are laid on white; palettes, CMYK and 16-bit shades become 8-bit values
    (shades by ITU-R 601-2 luma); the largest part of the wanted proportions is cut from the centre,
    and scaled, bilinear with antialiasing. Any size from 1x1 on can be had, however extreme.
    """

    height: int
    width: int
    mode: Literal["rgb", "grey"]

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(C, H, W)` of what is returned."""
        return (3 if self.mode == "rgb" else 1, self.height, self.width)

    def __call__(self, path: Path) -> Tensor:
        """The picture as uint8 `(C, height, width)`; raises `DataError` if it cannot be decoded."""
        picture = opened(path, self.mode)
        size = (self.width, self.height)
        return pixels_of(ImageOps.fit(picture, size, Image.Resampling.BILINEAR))


def opened(path: Path, mode: Literal["rgb", "grey"]) -> Image.Image:
    """The picture in its own size, upright, opaque, in 8 bits; `DataError` if it cannot be decoded."""
    try:
        with Image.open(path) as image:
            image.load()  # all of it: Pillow raises for a truncated file only here
            upright = _opaque(_eight_bits(ImageOps.exif_transpose(image)))
            return upright.convert("RGB" if mode == "rgb" else "L")
    except MemoryError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path}: the picture is gone") from error
    except Exception as error:  # Pillow's readers raise whatever the damage makes them raise
        raise DataError(f"{path}: the picture cannot be decoded ({_reason(error)})") from error


def pixels_of(image: Image.Image) -> Tensor:
    """An image in colour or shades as uint8 `(C, H, W)`."""
    pixels = np.array(image)  # (H, W) or (H, W, 3)
    return torch.from_numpy(pixels.reshape(image.height, image.width, -1)).permute(2, 0, 1)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit shades scaled to 8 bits; Pillow's own conversion would clip them at 255."""
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    if image.mode != "I" and not image.mode.startswith("I;16"):
        return image
    values = np.array(image).astype(np.int64).clip(0, 65535) >> 8
    return Image.fromarray(values.astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    """The image on white, if any of it may be transparent."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is no picture of a known format"
    return str(error) or type(error).__name__
