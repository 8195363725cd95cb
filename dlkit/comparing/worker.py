"""What a process of a comparison does: one job after another, each task loaded once.

A job is plain data in, plain data out, so it can run in this process, in another or on another machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from dlkit import environment
from dlkit.comparing import planner
from dlkit.comparing.config_runner import ConfigProblem
from dlkit.comparing.jobs import Decide, Describe, Job, Measure, Train
from dlkit.comparing.loop_runner import time_rule, train_alone
from dlkit.comparing.plan import Task
from dlkit.comparing.problem import Problem
from dlkit.comparing.stacked import train_stacked
from dlkit.errors import ConfigError, OptionError
from dlkit.training.allocation import keep_freed_memory

_problems: dict[str, Problem | ConfigProblem] = {}


def prepare() -> None:
    """Sets what is global in the process: one thread, no denormal numbers, memory kept.

    Late in a training gradients shrink below 1e-38, where a multiplication takes a hundred times as
    long; such numbers count as 0 here, in stacked and single trainings alike.
    """
    keep_freed_memory()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def open_problem(task: Task) -> Problem | ConfigProblem:
    """The task, loaded at its first use in this process."""
    key = repr(task)
    if key not in _problems:
        _problems[key] = ConfigProblem(task) if task.config else Problem(task)
    return _problems[key]


def work(job: Job) -> Any:
    """Does `job`; what it returns depends on its kind."""
    problem = open_problem(job.task)
    match job:
        case Train():
            return _train(problem, job)
        case Decide():
            return planner.decide(problem, job.estimator, job.rules)
        case Measure():
            if isinstance(problem, ConfigProblem):
                return problem.time_rule(job.contest, job.knobs, job.updates)
            return time_rule(problem, job.contest, job.knobs, job.updates)
        case Describe():
            return describe(problem, job.rules)


def _train(problem: Problem | ConfigProblem, job: Train) -> list[Any]:
    if isinstance(problem, ConfigProblem):
        return [problem.train_alone(cell) for cell in job.cells]
    if job.method == "loop":
        return [train_alone(problem, cell) for cell in job.cells]
    return train_stacked(problem, job.cells)


def describe(problem: Problem | ConfigProblem, rules: Sequence[str]) -> dict[str, Any]:
    """Versions, device and threads of this process; what the task's data are; why rules don't fit."""
    data, parameters = problem.description()
    facts: dict[str, Any] = {
        "source": data.source,
        "fingerprint": data.fingerprint,
        "sizes": data.sizes(),
        "parameters": parameters,
    }
    if isinstance(problem, ConfigProblem):
        facts["config"] = problem.resolved()
    own = {"flush_denormal": True, "commit": environment.repository(Path.cwd())[0]}
    return {
        "environment": environment.describe(torch.device("cpu")) | own,
        "data": facts,
        "unfit": {rule: why for rule in rules if (why := _unfit(problem, rule))},
    }


def _unfit(problem: Problem | ConfigProblem, rule: str) -> str | None:
    """Why the rule can't move the task's network; None if it can."""
    try:
        problem.try_rule(rule)
    except OptionError as error:
        return error.message
    except ConfigError as error:
        return error.problems[0].message
    return None
