"""The parts that all pictures share: figures, maps, paths, texts and keys, in one look."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from dlkit.comparing.surfaces.functions import Surface, Window

INK, FAINT = "#222222", "#b8b8b8"


def new_figure(title: str, *, height: float = 7.6) -> Any:
    """A figure of 12.5 by `height` inches under a title, in no window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, height))
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, y=0.985, ha="left")
    return figure


def say(figure: Any, *sentences: str) -> None:
    """The caption, below everything."""
    lines = [line for each in sentences for line in textwrap.wrap(each, 200)]
    figure.text(0.01, 0.015, "\n".join(lines), fontsize=8.5, va="bottom", color=INK)


def grid_of(figure: Any, panels: int, *, between: float = 0.48) -> list[Any]:
    """Axes in rows of four; what is left over is invisible, and may hold the key."""
    rows = -(-(panels + 1) // 4)
    figure.subplots_adjust(0.04, 0.14, 0.99, 0.875, wspace=0.07, hspace=between)
    grid = list(figure.subplots(rows, 4, sharex=True, sharey=True, squeeze=False).flat)
    for axes in grid[panels:]:
        axes.axis("off")
    return grid


def name_paths(axes: Any, rule: str, texts: Sequence[tuple[str, str]]) -> None:
    """The rule's name, and a line of text in the colour of each path."""
    axes.set_title(rule, fontsize=10, fontweight="bold", pad=4 + 9.5 * len(texts))
    for row, (text, colour) in enumerate(reversed(texts)):
        axes.annotate(
            text, (0.5, 1), (0, 3 + 9.5 * row), xycoords="axes fraction",
            textcoords="offset points", ha="center", fontsize=8, color=_dark(colour),
        )  # fmt: skip


def _dark(colour: str) -> str:
    """The colour as text needs it on white."""
    return {"#e69f00": "#9a6a00", "#56b4e9": "#1f78b4"}.get(colour, colour)


def draw_key(grid: Sequence[Any], looks: Sequence[tuple[str, str]]) -> None:
    """What the colours mean, in the last of the axes that no rule uses."""
    for row, (colour, text) in enumerate(looks):
        y = 0.85 - 0.16 * row
        grid[-1].plot([0.0, 0.1], [y, y], color=colour, linewidth=8, transform=grid[-1].transAxes)
        grid[-1].text(0.15, y, text, fontsize=9, va="center", transform=grid[-1].transAxes)


def draw_map(axes: Any, value: Any, window: Window, levels: Sequence[float]) -> None:
    """Contour lines in grey, on axes that show the window."""
    import numpy as np

    (left, right), (low, high) = window
    x, y = np.meshgrid(np.linspace(left, right, 161), np.linspace(low, high, 161))
    axes.contour(x, y, value(x, y), levels=sorted(levels), colors=FAINT, linewidths=0.7,
                 linestyles="solid")  # fmt: skip
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.tick_params(labelsize=8)


def draw_path(axes: Any, path: Sequence[tuple[float, float]], **look: Any) -> None:
    """A line through the points, in matplotlib's words for looks."""
    xs, ys = zip(*path, strict=True)
    axes.plot(xs, ys, solid_joinstyle="round", **look)


def draw_ends(axes: Any, start: tuple[float, float], surface: Surface) -> None:
    """Marks the start and the minima: crosses, the others hollow."""
    axes.plot(*start, marker="o", color=INK, markersize=5, zorder=5)
    for place in surface.minima:
        axes.plot(*place, marker="P", color="white", markeredgecolor=INK, markersize=9, zorder=5)
    for place in surface.others:
        axes.plot(*place, marker="o", color="white", markeredgecolor=INK, markersize=6, zorder=4)
