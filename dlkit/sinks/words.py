"""The phrases that every display uses."""

from __future__ import annotations

from collections.abc import Mapping

from dlkit.events import RunStarted, Stopped, Tested
from dlkit.sinks.formats import number


def examples(run: RunStarted) -> str:
    """How many examples each split has."""
    return ", ".join(f"{count:,} {split}" for split, count in run.examples.items())


def resumed(run: RunStarted) -> str:
    """Where a resumed run goes on, as an appendix to what it is."""
    return "" if run.resumed_from is None else f", resumed at step {run.resumed_from}"


def stopped(event: Stopped) -> str:
    """Why the run ended."""
    return f"{event.kind} at step {event.step}: {event.reason}"


def tested(event: Tested) -> list[str]:
    """The test scores, then those of each rival below them."""
    rows = {"test": event.scores, **event.references}
    width = max(map(len, rows)) if event.references else 0
    lines = ["  ".join([name.ljust(width), *fields(scores)]) for name, scores in rows.items()]
    return [f"{lines[0]}  (weights of step {event.weights_step})", *lines[1:]]


def fields(values: Mapping[str, float | None]) -> list[str]:
    """Names with their numbers, each in as many columns whatever the number; None is left out."""
    return [f"{name} {number(value):>9}" for name, value in values.items() if value is not None]
