"""Draws one scene: a background, clutter, and items whose boxes are known to the pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dlkit.data.boxes import Boxes

Picture = NDArray[np.float32]
ITEM_SIDES = (0.19, 0.42)
"""The side of an item's square, as a share of the canvas's: 18 to 40 of 96 pixels."""
INK = 0.25
"""From this share of its brightest pixel on, a pixel belongs to an item."""
MOST_COVERED = 0.3
"""The share of the smaller of two boxes that both may cover."""
TRIES = 20
"""How often a place is looked for; an item that finds none is left out."""


@dataclass(frozen=True)
class Items:
    """What scenes show: grey `pictures` `(N, h, w)` from 0 to 1 on black, and their `labels` `(N,)`."""

    pictures: Tensor
    labels: Tensor

    def take(self, indices: Tensor) -> Items:
        """Those at `indices`."""
        return Items(self.pictures[indices], self.labels[indices])


class Scene:
    """One canvas under way: a background, then clutter, then items."""

    def __init__(self, size: int, items: Items, random: np.random.Generator) -> None:
        self.size, self.items, self.random = size, items, random
        self.canvas = self._background()  # (size, size), from 0 to 1

    def compose(self, most_items: int, empty: float, clutter: int) -> Boxes:
        """Draws everything, and returns the boxes of the items."""
        for draw in (self._stroke, self._piece):
            for _ in range(self.random.integers(clutter + 1)):
                draw()
        count = 0 if self.random.random() < empty else self.random.integers(1, most_items + 1)
        placed: list[tuple[NDArray[np.int64], int]] = []
        for _ in range(count):
            if (item := self._place([box for box, _ in placed])) is not None:
                placed.append(item)
        return Boxes.of(np.array([box for box, _ in placed]), [label for _, label in placed])

    def pixels(self) -> NDArray[np.uint8]:
        """The canvas with the camera's noise, `(size, size)`."""
        noise = self.random.standard_normal(self.canvas.shape, dtype=np.float32)
        noisy = self.canvas + noise * np.float32(self.random.uniform(0.02, 0.08))
        return np.rint(noisy.clip(0, 1) * 255).astype(np.uint8)

    def _background(self) -> Picture:
        """A level with a slope in some direction."""
        across = np.linspace(-1, 1, self.size, dtype=np.float32)
        right, down = self.random.uniform(-0.1, 0.1, 2)
        slope = right * across[None, :] + down * across[:, None]
        return (self.random.uniform(0.1, 0.3) + slope).astype(np.float32)

    def _side(self) -> int:
        return round(self.size * self.random.uniform(*ITEM_SIDES))

    def _item(self) -> tuple[Picture, int]:
        index = int(self.random.integers(len(self.items.labels)))
        return self.items.pictures[index].numpy(), int(self.items.labels[index])

    def _place(self, others: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], int] | None:
        """Draws a random item where it covers little of `others`; its box and label."""
        picture, label = self._item()
        glyph = cut_out(enlarged(picture, self._side()))
        height, width = glyph.shape
        for _ in range(TRIES):
            left = int(self.random.integers(self.size - width + 1))
            top = int(self.random.integers(self.size - height + 1))
            box = np.array((left, top, left + width, top + height))
            if all(covered(box, other) <= MOST_COVERED for other in others):
                self._paint(glyph * np.float32(self.random.uniform(0.6, 1.0)), left, top)
                return box, label
        return None

    def _paint(self, glyph: Picture, left: int, top: int) -> None:
        """Adds light, as a second projector on the same screen would: what is there shines through."""
        height, width = glyph.shape
        window = self.canvas[top : top + height, left : left + width]
        window += glyph * (1 - window)

    def _piece(self) -> None:
        """A small piece of an item: a corner of a quarter of its pixels, enlarged as items are."""
        picture, _ = self._item()
        height, width = (side * 3 // 8 for side in picture.shape)
        top, left = (int(self.random.integers(n - n * 3 // 8 + 1)) for n in picture.shape)
        side = max(self._side() * 3 // 8, 3)
        piece = enlarged(picture[top : top + height, left : left + width], side)
        x, y = self.random.integers(self.size - side + 1, size=2)
        self._paint(piece * np.float32(self.random.uniform(0.4, 0.9)), int(x), int(y))

    def _stroke(self) -> None:
        """A thin straight line, at most half the canvas across."""
        start, towards = self.random.random((2, 2), dtype=np.float32) * np.float32(self.size)
        ink = np.float32(1.2) - distance_to(self.size, start, (start + towards) / 2)
        self._paint(ink.clip(0, 1) * np.float32(self.random.uniform(0.3, 0.8)), 0, 0)


def enlarged(picture: Picture, side: int) -> Picture:
    """A square grey picture `(h, h)` as `(side, side)`, bilinear."""
    matrix = _interpolation(len(picture), side)
    return (matrix @ picture @ matrix.T).astype(np.float32)


@cache
def _interpolation(length: int, side: int) -> Picture:
    """The matrix `(side, length)` that samples `length` pixels at `side` places, linearly."""
    places = ((np.arange(side) + 0.5) * (length / side) - 0.5).clip(0, length - 1)
    distances = np.abs(places[:, None] - np.arange(length)[None, :])
    return np.maximum(0, 1 - distances).astype(np.float32)


def cut_out(picture: Picture) -> Picture:
    """Only the ink of a picture, cut to its tight box: no row or column at its rim is without ink."""
    ink = picture >= INK * picture.max()
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.where(ink, picture, 0)[window].astype(np.float32)


def covered(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """The share of the smaller of two boxes that both cover."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    smaller = min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2]))
    return float(np.prod(sides.clip(0)) / smaller)


def distance_to(size: int, start: Picture, end: Picture) -> Picture:
    """How far each pixel of a canvas is from the line from `start` to `end`, `(size, size)`."""
    rows, columns = _places(size)
    x, y = columns - start[0], rows - start[1]
    dx, dy = end - start
    along = ((x * dx + y * dy) / (dx * dx + dy * dy)).clip(0, 1)
    return np.hypot(x - along * dx, y - along * dy).astype(np.float32)


@cache
def _places(size: int) -> tuple[Picture, Picture]:
    """The centres of a canvas's pixels: rows `(size, 1)` and columns `(1, size)`."""
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    return centres[:, None], centres[None, :]
