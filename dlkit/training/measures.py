"""Measures of a network's weights and gradients, for logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from dlkit.events import HistogramTaken

BINS = 40


@torch.no_grad()
def norm(tensors: Iterable[Tensor]) -> float:
    """The Euclidean norm of all entries of `tensors` together; synchronises."""
    return float(nn.utils.get_total_norm(list(tensors)))


@torch.no_grad()
def histograms(part: str, module: nn.Module, step: int) -> Iterator[HistogramTaken]:
    """How the weights of `module`, and the gradients that its last backward pass left, are spread."""
    for name, parameter in module.named_parameters():
        yield _histogram(f"weights/{part}.{name}", parameter, step)
        if parameter.grad is not None:
            yield _histogram(f"gradients/{part}.{name}", parameter.grad, step)


def _histogram(name: str, tensor: Tensor, step: int) -> HistogramTaken:
    values = tensor.detach().double().flatten().cpu()
    counts, edges = torch.histogram(values, bins=BINS)
    return HistogramTaken(
        step,
        name,
        tuple(edges.tolist()),
        tuple(int(count) for count in counts),
        float(values.sum()),
        float(values.square().sum()),
    )
