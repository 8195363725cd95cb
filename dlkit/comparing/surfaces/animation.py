"""Draws a record as an animated GIF: matplotlib draws the maps once, pillow the moving runs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlkit.comparing.surfaces import caption, staging
from dlkit.comparing.surfaces.functions import find
from dlkit.comparing.surfaces.panels import draw_ends, draw_map
from dlkit.comparing.surfaces.record import Record, Trial

_DPI, _SHARPER = 100, 2
"""Frames are drawn twice as large, and scaled down: pillow does not smooth lines."""
_PAUSE, _LAST = 90, 3000
"""Milliseconds of a frame, and of the last."""


@dataclass
class _Stage:
    """A scene's map `(left, top, right, bottom)` in the large frame, and each rule's path on it.

    Paths are in pixels from the map's left and top, and as long as the run.
    """

    box: tuple[int, int, int, int]
    paths: dict[str, list[tuple[float, float]]]


def draw(record: Record, path: Path) -> None:
    """Writes the GIF: all runs step by step, as `staging` says."""
    background, stages = _background(record)
    maps = [background.crop(stage.box) for stage in stages]
    palette = _palette(background)
    frames, before = [], 0
    for step in staging.timeline(record):
        whole = background.copy()
        for stage, trails in zip(stages, maps, strict=True):
            _extend(trails, stage, before, step)
            whole.paste(_with_heads(trails, stage, step), stage.box[:2])
        _write_step(whole, f"step {step}")
        frames.append(whole.reduce(_SHARPER).quantize(palette=palette, dither=0))
        before = step
    pauses = [_PAUSE] * (len(frames) - 1) + [_LAST]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=pauses, loop=0)


def _background(record: Record) -> tuple[Any, list[_Stage]]:
    """Everything that does not move, in the large frame."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(11, 5.4), dpi=_DPI * _SHARPER)
    canvas: Any = FigureCanvasAgg(figure)
    figure.suptitle(
        caption.title(record), fontsize=12, fontweight="bold", x=0.01, y=0.98, ha="left"
    )
    scenes = staging.scenes(record)
    margins = {"left": 0.035, "right": 0.99, "bottom": 0.375, "top": 0.86, "wspace": 0.07}
    row = figure.subplots(1, len(scenes), sharey=True, gridspec_kw=margins)
    surface = find(record.surface)
    for axes, scene in zip(row, scenes, strict=True):
        draw_map(axes, surface.value, surface.window, surface.levels)
        draw_ends(axes, record.start, surface)
        axes.set_title(scene.title, fontsize=10)
        axes.tick_params(labelsize=7)
        _legend(axes, scene.trials)
    _caption(figure, record)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    return picture, [_stage(*pair, picture.height) for pair in zip(row, scenes, strict=True)]


def _stage(axes: Any, scene: staging.Scene, height: int) -> _Stage:
    """The scene on its axes; what is far outside comes nearer: pillow's lines must not be long."""
    import numpy as np

    box = axes.get_window_extent()
    left, top = round(box.x0) + 2, round(height - box.y1) + 2
    right, bottom = round(box.x1) - 2, round(height - box.y0) - 2
    size = np.array([right - left, bottom - top])
    paths = {}
    for trial in scene.trials:
        pixels = axes.transData.transform(trial.path) * (1, -1) + (-left, height - top)  # (T, 2)
        paths[trial.rule] = [(x, y) for x, y in np.clip(pixels, -8 * size, 9 * size).tolist()]
    return _Stage((left, top, right, bottom), paths)


def _legend(axes: Any, trials: Sequence[Trial]) -> None:
    """Two columns of rules below the map, each in its colour, with its rate and its steps."""
    half = -(-len(trials) // 2)
    for k, trial in enumerate(trials):
        column, row = divmod(k, half)
        axes.annotate(
            staging.legend(trial), (0.51 * column, 0), (0, -24 - 11 * row), fontsize=7.5, va="top",
            color=caption.STYLES[trial.rule][0], xycoords="axes fraction",
            textcoords="offset points",
        )  # fmt: skip


def _caption(figure: Any, record: Record) -> None:
    sentences = (
        caption.setting(record),
        f"{caption.rotations(record)}; drawn turned back; after a rule: its rate, and its steps",
        caption.rates(record),
    )
    lines = [line for each in sentences for line in textwrap.wrap(each, 185)]
    figure.text(0.01, 0.015, "\n".join(lines), fontsize=7.5, va="bottom")


def _palette(background: Any) -> Any:
    """One palette for all frames: that of the background with a block of each rule's colour."""
    swatches = background.reduce(_SHARPER)
    for k, (colour, _) in enumerate(dict.fromkeys(caption.STYLES.values())):
        swatches.paste(colour, (100 * k, 0, 100 * (k + 1), 100))
    return swatches.quantize(128, dither=0)


def _extend(trails: Any, stage: _Stage, before: int, step: int) -> None:
    """Draws the steps since the frame before onto the trails."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(trails)
    for rule, path in stage.paths.items():
        if len(path[before : step + 1]) > 1:
            pen.line(path[before : step + 1], caption.STYLES[rule][0], 3, joint="curve")


def _with_heads(trails: Any, stage: _Stage, step: int) -> Any:
    """The trails with a lettered dot where each run is; the first of the rules on top."""
    from PIL import ImageDraw

    picture = trails.copy()
    pen, font = ImageDraw.Draw(picture), _font(19)
    for rule, path in reversed(stage.paths.items()):
        x, y = path[min(step, len(path) - 1)]
        pen.ellipse((x - 13, y - 13, x + 13, y + 13), caption.STYLES[rule][0], "white", 2)
        pen.text((x, y), caption.SIGNS[rule], "white", font, anchor="mm")
    return picture


def _write_step(picture: Any, text: str) -> None:
    from PIL import ImageDraw

    place = (picture.width - 24, 18)
    ImageDraw.Draw(picture).text(place, text, "#222222", _font(34), anchor="ra")


def _font(size: int) -> Any:
    """The font that matplotlib brings along."""
    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf"), size)
