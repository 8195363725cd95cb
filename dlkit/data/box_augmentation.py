"""Random changes of training images with boxes: functions of (seed, epoch, index).

Images and boxes go through torchvision's transforms v2 together, so a box follows its pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dlkit.data.augmentation import Salt
from dlkit.data.boxes import Boxes, BoxTargets, areas, within
from dlkit.data.colour import recolour
from dlkit.data.randomness import uniform

LEAST_SHARE = 0.25
"""A box of which less than this is left in sight is dropped."""
LEAST_SIDE = 2.0
"""So is one that is narrower or lower, in pixels."""


class _Draw(NamedTuple):
    """What one image undergoes: quarter turns, degrees, a factor, pixels, and a hole's left, top, right,
    bottom."""

    flip: bool
    upside_down: bool
    turns: int
    angle: float
    factor: float
    right: int
    down: int
    hole: tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class BoxAugmentation:
    """Acts on raw images and their boxes: colours, flips, quarter turns, rotation and zoom, shift, then
    cutout.

    - `shift`: up to so many whole pixels along each axis; what comes in from outside is 0.
    - `horizontal_flip`: left and right are swapped in half of the cases.
    - `vertical_flip`: so are top and bottom.
    - `quarter_turns`: square images are turned by 0, 90, 180 or 270 degrees, all equally likely.
    - `rotation`: up to so many degrees, either way, about the centre; bilinear. A turned box is the
      upright one around it, so it is less tight than before.
    - `zoom`: scaled by a factor from `1 - zoom` to `1 + zoom` about the centre; bilinear.
    - `cutout`: a square of so many pixels a side is set to 0. Its centre is anywhere in the image,
      so part of it may lie outside (DeVries & Taylor 2017, arXiv:1708.04552, section 3.2).
    - `colour`: see `colour.recolour`.

    Boxes are clipped to the image. Those of which less than a quarter is left in sight, or that are
    less than two pixels wide or high, are dropped.
    """

    shift: int = 0
    horizontal_flip: bool = False
    vertical_flip: bool = False
    quarter_turns: bool = False
    rotation: float = 0.0
    zoom: float = 0.0
    cutout: int = 0
    colour: float = 0.0

    def __call__(
        self, inputs: Tensor, targets: BoxTargets, indices: Tensor, *, seed: int, epoch: int
    ) -> tuple[Tensor, BoxTargets]:
        """`inputs` `(B, C, H, W)` uint8 and the boxes of each, changed alike.

        `indices` `(B,)` says which examples they are. The same arguments give the same images,
        whatever else is in the batch.
        """
        if self.colour:
            inputs = recolour(inputs, indices, amount=self.colour, seed=seed, epoch=epoch)
        draws = self._draws(seed, epoch, indices, (inputs.shape[2], inputs.shape[3]))
        changed = [
            self._change(image, boxes, draw)
            for image, boxes, draw in zip(inputs, targets, draws, strict=True)
        ]
        images = torch.stack([image for image, _ in changed])
        return images, BoxTargets.of([boxes for _, boxes in changed], targets.scales)

    def _draws(self, seed: int, epoch: int, indices: Tensor, size: tuple[int, int]) -> list[_Draw]:
        numbers = torch.stack([uniform(seed, epoch, indices, salt) for salt in Salt], 1)
        return [self._draw(size, *row) for row in numbers.tolist()]  # read from the device at once

    def _draw(self, size: tuple[int, int], *numbers: float) -> _Draw:
        """What nine numbers in [0, 1) mean, in the order of `Salt`."""
        flip, angle, factor, down, right, row, column, vertical, turns = numbers
        top, left = (
            int(n * length) - self.cutout // 2
            for n, length in zip((row, column), size, strict=True)
        )
        return _Draw(
            flip=self.horizontal_flip and flip < 0.5,
            upside_down=self.vertical_flip and vertical < 0.5,
            turns=int(4 * turns) if self.quarter_turns else 0,
            angle=(2 * angle - 1) * self.rotation,
            factor=1 + (2 * factor - 1) * self.zoom,
            right=self._pixels(right),
            down=self._pixels(down),
            hole=(left, top, left + self.cutout, top + self.cutout),
        )

    def _pixels(self, number: float) -> int:
        """A whole number from `-shift` to `shift`, all equally likely."""
        return int(number * (2 * self.shift + 1)) - self.shift

    def _change(self, image: Tensor, boxes: Boxes, draw: _Draw) -> tuple[Tensor, Boxes]:
        from torchvision import tv_tensors
        from torchvision.transforms.v2 import InterpolationMode
        from torchvision.transforms.v2 import functional as transforms

        height, width = image.shape[1:]
        pair: list[Any] = [
            tv_tensors.Image(image),
            tv_tensors.BoundingBoxes(
                boxes.boxes, format="XYXY", canvas_size=(height, width), clamping_mode=None
            ),
        ]
        if draw.flip:
            pair = [transforms.horizontal_flip(each) for each in pair]
        if draw.upside_down:
            pair = [transforms.vertical_flip(each) for each in pair]
        if draw.turns:
            pair = [transforms.rotate(each, 90.0 * draw.turns) for each in pair]
        if self.rotation or self.zoom or self.shift:
            bilinear = bool(self.rotation or self.zoom)
            mode = InterpolationMode.BILINEAR if bilinear else InterpolationMode.NEAREST
            move = [float(draw.right), float(draw.down)]
            pair = [
                transforms.affine(each, draw.angle, move, draw.factor, [0.0, 0.0], mode)
                for each in pair
            ]
        pixels, corners = (each.as_subclass(Tensor) for each in pair)
        if self.cutout:
            left, top, right, bottom = (max(side, 0) for side in draw.hole)
            pixels = pixels.clone()
            pixels[:, top:bottom, left:right] = 0
        return pixels, in_sight(replace(boxes, boxes=corners), (height, width), draw.hole)


def in_sight(boxes: Boxes, size: tuple[int, int], hole: tuple[int, int, int, int]) -> Boxes:
    """The boxes clipped to an image of `size`, without those of which too little can be seen.

    `hole` is the part of the image, left, top, right, bottom, in which nothing is to be seen.
    """
    height, width = size
    whole = areas(boxes.boxes)  # (n,)
    clipped = within(boxes.boxes, (0, 0, width, height))
    seen = areas(clipped) - areas(within(clipped, hole))
    sides = clipped[:, 2:] - clipped[:, :2]
    kept = (seen >= LEAST_SHARE * whole) & (sides >= LEAST_SIDE).all(1)
    area = boxes.area * areas(clipped) / whole
    return replace(boxes, boxes=clipped, area=area)[kept]
