"""Forecasts that need no network: what a model of a time series has to be better than."""

from __future__ import annotations

import torch
from torch import Tensor


def persistence(windows: Tensor, horizon: int) -> Tensor:
    """The last value of each of `windows` `(n, W)`, for all steps ahead: `(n, horizon)`."""
    return windows[:, -1:].expand(-1, horizon)


def autoregression(windows: Tensor, targets: Tensor, tested: Tensor) -> Tensor:
    """Least squares with a constant from `windows` `(n, W)` to `targets` `(n, H)`: for each step
    ahead its own weights. Applied to `tested` `(m, W)`: `(m, H)`."""
    weights = torch.linalg.lstsq(_with_ones(windows), targets, driver="gelsd").solution  # (W+1, H)
    return _with_ones(tested) @ weights


def seasonal(values: Tensor, count: int, horizon: int, season: int) -> Tensor:
    """What each target was the last time in the season that is known when it is forecast.

    For the last `count` origins of the series `values` `(N,)`: `(count, horizon)`, with
    `y_{t+h} = y_{t+h-kL}`, `L` the season and `k` the least whole number with `kL >= h` (Hyndman &
    Athanasopoulos 2021, section 5.2).
    """
    steps = torch.arange(1, horizon + 1)
    origins = torch.arange(len(values) - count - horizon, len(values) - horizon)  # last ones seen
    seasons = (steps + season - 1) // season  # k, (horizon,)
    return values[origins[:, None] + steps - seasons * season]


def errors(forecast: Tensor, truth: Tensor) -> dict[str, float]:
    """Root mean squared and mean absolute error over all steps, in the values' own unit."""
    difference = forecast - truth
    rmse, mae = difference.square().mean().sqrt(), difference.abs().mean()
    return {"rmse": rmse.item(), "mae": mae.item()}


def _with_ones(windows: Tensor) -> Tensor:
    return torch.cat([windows, torch.ones(len(windows), 1, dtype=windows.dtype)], 1)
