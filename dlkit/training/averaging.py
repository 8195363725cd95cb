"""A running average of the weights: what is judged, tested and kept in place of the last ones."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

SPAN = 10
"""While it is young, the average looks back over about a tenth of the updates made."""


class Average:
    """The exponential moving average of a network's parameters and running statistics.

    After `t` updates it keeps the share `min(decay, t / (t + SPAN))` of itself at the next one: none of
    the first weights, and `decay` once `decay / (1 - decay) * SPAN` updates are made. So it suits
    trainings of any length. Averages of weights: Polyak & Juditsky 1992, doi:10.1137/0330046; of
    networks' weights and running statistics: Tarvainen & Valpola 2017, arXiv:1703.01780.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self._live = [*module.parameters(), *module.buffers()]  # each once, also where it is shared
        self._mean = [tensor.detach().clone() for tensor in self._live]

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Takes in the weights that the update after `step` others has moved. Integers, which count
        batches, are copied."""
        kept = min(self.decay, step / (step + SPAN))
        pairs = list(zip(self._mean, self._live, strict=True))
        reals = [(mean, live) for mean, live in pairs if live.is_floating_point()]
        get_ema_multi_avg_fn(kept)([mean for mean, _ in reals], [live for _, live in reals], None)
        for mean, live in pairs:
            if not live.is_floating_point():
                mean.copy_(live)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchanges the network's values with the average's, in place; a second call undoes it."""
        for mean, live in zip(self._mean, self._live, strict=True):
            moving = live.clone()
            live.copy_(mean)
            mean.copy_(moving)
