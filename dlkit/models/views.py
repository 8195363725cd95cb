"""Test-time augmentation: what a detector's maps say of mirror images, averaged in the image's place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor


class Reading(NamedTuple):
    """What a map says: `scores` `(B, K, H, W)` from 0 to 1, and `distances` `(B, 4, H, W)` from each
    point to the left, top, right and bottom of its box."""

    scores: Tensor
    distances: Tensor


class View(NamedTuple):
    """One of the eight ways to lay an image on its pixels: rows and columns are swapped, then top and
    bottom, then left and right."""

    transposed: bool
    upside_down: bool
    mirrored: bool

    def of(self, images: Tensor) -> Tensor:
        """Images `(B, C, H, W)` so laid: `(B, C, W, H)` where transposed, else of the same shape."""
        if self.transposed:
            images = images.transpose(2, 3)
        return images.flip(self._axes)

    def undo(self, reading: Reading) -> Reading:
        """A reading of images so laid, as one of the images as they are."""
        scores, distances = (each.flip(self._axes) for each in reading)
        left, top, right, bottom = distances.unbind(1)
        if self.upside_down:
            top, bottom = bottom, top
        if self.mirrored:
            left, right = right, left
        distances = torch.stack([left, top, right, bottom], 1)
        if self.transposed:
            scores = scores.transpose(2, 3)
            distances = distances.transpose(2, 3)[:, [1, 0, 3, 2]]
        return Reading(scores, distances)

    @property
    def _axes(self) -> list[int]:
        return [axis for axis, on in ((2, self.upside_down), (3, self.mirrored)) if on]


VIEWS = [View(*each) for each in product((False, True), repeat=3)]
"""The image itself; mirrored; both of these upside down; all of these transposed."""


def average(read: Callable[[Tensor], list[Reading]], images: Tensor, views: int) -> list[Reading]:
    """The mean of what `read` makes of images `(B, C, H, W)` in the first `views` of `VIEWS`, by maps.

    As Krizhevsky et al. 2012, section 4.1, do with parts of an image and their reflections. With all
    eight, the mean turns and mirrors just as the image does.
    """
    readings = [[view.undo(each) for each in read(view.of(images))] for view in VIEWS[:views]]
    return [
        Reading(*(torch.stack(kind).mean(0) for kind in zip(*of_map, strict=True)))
        for of_map in zip(*readings, strict=True)
    ]
