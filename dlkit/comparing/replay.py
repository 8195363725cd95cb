"""One cell of a record again, alone and through plain `torch.optim`: is it the same training?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from dlkit.comparing import worker
from dlkit.comparing.config_runner import ConfigProblem
from dlkit.comparing.loop_runner import train_alone
from dlkit.comparing.plan import Cell, read_plan
from dlkit.comparing.problem import Problem
from dlkit.comparing.record import Outcome, read_outcome
from dlkit.comparing.stacked import train_stacked
from dlkit.errors import ConfigError
from dlkit.registry import nearest

CLOSE = 1e-3
"""Validation losses of float32 trainings may differ by so much, in all, where nothing is chaotic."""
SHARPER = 100
"""Where float32 leaves a doubt, both are trained in float64: were it not rounding that the training
amplifies, the difference would stay; it must become smaller by this factor, at least."""


@dataclass(frozen=True)
class Replay:
    """A recorded cell beside its repetition."""

    recorded: Outcome
    repeated: Outcome
    difference: float
    """The largest difference of the validation losses."""
    stacked_difference: float | None = None
    """The same between the record and the cell stacked again, if float32 left a doubt."""
    exact_difference: float | None = None
    """The same between stacked and single trainings in float64, if float32 left a doubt."""

    @property
    def same(self) -> bool:
        """Whether the cell was reproduced."""
        if self.difference <= CLOSE:
            return True
        again, exact = self.stacked_difference, self.exact_difference
        return (
            again is not None
            and exact is not None
            and again <= CLOSE
            and exact <= min(self.difference, 1.0) / SHARPER
        )

    def text(self) -> str:
        """What came of it, in words."""
        key, found = self.recorded.cell.key, "reproduced" if self.same else "NOT reproduced"
        lines = [
            f"{key}: {found}",
            f"recorded ({self.recorded.method}): {_end(self.recorded)}",
            f"repeated (torch.optim, alone): {_end(self.repeated)}",
            f"largest difference of the validation loss: {self.difference:.3g}",
        ]
        if self.exact_difference is not None:
            lines.append(
                f"in doubt: stacked again, it differs from the record by {self.stacked_difference:.3g}; "
                f"in float64, stacked and single trainings differ by {self.exact_difference:.3g}, "
                "so that the rest is rounding, amplified"
            )
        return "\n".join(lines)

    def plain(self) -> dict[str, Any]:
        """The same as data."""
        return {
            "key": self.recorded.cell.key,
            "same": self.same,
            "difference": self.difference,
            "stacked_difference": self.stacked_difference,
            "exact_difference": self.exact_difference,
            "recorded": self.recorded.plain(),
            "repeated": self.repeated.plain(),
        }


def replay(record: Mapping[str, Any], key: str) -> Replay:
    """Trains the cell `key` of `record` again. Raises `ConfigError` if it isn't there."""
    recorded = find(record, key)
    cell = recorded.cell
    task = read_plan(record["plan"]).task(cell.task)
    worker.prepare()
    problem = worker.open_problem(task)
    if isinstance(problem, ConfigProblem):
        repeated = problem.train_alone(cell)
        return Replay(recorded, repeated, difference(recorded, repeated))
    repeated = train_alone(problem, cell)
    apart = difference(recorded, repeated)
    if apart <= CLOSE or recorded.method != "batched":
        return Replay(recorded, repeated, apart)
    again = difference(recorded, train_stacked(problem, [cell])[0])
    return Replay(recorded, repeated, apart, again, _exactly(problem, cell))


def find(record: Mapping[str, Any], key: str) -> Outcome:
    """The outcome of the cell `key`. Raises `ConfigError` with the nearest there is."""
    cells = {plain["key"]: plain for plain in record["cells"]}
    if key in cells:
        return read_outcome(cells[key])
    close = nearest(key, cells)
    hint = f"Did you mean '{close}'?" if close else f"Its keys are like '{next(iter(cells), '')}'."
    raise ConfigError(f"the comparison has no cell '{key}'.", hint=hint)


def difference(one: Outcome, other: Outcome) -> float:
    """The largest difference of the validation losses; infinite if the curves end at other steps."""
    if one.updates != other.updates or one.diverged_at != other.diverged_at:
        return float("inf")
    pairs = [
        zip(values, other.validation[name], strict=True)
        for name, values in one.validation.items()
        if name == "loss" or "loss" not in one.validation
    ]
    return max((abs(a - b) for pair in pairs for a, b in pair), default=0.0)


def _exactly(problem: Problem, cell: Cell) -> float:
    exact = Problem(problem.task, dtype=torch.float64)
    return difference(train_stacked(exact, [cell])[0], train_alone(exact, cell))


def _end(outcome: Outcome) -> str:
    if outcome.diverged_at is not None:
        return f"diverged at update {outcome.diverged_at}"
    ends = ", ".join(f"{name} {values[-1]:.6g}" for name, values in outcome.validation.items())
    return f"{ends} after {outcome.updates[-1]} updates"
