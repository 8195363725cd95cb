"""A run as one rich renderable: header, progress bar, epoch table, curves, notes.

It fits itself to the terminal: text wraps, and where there are too few lines, epochs and then the
curves are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from dlkit.sinks import words
from dlkit.sinks.formats import duration, encodable, number, writable
from dlkit.sinks.history import History
from dlkit.sinks.sparkline import sparkline
from dlkit.sinks.table import epoch_table

MOST_WARNINGS = 3
SHORTEST = 8
"""A bar or curve of fewer characters says nothing."""


class View:
    """Draws `history` as it is at the moment of rendering."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the view, as many as the terminal has room for."""

        def lines(texts: Iterable[Text]) -> list[list[Segment]]:
            return [
                line for text in texts for line in console.render_lines(text, options, pad=False)
            ]

        history, width, encoding = self._history, options.max_width, options.encoding
        top = lines([*_header(history), _bar(history, width, encoding)])
        curves = lines(_curves(history, width, encoding))
        notes = lines(_notes(history))
        heading, rows = epoch_table(history, width)
        if not history.stopped:  # the last picture may scroll
            room = console.size.height - 1 - len(top) - len(heading) - len(notes)
            curves = curves if room > len(curves) else []
            rows = rows[-max(1, room - len(curves)) :]
        table = lines(
            [*(Text(line, style="dim") for line in heading)]
            + [Text(line, style="bold green" if best else "") for line, best in rows]
        )
        for line in [*top, *table, *curves, *notes]:
            for text, style, control in line:
                yield Segment(encodable(text, encoding), style, control)
            yield Segment.line()


def _header(history: History) -> Iterator[Text]:
    run = history.run
    what = f"  on {run.device}, {run.parameters:,} parameters{words.resumed(run)}"
    yield Text.assemble((run.name, "bold"), what)
    yield Text(f"{words.examples(run)}; monitor {run.monitor} ({run.direction})", style="dim")


def _bar(history: History, width: int, encoding: str) -> Text:
    """Steps of the epoch, steps a second, time so far and time left; the bar only if it fits."""
    steps, done = history.run.steps_per_epoch, history.step_in_epoch()
    speed = history.speed()
    left = f"epoch {history.epoch}/{history.run.epochs}"
    right = f"{done:>{len(str(steps))}}/{steps}  {'-' if speed is None else number(speed)} steps/s"
    right += f"  {duration(history.seconds)}  left {duration(history.seconds_left())}"
    room = width - len(left) - len(right) - 4
    if room < SHORTEST:
        return Text(f"{left}  {right}")
    full, empty = "━─" if writable("━─", encoding) else "=-"
    filled = room * min(done, steps) // steps if steps else 0
    return Text.assemble(
        f"{left}  ", (full * filled, "green"), (empty * (room - filled), "dim"), f"  {right}"
    )


def _curves(history: History, width: int, encoding: str) -> Iterator[Text]:
    """A sparkline each for the training loss, the validation loss and the monitor."""
    names = dict.fromkeys(("loss", "validation/loss", history.run.monitor))
    curves = {name: history.curves[name] for name in names if name in history.curves}
    label = max(map(len, curves), default=0)
    room = width - label - len("  ") - len("  1.234e-05")
    for name, curve in curves.items():
        beside = room >= SHORTEST
        line = sparkline(curve.values(), room if beside else width, encoding=encoding)
        spark, value = (line, "cyan"), (number(curve.last), "bold")
        if beside:
            yield Text.assemble(f"{name:<{label}}  ", spark, "  ", value)
        else:
            yield Text.assemble(f"{name} ", value)
            yield Text.assemble(spark)


def _notes(history: History) -> Iterator[Text]:
    """The best epoch, the last checkpoint and warnings, why it stopped, what the test found."""
    monitor, best = history.run.monitor, history.best
    if best and monitor in best.scores:
        score = number(best.scores[monitor])
        yield Text(f"best: epoch {best.epoch}, {monitor} {score}", style="green")
    if history.saved:
        yield Text(f"saved {history.saved.path} ({history.saved.reason})", style="dim")
    if earlier := len(history.warnings[:-MOST_WARNINGS]):
        yield Text(f"earlier warnings: {earlier}, see events.jsonl", style="yellow")
    for warning in history.warnings[-MOST_WARNINGS:]:
        yield Text(f"warning: {warning}", style="yellow")
    if history.stopped:
        yield Text(words.stopped(history.stopped))
    if history.tested:
        lines = words.tested(history.tested)
        yield Text(lines[0], style="bold")
        yield from map(Text, lines[1:])
