"""Views of photos: each a whole photo, or a tile of it, scaled to a square that a network can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from dlkit.data.boxes import Boxes, BoxExamples, BoxImages, BoxTargets, areas, within
from dlkit.data.decoding import opened, pixels_of
from dlkit.data.marks import Photo, Size
from dlkit.data.picture_files import read_ahead, stamp
from dlkit.data.problems import raise_any
from dlkit.errors import DataError, OptionError, Problem

SMALLEST, LARGEST = 32, 4096
LEAST_SHARE = 0.25
"""A box of which less is inside a tile becomes a crowd there: neither learnt nor judged."""
SIDEWAYS = (5, 6, 7, 8)
"""EXIF's orientations that swap width and height."""
ORIENTATION = 0x0112


class View(NamedTuple):
    """What one example shows: a window (left, top, right, bottom) of a picture, and its boxes.

    `scale` is how many of the picture's pixels a pixel of the example's side stands for.
    """

    path: Path
    window: tuple[int, int, int, int]
    scale: float
    boxes: Boxes


@dataclass(frozen=True)
class Framing:
    """How views are made: `size` pixels a side, with the proportions kept, at the top left.

    What is left over is black. With `tile`, photos are cut into squares of so many of their own
    pixels; neighbours share `overlap` of it.
    """

    size: int
    mode: Literal["rgb", "grey"]
    tile: int | None = None
    overlap: float = 0.0

    def check(self) -> None:
        """Raises `OptionError` for a size that cannot be meant."""
        if not SMALLEST <= self.size <= LARGEST:
            raise OptionError("size", f"{self.size} is not from {SMALLEST} to {LARGEST} pixels")

    def views(self, photo: Photo, size: Size, *, training: bool) -> list[View]:
        """The views of a photo of `size`; tiles overlap in training only, so that no box is judged
        twice, but for those at the last tile of a row or a column, which ends with the photo."""
        tile = self.tile or max(size)
        overlap = self.overlap if training else 0.0
        return [
            View(photo.path, window, tile / self.size, self._boxes(photo, window, tile))
            for window in windows(size, tile, overlap)
        ]

    def _boxes(self, photo: Photo, window: tuple[int, int, int, int], tile: int) -> Boxes:
        marks = photo.marks
        whole = Boxes.of(
            [mark.corners for mark in marks],
            [mark.label for mark in marks],
            crowd=[mark.crowd for mark in marks],
        )
        inside = within(whole.boxes, window)
        shares = areas(inside) / whole.area
        given = [mark.area for mark in marks]
        own = [a if g is None else g for g, a in zip(given, whole.area.tolist(), strict=True)]
        factors = torch.tensor(_factors(window, tile / self.size) * 2)
        seen = Boxes.of(
            (inside - inside.new_tensor(window[:2] * 2)) * factors,
            whole.labels,
            crowd=whole.crowd | (shares < LEAST_SHARE),
            area=torch.tensor(own) * shares,
        )
        return seen[shares > 0]

    def picture(self, view: View, photo: Image.Image) -> Tensor:
        """The view of an opened photo, uint8 `(C, size, size)`."""
        canvas = Image.new(photo.mode, (self.size, self.size))
        width, height = _scaled(view.window, view.scale)
        canvas.paste(photo.resize((width, height), Image.Resampling.BILINEAR, view.window))
        return pixels_of(canvas)

    def bytes_of_image(self) -> int:
        """What one view takes in memory."""
        return self.size**2 * (3 if self.mode == "rgb" else 1)


def windows(size: Size, tile: int, overlap: float) -> list[tuple[int, int, int, int]]:
    """Windows of `tile` pixels a side, or less where the photo is smaller, that cover the photo.

    Neighbours share at least `overlap` of a tile; the last of a row or a column ends with the photo.
    """
    width, height = size
    return [
        (left, top, min(left + tile, width), min(top + tile, height))
        for top in _starts(height, tile, overlap)
        for left in _starts(width, tile, overlap)
    ]


def _starts(length: int, tile: int, overlap: float) -> list[int]:
    if length <= tile:
        return [0]
    stride = max(1, round(tile * (1 - overlap)))
    return [*range(0, length - tile, stride), length - tile]


def _scaled(window: tuple[int, int, int, int], scale: float) -> Size:
    """Width and height of a window in the network's pixels, at least 1."""
    left, top, right, bottom = window
    return max(1, round((right - left) / scale)), max(1, round((bottom - top) / scale))


def _factors(window: tuple[int, int, int, int], scale: float) -> list[float]:
    """What horizontal and vertical distances are multiplied by, after rounding to whole pixels."""
    width, height = _scaled(window, scale)
    return [width / (window[2] - window[0]), height / (window[3] - window[1])]


def size_of(path: Path) -> Size:
    """Width and height of a picture as it is seen, from its header; `DataError` if it has none."""
    try:
        with Image.open(path) as image:
            sideways = image.getexif().get(ORIENTATION) in SIDEWAYS
            return image.size[::-1] if sideways else image.size
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such picture") from error
    except Exception as error:  # Pillow's readers raise whatever the damage makes them raise
        reason = str(error) or type(error).__name__
        raise DataError(f"{path}: the picture cannot be decoded ({reason})") from error


class BoxPictures(BoxExamples):
    """Views that are decoded when their turn comes; `workers` threads decode the next meanwhile.

    A file that is gone, damaged or changed by then raises `DataError` with its path.
    """

    def __init__(self, views: Sequence[View], framing: Framing, workers: int) -> None:
        super().__init__(_targets(views))
        self._views, self._framing, self._workers = views, framing, workers
        self._stamps = {view.path: stamp(view.path) for view in views}

    def pixels(self, indices: Tensor) -> Tensor:
        """Those at `indices` `(B,)`."""
        return torch.stack([self._picture(self._views[index]) for index in indices.tolist()])

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, BoxTargets]]:
        """`fetch` for each of `batches`, in order, read ahead."""
        if self._workers:
            return read_ahead(self.fetch, batches, self._workers)
        return map(self.fetch, batches)

    def _picture(self, view: View) -> Tensor:
        if stamp(view.path) != self._stamps[view.path]:
            raise DataError(f"{view.path}: the picture has changed since the training began")
        return self._framing.picture(view, opened(view.path, self._framing.mode))


def in_memory(views: Sequence[View], framing: Framing, workers: int) -> BoxImages:
    """Views decoded at once, each photo once; `DataError` with all that cannot be decoded."""
    channels = framing.bytes_of_image() // framing.size**2
    pixels = torch.empty(len(views), channels, framing.size, framing.size, dtype=torch.uint8)
    problems: list[Problem] = []

    def put(numbers: list[int]) -> None:
        try:
            photo = opened(views[numbers[0]].path, framing.mode)
            for number in numbers:
                pixels[number] = framing.picture(views[number], photo)
        except DataError as error:
            problems.extend(error.problems)

    groups = [list(same) for _, same in groupby(range(len(views)), lambda n: views[n].path)]
    for _ in read_ahead(put, groups, max(workers, 1)):
        pass
    raise_any(sorted(problems, key=str))
    return BoxImages(pixels, _targets(views))


def _targets(views: Sequence[View]) -> BoxTargets:
    return BoxTargets.of([view.boxes for view in views], [view.scale for view in views])
