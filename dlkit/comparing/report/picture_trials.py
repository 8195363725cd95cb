"""Draws what more trials are worth, and how often each rule is nearly the fastest."""

from __future__ import annotations

from typing import Any

from dlkit.comparing.report.picture_curves import Height
from dlkit.comparing.report.style import label_ends, looks, new_figure, room, say
from dlkit.comparing.report.summary import Block, Summary


def best_of(block: Block) -> Any:
    """The expected best validation score over the number of trials."""
    figure = new_figure(f"{block.task.name}: the best of k trials", height=5.2, width=8.5)
    room(figure, left=0.8, right=1.2, bottom=0.95, top=0.6)
    axes = figure.subplots()
    lines = {each.name: each.best_of for each in block.entries if each.best_of}
    height = Height(block.task, [score for scores in lines.values() for score in scores])
    height.prepare(axes)
    look = looks([entry.name for entry in block.entries], block.axis)
    for name, scores in lines.items():
        colour, dash = look[name]
        axes.plot(range(1, len(scores) + 1), [height(each) for each in scores], color=colour,
                  linestyle=dash, linewidth=1.6)  # fmt: skip
    axes.set_xlim(1, max(map(len, lines.values())))
    axes.set_xlabel("trials drawn from this one's own, without repetition")
    axes.set_ylabel(height.label)
    ends = {name: height(scores[-1]) for name, scores in lines.items()}
    label_ends(axes, ends, {name: colour for name, (colour, _) in look.items()})
    say(
        figure,
        "expected best of k (Tang et al. 2020); a trial that diverged counts as the worst finite one",
    )
    return figure


def profile(summary: Summary) -> Any:
    """The share of tasks and seeds on which each rule took at most so many times the fewest steps."""
    figure = new_figure("all tasks: how often is a rule nearly the fastest?", height=5.2, width=8.5)
    room(figure, left=0.8, right=1.2, bottom=0.95, top=0.6)
    axes = figure.subplots()
    look = looks([*summary.profile], "rules")
    for name, shares in summary.profile.items():
        colour, dash = look[name]
        axes.plot(summary.factors, shares, color=colour, linestyle=dash, linewidth=1.6,
                  drawstyle="steps-post")  # fmt: skip
    axes.set_xlim(1, summary.factors[-1])
    axes.set_ylim(0, 1.03)
    axes.set_xlabel("steps to target, as a multiple of the least")
    axes.set_ylabel("share of tasks and seeds")
    ends = {name: shares[-1] for name, shares in summary.profile.items()}
    label_ends(axes, ends, {name: colour for name, (colour, _) in look.items()})
    say(figure, "performance profile (Dolan & Moré 2002); a miss is infinite")
    return figure
