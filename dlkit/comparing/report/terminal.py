"""A comparison in a terminal: a table for the rules of each task, and what must be said with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dlkit.comparing.report import facts
from dlkit.comparing.report.facts import Column
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import Block, summarise

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

SPARED = ("time of an update", "at default rate", "hits", "width", "edge", "lost", "trials")
"""Columns that a narrow terminal goes without, the first of them first. Edges and rules that lost all of
their trials are alarms anyway."""


def table(record: Mapping[str, Any], *, width: int = 100) -> Group:
    """The whole comparison in at most `width` columns where it can be, to be printed by rich."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    results = Results(record)
    parts: list[Any] = []
    for block in summarise(results).blocks:
        parts.append(_table(block, width))
        lines = [Text(each) for each in facts.sentences(results, block)]
        lines += [Text(f"! {each}", style="yellow") for each in block.alarms]
        parts += [Padding(each, (0, 0, 0, 1)) for each in lines]
        parts.append(Text())
    return Group(*parts)


def _table(block: Block, width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(f"{block.task.name}: {block.axis}", style="bold")
    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown = fitting(facts.columns(block), width)
    for column in shown:
        left = column is shown[0] or column.heading == "tied"
        made.add_column(Text(column.heading), justify="left" if left else "right", no_wrap=True,
                        vertical="bottom")  # fmt: skip
    for row in zip(*(column.cells for column in shown), strict=True):
        made.add_row(*map(Text, row))
    return made


def fitting(columns: list[Column], width: int) -> list[Column]:
    """Those columns that fit, each with two blanks beside it; the others in the order of `SPARED`."""
    shown = list(columns)
    for name in SPARED:
        if sum(_width(column) + 2 for column in shown) < width:
            break
        shown = [
            column for column in shown if column.heading.replace("\n", " ").split(" %")[0] != name
        ]
    return shown


def _width(column: Column) -> int:
    return max(map(len, [*column.heading.split("\n"), *column.cells]))
