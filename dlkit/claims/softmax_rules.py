"""What holds of every softmax: its sum, its slopes, and that only differences of inputs count."""

from __future__ import annotations

import torch

from dlkit.ranges import FiniteFloat, PositiveInt


def run(
    *, seed: int = 0, classes: PositiveInt = 10, shift: FiniteFloat = 1000.0
) -> dict[str, float]:
    """Largest deviations over 20 random rows of `classes` inputs, in float64.

    From a sum of 1, from the slopes `p_i ([i = k] - p_k)`, and from the outputs for the same inputs
    with `shift` added to each; `weakest_slope` is the smallest `|slope|` of an output in any input.
    `printed_form` is the first output of exp over the sum of exps for an input of `shift` and a 0.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(20, classes, generator=generator, dtype=torch.float64)  # (20, classes)
    x.requires_grad_()
    p = x.softmax(1)
    rows = [torch.autograd.grad(p[:, i].sum(), x, retain_graph=True)[0] for i in range(classes)]
    slopes, x, p = torch.stack(rows, dim=1), x.detach(), p.detach()  # (20, classes, classes)
    rule = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]  # (20, classes, classes)
    pair = torch.tensor([shift, 0.0], dtype=torch.float64)
    return {
        "sum_error": float((p.sum(1) - 1).abs().max()),
        "slope_error": float((slopes - rule).abs().max()),
        "weakest_slope": float(slopes.abs().min()),
        "shift_error": float(((x + shift).softmax(1) - p).abs().max()),
        "printed_form": float((pair.exp() / pair.exp().sum())[0]),
        "torch": float(pair.softmax(0)[0]),
    }
