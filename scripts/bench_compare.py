"""How much faster `dlkit compare-optimizers` trains its cells than a hand-written torch.optim loop.

Each round times, on the same cells of the same data, dlkit's way (batched or one by one, as its planner
says) and a loop over `torch.optim` as one would write it; the loop trains a few cells of every rule, and
its time is scaled to all of them. Printed: the median ratio over the rounds with its range, for one
process and for two. `--wall` measures the wall time of whole presets too.

    python scripts/bench_compare.py --rounds 5
    python scripts/bench_compare.py --task fashion --rounds 3 --share 0.1
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn
from torch.nn import functional

from dlkit.comparing import search, worker
from dlkit.comparing.execute import LocalProcesses
from dlkit.comparing.jobs import Decide, Decision, divide
from dlkit.comparing.plan import Cell, Contest, Task
from dlkit.comparing.presets import DIGITS_CNN, DIGITS_MLP, FASHION_MLP, RULES
from dlkit.comparing.problem import Problem
from dlkit.optim.lion import Lion

TASKS = {"digits": DIGITS_MLP, "fashion": FASHION_MLP, "cnn": DIGITS_CNN}
CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


def optimizers(
    rule: str, model: nn.Module, rate: float, decay: float
) -> list[torch.optim.Optimizer]:
    """torch.optim's rules with its own defaults, weight decay as everywhere in the comparison."""
    weights = [*model.parameters()]
    simple = {
        "sgd": lambda: torch.optim.SGD(weights, rate, weight_decay=decay),
        "momentum": lambda: torch.optim.SGD(weights, rate, momentum=0.9, weight_decay=decay),
        "nag": lambda: torch.optim.SGD(
            weights, rate, momentum=0.9, nesterov=True, weight_decay=decay
        ),
        "adagrad": lambda: torch.optim.Adagrad(weights, rate, weight_decay=decay),
        "rmsprop": lambda: torch.optim.RMSprop(weights, rate, weight_decay=decay),
        "adadelta": lambda: torch.optim.Adadelta(weights, rate, weight_decay=decay),
        "adam": lambda: torch.optim.Adam(weights, rate, weight_decay=decay),
        "adamw": lambda: torch.optim.AdamW(weights, rate, weight_decay=decay),
        "nadam": lambda: torch.optim.NAdam(weights, rate, weight_decay=decay),
        "radam": lambda: torch.optim.RAdam(weights, rate, weight_decay=decay),
        "lion": lambda: Lion([{"params": weights}], lr=rate, betas=(0.9, 0.99), weight_decay=decay),
    }
    if rule != "muon":
        return [simple[rule]()]
    matrices = [p for p in weights[:-2] if p.ndim == 2]
    others = [p for p in weights if all(p is not each for each in matrices)]
    return [
        torch.optim.Muon(matrices, rate, weight_decay=decay),
        torch.optim.AdamW(others, 1e-3, weight_decay=decay),
    ]


def by_hand(problem: Problem, cell: Cell) -> float:
    """Trains one cell the plain way: indexed tensors, a cosine schedule, validation now and then."""
    task, (x, y) = problem.task, (problem.train.inputs, problem.train.targets)
    model, size = problem.model(cell.seed), int(cell.estimator)
    steps = optimizers(cell.rule, model, cell.rate, task.weight_decay)
    due = set(problem.evaluation_steps(size))
    total, t, accuracy = max(due), 0, 0.0
    base = [[group["lr"] for group in step.param_groups] for step in steps]
    for _ in range(task.epochs):
        for batch in torch.randperm(len(x)).split(size):
            factor = (1 + math.cos(math.pi * t / total)) / 2
            for step, rates in zip(steps, base, strict=True):
                for group, rate in zip(step.param_groups, rates, strict=True):
                    group["lr"] = rate * factor
                step.zero_grad()
            functional.cross_entropy(model(x[batch]), y[batch]).backward()
            for step in steps:
                step.step()
            t += 1
            if t in due:
                with torch.no_grad():
                    outputs = model(problem.validation.inputs)
                    functional.cross_entropy(outputs, problem.validation.targets).item()
                    accuracy = (
                        (outputs.argmax(1) == problem.validation.targets).float().mean().item()
                    )
    return accuracy


def cells_of(task: Task, share: float) -> list[Cell]:
    """12 rules x 13 rates x 3 seeds, or about that share of them, evenly over the rules."""
    found = []
    for rule in RULES:
        contest = Contest(task.name, str(task.batch_size), rule)
        own = contest.cells(search.grid(rule, 13), range(3))
        found += own[:: max(1, round(1 / share))]
    return found


def timed(clock: Callable[[], float], what: Callable[[], object]) -> float:
    """Seconds that `what` takes."""
    began = clock()
    what()
    return clock() - began


def measure(task: Task, share: float, sample: int, rounds: int, clock: str) -> None:
    """Prints the ratios for one task."""
    worker.prepare()
    problem, tick = worker.open_problem(task), CLOCKS[clock]
    assert isinstance(problem, Problem)  # noqa: S101 - presets are
    cells, few = cells_of(task, share), []
    for rule in RULES:
        own = [cell for cell in cells if cell.rule == rule]
        few += own[:: max(1, len(own) // sample)][:sample]
    decision: Decision = worker.work(Decide(task, str(task.batch_size), RULES))
    print(f"{task.name}: {len(cells)} cells of {decision.updates} updates; {decision.reason}")

    def jobs(processes: int) -> list:
        return divide(
            task, cells, decision.method, seconds=decision.seconds(), stack=decision.stack,
            processes=processes,
        )  # fmt: skip

    pool = LocalProcesses(2)
    list(pool.run(jobs(2)[:2]))  # starts the processes, loads the data
    one, two = [], []
    for number in range(rounds):
        loop = timed(tick, lambda: [by_hand(problem, cell) for cell in few]) * len(cells) / len(few)
        alone = timed(tick, lambda: [worker.work(job) for job in jobs(1)])
        one.append(loop / alone)
        if clock == "wall":
            both = timed(tick, lambda: list(pool.run(jobs(2))))
            two.append(loop / both)
        print(f"  round {number + 1}: loop {loop:.1f} s, one process {alone:.1f} s")
    pool.close()
    for name, ratios in (("one process", one), ("two processes", two)):
        if ratios:
            print(f"  {name}: {median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})")


def wall(preset: str) -> None:
    """Prints the wall time of a whole preset, interpreter and imports included."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["compare-optimizers", "--preset", preset, "--out", str(Path(folder) / "out")]
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "dlkit", *arguments], check=True, stdout=subprocess.DEVNULL
        )
        print(f"{preset}: {time.perf_counter() - began:.1f} s of wall time")


def main() -> None:
    """Reads the options and measures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--task", choices=TASKS, action="append", help="digits, fashion, cnn; all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--share", type=float, default=1.0, help="of the 468 cells")
    parser.add_argument("--sample", type=int, default=2, help="cells a rule that the loop trains")
    parser.add_argument("--epochs", type=int, help="fewer epochs than the preset's")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu where others run too")
    parser.add_argument("--wall", action="append", default=[], help="a preset to time as a whole")
    options = parser.parse_args()
    for name in options.task or ([] if options.wall else TASKS):
        task = TASKS[name]
        if options.epochs:
            task = replace(task, epochs=options.epochs)
        measure(task, options.share, options.sample, options.rounds, options.clock)
    for preset in options.wall:
        wall(preset)


if __name__ == "__main__":
    main()
