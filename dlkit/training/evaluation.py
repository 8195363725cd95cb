"""Scores a task on one split, in evaluation mode and without gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from dlkit.data.batches import Batch
from dlkit.tasks.task import Task
from dlkit.training.noise import EVALUATION, seed_noise
from dlkit.training.precision import Precision


@torch.inference_mode()
def evaluate(
    task: Task,
    precision: Precision,
    batches: Iterator[Batch],
    *,
    seed: int = 0,
    interrupted: Callable[[], str | None] = lambda: None,
    thorough: bool = False,
) -> dict[str, float] | None:
    """The task's scores over `batches`; None if it was interrupted between two of them.

    `thorough` is for the final test: the task examines the batches, which may cost more.
    """
    networks = [*task.parts().values(), *task.companions().values()]
    look = task.examine if thorough else task.observe
    for network in networks:
        network.eval()
    seed_noise(precision.device, seed, EVALUATION)
    try:
        for batch in batches:
            with precision.autocast():
                look(batch)
            if interrupted():
                return None
    finally:
        scores = task.scores()  # also forgets the batches of an interrupted evaluation
        for network in networks:
            network.train()
    return scores
