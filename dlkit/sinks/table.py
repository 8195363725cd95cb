"""The epoch table as text: it leaves columns out by priority and never cuts a number."""

from __future__ import annotations

from dataclasses import dataclass

from dlkit.sinks.formats import duration, number
from dlkit.sinks.history import History, Row, scores_shown

MOST_ROWS = 8
GAP = "  "


@dataclass(frozen=True)
class Column:
    """A heading, in words that stand below each other, and a cell for each epoch."""

    heading: list[str]
    cells: list[str]

    @property
    def width(self) -> int:
        """Characters of its widest word or cell."""
        return max(len(text) for text in [*self.heading, *self.cells])


def epoch_table(history: History, width: int) -> tuple[list[str], list[tuple[str, bool]]]:
    """The lines of the heading, and those of the last eight epochs; each says if it is the best.

    A `*` marks an epoch that improved on all before it.
    """
    rows = history.rows[-MOST_ROWS:]
    if not rows:
        return [], []
    columns = _fitting(_columns(history.run.monitor, rows), history.run.monitor, width)
    height = max(len(column.heading) for column in columns)
    headings = [[""] * (height - len(column.heading)) + column.heading for column in columns]
    widths = [column.width for column in columns]
    lines = _lines([column.cells for column in columns], widths)
    best = [row.done is history.best for row in rows]
    return _lines(headings, widths), list(zip(lines, best, strict=True))


def _lines(columns: list[list[str]], widths: list[int]) -> list[str]:
    return [
        GAP.join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*columns, strict=True)
    ]


def _columns(monitor: str, rows: list[Row]) -> dict[str, Column]:
    """Every column by name, in the order in which they stand."""
    names = dict.fromkeys(name for row in rows for name in row.done.scores)
    columns = {"epoch": Column(["epoch"], [str(row.done.epoch) for row in rows])}
    for name in scores_shown(names, monitor):
        words = name.replace("_", "/").split("/")
        columns[name] = Column(words, [_score(row.done.scores.get(name)) for row in rows])
    columns["rate"] = Column(["learning", "rate"], [_score(row.rate) for row in rows])
    columns["time"] = Column(["time"], [duration(row.done.seconds) for row in rows])
    columns["mark"] = Column([""], ["*" if row.done.improved else "" for row in rows])
    return columns


def _fitting(columns: dict[str, Column], monitor: str, width: int) -> list[Column]:
    """The columns that `width` has room for: the epoch and the monitor always, then by priority."""
    always = {"epoch", monitor}
    order = dict.fromkeys(["epoch", monitor, "train/loss", "mark", *columns])
    kept, used = set(), 0
    for name in order:
        if name in columns and (name in always or used + columns[name].width <= width):
            kept.add(name)
            used += columns[name].width + len(GAP)
    return [column for name, column in columns.items() if name in kept]


def _score(value: float | None) -> str:
    return "" if value is None else number(value)
