"""One cell at a time by plain `torch.optim`: what `--replay` runs, and what stacking is held against."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing.plan import Cell, Contest, Knobs
from dlkit.comparing.problem import Problem, Split
from dlkit.comparing.record import Outcome, Timing
from dlkit.optim.groups import build_optimizers, is_weight


class Single:
    """One model under way, moved by the catalogue's rule with `knobs`."""

    def __init__(self, problem: Problem, rule: str, knobs: Knobs, seed: int) -> None:
        self.problem = problem
        self.model, self.loss = problem.model(seed), problem.loss
        options: dict[str, Any] = dict(knobs)
        decay, self.coupled = problem.task.weight_decay, 0.0
        if OPTIMIZERS[rule].facts.get("decoupled"):
            options["weight_decay"] = decay
        else:
            self.coupled = decay
        self.optimizers: list[Optimizer] = build_optimizers(
            OPTIMIZERS.load(rule), options, self.model
        )
        self.parameters = [*self.model.parameters()]

    def update(self, x: Tensor, y: Tensor, factor: float) -> float:
        """Moves once on the batch, its rate multiplied by `factor`; the loss before.

        Nothing moves if the loss is not finite.
        """
        loss: Tensor = self.loss(self.model(x), y)
        value = loss.item()
        if not math.isfinite(value):
            return value
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()
        if self.coupled:
            for parameter in self.parameters:
                if is_weight(parameter) and parameter.grad is not None:
                    parameter.grad.add_(parameter.detach(), alpha=self.coupled)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
            optimizer.step()
        return value

    @torch.no_grad()
    def scores(self, split: Split) -> dict[str, float]:
        """Mean loss and accuracy on `split`, in evaluation mode."""
        self.model.eval()
        outputs = torch.cat([self.model(part) for part in split.inputs.split(500)])
        self.model.train()
        loss = nn.functional.cross_entropy(outputs, split.targets).item()
        accuracy = (outputs.argmax(1) == split.targets).sum() / len(split)
        return {"loss": loss, "accuracy": accuracy.item()}


def train_alone(problem: Problem, cell: Cell) -> Outcome:
    """Trains one cell; the same curve, but for rounding, as `train_stacked` gives it."""
    began = time.perf_counter()
    outcome = Outcome(cell, "loop")
    single = Single(problem, cell.rule, cell.knobs, cell.seed)
    marks = problem.evaluation_steps(cell.batch_size)
    schedule, due, losses = problem.schedule(marks[-1]), set(marks), []
    for t, (x, y) in enumerate(_batches(problem, cell, marks[-1]), 1):
        losses.append(single.update(x, y, schedule.factor(t - 1)))
        if not math.isfinite(losses[-1]):
            outcome.diverged_at = t
            break
        if t in due:
            found = single.scores(problem.validation)
            if not math.isfinite(found["loss"]):
                outcome.diverged_at = t
                break
            outcome.note(t, sum(losses) / len(losses), found)
            losses = []
    if cell.phase == "reporting" and outcome.diverged_at is None and len(problem.test):
        outcome.test = single.scores(problem.test)
    outcome.seconds = time.perf_counter() - began
    return outcome


def time_rule(problem: Problem, contest: Contest, knobs: Knobs, updates: int) -> Timing:
    """What one update of a rule takes alone: fetching the batch, both passes, the step.

    The process should have nothing beside it. As many as a fourth of `updates` are discarded first.
    """
    cell = Cell(contest.task, contest.estimator, contest.rule, knobs, 0)
    warmup = max(2, updates // 4)
    single = Single(problem, cell.rule, knobs, cell.seed)
    batches = _batches(problem, cell, warmup + updates)
    ticks = [time.perf_counter()]
    for x, y in batches:
        single.update(x, y, 1e-3)  # small steps: the time of healthy numbers, whatever the rate
        ticks.append(time.perf_counter())
    lower, median, upper = np.percentile(np.diff(ticks)[warmup:], [25, 50, 75]).tolist()
    return Timing(contest, updates, warmup, median, lower, upper)


def _batches(problem: Problem, cell: Cell, updates: int) -> Iterator[tuple[Tensor, Tensor]]:
    for x, y in islice(problem.batches([cell.seed], cell.batch_size), updates):
        yield x[0], y[0]
