"""What `nn.MSELoss` averages over, and that it has no factor of one half."""

from __future__ import annotations

import torch
from torch.nn.functional import mse_loss

from dlkit.dictionary.forms.losses import half_mse


def run(*, seed: int = 0) -> dict[str, float]:
    """The loss of the outputs (1, 3) for targets of 0: the mean of 1 and 9, not half of it.

    `two_examples_of_two` holds the same four numbers as a batch (2, 2), as it does as (1, 4).
    """
    outputs = torch.tensor([1.0, 3.0], requires_grad=True)
    loss = mse_loss(outputs, torch.zeros(2))
    (slope,) = torch.autograd.grad(loss, outputs)
    batch = torch.tensor([[1.0, 3.0], [1.0, 3.0]])  # (2, 2)
    return {
        "torch": float(loss.detach()),
        "printed_with_half": half_mse([1.0, 3.0], [0.0, 0.0]),
        "two_examples_of_two": float(mse_loss(batch, torch.zeros(2, 2))),
        "slope_at_3": float(slope[1]),
    }
