"""A computation whose length depends on its data: the graph and the gradient of each call."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.ranges import PositiveFloat


def run(
    *, seed: int = 0, first: PositiveFloat = 1.5, other: PositiveFloat = 0.1
) -> dict[str, float]:
    """Doubling x until it exceeds 10: the gradient is 2 to the number of doublings.

    The nodes are those that autograd recorded in the call, one for each doubling. `replayed` is
    what the graph of `first`, kept and fed with `other`, would give: a fixed chain of doublings,
    without the loop's condition. Tokui et al. 2015, "Chainer". Nothing is random.

    - `first`, `other`: two inputs that need different numbers of doublings.
    """
    nodes_first, _, _ = _call(first)
    nodes_other, gradient, value = _call(other)
    return {
        "nodes_first": nodes_first,
        "nodes_other": nodes_other,
        "gradient_other": gradient,
        "value_other": value,
        "replayed_other": other * 2**nodes_first,
    }


def double_until_large(x: Tensor) -> Tensor:
    """x times the smallest power of 2 that makes it exceed 10."""
    while x <= 10:
        x = x * 2
    return x


def _call(number: float) -> tuple[float, float, float]:
    """Nodes of the graph, gradient and value of one call."""
    x = torch.tensor(number, dtype=torch.float64, requires_grad=True)
    value = double_until_large(x)
    (gradient,) = torch.autograd.grad(value, x, retain_graph=True)
    nodes, node = 0, value.grad_fn
    while node is not None and node.name().startswith("Mul"):
        nodes, node = nodes + 1, node.next_functions[0][0]
    return float(nodes), float(gradient), float(value.detach())
