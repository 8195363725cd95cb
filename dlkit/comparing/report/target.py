"""The target of a task, and when a training has hit and held it. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from dlkit.comparing import statistics
from dlkit.comparing.plan import Contest, Task
from dlkit.comparing.record import Outcome
from dlkit.comparing.report.reading import Results

SETTERS = ("momentum", "nag", "adam", "adamw")
"""Whose best sets a target that was not given; all rules, where none of these takes part."""


@dataclass(frozen=True)
class Target:
    """A validation score to reach; `setter` is the rule whose median best it is, or None: given."""

    score: float
    setter: str | None


def find_target(results: Results, task: Task) -> Target | None:
    """The target given, or the best of the setters' medians over the reporting seeds of their best
    score in a training. None where no setter has a finished training."""
    if results.plan.target is not None:
        return Target(results.plan.target, None)
    rules = [rule for rule in SETTERS if rule in results.plan.rules] or results.plan.rules
    medians = {}
    for rule in rules:
        finished = results.finished(Contest(task.name, str(task.batch_size), rule))
        bests = [max(map(task.worth, each.validation[task.score])) for each in finished]
        if bests:
            medians[rule] = median(bests)
    if not medians:
        return None
    setter = max(medians, key=lambda rule: medians[rule])
    return Target(task.worth(medians[setter]), setter)  # worth is its own inverse


def hit(task: Task, outcome: Outcome, target: Target) -> float:
    """The update at which the target was reached, and held at the next scoring; a miss is infinite.

    A training that diverged has missed, whatever it had reached before.
    """
    if outcome.diverged_at is not None:
        return math.inf
    scores = [task.worth(score) for score in outcome.validation[task.score]]
    place = statistics.held_hit(scores, task.worth(target.score))
    return math.inf if place is None else float(outcome.updates[place])
