"""Batched or one by one? Both are timed on the real task for some updates, and the faster is taken.

Stacking spares the dispatch of many small operations, not arithmetic: small networks gain an order of
magnitude, convolutions lose. The answer comes with its reason.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from itertools import islice

import torch

from dlkit.comparing import search
from dlkit.comparing.config_runner import ConfigProblem
from dlkit.comparing.gradients import gradients_for, scores
from dlkit.comparing.jobs import Decision, Method
from dlkit.comparing.loop_runner import Single
from dlkit.comparing.plan import Cell
from dlkit.comparing.problem import Problem
from dlkit.comparing.stacked import Stack
from dlkit.comparing.stacked_rules import RULES

MOST_STACKED = 96
"""Models in one stack at most: more gain nothing, and fall out of the cache."""
STACKED_NUMBERS = 1 << 20
"""Parameters in one stack, about; large networks are stacked in small groups."""
LEAST_STACKED = 4
EVALUATED = 8
"""Models that evaluation is timed with."""
PATIENCE = 0.4
"""Seconds that either way is timed for, at most, after its warm-up."""


def decide(problem: Problem | ConfigProblem, estimator: str, rules: Sequence[str]) -> Decision:
    """Times both ways for `rules` on `estimator`, and decides."""
    name = problem.task.name
    if isinstance(problem, ConfigProblem):
        reason = "one by one: a config of one's own is trained as dlkit trains it"
        return Decision(name, estimator, "loop", None, None, 1, 0, reason)
    cells = _probes(problem, estimator, rules)
    budget = problem.evaluation_steps(cells[0].batch_size)[-1]
    size = min(MOST_STACKED, max(LEAST_STACKED, STACKED_NUMBERS // problem.layout.size))
    loop = _time_loop(problem, cells)
    missing = sorted(set(rules) - set(RULES))
    try:
        if missing:
            raise TypeError(f"{', '.join(missing)} can't be stacked")
        ways = gradients_for(problem)
        batched = _time_stack(problem, cells[:: max(1, len(cells) // size)][:size])
    except TypeError as error:
        return Decision(name, estimator, "loop", None, loop, 1, budget, f"one by one: {error}")
    ratio = loop / batched
    method: Method = "batched" if ratio > 1 else "loop"
    way = f"batched ({ways.method}, up to {size} models a stack)" if ratio > 1 else "one by one"
    figures = f"{_time(batched)} a model and update batched, {_time(loop)} one by one"
    reason = f"{way}: {figures}, {max(ratio, 1 / ratio):.1f} times faster"
    return Decision(name, estimator, method, batched, loop, size, budget, reason)


def _probes(problem: Problem, estimator: str, rules: Sequence[str]) -> list[Cell]:
    """Cells of all rules, about as many as a search has, at rates too small to diverge."""
    return [
        Cell(problem.task.name, estimator, rule, knobs, seed)
        for rule in rules
        for seed in range(3)
        for knobs in search.grid(rule, 39)[:13]
    ]


def _time_stack(problem: Problem, cells: Sequence[Cell]) -> float:
    """Seconds of a model and update: of the shortest of some, and of the evaluations it pays for."""
    ways = gradients_for(problem)
    stack, spent = Stack(problem, cells, ways), []
    with torch.no_grad():
        for t, (x, y) in enumerate(
            islice(problem.batches(stack.seeds, cells[0].batch_size), 20), 1
        ):
            began = time.perf_counter()
            stack.losses(x, y)
            stack.move(t, 1.0)
            spent.append(time.perf_counter() - began)
            if sum(spent[2:]) > PATIENCE:
                break
    few = stack.w[:EVALUATED]
    scoring = _shortest(lambda: scores(ways, few, problem.validation))
    return min(spent[1:]) / len(cells) + _share(problem, cells[0]) * scoring / len(few)


def _time_loop(problem: Problem, cells: Sequence[Cell]) -> float:
    """The same of single trainings: the mean over their rules."""
    shortest = {}
    began = time.perf_counter()
    for cell in {each.rule: each for each in cells}.values():
        single, spent = Single(problem, cell.rule, cell.knobs, cell.seed), []
        for x, y in islice(problem.batches([cell.seed], cell.batch_size), 6):
            tick = time.perf_counter()
            single.update(x[0], y[0], 1.0)
            spent.append(time.perf_counter() - tick)
            if len(spent) > 2 and time.perf_counter() - began > 3 * PATIENCE:
                break
        shortest[cell.rule] = min(spent)
    scoring = _shortest(lambda: single.scores(problem.validation))
    return math.fsum(shortest.values()) / len(shortest) + _share(problem, cells[0]) * scoring


def _share(problem: Problem, cell: Cell) -> float:
    """Evaluations for each update."""
    steps = problem.evaluation_steps(cell.batch_size)
    return len(steps) / steps[-1]


def _shortest(what: Callable[[], object]) -> float:
    """Seconds of the shortest of three."""
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        what()
        spent.append(time.perf_counter() - began)
    return min(spent)


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"
