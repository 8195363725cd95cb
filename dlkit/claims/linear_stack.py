"""What a deep network can learn if its activations are the identity."""

from __future__ import annotations

from typing import Literal

import torch

from dlkit.claims.deep_chain import ACTIVATIONS


def run(
    *,
    seed: int = 0,
    activation: Literal["identity", "tanh", "relu", "gelu", "sigmoid"] = "identity",
) -> dict[str, float]:
    """The mean squared error on XOR after 300 full-batch steps of Adam, with 2 layers of 16 units.

    No linear function of the two inputs does better than 0.25. `one_line_error` is how far the
    trained network is from being one linear function: its error at (1, 1), told from the other
    three points.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.tensor(
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64
    )  # (4, 2)
    target = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)  # (4,)
    sizes = [(3, 16), (17, 16), (17, 1)]  # the last row of each is the bias
    weights = [
        (
            torch.randn(shape, generator=generator, dtype=torch.float64) / shape[0] ** 0.5
        ).requires_grad_()
        for shape in sizes
    ]
    optimizer = torch.optim.Adam(weights, lr=0.03)
    for _ in range(300):
        h = x
        for w in weights[:-1]:
            h = ACTIVATIONS[activation](h @ w[:-1] + w[-1])
        y = (h @ weights[-1][:-1] + weights[-1][-1])[:, 0]  # (4,)
        loss = (y - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    bend = y[3] - (y[1] + y[2] - y[0])
    return {"mse": float(loss.detach()), "one_line_error": float(bend.abs().detach())}
