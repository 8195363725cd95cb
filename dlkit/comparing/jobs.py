"""The units of work that a comparison hands out. No torch: they are made where it is not imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dlkit.comparing.plan import Cell, Contest, Knobs, Plan, Task


@dataclass(frozen=True)
class Job:
    """Something to do on a task."""

    task: Task


@dataclass(frozen=True)
class Train(Job):
    """Train `cells`, of one estimator, by `method`; gives their outcomes. `seconds` is a guess."""

    cells: tuple[Cell, ...]
    method: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Decide(Job):
    """Time both methods for `rules`; gives a `Decision`."""

    estimator: str
    rules: tuple[str, ...]


Method = Literal["batched", "loop"]


@dataclass(frozen=True)
class Decision:
    """How the cells of one task and estimator are run, and why."""

    task: str
    estimator: str
    method: Method
    batched_seconds: float | None
    """Seconds of a model and update, with its share of the evaluations; None where it can't be."""
    loop_seconds: float | None
    stack: int
    """Models in one stack."""
    updates: int
    """The budget of each cell."""
    reason: str
    processes: int = 1
    """How many share the cells."""

    def seconds(self) -> float:
        """What a cell takes, about."""
        known = self.batched_seconds if self.method == "batched" else self.loop_seconds
        return self.updates * (known or 1e-2)


@dataclass(frozen=True)
class Measure(Job):
    """Time a rule alone; gives a `record.Timing`."""

    contest: Contest
    knobs: Knobs
    updates: int


@dataclass(frozen=True)
class Describe(Job):
    """Gives versions, device, threads, what the task's data are, and which of `rules` don't fit it."""

    rules: tuple[str, ...]


LONGEST = 8.0
"""Seconds of a batched job, about, at most: what a kill can lose."""
SHORT = 0.3
"""Seconds of a job of single trainings, if they are short."""


def divide(
    task: Task, cells: Sequence[Cell], method: str, *, seconds: float, stack: int, processes: int
) -> list[Train]:
    """Jobs for `cells` of one estimator, each taking `seconds`.

    Batched jobs hold at most `stack` cells or what takes `LONGEST`, and there are as many as
    `processes`, those that are to share the cells, or a multiple of it; rules stay together.
    """
    ordered = sorted(cells, key=lambda cell: (cell.rule, repr(cell.knobs), cell.seed))
    if method == "batched":
        largest = min(stack, max(1, round(LONGEST / max(seconds, 1e-9))))
        rounds = -(-len(ordered) // (largest * processes))
        size = -(-len(ordered) // (rounds * processes))
    else:
        size = max(1, round(SHORT / max(seconds, 1e-9)))
    return [
        Train(
            task,
            tuple(ordered[start : start + size]),
            method,
            seconds * len(ordered[start : start + size]),
        )
        for start in range(0, len(ordered), size)
    ]


def jobs_for(
    plan: Plan,
    cells: Sequence[Cell],
    decisions: Mapping[tuple[str, str], Decision],
    processes: int,
) -> list[Train]:
    """A wave of `plan`: jobs for `cells`, by the decision on their task and estimator.

    Half a stack takes more than half the time of a whole one. So cells of one task and estimator are
    spread over the processes only if they are more work than a process's share of the wave.
    """
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.task, cell.estimator].append(cell)
    work = {key: decisions[key].seconds() * len(own) for key, own in groups.items()}
    share = sum(work.values()) / processes
    return [
        job
        for key, own in groups.items()
        for job in divide(
            plan.task(key[0]),
            own,
            decisions[key].method,
            seconds=decisions[key].seconds(),
            stack=decisions[key].stack,
            processes=processes if work[key] > share else 1,
        )
    ]
