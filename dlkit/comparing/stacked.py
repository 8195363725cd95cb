"""Many cells trained as one: their models are rows of one array, whatever their rules, rates and seeds.

Rows are sorted by rule and knobs, so that each rule moves a contiguous slice; the rate is a column.
A row whose loss is no longer finite is frozen: taken out before its weights move, its step noted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from typing import Any

import torch
from torch import Tensor

from dlkit.comparing.gradients import Gradients, gradients_for, scores
from dlkit.comparing.plan import Cell
from dlkit.comparing.problem import Problem
from dlkit.comparing.record import Outcome
from dlkit.comparing.stacked_rules import RULES

MOST_IN_BLOCK = 1 << 17
"""Numbers that a rule moves at once: what it touches then stays in the processor's cache."""


@dataclass
class Block:
    """Rows of one rule: views of weights, gradients and rates, and the rule's memory of them."""

    rows: slice
    step: Callable[..., None]
    memory: dict[str, Any]
    whole: bool
    coupled: bool
    w: Tensor = field(init=False)
    g: Tensor = field(init=False)
    rate: Tensor = field(init=False)

    def bind(self, w: Tensor, g: Tensor, rate: Tensor) -> None:
        """Takes the views of the block's rows."""
        self.w, self.g, self.rate = w[self.rows], g[self.rows], rate[self.rows]


