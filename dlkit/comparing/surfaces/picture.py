"""Draws a record as PNG pictures; needs matplotlib, and no torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlkit.comparing.surfaces import caption
from dlkit.comparing.surfaces.functions import Surface, Window, find
from dlkit.comparing.surfaces.panels import (
    FAINT,
    INK,
    draw_ends,
    draw_key,
    draw_map,
    draw_path,
    grid_of,
    name_paths,
    new_figure,
    say,
)
from dlkit.comparing.surfaces.record import Noise, Record

_DPI = 110
_ROTATIONS = (("#0072b2", "o", 3.4), ("#e69f00", "s", 2.2), ("#d55e00", "^", 1.2))
"""Colour, mark and width of each rotation, in order."""
_MARKS = "dot: start; cross: lowest point; ring: another minimum"
_OUTCOMES = {
    "h": ("#0072b2", "hits the target and holds it"),
    "n": ("#dddddd", "not yet"),
    "o": ("#e69f00", "at another minimum"),
    "d": ("#882255", "diverged"),
}


def draw_all(record: Record, folder: Path) -> list[Path]:
    """Writes `paths.png`, `rotations.png`, `fan.png`, `basins.png`, and `noise.png` if measured."""
    drawings: dict[str, Callable[[Record], Any]] = {
        "paths": paths,
        "rotations": rotations,
        "fan": fan,
        "basins": basins,
    }
    if record.noise:
        drawings["noise"] = noise
    written = []
    for name, draw in drawings.items():
        written.append(folder / f"{name}.png")
        draw(record).savefig(written[-1], dpi=_DPI)
    return written


def paths(record: Record) -> Any:
    """The paths of all rules at their best rates, and the steps they need at each rotation."""
    figure = new_figure(f"{caption.title(record)}, f = {record.formula}", height=6.4)
    margins = {"left": 0.04, "right": 0.875, "bottom": 0.235, "top": 0.86, "wspace": 0.36}
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1), gridspec_kw=margins)
    surface = find(record.surface)
    draw_map(left, surface.value, surface.window, surface.levels)
    for rule in record.rules:
        colour, dash = caption.STYLES[rule]
        draw_path(
            left, record.trial(rule, "best").path, color=colour, linestyle=dash, linewidth=1.6
        )
    draw_ends(left, record.start, surface)
    left.set_title("each rule at its best rate, not turned", fontsize=10)
    _ladder(right, record)
    say(
        figure,
        f"{caption.setting(record)}; {_MARKS}",
        f"{caption.rotations(record)}; {caption.DOUBTS}",
        caption.rates(record),
    )
    return figure


def rotations(record: Record) -> Any:
    """A panel a rule: its paths on the surface turned by each angle, drawn turned back."""
    surface = find(record.surface)

    def panel(axes: Any, rule: str) -> list[tuple[str, str]]:
        texts = []
        for angle, (colour, _, width) in zip(record.rotations, _ROTATIONS, strict=True):
            trial = record.trial(rule, "best", angle)
            draw_path(axes, trial.path, color=colour, linewidth=width)
            rate = caption.number(trial.rate)
            texts.append((f"{angle:g}°: {caption.outcome(trial)}, rate {rate}", colour))
        return texts

    return _panels(
        record,
        "the same turned, and the paths turned back",
        panel,
        surface,
        "A rule that does not care about axes has one path, whatever the angle. "
        + caption.rotations(record),
    )


def fan(record: Record) -> Any:
    """A panel a rule: the best rate thick, a third and three times of it thin."""
    surface = find(record.surface)
    looks = {"third": ("#56b4e9", 1.1), "best": ("#222222", 2.6), "triple": ("#d55e00", 1.1)}

    def panel(axes: Any, rule: str) -> list[tuple[str, str]]:
        texts = []
        for role, (colour, width) in looks.items():
            trial = record.trial(rule, role)  # type: ignore[arg-type]
            draw_path(axes, trial.path, color=colour, linewidth=width)
            texts.append((f"rate {caption.number(trial.rate)}: {caption.outcome(trial)}", colour))
        return texts

    return _panels(
        record,
        "a fan of rates, the best one thick, a third and three times of it thin",
        panel,
        surface,
        "rotation 0°",
    )


def basins(record: Record) -> Any:
    """A panel a rule: the outcome of each start (across) at each rate (up)."""
    from matplotlib.colors import BoundaryNorm, ListedColormap

    figure = new_figure(f"{caption.title(record)}: where it ends, by start and by rate")
    letters = "".join(_OUTCOMES)
    colours = ListedColormap([colour for colour, _ in _OUTCOMES.values()])
    norm = BoundaryNorm([k - 0.5 for k in range(len(letters) + 1)], len(letters))
    (ax, ay), (bx, by) = record.line
    low, high = (ax, bx) if ax != bx else (ay, by)
    grid = grid_of(figure, len(record.basins), between=0.22)
    for axes, basin in zip(grid, record.basins, strict=False):
        numbers = [[letters.index(letter) for letter in row] for row in basin.rows]
        axes.pcolormesh(
            [low + (high - low) * k / len(numbers[0]) for k in range(len(numbers[0]) + 1)],
            [rate / 10**0.125 for rate in record.basin_rates] + [record.basin_rates[-1] * 10**0.125],
            numbers, cmap=colours, norm=norm,
        )  # fmt: skip
        axes.set_yscale("log")
        best = record.choice(basin.rule, 0.0).rate
        begin = record.start[0] if ax != bx else record.start[1]
        axes.plot([begin], [best], marker="*", color="white", markeredgecolor="black",
                  markersize=11, clip_on=False)  # fmt: skip
        axes.set_title(basin.rule, fontsize=10, fontweight="bold")
        axes.locator_params(axis="x", nbins=5, prune="both")
        axes.tick_params(labelsize=8)
    used = {letter for basin in record.basins for row in basin.rows for letter in row}
    along = f"y = {caption.number(ay)}, x across"
    if ax == bx:
        along = f"x = {caption.number(ax)}, y across"
    draw_key(grid, [look for letter, look in _OUTCOMES.items() if letter in used])
    say(
        figure,
        caption.setting(record).replace(
            f"start {caption.point(record.start)}", f"starts on {along}"
        ),
        "up: the rate, from 1e-05 to 100; the star is the start and the best rate of the other "
        "pictures; rotation 0°",
    )
    return figure


def noise(record: Record) -> Any:
    """A panel a rule: its paths on all examples, on 32 and on one, on a small real problem."""
    assert record.noise is not None  # noqa: S101 - asked for only where it was measured
    real = record.noise
    looks = {1: ("#e69f00", 0.7), 32: ("#0072b2", 1.1), real.examples: ("#222222", 2.4)}
    figure = new_figure("A real valley: mini-batch noise on two weights of the diabetes data")
    grid = grid_of(figure, len(record.rules))
    window = _around(real)
    for axes, rule in zip(grid, record.rules, strict=False):
        draw_map(axes, real.excess, window, (0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0))
        trials = sorted((t for t in real.trials if t.rule == rule), key=lambda t: t.batch)
        for trial in trials:
            colour, width = looks[trial.batch]
            draw_path(axes, trial.path, color=colour, linewidth=width)
        axes.plot(*real.minimum, marker="+", color=INK, markersize=9)
        axes.plot(*real.start, marker="o", color=INK, markersize=4)
        name_paths(axes, rule, [
            (f"{t.batch}: rate {t.rate:.3g}, excess {t.excess:.2g}", looks[t.batch][0])
            for t in trials
        ])  # fmt: skip
    draw_key(grid, [
        (looks[real.examples][0], f"all {real.examples} examples"),
        (looks[32][0], "mini-batches of 32"),
        (looks[1][0], "one example"),
    ])  # fmt: skip
    say(
        figure,
        f"half the mean squared error of a linear model of {real.data}, weights of "
        f"{real.features[0]} and {real.features[1]}, condition number {real.condition:g}, its axes "
        f"at 45° to the weights'; start {caption.point(real.start)}; {real.steps} updates for all, "
        f"the same order of examples (seed {real.seed})",
        "rates: of the same grid, for each size of batch, the lowest loss (of all examples, above "
        "its minimum: excess) averaged over the last 100 updates",
    )
    return figure


def _panels(
    record: Record,
    title: str,
    panel: Callable[[Any, str], list[tuple[str, str]]],
    surface: Surface,
    remark: str,
) -> Any:
    """Small multiples: the same map for every rule; `panel` draws and returns coloured lines."""
    figure = new_figure(f"{caption.title(record)}: {title}")
    grid = grid_of(figure, len(record.rules))
    for axes, rule in zip(grid, record.rules, strict=False):
        draw_map(axes, surface.value, surface.window, surface.levels)
        texts = panel(axes, rule)
        draw_ends(axes, record.start, surface)
        name_paths(axes, rule, texts)
    say(figure, f"{caption.setting(record)}; {_MARKS}", remark, caption.rates(record))
    return figure


def _ladder(axes: Any, record: Record) -> None:
    """Rows of rules by their steps, a mark a rotation, on a scale of powers; never is at the end."""
    never = record.steps * 2.5
    rules = sorted(record.rules, key=lambda rule: _place(record, rule, 0.0, never), reverse=True)
    for row, rule in enumerate(rules):
        colour, dash = caption.STYLES[rule]
        places = [_place(record, rule, angle, never) for angle in record.rotations]
        axes.plot(places, [row] * len(places), color=FAINT, linewidth=1.2, zorder=1)
        axes.plot([-0.09, -0.01], [row, row], color=colour, linestyle=dash, linewidth=1.8,
                  transform=axes.get_yaxis_transform(), clip_on=False)  # fmt: skip
        choices = (record.choice(rule, angle) for angle in record.rotations)
        texts = " · ".join(caption.judged(record, choice) for choice in choices)
        axes.text(1.02, row, texts, fontsize=8.5, va="center", color=INK,
                  transform=axes.get_yaxis_transform())  # fmt: skip
    for angle, (colour, mark, _) in zip(record.rotations, _ROTATIONS, strict=True):
        places = [_place(record, rule, angle, never) for rule in rules]
        size = 11 - 2.5 * record.rotations.index(angle)
        axes.plot(places, range(len(rules)), mark, color=colour, markersize=size,
                  markeredgecolor="white", markeredgewidth=0.6, label=f"{angle:g}°")  # fmt: skip
    axes.set_yticks(range(len(rules)), rules, fontsize=9.5)
    axes.set_xscale("log")
    axes.set_xlim(0.8, never * 1.3)
    axes.axvspan(record.steps * 1.4, never * 1.3, color="#eeeeee", zorder=0)
    axes.text(never, len(rules) - 0.45, "never", ha="center", fontsize=8.5)
    axes.set_xlabel("steps to reach the target and hold it", fontsize=9)
    axes.set_title("steps to target, turned by 0°, 22.5°, 45°", fontsize=10, pad=22)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=8.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=44)


def _place(record: Record, rule: str, angle: float, never: float) -> float:
    steps = record.choice(rule, angle).steps
    return never if steps is None else max(steps, 1)


def _around(real: Noise) -> Window:
    """A window with the start and the minimum, a margin around them."""
    (ax, ay), (bx, by) = real.start, real.minimum
    return ((min(ax, bx) - 0.6, max(ax, bx) + 0.9), (min(ay, by) - 0.9, max(ay, by) + 0.6))
