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


def tested(event: Tested) -> str:
    """The test scores, without the `test/` before their names."""
    scores = {**event.scores, **event.extra}
    shown = fields({name.removeprefix("test/"): value for name, value in scores.items()})
    return "  ".join(["test", *shown, f"(weights of step {event.weights_step})"])


def fields(values: Mapping[str, float | None]) -> list[str]:
    """Names with their numbers, each in as many columns whatever the number; None is left out."""
    return [f"{name} {number(value):>9}" for name, value in values.items() if value is not None]
