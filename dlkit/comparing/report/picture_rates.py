"""Draws how much the learning rate matters to each contestant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dlkit.comparing.report import words
from dlkit.comparing.report.curves import Trial
from dlkit.comparing.report.picture_curves import Height
from dlkit.comparing.report.style import (
    FAINT,
    INK,
    RED,
    SHADE,
    log_scale,
    looks,
    new_figure,
    room,
    say,
)
from dlkit.comparing.report.summary import Block, Entry


def rates(block: Block, found: Mapping[str, Sequence[Trial]]) -> Any:
    """A panel a contestant: the score at each rate, the library's default, the stretch of good ones."""
    entries = block.entries
    rows = math.ceil(len(entries) / 4)
    figure = new_figure(f"{block.task.name}: learning rates", height=1.35 + 2.05 * rows)
    room(figure, left=0.75, right=0.2, bottom=1.05, top=0.8, wspace=0.1, hspace=0.42)
    finite = [t.score for trials in found.values() for t in trials if t.score is not None]
    height = Height(block.task, finite)
    look = looks([entry.name for entry in entries], block.axis)
    grid = list(figure.subplots(rows, 4, sharex=True, sharey=True, squeeze=False).flat)
    height.prepare(grid[0])
    log_scale(grid[0], "x", "{:g}".format, most=5)
    for axes, entry in zip(grid, entries, strict=False):
        _panel(axes, entry, found[entry.name], height, look[entry.name])
    for axes in grid[len(entries) :]:
        axes.axis("off")
    if words.is_share(block.task) and finite:  # beyond are rates that learned nothing
        grid[0].set_ylim(height(max(finite)) / 1.5, 1.2)
    figure.supxlabel("learning rate", fontsize=9, y=0.55 / figure.get_figheight())
    figure.supylabel(height.label, fontsize=9, x=0.008)
    tolerance = words.spread(block.task, block.task.tolerance)
    if block.task.direction == "min":
        tolerance = f"{100 * block.task.tolerance:g} %"
    say(
        figure,
        "mean over the tuning seeds at the end of the budget; ring: chosen; dotted: the library's "
        f"default; shaded: rates within {tolerance} of this one's best, and how many decades they "
        "span; cross at the top: a seed diverged",
    )
    return figure


def _panel(
    axes: Any, entry: Entry, trials: Sequence[Trial], height: Height, look: tuple[str, str]
) -> None:
    colour, _ = look
    axes.set_title(entry.name, fontweight="bold", color=colour, loc="left")
    if entry.good:
        axes.axvspan(entry.good.low, entry.good.high, color=SHADE, zorder=0)
        axes.set_title(f"{entry.good.decades:.1f} decades", fontsize=8.5, loc="right")
    else:
        axes.set_title("no finite run" if trials else "not tuned", fontsize=8.5, loc="right")
    fine = [trial for trial in trials if trial.score is not None]
    axes.plot([each.rate for each in fine], [height(each.score or 0.0) for each in fine], color=colour,
              marker="o", markersize=3, linewidth=1.2)  # fmt: skip
    lost = [trial.rate for trial in trials if trial.score is None]
    axes.plot(lost, [0.97] * len(lost), "x", color=RED, markersize=5,
              transform=axes.get_xaxis_transform())  # fmt: skip
    chosen = float(entry.knobs[0][1]) if entry.knobs else None
    best = next((each for each in fine if each.rate == chosen), None)
    if best and best.score is not None:
        axes.plot([best.rate], [height(best.score)], "o", markersize=9, markerfacecolor="none",
                  markeredgecolor=INK)  # fmt: skip
    if entry.default_rate:
        axes.axvline(entry.default_rate, color=INK, linestyle="dotted", linewidth=1)
    axes.grid(axis="y", color=FAINT, linewidth=0.3)
