"""Draws the pictures of a report, in several processes: on a small task matplotlib takes the longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dlkit.comparing.report.pictures import Picture, drawable, render
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import summarise
from dlkit.comparing.servant import serve

_pictures: dict[str, Picture] = {}
"""By name, in a process that draws: what draws them can't be sent to it."""


def draw_all(
    record: Mapping[str, Any], pictures: Sequence[Picture], folder: Path, *, processes: int
) -> list[tuple[Path, str]]:
    """What `render` returns for each of `pictures`, those of `record`. Raises `OSError`."""
    if processes == 1 or not pictures:
        return [render(picture, folder) for picture in pictures]
    workers, context = min(processes, len(pictures)), get_context("forkserver")
    with ProcessPoolExecutor(workers, context, _open, (record,)) as pool:
        return list(pool.map(partial(_draw, folder), [picture.name for picture in pictures]))


def _open(record: Mapping[str, Any]) -> None:
    serve()
    results = Results(record)
    _pictures.update({each.name: each for each in drawable(results, summarise(results))})


def _draw(folder: Path, name: str) -> tuple[Path, str]:
    return render(_pictures[name], folder)
