"""Draws training: the mean score of the reporting seeds over updates, examples and seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlkit.comparing.plan import Task
from dlkit.comparing.report import words
from dlkit.comparing.report.curves import Curve
from dlkit.comparing.report.facts import BUDGETS
from dlkit.comparing.report.style import FAINT, label_ends, log_scale, looks, new_figure, room, say
from dlkit.comparing.report.summary import Block
from dlkit.comparing.statistics import Interval

CLOCKS = {
    "updates": "updates",
    "examples": "examples seen",
    "seconds": "seconds of this rule alone",
}

LOG_FROM = 2.5
"""A clock is drawn on a log scale if the longest curve is so many times the shortest."""


class Height:
    """How high a score is drawn: a share as its error and what is positive on a log scale."""

    def __init__(self, task: Task, scores: Sequence[float]) -> None:
        self.share = words.is_share(task)
        shown = [1 - score if self.share else score for score in scores]
        self.log = (self.share or task.direction == "min") and max(shown, default=0.0) > 0
        self.floor = min((each for each in shown if each > 0), default=1.0) / 2
        name = f"error (1 - {task.score})" if self.share else task.score
        self.label = f"validation {name}" + (", log scale" if self.log else "")

    def __call__(self, score: float) -> float:
        """The height of `score`; what a log scale can't show lies at its floor."""
        shown = 1 - score if self.share else score
        return max(shown, self.floor) if self.log else shown

    def prepare(self, axes: Any) -> None:
        """Sets the scale and legible ticks on it."""
        if self.log:
            log_scale(axes, "y", self._tick, (1, 2, 5))

    def _tick(self, value: float) -> str:
        return f"{100 * value:g} %" if self.share else f"{value:g}"


def curves(block: Block, found: dict[str, Curve]) -> Any:
    """All contestants over each clock; the intervals are shaded."""
    title = f"{block.task.name}: {block.axis} while they train"
    figure = new_figure(title, height=5.6)
    room(figure, left=0.75, right=1.15, bottom=0.9, top=0.62, wspace=0.42)
    clocks = [each for each in CLOCKS if any(getattr(curve, each) for curve in found.values())]
    height = Height(block.task, [each.mean for curve in found.values() for each in curve.scores])
    look = looks([entry.name for entry in block.entries], block.axis)
    grid = figure.subplots(1, len(clocks), sharey=True, squeeze=False)[0]
    height.prepare(grid[0])
    for axes, clock in zip(grid, clocks, strict=True):
        _panel(axes, clock, found, look, height)
    grid[0].set_ylabel(height.label)
    shown = {name: height(curve.scores[-1].mean) for name, curve in found.items()}
    for axes in grid:
        label_ends(axes, shown, {name: colour for name, (colour, _) in look.items()})
    say(figure, *_remarks(block))
    return figure


def _panel(axes: Any, clock: str, found: dict[str, Curve], look: Any, height: Height) -> None:
    """One clock, on a log scale where some need several times as much of it as others."""
    timed = {name: x for name, curve in found.items() if (x := getattr(curve, clock))}
    furthest, nearest = (most(x[-1] for x in timed.values()) for most in (max, min))
    log = furthest > LOG_FROM * nearest
    for name, x in timed.items():
        line = found[name].scores
        draw(axes, x, line, height, look[name], shade=0.07)
        axes.plot(
            [x[-1], furthest], [height(line[-1].mean)] * 2, color=FAINT, linewidth=0.7, zorder=0
        )
    axes.set_xlabel(CLOCKS[clock] + (", log scale" if log else ""))
    if log:
        log_scale(axes, "x", "{:g}".format, most=6)
    else:
        axes.locator_params(axis="x", nbins=5)
    axes.set_xlim(None if log else 0, furthest)


def draw(
    axes: Any,
    x: Sequence[float],
    scores: Sequence[Interval],
    height: Height,
    look: tuple[str, str],
    *,
    shade: float = 0.14,
) -> None:
    """One mean with its interval."""
    colour, dash = look
    axes.plot(
        x, [height(each.mean) for each in scores], color=colour, linestyle=dash, linewidth=1.6
    )
    if all(each.low is not None for each in scores):
        low, high = ([height(getattr(each, end)) for each in scores] for end in ("low", "high"))
        axes.fill_between(x, low, high, color=colour, alpha=shade, linewidth=0)


def one_by_one(block: Block, found: dict[str, Curve]) -> Any:
    """A panel a contestant: its own curve, the others in grey behind it."""
    names = [entry.name for entry in block.entries]
    rows = math.ceil(len(names) / 4)
    figure = new_figure(
        f"{block.task.name}: each of the {block.axis} by itself", height=1.25 + 1.9 * rows
    )
    room(figure, left=0.75, right=0.2, bottom=0.9, top=0.75, wspace=0.1, hspace=0.36)
    height = Height(block.task, [each.mean for curve in found.values() for each in curve.scores])
    look = looks(names, block.axis)
    grid = list(figure.subplots(rows, 4, sharex=True, sharey=True, squeeze=False).flat)
    height.prepare(grid[0])
    for axes, name in zip(grid, names, strict=False):
        for other in found.values():
            axes.plot(other.updates, [height(each.mean) for each in other.scores], color=FAINT,
                      linewidth=0.6, zorder=0)  # fmt: skip
        axes.set_title(name, fontweight="bold", color=look[name][0])
        if name in found:
            draw(axes, found[name].updates, found[name].scores, height, look[name])
        else:
            axes.text(0.5, 0.5, "no finite run", transform=axes.transAxes, ha="center")
    for axes in grid[len(names) :]:
        axes.axis("off")
    figure.supxlabel("updates", fontsize=9, y=0.42 / figure.get_figheight())
    figure.supylabel(height.label, fontsize=9, x=0.008)
    say(figure, *_remarks(block))
    return figure


def _remarks(block: Block) -> list[str]:
    seeds = max((entry.seeds for entry in block.entries), default=0)
    band = "shaded: 95 % interval" if seeds > 1 else "one seed: no intervals"
    budget = "the same budget for all" if block.axis == "rules" else BUDGETS
    return [
        f"mean over {seeds} reporting seed{'s' * (seeds != 1)} at the chosen rates, of those that did "
        f"not diverge; {band}; {block.task.schedule} schedule, {budget}"
    ]
