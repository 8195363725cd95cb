"""Records that no training made: scores by formula, so that what a report must say is known."""

import math
import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from dlkit.comparing import report, search
from dlkit.comparing.plan import Contest, Knobs, Plan, Task, evaluation_steps
from dlkit.comparing.record import Outcome, Timing

RULES = tuple(search.CENTRES)
TRAIN = 320
Skill = Callable[[Contest], float]


def skill(contest: Contest) -> float:
    """The accuracy that a rule reaches at its best rate: SGD, RMSprop and AdaGrad are behind."""
    behind = {"sgd": 0.03, "rmsprop": 0.02, "adagrad": 0.012}
    return 0.97 - behind.get(contest.rule, 0.0)


def train(plan: Plan, contest: Contest, knobs: Knobs, seed: int, reach: float) -> Outcome:
    """A training whose accuracy rises to `reach`, less what its rate is off the middle of the grid."""
    task = plan.task(contest.task)
    [cell] = contest.cells([knobs], range(seed, seed + 1))
    outcome = Outcome(cell, "batched", seconds=0.01)
    middle = search.CENTRES[contest.rule]
    off = math.log2(cell.rate / search.default_rate(contest.rule)) - middle
    noise = random.Random(zlib.crc32(cell.key.encode()))
    luck = random.Random(seed).gauss(0, 0.004) + noise.gauss(0, 0.002)
    if off > 4.5:
        outcome.diverged_at = 3
        return outcome
    best = reach - 0.002 * off**2 + luck
    budget = evaluation_steps(task, TRAIN, cell.batch_size)
    for step in budget:
        rise = 6 + 3 * (zlib.crc32(contest.rule.encode()) % 7)
        accuracy = best - 0.5 * math.exp(-rise * step / budget[-1]) + noise.gauss(0, 0.001)
        outcome.note(step, 1 - accuracy, {"accuracy": accuracy, "loss": 2 * (1 - accuracy)})
    if cell.phase == "reporting":
        outcome.test = {"accuracy": best - 0.01, "loss": 2 * (1.01 - best)}
    return outcome


def make(plan: Plan, reach: Skill = skill, lost: Sequence[str] = ()) -> dict[str, Any]:
    """The record of `plan`; every training of the rules in `lost` diverges."""
    cells: list[Outcome] = []
    chosen, timings = [], []
    for contest in plan.contests():
        level = reach(contest)
        settings = search.grid(contest.rule, plan.rates)
        trials = {
            knobs: [train(plan, contest, knobs, seed, level) for seed in plan.seeds("tuning")]
            for knobs in settings
        }
        if contest.rule in lost:
            for outcome in (each for outcomes in trials.values() for each in outcomes):
                outcome.updates, outcome.train_loss, outcome.validation = [], [], {}
                outcome.diverged_at = 1
        cells += [each for outcomes in trials.values() for each in outcomes]
        score = plan.task(contest.task).score
        finite = {
            knobs: fmean(
                plan.task(contest.task).worth(each.validation[score][-1]) for each in outcomes
            )
            for knobs, outcomes in trials.items()
            if all(each.diverged_at is None for each in outcomes)
        }
        best = max(finite, key=lambda knobs: finite[knobs]) if finite else None
        if best:
            cells += [train(plan, contest, best, seed, level) for seed in plan.seeds("reporting")]
        chosen.append({
            **vars(contest), "knobs": best and [[*pair] for pair in best], "trials": len(trials),
            "diverged": len(trials) - len(finite), "edge": None, "extensions": 0,
            "default_rate": search.default_rate(contest.rule),
        })  # fmt: skip
        cost = 1e-4 * (1 + len(contest.rule) / 10) * (4 if contest.estimator == "full" else 1)
        timings.append(Timing(contest, 40, 10, cost, 0.9 * cost, 1.2 * cost).plain())
    methods = [
        {"task": task.name, "estimator": str(task.batch_size), "method": "batched",
         "batched_seconds": 3e-5, "loop_seconds": 3e-4, "processes": 2,
         "reason": "batched: 30 us a model and update batched, 300 us one by one, 10.0 times faster"}
        for task in plan.tasks
    ]  # fmt: skip
    facts = {
        "source": "made by formula",
        "fingerprint": "abc",
        "sizes": {"train": TRAIN, "validation": 100, "test": 100},
        "parameters": 2410,
    }
    return {
        "format": 1,
        "kind": "comparison",
        "status": "finished",
        "provenance": {
            "command": "dlkit compare-optimizers",
            "started": "2026-01-02T03:04:05+00:00",
            "data": {task.name: facts for task in plan.tasks},
            "dlkit": "0.1.0",
            "torch": "2.14.1",
            "device": "cpu <model & make>",
            "threads": 1,
            "seconds": 12.5,
            "processes": 2,
        },
        "plan": plan.plain(),
        "methods": methods,
        "cells": [each.plain() for each in cells],
        "timings": timings,
        "chosen": chosen,
    }


def task(name: str = "digits-mlp", **more: Any) -> Task:
    return Task(
        name, 32, 10, data={"name": "digits"}, model={"name": "mlp"}, evaluations=10, **more
    )


@pytest.fixture(scope="session")
def wide() -> dict[str, Any]:
    """Twelve rules on two tasks, and four estimators."""
    tasks = (task(), task("other <task>"))
    return make(Plan("made", tasks, RULES, reporting_seeds=8, estimators=("full", "64", "1")))


@pytest.fixture(scope="session")
def small() -> dict[str, Any]:
    """Three rules on one task; every training of Lion diverges."""
    plan = Plan("small", (task(),), ("sgd", "adam", "lion"), tuning_seeds=2, reporting_seeds=5)
    return make(plan, lost=["lion"])


@pytest.fixture(scope="session")
def drawn(small: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the small record's report."""
    return report.write(small, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def lone() -> dict[str, Any]:
    """Two rules with one reporting seed."""
    return make(Plan("lone", (task(),), ("sgd", "adam"), reporting_seeds=1))


@pytest.fixture(scope="session")
def maker() -> Callable[..., dict[str, Any]]:
    """The function that makes the records of other plans."""
    return make


@pytest.fixture(scope="session")
def a_task() -> Callable[..., Task]:
    """The function that makes the tasks of other plans."""
    return task
