"""What a computation graph does where one value is used several times."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, doublings: PositiveInt = 20) -> dict[str, float]:
    """The gradient of x after `doublings` steps `x <- x + x`, and the nodes and paths of the graph.

    Each step uses its input twice, so there are `2^doublings` paths from the output to the input;
    a backward pass visits each node once and adds up what arrives there. `gradient_relative` is
    the gradient divided by the number of paths, each of which has the derivative 1.
    """
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(doublings):
        y = y + y
    nodes = _nodes(y)
    (gradient,) = torch.autograd.grad(y, x)
    paths = 2.0**doublings
    return {
        "nodes": float(nodes),
        "paths": paths,
        "gradient_relative": float(gradient) / paths,
    }


def _nodes(y: torch.Tensor) -> int:
    """How many operations the backward pass visits; the last is the input's own accumulation."""
    seen, waiting = set(), [y.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [previous for previous, _ in node.next_functions]
    return len(seen)
