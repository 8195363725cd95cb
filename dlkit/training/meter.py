"""Means of scalars over a window of steps, kept on their device until they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


class Meter:
    """Two windows at once: since the last `read`, for logs, and since the last `close`, for the epoch.

    Each step counts by its number of examples, so that a smaller last batch does not weigh too much.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._weight = 0
        self._epoch: dict[str, float] = {}
        self._epoch_weight = 0

    def add(self, scalars: Mapping[str, Tensor], weight: int) -> None:
        """Takes in the scalars of one step over `weight` examples; reads nothing."""
        for name, value in scalars.items():
            if name in self._sums:
                self._sums[name].add_(value, alpha=weight)
            else:
                self._sums[name] = value * weight
        self._weight += weight

    def read(self) -> dict[str, float]:
        """Means since the last `read`: one synchronisation for all."""
        if not self._weight:
            return {}
        names = list(self._sums)
        values = torch.stack([self._sums[name].float() for name in names]).tolist()
        for name, value in zip(names, values, strict=True):
            self._epoch[name] = self._epoch.get(name, 0.0) + value
        means = {name: value / self._weight for name, value in zip(names, values, strict=True)}
        self._epoch_weight += self._weight
        self._sums, self._weight = {}, 0
        return means

    def close(self) -> dict[str, float]:
        """Means since the last `close`; both windows start anew."""
        self.read()
        means = {name: value / self._epoch_weight for name, value in self._epoch.items()}
        self._epoch, self._epoch_weight = {}, 0
        return means

    def state(self) -> dict[str, Any]:
        """Both windows as JSON-able numbers (float32 sums survive exactly)."""
        sums = {name: value.item() for name, value in self._sums.items()}
        return {
            "sums": sums,
            "weight": self._weight,
            "epoch": dict(self._epoch),
            "epoch_weight": self._epoch_weight,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""
        self._sums = {name: torch.tensor(value) for name, value in state["sums"].items()}
        self._weight = state["weight"]
        self._epoch, self._epoch_weight = dict(state["epoch"]), state["epoch_weight"]
