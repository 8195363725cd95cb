"""All pictures of a comparison, drawn one by one; needs matplotlib, and no torch."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlkit.comparing.report import (
    picture_curves,
    picture_pairs,
    picture_rates,
    picture_rows,
    picture_trials,
)
from dlkit.comparing.report.curves import curve, sensitivity
from dlkit.comparing.report.reading import Field, Results
from dlkit.comparing.report.style import LOOK
from dlkit.comparing.report.summary import Block, Summary

DPI = 110


@dataclass(frozen=True)
class Picture:
    """A picture that can be drawn: `block` is None for that of all tasks."""

    name: str
    block: Block | None
    says: str
    """What it shows, for who can't see it."""
    draw: Callable[[], Any]


def drawable(results: Results, summary: Summary) -> list[Picture]:
    """What this record has to show."""
    found: list[Picture] = []
    for field, block in zip(results.fields(), summary.blocks, strict=True):
        safe = re.sub(r"[^0-9A-Za-z_.-]+", "-", block.task.name).strip("-.")
        stem = f"{safe}-{block.axis}"
        where = f"{block.axis} on {block.task.name}"
        for name, says, draw in _drawings(results, field, block):
            found.append(Picture(f"{stem}-{name}", block, f"{says}: {where}", draw))
    if summary.profile:
        found.append(Picture("profile", None, "Performance profile of all tasks",
                             lambda: picture_trials.profile(summary)))  # fmt: skip
    return found


def _drawings(
    results: Results, field: Field, block: Block
) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    lines = {field.name(each): line for each in field.contests if (line := curve(results, each))}
    trials = {field.name(each): sensitivity(results, each) for each in field.contests}
    if lines:
        yield "curves", "Training curves", lambda: picture_curves.curves(block, lines)
    if len(lines) > 3:
        yield (
            "single",
            "Training curves one by one",
            lambda: picture_curves.one_by_one(block, lines),
        )
    if any(trials.values()):
        yield "rates", "Score by learning rate", lambda: picture_rates.rates(block, trials)
    if block.target and any(entry.steps for entry in block.entries):
        yield "target", "Steps and seconds to the target", lambda: picture_rows.to_target(block)
    if any(entry.mean for entry in block.entries):
        yield "final", "Test scores and groups", lambda: picture_rows.final(block)
    if block.pairs:
        yield "pairs", "Probability of being better", lambda: picture_pairs.pairs(block)
    if any(entry.best_of for entry in block.entries):
        yield "trials", "Expected best of k trials", lambda: picture_trials.best_of(block)


def render(picture: Picture, folder: Path) -> tuple[Path, str]:
    """Draws once: writes `NAME.png`, on white, and returns it with the same as SVG on nothing."""
    import matplotlib

    path, vector = folder / f"{picture.name}.png", io.StringIO()
    with matplotlib.rc_context({**LOOK, "svg.hashsalt": picture.name}):
        figure = picture.draw()
        figure.savefig(path, dpi=DPI)
        figure.savefig(vector, format="svg", transparent=True)
    return path, vector.getvalue()
