"""Draws how sure each comparison of two is."""

from __future__ import annotations

from typing import Any

from dlkit.comparing.report import words
from dlkit.comparing.report.style import BLUE, FAINT, INK, RED, new_figure, room, say
from dlkit.comparing.report.summary import Block


def chances(block: Block) -> dict[tuple[str, str], tuple[float, bool]]:
    """For each ordered two the probability that the first is better, and whether they are apart."""
    both = {}
    for pair in block.pairs:
        both[pair.one, pair.other] = (pair.better, pair.apart)
        both[pair.other, pair.one] = (1 - pair.better, pair.apart)
    return both


def compared(block: Block) -> list[str]:
    """Those that take part in pairs, best mean first."""
    names = {name for group in block.groups for name in group}
    known = {
        each.name: each.mean.mean for each in block.entries if each.name in names and each.mean
    }
    return sorted(known, key=lambda name: -block.task.worth(known[name]))


def pairs(block: Block) -> Any:
    """A square for every two: how probable it is that the row is better than the column."""
    from matplotlib.patches import Rectangle

    names, both = compared(block), chances(block)
    n = len(names)
    title = f"{block.task.name}: how probable is it that the row is better?"
    figure = new_figure(title, width=max(7.5, 2.0 + 0.62 * n), height=2.1 + 0.36 * n)
    room(figure, left=1.0, right=0.3, bottom=0.85, top=1.05)
    axes = figure.subplots()
    for (row, column), (better, apart) in both.items():
        x, y = names.index(column), names.index(row)
        colour = BLUE if better > 0.5 else RED
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, color=colour, linewidth=0,
                                 alpha=1.1 * abs(better - 0.5)))  # fmt: skip
        if apart:
            axes.add_patch(Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, fill=False, edgecolor=INK,
                                     linewidth=1.3))  # fmt: skip
        axes.text(x, y, words.chance(better), ha="center", va="center", fontsize=8.5,
                  fontweight="bold" if apart else "normal")  # fmt: skip
    axes.plot([-0.5, n - 0.5], [-0.5, n - 0.5], color=FAINT, linewidth=0.8)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_xticks(range(n), names, fontsize=9)
    axes.set_yticks(range(n), names, fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    say(figure, f"paired bootstrap over the reporting seeds, {block.split} score; framed: apart at 5 % "
        "after Holm")  # fmt: skip
    return figure
