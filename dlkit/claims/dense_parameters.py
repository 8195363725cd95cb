"""Which outputs of a dense layer see which inputs, and how many parameters that takes."""

from __future__ import annotations

import torch

from dlkit.dictionary.forms import layers
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, inputs: PositiveInt = 8, outputs: PositiveInt = 5) -> dict[str, float]:
    """The share of nonzero derivatives, and the parameters beside `inputs * outputs + outputs`.

    Also the largest difference of `nn.Linear` from `W x + b` by hand.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        x = torch.randn(inputs, dtype=torch.float64).requires_grad_()
    slopes = torch.stack([torch.autograd.grad(y, x, retain_graph=True)[0] for y in layer(x)])
    by_hand = torch.tensor(
        layers.dense(x.tolist(), layer.weight.tolist(), layer.bias.tolist()), dtype=torch.float64
    )
    parameters = sum(p.numel() for p in layer.parameters())
    return {
        "share_of_connected_pairs": float((slopes != 0).double().mean()),
        "parameters": float(parameters),
        "parameters_over_formula": parameters / (inputs * outputs + outputs),
        "largest_difference_by_hand": float((layer(x) - by_hand).detach().abs().max()),
    }
