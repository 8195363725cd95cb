"""Draws contestants as rows: when they hit the target, and what they score in the test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlkit.comparing.report import words
from dlkit.comparing.report.facts import in_order
from dlkit.comparing.report.style import FAINT, INK, SHADE, log_scale, looks, new_figure, room, say
from dlkit.comparing.report.summary import Block, Entry


def to_target(block: Block) -> Any:
    """A row a contestant, a dot a seed: steps and seconds to the target, or never."""
    entries = sorted(block.entries, key=_wait, reverse=True)
    figure = new_figure(f"{block.task.name}: {_target(block)}", height=1.75 + 0.3 * len(entries))
    room(figure, left=1.0, right=0.9, bottom=0.95, top=0.75, wspace=0.42)
    left, right = figure.subplots(1, 2)
    _waits(left, block, entries, "steps", "updates to hit the target and hold it")
    _waits(right, block, entries, "seconds", "seconds of this rule alone, to hit and hold it")
    say(
        figure,
        "a dot is a reporting seed, the upright line the median; hit: reached, and still so at the next "
        "scoring; a miss is infinite, and a median that is never has half of the seeds or more missing",
    )
    return figure


def _wait(entry: Entry) -> tuple[float, float]:
    """What rows are ordered by: the median, then the number of misses."""
    median = math.inf if entry.median_steps is None else entry.median_steps
    return median, sum(map(math.isinf, entry.steps)) / max(len(entry.steps), 1)


def _target(block: Block) -> str:
    if block.target is None:
        return "no target"
    score = words.score(block.task, block.target.score)
    name = f"validation {block.task.score} {score}"
    return f"{name}, the median best of {block.target.setter}" if block.target.setter else name


def _waits(axes: Any, block: Block, entries: Sequence[Entry], what: str, label: str) -> None:
    look = looks([entry.name for entry in block.entries], block.axis)
    hits = [each for entry in entries for each in getattr(entry, what) or () if math.isfinite(each)]
    low, high = (min(hits) / 1.3, max(hits) * 1.15) if hits else (1.0, 10.0)
    zone = high * (high / low) ** 0.12
    axes.axvspan(high, zone, color=SHADE, zorder=0.5)
    axes.text((high * zone) ** 0.5, len(entries) - 0.35, "never", ha="center", fontsize=8.5)
    write = words.steps if what == "steps" else words.seconds
    for row, entry in enumerate(entries):
        colour = look[entry.name][0]
        values, median = getattr(entry, what) or [], getattr(entry, f"median_{what}")
        found = [each for each in values if math.isfinite(each)]
        axes.plot(found, [row] * len(found), "o", color=colour, markersize=5, alpha=0.55,
                  markeredgewidth=0)  # fmt: skip
        missed = len(values) - len(found)
        if missed:
            axes.text((high * zone) ** 0.5, row, f"{missed} of {len(values)}", ha="center",
                      va="center", fontsize=8)  # fmt: skip
        if median is not None and math.isfinite(median):
            axes.plot([median], [row], "|", color=INK, markersize=13, markeredgewidth=1.8)
        axes.text(1.02, row, write(median), fontsize=8.5, va="center",
                  transform=axes.get_yaxis_transform())  # fmt: skip
    _name_rows(axes, entries, look)
    subs = (1.0, 2.0, 3.0, 5.0, 7.0) if high < 10 * low else (1.0, 2.0, 5.0)
    log_scale(axes, "x", lambda x: f"{x:g}" if x <= high else "", subs)
    axes.set_xlim(low, zone)
    axes.set_xlabel(label)
    axes.set_title("median", fontsize=8.5, loc="right", x=1.1)


def _name_rows(axes: Any, entries: Sequence[Entry], look: Any) -> None:
    axes.set_yticks(range(len(entries)), [entry.name for entry in entries], fontsize=9.5)
    for label, entry in zip(axes.get_yticklabels(), entries, strict=True):
        label.set_color(look[entry.name][0])
    axes.set_ylim(-0.6, len(entries) + 0.1)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.hlines(range(len(entries)), 0, 1, color=FAINT, linewidth=0.5, zorder=0,
                transform=axes.get_yaxis_transform())  # fmt: skip


def final(block: Block) -> Any:
    """A row a contestant: test scores, their mean with its interval, and the groups at the right."""
    entries = [entry for entry in reversed(in_order(block)) if entry.mean]
    figure = new_figure(f"{block.task.name}: {_groups(block)}", height=1.75 + 0.3 * len(entries))
    room(figure, left=1.0, right=1.3 + 0.25 * len(block.groups), bottom=0.95, top=0.5)
    axes = figure.subplots()
    look = looks([entry.name for entry in block.entries], block.axis)
    factor = 100 if words.is_share(block.task) else 1
    for row, entry in enumerate(entries):
        assert entry.mean is not None  # noqa: S101 - those without a mean were left out
        colour = look[entry.name][0]
        scores = [factor * each for each in entry.scores]
        axes.plot(scores, [row + 0.25] * len(scores), "o", color=colour, markersize=4.5, alpha=0.45,
                  markeredgewidth=0)  # fmt: skip
        if entry.mean.low is not None and entry.mean.high is not None:
            axes.plot([factor * entry.mean.low, factor * entry.mean.high], [row, row], color=colour,
                      linewidth=3, solid_capstyle="butt")  # fmt: skip
        axes.plot(
            [factor * entry.mean.mean], [row], "|", color=INK, markersize=12, markeredgewidth=1.8
        )
        axes.text(1.01, row, words.score(block.task, entry.mean.mean), fontsize=8.5, va="center",
                  transform=axes.get_yaxis_transform())  # fmt: skip
    _name_rows(axes, entries, look)
    _bars(axes, block, [entry.name for entry in entries])
    axes.set_xlabel(f"{block.split} {block.task.score}" + (", %" if factor == 100 else ""))
    say(figure, *_doubts(block))
    return figure


def _groups(block: Block) -> str:
    return "groups that the data cannot tell apart" if block.groups else f"{block.split} scores"


def _bars(axes: Any, block: Block, order: Sequence[str]) -> None:
    """A bar a group, a dot at each of its members: bars may overlap."""
    across = axes.get_yaxis_transform()
    width = axes.get_position().width * axes.figure.get_figwidth()  # inches
    for column, group in enumerate(block.groups):
        x = 1 + (0.85 + 0.25 * column) / width
        rows = [order.index(name) for name in group]
        axes.plot([x, x], [min(rows) - 0.15, max(rows) + 0.15], color=INK, linewidth=1.4,
                  transform=across, clip_on=False)  # fmt: skip
        axes.plot(
            [x] * len(rows), rows, "o", color=INK, markersize=5, transform=across, clip_on=False
        )


def _doubts(block: Block) -> list[str]:
    """What the differences mean, and who is missing."""
    if not block.pairs:
        return [
            "no intervals and no groups: that takes at least two contestants with two seeds each"
        ]
    seeds = max(entry.seeds for entry in block.entries)
    sentences = [
        "dots: reporting seeds; bar: 95 % interval of the mean; a line with dots joins a group, no two "
        f"of which differ (paired over {seeds} seeds, Holm-corrected, 5 %). So many seeds find a "
        f"difference of {words.spread(block.task, block.detectable)} in 80 of 100 comparisons."
    ]
    if block.left_out:
        sentences.append(
            f"In no group, for not all of their seeds finished: {words.listed(block.left_out)}."
        )
    return sentences
