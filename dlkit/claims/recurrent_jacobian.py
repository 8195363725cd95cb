"""How much the state of a recurrent network still depends on its state many steps before."""

from __future__ import annotations

import torch

from dlkit.ranges import NonNegativeFloat, PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    radius: PositiveFloat = 0.9,
    units: PositiveInt = 64,
    inputs: NonNegativeFloat = 0.1,
) -> dict[str, float]:
    """The spectral norm of the Jacobian of the last state in the first after 10, 50 and 100 steps.

    `h_t = tanh(W h_{t-1} + x_t)` with normal inputs; its Jacobian is the product of
    `diag(1 - h_t^2) W` (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, eq. 5).

    - `radius`: spectral radius of W, a normal matrix rescaled.
    - `units`: size of the state.
    - `inputs`: standard deviation of the inputs.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(units, units, generator=generator, dtype=torch.float64)
    weights *= radius / torch.linalg.eigvals(weights).abs().max()
    state = 0.1 * torch.randn(units, generator=generator, dtype=torch.float64)  # (units,)
    product = torch.eye(units, dtype=torch.float64)
    norms = {}
    for step in range(1, 101):
        noise = torch.randn(units, generator=generator, dtype=torch.float64)
        state = torch.tanh(weights @ state + inputs * noise)
        product = (1 - state**2)[:, None] * weights @ product
        if step in (10, 50, 100):
            norms[f"norm_after_{step}"] = float(torch.linalg.matrix_norm(product, ord=2))
    return norms
