"""Shows a record in the terminal: the runs in motion, drawn with braille, and the table."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dlkit.comparing.surfaces import caption, staging
from dlkit.comparing.surfaces.functions import Surface, find
from dlkit.comparing.surfaces.record import Record, Trial
from dlkit.dictionary.canvas import Canvas
from dlkit.dictionary.drawing import Line, Picture, contours
from dlkit.sinks.formats import encodable, writable

ROWS, NARROWEST, PAUSE = 14, 32, 0.09
"""Rows of a map, columns of the narrowest, seconds of a frame."""

_COLUMNS = (
    "at 0°: the best rate, how many rates of the grid hold the target, and how many decades of them "
    f"need at most twice the steps; {caption.DOUBTS}"
)


class Map:
    """One scene on a grid of braille cells: contours, the trails so far, and where each run is."""

    def __init__(self, ground: Canvas, scene: staging.Scene) -> None:
        self.ground, self.window = ground, Picture(ground.x, ground.y)
        self.trails = [(trial, self._canvas()) for trial in scene.trials]
        self.step = 0

    def advance(self, step: int) -> list[Text]:
        """The rows of the map at `step`, which must not be before the last one asked for."""
        heads = self._canvas()
        rules: dict[str, str] = {}
        for trial, canvas in reversed(self.trails):
            canvas.line(Line(_near(trial, self.step, step, canvas)))
            heads.mark(staging.at(trial, step), caption.SIGNS[trial.rule])
            rules[caption.SIGNS[trial.rule]] = trial.rule
        self.step = step
        return [self._row(row, heads, rules) for row in range(self.ground.rows)]

    def _canvas(self) -> Canvas:
        return Canvas(self.window, self.ground.columns, self.ground.rows)

    def _row(self, row: int, heads: Canvas, rules: dict[str, str]) -> Text:
        text = Text()
        for column in range(self.ground.columns):
            sign = heads.marks.get((row, column))
            if sign:
                text.append(sign, style=f"bold reverse {caption.STYLES[rules[sign]][0]}")
            else:
                text.append(*self._cell(row, column))
        return text

    def _cell(self, row: int, column: int) -> tuple[str, str]:
        """The dots of contours and trails in one cell, in the colour of the first rule there."""
        dots, style = self.ground.cells[row][column], "bright_black"
        for trial, canvas in reversed(self.trails):
            if canvas.cells[row][column]:
                dots |= canvas.cells[row][column]
                style = caption.STYLES[trial.rule][0]
        return (chr(0x2800 + dots) if dots else " "), style


def frames(record: Record, steps: Sequence[int], *, width: int, rows: int = ROWS) -> Iterator[Text]:
    """A frame for each of the growing `steps`: as many scenes as fit, the turned one for certain."""
    scenes = staging.scenes(record)
    scenes = scenes[-max(1, min(len(scenes), width // NARROWEST)) :]
    columns = min(60, (width + 2) // len(scenes) - 2)
    ground = _ground(find(record.surface), columns, rows)
    maps = [Map(ground, scene) for scene in scenes]
    titles = "  ".join(scene.title[:columns].ljust(columns) for scene in scenes)
    for step in steps:
        parts = [each.advance(step) for each in maps]
        lines = [Text("  ").join(row) for row in zip(*parts, strict=True)]
        yield Text("\n").join([Text(titles, style="bold"), *lines, _signs(record, step)])


def play(record: Record, console: Console, *, animate: bool = True) -> None:
    """The animation on a terminal, elsewhere its last frame; nothing where braille has no code."""
    if not writable("⣿", console.encoding):
        return
    steps = staging.timeline(record)
    rows = max(4, min(ROWS, console.height - 4))
    if not (animate and console.is_terminal and not console.is_dumb_terminal):
        console.print(*frames(record, steps[-1:], width=console.width, rows=rows))
        return
    with Live(console=console, auto_refresh=False) as live:
        for frame in frames(record, steps, width=console.width, rows=rows):
            live.update(frame, refresh=True)
            time.sleep(PAUSE)


def table(record: Record, encoding: str = "utf-8") -> Table:
    """A row a rule: the best rate, the steps at each rotation, how wide the good rates are."""
    title = f"{caption.title(record)}: steps to hold f ≤ {caption.number(record.target)}, turned by"
    shown = Table(title=encodable(title, encoding), title_justify="left")
    shown.add_column("rule")
    most = caption.degrees(record.rotations[-1])
    angles = [caption.degrees(angle) for angle in record.rotations]
    for name in ("best rate", *angles, f"{most} : 0°", "rates", "decades"):
        shown.add_column(encodable(name, encoding), justify="right")
    for rule in record.rules:
        choices = [record.choice(rule, angle) for angle in record.rotations]
        first = choices[0]
        shown.add_row(
            Text(f"{caption.SIGNS[rule]} {rule}", style=caption.STYLES[rule][0]),
            caption.number(first.rate),
            *(caption.judged(record, choice) for choice in choices),
            _ratio(first.steps, choices[-1].steps),
            f"{round(first.share * len(record.rates))}/{len(record.rates)}",
            f"{first.decades:.2g}" if first.steps is not None else "-",
        )
    return shown


def notes(record: Record) -> list[str]:
    """What belongs under the table: setting, rotation, rule for the rates, all rates, left out."""
    lines = [_COLUMNS, caption.setting(record), caption.rotations(record), caption.rates(record)]
    for scene in staging.scenes(record):
        runs = ", ".join(staging.legend(trial)[2:] for trial in scene.trials)
        lines.append(f"{scene.title} (rule, rate: steps): {runs}")
    lines += [f"not run: {rule}: {reason}" for rule, reason in record.left_out.items()]
    return [*lines, verdict(record)]


def verdict(record: Record) -> str:
    """Which rules turning the surface leaves where they are, and which it slows down the most."""
    most = record.rotations[-1]
    still, moved = [], []
    for rule in record.rules:
        steps = [record.choice(rule, angle).steps for angle in record.rotations]
        if None not in steps and len(set(steps)) == 1:
            still.append(rule)
        elif steps[0] != steps[-1]:
            moved.append(f"{rule} {caption.steps(steps[0])} to {caption.steps(steps[-1])}")
    return (
        f"turning the surface changes nothing for {', '.join(still) or 'no rule'}; "
        f"from 0° to {caption.degrees(most)}: {', '.join(moved) or 'no other change'}"
    )


def show(record: Record, console: Console, *, animate: bool = True) -> None:
    """Animation or last frame, table and notes, on `console`."""
    play(record, console, animate=animate)
    console.print(table(record, console.encoding))
    for line in notes(record):
        console.print(encodable(line, console.encoding), markup=False, highlight=False)


def _ground(surface: Surface, columns: int, rows: int) -> Canvas:
    """The contours."""
    canvas = Canvas(Picture(*surface.window), columns, rows)
    for line in contours(surface.value, surface.levels, *surface.window, cells=48):
        canvas.line(line)
    return canvas


def _near(trial: Trial, before: int, step: int, canvas: Canvas) -> Sequence[tuple[float, float]]:
    """The points from one step to another; what is far outside comes nearer, its line stays short."""
    (left, right), (low, high) = canvas.x, canvas.y
    wide, tall = 8 * (right - left), 8 * (high - low)
    return [
        (max(left - wide, min(right + wide, x)), max(low - tall, min(high + tall, y)))
        for x, y in trial.path[before : step + 1]
    ]


def _signs(record: Record, step: int) -> Text:
    """The step and what the letters mean, in the rules' colours."""
    text = Text(f"step {step:<5}")
    for rule in record.rules:
        text.append(f" {caption.SIGNS[rule]} {rule}", style=caption.STYLES[rule][0])
    return text


def _ratio(first: int | None, last: int | None) -> str:
    if first is None or last is None:
        return "-"
    return f"x {last / max(first, 1):.2g}"
