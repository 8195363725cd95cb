"""Regression: real numbers an example, measured in the data's own unit."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from dlkit.data.batches import Batch
from dlkit.tasks.supervised import Supervised
from dlkit.tasks.task import Direction


class Regression(Supervised):
    """Scores: `loss` on standardised targets; `rmse` and `mae` in the targets' own unit.

    With several outputs, `rmse` is the root of the mean over examples and outputs.
    """

    metrics: Mapping[str, Direction] = {"loss": "min", "rmse": "min", "mae": "min"}

    def _measure(self, outputs: Tensor, batch: Batch) -> Mapping[str, Tensor]:
        scale = torch.as_tensor(self.facts.target_std, device=outputs.device)  # () or (K,)
        errors = (outputs - batch.targets) * scale  # (B, K)
        return {"rmse": errors.square().mean(1).sum(), "mae": errors.abs().mean(1).sum()}

    def scores(self) -> dict[str, float]:
        """The metrics; the root of the mean square is taken here, once, over all examples."""
        means = super().scores()
        return means | {"rmse": math.sqrt(means["rmse"])} if "rmse" in means else means
