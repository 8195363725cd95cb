"""Boxes around things in images: what a detector learns, image by image."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dlkit.data.dataset import Examples

CHANNELS = 3
"""Detectors take colour; shades are handed to them three times."""

MOST_AT_ONCE = 32
"""Images in a batch of evaluation."""


@dataclass(frozen=True)
class Boxes:
    """The boxes of one image (or of several, in a row).

    `boxes` `(n, 4)` float32: left, top, right, bottom in pixels of the network's image; `labels`
    `(n,)` int64: class indices from 0; `crowd` `(n,)` bool: many things under one box, which counts
    neither for learning nor for the score; `area` `(n,)` float32: in pixels of the original image.
    """

    boxes: Tensor
    labels: Tensor
    crowd: Tensor
    area: Tensor

    @classmethod
    def of(cls, boxes: Any, labels: Any, *, crowd: Any = None, area: Any = None) -> Boxes:
        """From tensors, arrays or lists. Unless given, nothing is crowd, and areas are the boxes'."""
        boxes = torch.as_tensor(boxes, dtype=torch.float32).reshape(-1, 4)
        crowd = torch.zeros(len(boxes)) if crowd is None else crowd
        area = (boxes[:, 2:] - boxes[:, :2]).prod(1) if area is None else area
        return cls(
            boxes,
            torch.as_tensor(labels, dtype=torch.int64),
            torch.as_tensor(crowd, dtype=torch.bool),
            torch.as_tensor(area, dtype=torch.float32),
        )

    def parts(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Boxes, labels, crowd, area."""
        return self.boxes, self.labels, self.crowd, self.area

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, chosen: Tensor | slice) -> Boxes:
        """Those at indices, in a slice, or where a mask is true."""
        return Boxes(*(part[chosen] for part in self.parts()))

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Boxes:
        """The same boxes on `device`."""
        return Boxes(*(part.to(device, non_blocking=non_blocking) for part in self.parts()))


class BoxTargets(Sequence[Boxes]):
    """The boxes of each image of a batch: `targets[i]` are the i-th image's `Boxes`.

    They lie one after another in `together`, so that a batch is moved by four copies; `counts` says
    how many each image has, and `scales` how many pixels of the original a pixel's side stands for.
    """

    def __init__(
        self, together: Boxes, counts: Sequence[int], scales: Sequence[float] | None = None
    ) -> None:
        self.together, self.counts = together, tuple(counts)
        self.scales = (1.0,) * len(self.counts) if scales is None else tuple(scales)
        self._ends = torch.tensor((0, *self.counts)).cumsum(0).tolist()

    @classmethod
    def of(cls, images: Sequence[Boxes], scales: Sequence[float] | None = None) -> BoxTargets:
        """Of the boxes of each image."""
        parts = zip(*(each.parts() for each in images or [Boxes.of([], [])]), strict=True)
        return cls(Boxes(*map(torch.cat, parts)), [len(each) for each in images], scales)

    @classmethod
    def joined(cls, batches: Sequence[BoxTargets]) -> BoxTargets:
        """Those of several batches as one."""
        scales = [scale for each in batches for scale in each.scales]
        return cls.of([boxes for each in batches for boxes in each], scales)

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, index: Any) -> Any:
        """The `Boxes` of one image, or the `BoxTargets` of those in a slice or at indices `(B,)`."""
        if isinstance(index, int):
            index = range(len(self))[index]
            return self.together[self._ends[index] : self._ends[index + 1]]
        chosen = index.tolist() if isinstance(index, Tensor) else range(len(self))[index]
        return BoxTargets.of([self[each] for each in chosen], [self.scales[e] for e in chosen])

    def __iter__(self) -> Iterator[Boxes]:
        return (self[index] for index in range(len(self)))

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> BoxTargets:
        """The same boxes on `device`."""
        together = self.together.to(device, non_blocking=non_blocking)
        return BoxTargets(together, self.counts, self.scales)

    def without_crowds(self) -> BoxTargets:
        """Only the boxes of single things: those that a detector is to learn."""
        return BoxTargets.of([each[~each.crowd] for each in self], self.scales)


class BoxExamples(Examples):
    """Images and the boxes of each, `targets`; a subclass says where the images come from."""

    def __init__(self, targets: BoxTargets) -> None:
        self.targets = targets
        self.labels = torch.zeros(len(targets), dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.targets)

    def fetch(self, indices: Tensor) -> tuple[Tensor, BoxTargets]:
        """Images `(B, 3, H, W)` uint8 and the boxes of each, for `indices` `(B,)`."""
        return self.pixels(indices).expand(-1, CHANNELS, -1, -1), self.targets[indices]

    def evaluation_order(self, batch_size: int) -> Sequence[Tensor]:
        """In order, no more than 32 at once: the inner images of a detector are large."""
        return super().evaluation_order(min(batch_size, MOST_AT_ONCE))

    @abstractmethod
    def pixels(self, indices: Tensor) -> Tensor:
        """Images uint8 `(B, C, H, W)` of one or three channels."""


class BoxImages(BoxExamples):
    """Images in memory, uint8 `(N, C, H, W)`."""

    def __init__(self, images: Tensor, targets: BoxTargets) -> None:
        super().__init__(targets)
        self.images = images

    def pixels(self, indices: Tensor) -> Tensor:
        """Those at `indices` `(B,)`."""
        return self.images[indices]

    def contents(self) -> tuple[Tensor, ...]:
        """All that these examples are, for a fingerprint."""
        return (self.images, *self.targets.together.parts(), torch.tensor(self.targets.counts))


def within(boxes: Tensor, window: tuple[float, float, float, float]) -> Tensor:
    """What of boxes `(n, 4)` lies in `window` (left, top, right, bottom); empty ones have no area."""
    low = boxes.new_tensor([window[0], window[1]] * 2)
    high = boxes.new_tensor([window[2], window[3]] * 2)
    return boxes.minimum(high).maximum(low)


def areas(boxes: Tensor) -> Tensor:
    """The areas `(n,)` of boxes `(n, 4)`."""
    return (boxes[:, 2:] - boxes[:, :2]).clamp_min(0).prod(1)
