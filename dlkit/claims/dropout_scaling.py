"""What PyTorch's dropout zeroes, and whether its mean output agrees with evaluation mode."""

from __future__ import annotations

import torch
from torch.nn.functional import dropout

from dlkit.ranges import PositiveInt, Share


def run(*, seed: int = 0, p: Share = 0.3, samples: PositiveInt = 100_000) -> dict[str, float]:
    """The share of zeros, and means over dropout's outputs of an input of 1.

    `mean_training` is with PyTorch's scale of `1 / (1 - p)` on what is kept, `mean_unscaled`
    without it; `output_evaluation` is the output in evaluation mode. Srivastava et al. 2014 instead
    scale by the share that is kept when the network is used; p there is that share.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        training = dropout(torch.ones(samples, dtype=torch.float64), p)  # (samples,)
    kept = training != 0
    evaluation = dropout(torch.ones(1, dtype=torch.float64), p, training=False)
    return {
        "share_of_zeros": float((~kept).double().mean()),
        "mean_training": float(training.mean()),
        "mean_unscaled": float(kept.double().mean()),
        "output_evaluation": float(evaluation),
    }
