"""What is marked on photos, in the photos' own pixels, and whether it can be meant."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from dlkit.data.problems import raise_any
from dlkit.errors import Problem

OnBadBox = Literal["error", "drop"]
Size = tuple[int, int]
"""Width and height in pixels."""
MOST_CLIPPED = 1.0
"""Pixels by which a box may leave its photo without a word: rounding, or counting from 1."""
HINT = "Mend it, or set 'data.on_bad_box: drop'."


class Mark(NamedTuple):
    """A box on a photo: left, top, right, bottom; `place` says where that is written."""

    corners: tuple[float, float, float, float]
    label: int
    place: str
    crowd: bool = False
    area: float | None = None


@dataclass(frozen=True)
class Photo:
    """A picture file, and what is marked on it."""

    path: Path
    marks: tuple[Mark, ...]


class Checker:
    """Clips marks to their photos, and counts or refuses those that cannot be meant."""

    def __init__(self, on_bad_box: OnBadBox) -> None:
        self._drop = on_bad_box == "drop"
        self._problems: list[Problem] = []
        self._counts: Counter[str] = Counter()

    def checked(self, photo: Photo, size: Size) -> Photo:
        """The photo with marks that lie inside it and have an area."""
        return Photo(photo.path, tuple(self._checked(photo.marks, size)))

    def finish(self) -> list[str]:
        """What was counted, in words; raises `DataError` with all the bad boxes unless dropped."""
        raise_any(self._problems)
        return [f"{what}: {count}" for what, count in self._counts.items()]

    def _checked(self, marks: Iterable[Mark], size: Size) -> Iterable[Mark]:
        for mark in marks:
            corners = _clipped(mark.corners, size)
            if fault := _fault(mark.corners, corners, size):
                self._counts["bad boxes that were dropped"] += 1
                if not self._drop:
                    self._problems.append(Problem(f"{mark.place}: {fault}", hint=HINT))
                continue
            if _distance(mark.corners, corners) > MOST_CLIPPED:
                self._counts["boxes that were clipped to their picture"] += 1
            yield mark._replace(corners=corners)


def _clipped(
    corners: tuple[float, float, float, float], size: Size
) -> tuple[float, float, float, float]:
    left, top, right, bottom = corners
    width, height = size
    return max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))


def _fault(
    corners: tuple[float, float, float, float],
    clipped: tuple[float, float, float, float],
    size: Size,
) -> str:
    """What is wrong with a box, or nothing."""
    said = ", ".join(f"{number:g}" for number in corners)
    if not all(map(math.isfinite, corners)):
        return f"the box ({said}) is not finite"
    if corners[2] <= corners[0] or corners[3] <= corners[1]:
        return f"the box ({said}) has no area"
    if clipped[2] <= clipped[0] or clipped[3] <= clipped[1]:
        return f"the box ({said}) lies outside its picture of {size[0]} x {size[1]} pixels"
    return ""


def _distance(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    return max(abs(a - b) for a, b in zip(first, second, strict=True))
