"""What models are stacked from: named layers, dense layers with what goes with them, outputs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

from dlkit.catalog import ACTIVATIONS


def stack(**layers: nn.Module | None) -> nn.Sequential:
    """The layers one after the other, under their names; those that are None are left out."""
    return nn.Sequential(
        OrderedDict((n, layer) for n, layer in layers.items() if layer is not None)
    )


def dropout_layer(share: float) -> nn.Module | None:
    """Zeroes `share` of all values while training and scales up the rest; None where it is 0.

    Srivastava et al. 2014 (their p is the share that is *kept*).
    """
    return nn.Dropout(share) if share else None


def dense_layers(
    sizes: Sequence[int],
    activation: Callable[[], nn.Module],
    *,
    batch_norm: bool,
    dropout: float,
) -> dict[str, nn.Module]:
    """`(B, sizes[0])` to `(B, sizes[-1])` through `hidden1`, `hidden2`, ... and a plain `output`.

    A hidden layer is linear, then normalised, then activated, then thinned by dropout.
    """
    *hidden, (last, outputs) = pairwise(sizes)
    layers: dict[str, nn.Module] = {}
    for number, (before, after) in enumerate(hidden, 1):
        layers[f"hidden{number}"] = stack(
            # A bias would be subtracted again by the normalisation, which has a shift of its own.
            linear=nn.Linear(before, after, bias=not batch_norm),
            norm=nn.BatchNorm1d(after) if batch_norm else None,
            activation=activation(),
            dropout=dropout_layer(dropout),
        )
    return {**layers, "output": nn.Linear(last, outputs)}


def output_layer(activation: str | None) -> nn.Module | None:
    """The catalogue's activation of that name, to be applied to a model's outputs, or None."""
    return None if activation is None else ACTIVATIONS.load(activation)()
