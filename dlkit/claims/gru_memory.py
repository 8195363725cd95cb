"""How long a GRU keeps its state when its update gate says so, and what it costs beside an LSTM."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import FiniteFloat, PositiveInt


def run(
    *, seed: int = 0, steps: PositiveInt = 100, gate_bias: FiniteFloat = 5.0
) -> dict[str, float]:
    """The gradient of the state after `steps` in the state at first, norm over that at one step.

    Width 32, standard normal inputs, PyTorch's default weights; `gate_bias` is added to the update
    gate, which keeps the state near 1. The plain RNN has the same width. Cho et al. 2014.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        gru, plain = nn.GRU(8, 32), nn.RNN(8, 32)
        lstm = nn.LSTM(8, 32)
        x = torch.randn(steps, 1, 8)
    with torch.no_grad():
        gru.get_parameter("bias_ih_l0")[32:64] += gate_bias
    return {
        "gradient_gru": _gradient(gru, x),
        "gradient_rnn": _gradient(plain, x),
        "parameters_over_lstm": _count(gru) / _count(lstm),
        "parameters_over_rnn": _count(gru) / _count(plain),
    }


def _gradient(layer: nn.GRU | nn.RNN, x: torch.Tensor) -> float:
    """The gradient of the summed last state in the first: its norm, 1 where the state is copied."""
    h = torch.zeros(1, 1, 32, requires_grad=True)
    _, last = layer(x, h)
    (slope,) = torch.autograd.grad(last.sum(), h)
    return float(slope.norm() / 32**0.5)


def _count(layer: nn.Module) -> int:
    return sum(p.numel() for p in layer.parameters())
