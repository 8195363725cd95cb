"""Proposals for the images of a batch, kept: an image that comes back is not searched again."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Boxes = NDArray[np.int16]
REMEMBERED = 50_000
"""Images whose boxes are kept in memory: some 30 MB for those of 96 pixels."""


class Proposals:
    """The boxes that `search` (of a uint8 image `(H, W, C)`) proposes, kept by the image's content.

    In memory, the last 50,000 images. What is asked for a second time goes to `folder` too, so that the
    next run finds it; an image that augmentation made is seen once, and leaves nothing there. A folder
    that cannot be written, or a file that is damaged, costs time and nothing else. `name` tells apart
    what was searched in other ways.
    """

    def __init__(
        self, search: Callable[[NDArray[np.uint8]], Boxes], *, name: str, folder: Path | None
    ) -> None:
        self.search, self.name, self.folder = search, name, folder
        self._known: OrderedDict[str, Boxes] = OrderedDict()

    def __call__(self, images: Tensor) -> list[Tensor]:
        """Images `(B, C, H, W)` from 0 to 1 to float32 boxes `(n, 4)` each, on their device."""
        pixels = (images.detach().float() * 255).round().to("cpu", torch.uint8)
        rows = pixels.permute(0, 2, 3, 1).contiguous().numpy()  # (B, H, W, C)
        return [torch.from_numpy(self._boxes(image)).to(images.device).float() for image in rows]

    def _boxes(self, image: NDArray[np.uint8]) -> Boxes:
        key = hashlib.sha256(f"{self.name} {image.shape} ".encode() + image.tobytes()).hexdigest()
        known = self._known.pop(key, None)
        if known is not None:
            self._store(key, known)
        else:
            known = self._load(key)
        boxes = self.search(image) if known is None else known
        self._known[key] = boxes  # the last used comes last
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return boxes

    def _load(self, key: str) -> Boxes | None:
        if self.folder is None:
            return None
        try:
            boxes: Boxes = np.load(_file(self.folder, key), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        fits = boxes.ndim == 2 and boxes.shape[1] == 4 and boxes.dtype == np.int16
        return boxes if fits else None

    def _store(self, key: str, boxes: Boxes) -> None:
        """Writes under another name first: two runs may store the same image."""
        if self.folder is None or (file := _file(self.folder, key)).exists():
            return
        part = file.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as stream:
                    np.save(stream, boxes, allow_pickle=False)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)


def _file(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.npy"
