"""The weight of a term that is wanted less in the beginning."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Warmup(nn.Module):
    """Counts updates, while a weight rises linearly to 1 in so many `steps`; it is saved and resumed."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.updates: Tensor
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def share(self) -> Tensor | float:
        """What the next update has of the full weight: `1 / steps` at first."""
        return ((self.updates + 1) / self.steps).clamp(max=1.0) if self.steps else 1.0

    def advance(self) -> None:
        """An update was made."""
        self.updates += 1
