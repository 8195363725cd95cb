"""Draws the pictures of a report, in several processes: on a small task matplotlib takes the longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dlkit.comparing.child import follow_parent
from dlkit.comparing.report.pictures import Picture, drawable, render
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import summarise

_pictures: dict[str, Picture] = {}
"""By name, in a process that draws: what draws them can't be sent to it."""


def draw_all(
    record: Mapping[str, Any], pictures: Sequence[Picture], folder: Path, *, processes: int
) -> list[tuple[Path, str]]:
    """What `render` returns for each of `pictures`, those of `record`. Raises `OSError`."""
    if processes > 1 and pictures:
        try:
            return _draw_beside(record, pictures, folder, min(processes, len(pictures)))
        except BrokenProcessPool:  # killed, for want of memory say: one at a time takes least
            pass
    return [render(picture, folder) for picture in pictures]


def _draw_beside(
    record: Mapping[str, Any], pictures: Sequence[Picture], folder: Path, processes: int
) -> list[tuple[Path, str]]:
    context = get_context("forkserver")
    with ProcessPoolExecutor(processes, context, _open, (record,)) as pool:
        return list(pool.map(partial(_draw, folder), [picture.name for picture in pictures]))


def _open(record: Mapping[str, Any]) -> None:
    follow_parent()
    results = Results(record)
    _pictures.update({each.name: each for each in drawable(results, summarise(results))})


def _draw(folder: Path, name: str) -> tuple[Path, str]:
    return render(_pictures[name], folder)
