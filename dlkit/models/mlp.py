"""The multilayer perceptron: dense layers, each with an activation."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError
from dlkit.nn.initialisation import initialise
from dlkit.nn.layers import dense_layers, output_layer, stack
from dlkit.ranges import ActivationName, InitialisationName, PositiveIntsOrNone, Share


def mlp(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    hidden: PositiveIntsOrNone = (128,),
    batch_norm: bool = False,
    dropout: Share = 0.0,
    initialisation: InitialisationName = "default",
    output_activation: ActivationName | None = None,
) -> nn.Module:
    """Dense layers on all values of an example in one row: `(B, ...)` to `(B, facts.outputs)`.

    Rumelhart, Hinton & Williams 1986. Raises `ConfigError` for sequences of several lengths. Options:

    - `hidden`: units of each hidden layer; none makes the model linear (logistic regression).
    - `batch_norm`: normalise each unit over the batch before its activation (Ioffe & Szegedy 2015,
      arXiv:1502.03167, section 3.2); such layers have no bias.
    - `dropout`: share of the hidden units that is zeroed at random while training.
    - `initialisation`: see `dlkit.nn.initialisation`.
    - `output_activation`: applied to the outputs; null for losses that take raw outputs.
    """
    if facts.ragged:
        raise ConfigError(
            "model 'mlp' takes inputs of one length; these sequences differ in theirs",
            hint="Use model 'gru', 'lstm' or 'rnn'.",
        )
    sizes = [math.prod(facts.input_shape), *hidden, facts.outputs]
    model = stack(
        flatten=nn.Flatten(),
        **dense_layers(sizes, activation, batch_norm=batch_norm, dropout=dropout),
        output_activation=output_layer(output_activation),
    )
    initialise(model, scheme=initialisation)
    return model