class Stack:
    """Cells of one task and one estimator under way. `cells` must be of rules in `RULES`."""

    def __init__(self, problem: Problem, cells: Sequence[Cell], gradients: Gradients) -> None:
        self.problem, self.gradients = problem, gradients
        self.cells = sorted(cells, key=lambda cell: (cell.rule, repr(cell.knobs[1:])))
        self.seeds = sorted({cell.seed for cell in cells})
        initial = {seed: problem.initial(seed) for seed in self.seeds}
        self.w = torch.stack([initial[cell.seed] for cell in self.cells])  # (N, P)
        self.g = torch.empty_like(self.w)
        self.base = torch.tensor([[cell.rate] for cell in self.cells], dtype=self.w.dtype)
        self.rate = self.base.clone()
        self.seed_of = torch.tensor([self.seeds.index(cell.seed) for cell in self.cells])
        strength = problem.task.weight_decay
        self.decay = problem.layout.decay(strength, self.w.dtype) if strength else None
        self.blocks = [block for run in self._runs() for block in self._blocks(run)]
        self._bind()

    def _runs(self) -> list[slice]:
        """The rows of each rule with its knobs, but for the rate."""
        runs, start = [], 0
        for _, group in groupby(self.cells, key=lambda cell: (cell.rule, cell.knobs[1:])):
            stop = start + len(list(group))
            runs.append(slice(start, stop))
            start = stop
        return runs

    def _blocks(self, run: slice) -> list[Block]:
        rule, knobs = RULES[self.cells[run.start].rule], dict(self.cells[run.start].knobs[1:])
        if rule.decoupled:
            knobs["decay"] = self.decay
        if rule.whole:
            knobs["layout"] = self.problem.layout
        height = max(1, MOST_IN_BLOCK // self.problem.layout.size)
        coupled = self.decay is not None and not rule.decoupled
        blocks = []
        for start in range(run.start, run.stop, height):
            rows = slice(start, min(start + height, run.stop))
            memory = {name: torch.zeros_like(self.w[rows]) for name in rule.memory}
            step = partial(rule.step, **knobs)
            blocks.append(Block(rows, step, memory, rule.whole, coupled))
        return blocks

    def _bind(self) -> None:
        for block in self.blocks:
            block.bind(self.w, self.g, self.rate)

    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """Each model's loss `(N,)` on its seed's batch of `x` `(S, B, ...)`; gradients are in `g`."""
        own, truth = x.index_select(0, self.seed_of), y.index_select(0, self.seed_of)
        return self.gradients.losses(self.w, own, truth, self.g)

    def move(self, t: int, factor: float) -> None:
        """The `t`-th update (from 1) of every model, its rate multiplied by `factor`."""
        torch.mul(self.base, factor, out=self.rate)
        for block in self.blocks:
            if block.coupled and self.decay is not None:
                block.g.addcmul_(block.w, self.decay)
            more = {"schedule": factor} if block.whole else {}
            block.step(block.w, block.g, block.memory, t, block.rate, **more)

    def keep(self, chosen: Tensor) -> None:
        """Leaves only the rows where `chosen` `(N,)` is true."""
        start = 0
        for block in self.blocks:
            own = chosen[block.rows]
            block.memory = {
                name: value[own] if isinstance(value, Tensor) else value
                for name, value in block.memory.items()
            }
            block.rows = slice(start, start := start + int(own.sum()))
        self.blocks = [block for block in self.blocks if block.rows.start < block.rows.stop]
        self.cells = [
            cell for cell, stays in zip(self.cells, chosen.tolist(), strict=True) if stays
        ]
        for name in ("w", "g", "base", "rate", "seed_of"):
            setattr(self, name, getattr(self, name)[chosen])
        self._bind()


@torch.no_grad()
def train_stacked(
    problem: Problem, cells: Sequence[Cell], gradients: Gradients | None = None
) -> list[Outcome]:
    """Trains `cells`, which are of one estimator, side by side; their outcomes in the given order."""
    began = time.perf_counter()
    outcomes = {cell.key: Outcome(cell, "batched") for cell in cells}
    stack = Stack(problem, cells, gradients or gradients_for(problem))
    size = cells[0].batch_size
    marks = problem.evaluation_steps(size)
    schedule, due = problem.schedule(marks[-1]), set(marks)
    batches = islice(problem.batches(stack.seeds, size), marks[-1])
    total, count = torch.zeros(len(stack.cells), dtype=stack.w.dtype), 0
    for t, (x, y) in enumerate(batches, 1):
        losses = stack.losses(x, y)
        if not math.isfinite(float(losses.sum())):
            fine = losses.isfinite()
            _freeze(stack, fine, t, outcomes)
            if not stack.cells:
                break
            total, losses = total[fine], losses[fine]
            stack.losses(x, y)
        total, count = total + losses, count + 1
        stack.move(t, schedule.factor(t - 1))
        if t in due:
            fine = _evaluate(stack, t, total / count, outcomes)
            total, count = torch.zeros_like(total[fine]), 0
            if not stack.cells:
                break
    _test(stack, outcomes)
    each = (time.perf_counter() - began) / len(cells)
    for outcome in outcomes.values():
        outcome.seconds = each
    return [outcomes[cell.key] for cell in cells]


def _freeze(stack: Stack, fine: Tensor, t: int, outcomes: dict[str, Outcome]) -> None:
    """Takes out the rows that are not `fine` `(N,)`, and notes the step."""
    for cell, stays in zip(stack.cells, fine.tolist(), strict=True):
        if not stays:
            outcomes[cell.key].diverged_at = t
    stack.keep(fine)


def _evaluate(stack: Stack, t: int, train: Tensor, outcomes: dict[str, Outcome]) -> Tensor:
    """Scores every model on the validation split; which rows stay, their loss being finite."""
    found = scores(stack.gradients, stack.w, stack.problem.validation)
    fine = found["loss"].isfinite()
    lists = {name: values.tolist() for name, values in found.items()}
    for row, (cell, loss) in enumerate(zip(stack.cells, train.tolist(), strict=True)):
        if fine[row]:
            values = {name: each[row] for name, each in lists.items()}
            outcomes[cell.key].note(t, loss, values)
    if not fine.all():
        _freeze(stack, fine, t, outcomes)
    return fine


def _test(stack: Stack, outcomes: dict[str, Outcome]) -> None:
    """Scores the reporting cells on the test split, once, with their last weights."""
    rows = [row for row, cell in enumerate(stack.cells) if cell.phase == "reporting"]
    if rows and len(stack.problem.test):
        found = scores(stack.gradients, stack.w[rows], stack.problem.test)
        for place, row in enumerate(rows):
            values = {name: each[place].item() for name, each in found.items()}
            outcomes[stack.cells[row].key].test = values
