"""Random changes of training images that keep their class: functions of (seed, epoch, index)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

from dlkit.data.batches import Change
from dlkit.data.colour import recolour
from dlkit.data.randomness import uniform
from dlkit.errors import ConfigError


class Salt(IntEnum):
    """Which of an example's random numbers; changing a value changes every augmented training.

    `box_augmentation` has the same ones.
    """

    FLIP = 1
    ROTATION = 2
    ZOOM = 3
    SHIFT_DOWN = 4
    SHIFT_RIGHT = 5
    CUTOUT_ROW = 6
    CUTOUT_COLUMN = 7
    VERTICAL_FLIP = 14
    QUARTER_TURNS = 15


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Acts on raw images: colours, flips, quarter turns, rotation and zoom, shift, then cutout.

    - `shift`: up to so many whole pixels along each axis; what comes in from outside is 0.
    - `horizontal_flip`: left and right are swapped in half of the cases.
    - `vertical_flip`: so are top and bottom.
    - `quarter_turns`: square images are turned by 0, 90, 180 or 270 degrees, all equally likely.
    - `rotation`: up to so many degrees, either way, about the centre; bilinear.
    - `zoom`: scaled by a factor from `1 - zoom` to `1 + zoom` about the centre; bilinear.
    - `cutout`: a square of so many pixels a side is set to 0. Its centre is anywhere in the image,
      so part of it may lie outside (DeVries & Taylor 2017, arXiv:1708.04552, section 3.2).
    - `colour`: see `colour.recolour`.
    """

    shift: int = 0
    horizontal_flip: bool = False
    vertical_flip: bool = False
    quarter_turns: bool = False
    rotation: float = 0.0
    zoom: float = 0.0
    cutout: int = 0
    colour: float = 0.0

    def __call__(self, inputs: Tensor, indices: Tensor, *, seed: int, epoch: int) -> Tensor:
        """`inputs` `(B, C, H, W)` uint8 or float, changed; same type and shape.

        `indices` `(B,)` says which examples they are, on the same device. The same arguments give
        the same images, whatever else is in the batch.
        """
        if inputs.ndim != 4:
            raise ConfigError(
                f"augmentation acts on images (B, C, H, W); these inputs are {tuple(inputs.shape)}"
            )

        def draw(salt: Salt) -> Tensor:
            return uniform(seed, epoch, indices, salt)  # (B,) in [0, 1)

        if self.colour:
            inputs = recolour(inputs, indices, amount=self.colour, seed=seed, epoch=epoch)
        flips = (
            (self.horizontal_flip, Salt.FLIP, 3),
            (self.vertical_flip, Salt.VERTICAL_FLIP, 2),
        )
        for wanted, salt, axis in flips:
            if wanted:
                flipped = draw(salt) < 0.5
                inputs = torch.where(flipped[:, None, None, None], inputs.flip(axis), inputs)
        if self.quarter_turns:
            inputs = quarter_turned(inputs, (4 * draw(Salt.QUARTER_TURNS)).long())
        if self.rotation or self.zoom:
            angles = (2 * draw(Salt.ROTATION) - 1) * math.radians(self.rotation)
            factors = 1 + (2 * draw(Salt.ZOOM) - 1) * self.zoom
            inputs = turn(inputs, angles, factors)
        if self.shift:
            down, right = (self._pixels(draw(salt)) for salt in (Salt.SHIFT_DOWN, Salt.SHIFT_RIGHT))
            inputs = move(inputs, down, right, self.shift)
        if self.cutout:
            inputs = blank(inputs, draw(Salt.CUTOUT_ROW), draw(Salt.CUTOUT_COLUMN), self.cutout)
        return inputs

    def _pixels(self, numbers: Tensor) -> Tensor:
        """Whole numbers from `-shift` to `shift`, all equally likely."""
        return (numbers * (2 * self.shift + 1)).long() - self.shift


def on_inputs(augmentation: Augmentation) -> Change:
    """The augmentation as a change of examples whose targets stay what they are."""

    def change(
        inputs: Tensor, targets: Any, indices: Tensor, *, seed: int, epoch: int
    ) -> tuple[Tensor, Any]:
        return augmentation(inputs, indices, seed=seed, epoch=epoch), targets

    return change


def move(images: Tensor, down: Tensor, right: Tensor, at_most: int) -> Tensor:
    """Images `(B, C, H, W)` moved by `down` and `right` `(B,)`, `-at_most` to `at_most` pixels."""
    height, width = images.shape[2:]
    windows = pad(images, (at_most,) * 4).unfold(2, height, 1).unfold(3, width, 1)
    # (B, C, 2 at_most + 1, 2 at_most + 1, H, W), a view: choosing a window copies whole rows.
    batch = torch.arange(len(images), device=images.device)
    return windows[batch, :, at_most - down, at_most - right]  # (B, C, H, W)


def quarter_turned(images: Tensor, turns: Tensor) -> Tensor:
    """Images `(B, C, S, S)` turned counter-clockwise by `turns` `(B,)` times 90 degrees."""
    turned = images
    for number in (1, 2, 3):
        chosen = (turns == number)[:, None, None, None]
        turned = torch.where(chosen, images.rot90(number, (2, 3)), turned)
    return turned


def turn(images: Tensor, angles: Tensor, factors: Tensor) -> Tensor:
    """Images `(B, C, H, W)` turned by `angles` in radians and scaled by `factors`, each `(B,)`.

    Positive angles turn counter-clockwise. What comes in from outside is 0.
    """
    height, width = images.shape[2:]
    cosine, sine = angles.cos() / factors, angles.sin() / factors
    zero = torch.zeros_like(sine)
    # affine_grid maps places in the result to places in the image, in units of half its sides.
    rows = (
        torch.stack([cosine, -sine * (height / width), zero], 1),
        torch.stack([sine * (width / height), cosine, zero], 1),
    )
    grid = affine_grid(
        torch.stack(rows, 1), list(images.shape), align_corners=False
    )  # (B, H, W, 2)
    turned = grid_sample(
        images.float(), grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return (
        turned.to(images.dtype) if images.is_floating_point() else turned.round().to(images.dtype)
    )


def blank(images: Tensor, row: Tensor, column: Tensor, side: int) -> Tensor:
    """Images `(B, C, H, W)` with a square of `side` pixels set to 0, centred at shares `(B,)`."""
    rows = _inside(row, images.shape[2], side)  # (B, H)
    columns = _inside(column, images.shape[3], side)  # (B, W)
    return images.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)


def _inside(centres: Tensor, length: int, side: int) -> Tensor:
    """Which of `length` pixels lie within `side` pixels around each centre: `(B, length)`."""
    first = (centres * length).long() - side // 2  # (B,)
    distance = torch.arange(length, device=centres.device) - first[:, None]
    return (distance >= 0) & (distance < side)
