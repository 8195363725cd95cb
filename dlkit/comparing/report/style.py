"""How pictures show each contestant: colours, dashes, labels that do not lie on each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlkit.comparing.surfaces.caption import STYLES

INK, FAINT, SHADE = "#222222", "#b8b8b8", "#eeeeee"
BLUE, RED, GREEN, PURPLE, ORANGE = "#0072b2", "#d55e00", "#009e73", "#aa3377", "#e69f00"
DARK = {
    INK: "#e4e4e4",
    FAINT: "#5f656d",
    SHADE: "#2a2d32",
    BLUE: "#56b4e9",
    RED: "#ff8a3d",
    GREEN: "#2fc79b",
    PURPLE: "#e08bc0",
    ORANGE: "#f0b93a",
}
"""What each colour becomes on a dark page."""
RULES = {**STYLES, "adamw": (GREEN, "dashdot"), "muon": (PURPLE, "dashed")}
"""A colour a family, a dash a member, the same as on surfaces."""
OTHERS = ((ORANGE, "solid"), (ORANGE, "dashed"), (INK, "dashed"), (ORANGE, "dotted"))
ESTIMATORS = (
    (INK, "solid"),
    (BLUE, "dashed"),
    (RED, "dashdot"),
    (GREEN, "dotted"),
    (PURPLE, "solid"),
)


def looks(names: Sequence[str], axis: str) -> dict[str, tuple[str, str]]:
    """A colour and a dash for each of `names`."""
    if axis == "estimators":
        return {name: ESTIMATORS[k % len(ESTIMATORS)] for k, name in enumerate(names)}
    strangers = [name for name in names if name not in RULES]
    more = {name: OTHERS[k % len(OTHERS)] for k, name in enumerate(strangers)}
    return {name: RULES[name] if name in RULES else more[name] for name in names}


LOOK: dict[Any, Any] = {
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titley": 1.03,  # given, so that it need not be searched: half the time of a picture
    "axes.labelsize": 9,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "none",
}
"""Matplotlib's settings, to be in force while a picture is drawn and saved."""


def new_figure(title: str, *, height: float, width: float = 12.5) -> Any:
    """A figure in inches under a title, in no window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    top = 1 - 0.12 / height
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, y=top, ha="left")
    return figure


def room(
    figure: Any, *, left: float, right: float, bottom: float, top: float, **between: float
) -> None:
    """Margins in inches, whatever the size of the figure."""
    width, height = figure.get_size_inches()
    figure.subplots_adjust(
        left / width, bottom / height, 1 - right / width, 1 - top / height, **between
    )


def say(figure: Any, *sentences: str) -> None:
    """The caption, below everything."""
    import textwrap

    lines = [line for each in sentences for line in textwrap.wrap(each, 185)]
    low = 0.1 / figure.get_figheight()
    figure.text(0.01, low, "\n".join(lines), fontsize=8.5, va="bottom")


def log_scale(
    axes: Any,
    axis: str,
    write: Callable[[float], str],
    subs: Sequence[float] = (1.0,),
    *,
    most: int = 12,
) -> None:
    """A log scale with ticks at `subs` of each decade, at most `most`, and none between."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set(**{f"{axis}scale": "log"})
    own = axes.xaxis if axis == "x" else axes.yaxis
    own.set_major_locator(LogLocator(subs=subs, numticks=most))
    own.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    own.set_minor_locator(NullLocator())


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places in the order of `wanted`, at least `gap` apart, as near to `wanted` as they can be.

    They lie between `low` and `high`, or beyond `low` where there is no room for them all.
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    heaps: list[list[float]] = []  # labels that touch, each as if it lay where the heap begins
    for rank, k in enumerate(order):
        heaps.append([wanted[k] - rank * gap])
        while len(heaps) > 1 and _mean(heaps[-1]) < _mean(heaps[-2]):
            heaps[-2:] = [heaps[-2] + heaps[-1]]
    starts = [_mean(heap) for heap in heaps for _ in heap]
    top = high - (len(order) - 1) * gap
    places = [0.0] * len(wanted)
    for rank, k in enumerate(order):
        places[k] = min(max(starts[rank], low), top) + rank * gap
    return places


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def label_ends(axes: Any, ends: Mapping[str, float], colours: Mapping[str, str]) -> None:
    """A name beside the right edge for each height of `ends`, tied to it by a thin line.

    `ends` are in data coordinates; the axes must have their final limits and scale.
    """
    inverse = axes.transAxes.inverted()
    heights = [
        float(inverse.transform(axes.transData.transform((axes.get_xlim()[1], y)))[1])
        for y in ends.values()
    ]
    inches = axes.get_position().height * axes.figure.get_figheight()
    places = spread([min(max(y, 0), 1) for y in heights], 0.155 / inches, 0.0, 1.02)
    for name, y, place in zip(ends, heights, places, strict=True):
        tie = {"color": colours[name], "linewidth": 0.7, "clip_on": False}
        axes.plot([1.0, 1.04], [min(max(y, 0), 1), place], transform=axes.transAxes, **tie)
        axes.text(1.05, place, name, transform=axes.transAxes, va="center", fontsize=8.5,
                  color=colours[name])  # fmt: skip
