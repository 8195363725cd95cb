"""Where the loss is lowest with label smoothing and without: the gap between the logits."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from dlkit.ranges import PositiveInt, Share


def run(
    *, seed: int = 0, amount: Share = 0.1, classes: PositiveInt = 10, steps: PositiveInt = 2000
) -> dict[str, float]:
    """The gap between the true class's logit and the others, and the loss, after gradient descent.

    `steps` updates of the logits themselves at a rate of 1, from 0, once with smoothing and once
    without. With smoothing `e` and K classes the best gap is `ln(1 + K (1 - e) / e)`, and the loss
    is then the entropy of the smoothed target. Szegedy et al. 2016, arXiv:1512.00567, section 7.
    """
    measured = {}
    for name, smoothing in (("smoothed", amount), ("plain", 0.0)):
        gap, loss, confidence = _descend(classes, smoothing, steps)
        measured[f"gap_{name}"] = gap
        measured[f"loss_{name}"] = loss
        measured[f"probability_{name}"] = confidence
    return measured


def _descend(classes: int, smoothing: float, steps: int) -> tuple[float, float, float]:
    """Gap, loss and probability of class 0, which is the true one."""
    logits = torch.zeros(1, classes, dtype=torch.float64, requires_grad=True)  # (1, classes)
    target = torch.tensor([0])
    for _ in range(steps):
        loss = cross_entropy(logits, target, label_smoothing=smoothing)
        (gradient,) = torch.autograd.grad(loss, logits)
        logits = (logits - gradient).detach().requires_grad_()
    final = cross_entropy(logits, target, label_smoothing=smoothing)
    values = logits.detach()[0]
    return float(values[0] - values[1:].mean()), float(final.detach()), float(values.softmax(0)[0])
