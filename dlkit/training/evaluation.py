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
) -> dict[str, float] | None:
    """The task's scores over `batches`; None if it was interrupted between two of them."""
    networks = list(task.parts().values())
    for network in networks:
        network.eval()
    seed_noise(precision.device, seed, EVALUATION)
    try:
        for batch in batches:
            with precision.autocast():
                task.observe(batch)
            if interrupted():
                return None
    finally:
        scores = task.scores()  # also forgets the batches of an interrupted evaluation
        for network in networks:
            network.train()
    return scores
