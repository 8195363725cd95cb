"""Selective search: proposes boxes by merging similar neighbouring segments, with nothing learnt.

Uijlings, van de Sande, Gevers & Smeulders 2013, "Selective Search for Object Recognition", IJCV
104(2); equations are those of its section 3.2. The first segments are Felzenszwalb & Huttenlocher's
(2004), by scikit-image. Of the paper's four similarities texture is left out: on the scenes of
`data.scenes` boxes were a little better without it. So are its eight colour spaces, for one.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SCALES = (50.0, 150.0)
"""Felzenszwalb's k: larger ones begin with larger segments (the paper's diversification)."""
SIGMA = 0.6
"""Pixels by which the image is blurred first."""
SMALLEST_SEGMENT = 15
"""Pixels of the smallest segment to begin with."""
BINS = 16
"""Of the histogram of each channel (the paper has 25)."""

Floats = NDArray[np.float64]
Boxes = NDArray[np.int16]


def selective_search(image: NDArray[np.uint8], *, scales: Sequence[float] = SCALES) -> Boxes:
    """Boxes `(n, 4)`, left, top, right, bottom, right and bottom exclusive, of all segments on the way
    from the first ones of `image` `(H, W, C)` to the whole; sorted, each once.

    Every scale is a search of its own. An image has no more than 32,767 pixels a side.
    """
    if image.shape[2] > 1 and (image == image[..., :1]).all():
        image = image[..., :1]  # shades three times over would say nothing new
    found = [Segments(image, segments).boxes_of_all() for segments in _first(image, scales)]
    return np.unique(np.concatenate(found), axis=0)


def _first(image: NDArray[np.uint8], scales: Sequence[float]) -> Iterator[NDArray[np.int64]]:
    """The number of its segment for each pixel, `(H, W)`, at each scale."""
    from skimage.segmentation import felzenszwalb

    for scale in scales:
        yield felzenszwalb(
            image / 255, scale, sigma=SIGMA, min_size=SMALLEST_SEGMENT, channel_axis=-1
        )


class Segments:
    """The segments of one image, merged two by two; a segment is a number, new ones come last."""

    def __init__(self, image: NDArray[np.uint8], segments: NDArray[np.int64]) -> None:
        self.pixels = segments.size
        count = int(segments.max()) + 1
        labels = segments.ravel()
        self.sizes: list[float] = np.bincount(labels, minlength=count).tolist()
        self.boxes = _boxes(segments, count)
        self.colours = list(_histograms(image, labels, count))
        self.neighbours = _neighbours(segments, count)

    def boxes_of_all(self) -> Boxes:
        """Merges the most similar neighbours until one segment is left (algorithm 1); every box."""
        pairs = [
            (-self.similarity(one, other), one, other)
            for one, others in enumerate(self.neighbours)
            for other in others
            if one < other
        ]
        heapq.heapify(pairs)
        gone: set[int] = set()
        while pairs:
            _, one, other = heapq.heappop(pairs)
            if one in gone or other in gone:
                continue
            gone |= {one, other}
            merged = self._merge(one, other, gone)
            for each in self.neighbours[merged]:
                heapq.heappush(pairs, (-self.similarity(each, merged), each, merged))
        return np.array(self.boxes, dtype=np.int16)

    def similarity(self, one: int, other: int) -> float:
        """Colour, size and fill, each from 0 to 1: how far histograms agree, how small both are, and how
        little of the box around them is neither's (equations 2, 4 and 5)."""
        colour = float(np.minimum(self.colours[one], self.colours[other]).sum())
        together = self.sizes[one] + self.sizes[other]
        left, top, right, bottom = self._around(one, other)
        others = (right - left) * (bottom - top) - together
        return colour + (1 - together / self.pixels) + (1 - others / self.pixels)

    def _merge(self, one: int, other: int, gone: set[int]) -> int:
        """Adds the segment that both become; returns its number."""
        merged = len(self.sizes)
        a, b = self.sizes[one], self.sizes[other]
        self.boxes.append(self._around(one, other))
        self.colours.append((a * self.colours[one] + b * self.colours[other]) / (a + b))
        self.sizes.append(a + b)
        self.neighbours.append((self.neighbours[one] | self.neighbours[other]) - gone)
        for each in self.neighbours[merged]:
            self.neighbours[each].add(merged)
        return merged

    def _around(self, one: int, other: int) -> tuple[int, int, int, int]:
        a, b = self.boxes[one], self.boxes[other]
        return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _boxes(segments: NDArray[np.int64], count: int) -> list[tuple[int, int, int, int]]:
    """The box around each segment."""
    from scipy.ndimage import find_objects

    slices = find_objects(segments + 1, count)  # it takes 0 for no segment
    return [(x.start, y.start, x.stop, y.stop) for y, x in slices]


def _histograms(image: NDArray[np.uint8], labels: NDArray[np.int64], count: int) -> Floats:
    """How the pixels of each segment spread over the bins of all channels: `(count, C * BINS)`, which
    sum to 1 a segment."""
    bins = image.reshape(-1, image.shape[2]) // (256 // BINS) + BINS * np.arange(image.shape[2])
    width = BINS * image.shape[2]
    places = (labels[:, None] * width + bins).ravel()
    counts = np.bincount(places, minlength=count * width).reshape(count, width)
    return counts / counts.sum(1, keepdims=True)


def _neighbours(segments: NDArray[np.int64], count: int) -> list[set[int]]:
    """The segments that share an edge with each."""
    touching: list[set[int]] = [set() for _ in range(count)]
    for a, b in ((segments[:, :-1], segments[:, 1:]), (segments[:-1], segments[1:])):
        pairs = np.unique(np.stack([a[a != b], b[a != b]], 1), axis=0)
        for one, other in pairs.tolist():
            touching[one].add(other)
            touching[other].add(one)
    return touching
