"""Recurrent networks on torch's own layers: plain RNN, LSTM and GRU, for classes, values or tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.recurrent_network import Recurrent, Sampling
from dlkit.ranges import FiniteFloat, NaturalInt, PositiveFloat, PositiveInt, Share

IDENTITY_INPUT_DEVIATION = 0.001
"""Of the weights beside the recurrent ones in an identity start (Le et al. 2015, section 4)."""


def rnn(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    hidden: PositiveInt = 128,
    layers: PositiveInt = 1,
    bidirectional: bool = False,
    nonlinearity: Literal["tanh", "relu"] = "tanh",
    dropout: Share = 0.0,
    initialisation: Literal["default", "orthogonal", "identity"] = "default",
    readout: Literal["last", "mean", "max", "mean_max"] = "last",
    embedding: PositiveInt | None = None,
    embedding_dropout: Share = 0.0,
    sample_length: NaturalInt = 300,
    temperature: PositiveFloat = 0.7,
    prompt: str = "",
) -> nn.Module:
    """Plain recurrent units, `h_t = tanh(W x_t + U h_{t-1} + b)` (Elman 1990); see `Recurrent`.

    `activation` is not used. Raises `ConfigError` if the data are not sequences. Options:

    - `hidden`: units of each layer, and each direction.
    - `layers`: recurrent layers, each reading the outputs of the one below.
    - `bidirectional`: a second set of units reads each sequence from its end (Schuster & Paliwal 1997).
    - `nonlinearity`: tanh, or ReLU in its place.
    - `dropout`: share that is zeroed at random, while training, of what goes up from one layer to the
      next and to the output layer, never of what goes on in time (Zaremba et al. 2014,
      arXiv:1409.2329).
    - `initialisation`: `default` is torch's, uniform in `±1/sqrt(hidden)`; `orthogonal` draws U
      orthogonal (Saxe et al. 2014, arXiv:1312.6120); `identity` sets U to the identity, the biases to
      0, and draws W with deviation 0.001: the IRNN, which needs ReLU (Le, Jaitly & Hinton 2015,
      arXiv:1504.00941, section 4).
    - `readout`: what the output layer sees of a sequence: the state after its `last` step, the `mean`
      or the `max` of each unit over all steps, or both.
    - `embedding`: numbers that stand for each token, learnt; null for one-hot tokens.
    - `embedding_dropout`: the share of what stands for a token that is zeroed at random in training.
    - `sample_length`: tokens of the sample that a model of a text writes after each epoch.
    - `temperature`: of the sample: below 1 likely tokens become likelier still, above 1 less so.
    - `prompt`: what the sample goes on from; empty for the beginning of a line.
    """
    if initialisation == "identity" and nonlinearity != "relu":
        raise OptionError(
            "initialisation",
            f"identity is made for ReLU units, these are {nonlinearity}",
            "Set 'model.nonlinearity: relu'.",
        )
    model = Recurrent(
        facts,
        "rnn",
        partial(nn.RNN, hidden_size=hidden, nonlinearity=nonlinearity),
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        readout=readout,
        embedding=embedding,
        embedding_dropout=embedding_dropout,
        sampling=Sampling(sample_length, temperature, prompt),
    )
    if initialisation == "identity":
        start_as_identity(model)
    elif initialisation == "orthogonal":
        start_orthogonal(model)
    return model


def lstm(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    hidden: PositiveInt = 128,
    layers: PositiveInt = 1,
    bidirectional: bool = False,
    dropout: Share = 0.0,
    initialisation: Literal["default", "orthogonal"] = "default",
    forget_bias: FiniteFloat | None = 1.0,
    readout: Literal["last", "mean", "max", "mean_max"] = "last",
    embedding: PositiveInt | None = None,
    embedding_dropout: Share = 0.0,
    sample_length: NaturalInt = 300,
    temperature: PositiveFloat = 0.7,
    prompt: str = "",
) -> nn.Module:
    """Long short-term memory with forget gates (Hochreiter & Schmidhuber 1997; Gers et al. 2000).

    See `Recurrent`. `activation` is not used. Raises `ConfigError` if the data are not sequences.
    Options:

    - `hidden`: units of each layer, and each direction.
    - `layers`: recurrent layers, each reading the outputs of the one below.
    - `bidirectional`: a second set of units reads each sequence from its end (Schuster & Paliwal 1997).
    - `dropout`: share that is zeroed at random, while training, of what goes up from one layer to the
      next and to the output layer, never of what goes on in time (Zaremba et al. 2014,
      arXiv:1409.2329).
    - `initialisation`: `default` is torch's, uniform in `±1/sqrt(hidden)`; `orthogonal` draws the
      recurrent weights of each gate orthogonal (Saxe et al. 2014, arXiv:1312.6120).
    - `forget_bias`: where the forget gates' bias starts: at 1 a cell keeps `sigmoid(1)`, 73 %, of its
      content a step, at 0 half (Jozefowicz et al. 2015, section 3.1). torch adds two biases a gate:
      `bias_ih` gets this value and `bias_hh` 0. Null leaves both as torch draws them, near 0.
    - `readout`: what the output layer sees of a sequence: the state after its `last` step, the `mean`
      or the `max` of each unit over all steps, or both.
    - `embedding`: numbers that stand for each token, learnt; null for one-hot tokens.
    - `embedding_dropout`: the share of what stands for a token that is zeroed at random in training.
    - `sample_length`: tokens of the sample that a model of a text writes after each epoch.
    - `temperature`: of the sample: below 1 likely tokens become likelier still, above 1 less so.
    - `prompt`: what the sample goes on from; empty for the beginning of a line.
    """
    model = Recurrent(
        facts,
        "lstm",
        partial(nn.LSTM, hidden_size=hidden),
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        readout=readout,
        embedding=embedding,
        embedding_dropout=embedding_dropout,
        sampling=Sampling(sample_length, temperature, prompt),
    )
    if initialisation == "orthogonal":
        start_orthogonal(model)
    if forget_bias is not None:
        start_remembering(model, forget_bias)
    return model


def gru(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    hidden: PositiveInt = 128,
    layers: PositiveInt = 1,
    bidirectional: bool = False,
    dropout: Share = 0.0,
    initialisation: Literal["default", "orthogonal"] = "default",
    readout: Literal["last", "mean", "max", "mean_max"] = "last",
    embedding: PositiveInt | None = None,
    embedding_dropout: Share = 0.0,
    sample_length: NaturalInt = 300,
    temperature: PositiveFloat = 0.7,
    prompt: str = "",
) -> nn.Module:
    """Gated recurrent units (Cho et al. 2014, arXiv:1406.1078), in torch's form; see `Recurrent`.

    `activation` is not used. Raises `ConfigError` if the data are not sequences. Options:

    - `hidden`: units of each layer, and each direction.
    - `layers`: recurrent layers, each reading the outputs of the one below.
    - `bidirectional`: a second set of units reads each sequence from its end (Schuster & Paliwal 1997).
    - `dropout`: share that is zeroed at random, while training, of what goes up from one layer to the
      next and to the output layer, never of what goes on in time (Zaremba et al. 2014,
      arXiv:1409.2329).
    - `initialisation`: `default` is torch's, uniform in `±1/sqrt(hidden)`; `orthogonal` draws the
      recurrent weights of each gate orthogonal (Saxe et al. 2014, arXiv:1312.6120).
    - `readout`: what the output layer sees of a sequence: the state after its `last` step, the `mean`
      or the `max` of each unit over all steps, or both.
    - `embedding`: numbers that stand for each token, learnt; null for one-hot tokens.
    - `embedding_dropout`: the share of what stands for a token that is zeroed at random in training.
    - `sample_length`: tokens of the sample that a model of a text writes after each epoch.
    - `temperature`: of the sample: below 1 likely tokens become likelier still, above 1 less so.
    - `prompt`: what the sample goes on from; empty for the beginning of a line.
    """
    model = Recurrent(
        facts,
        "gru",
        partial(nn.GRU, hidden_size=hidden),
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        readout=readout,
        embedding=embedding,
        embedding_dropout=embedding_dropout,
        sampling=Sampling(sample_length, temperature, prompt),
    )
    if initialisation == "orthogonal":
        start_orthogonal(model)
    return model


def _weights(model: Recurrent) -> dict[str, Tensor]:
    """The parameters of all recurrent layers, both directions."""
    return dict(model.layers.named_parameters())


@torch.no_grad()
def start_as_identity(model: Recurrent) -> None:
    """Recurrent weights to the identity, biases to 0, input weights to near 0; see `rnn`."""
    for name, weight in _weights(model).items():
        if "bias" in name:
            nn.init.zeros_(weight)
        elif "weight_hh" in name:
            nn.init.eye_(weight)
        else:
            nn.init.normal_(weight, std=IDENTITY_INPUT_DEVIATION)


@torch.no_grad()
def start_orthogonal(model: Recurrent) -> None:
    """The recurrent weights of each gate, `hidden x hidden`, drawn orthogonal."""
    for name, weight in _weights(model).items():
        if "weight_hh" in name:
            for gate in weight.split(weight.shape[1]):
                nn.init.orthogonal_(gate)


@torch.no_grad()
def start_remembering(model: Recurrent, forget_bias: float) -> None:
    """The forget gates' biases, the second quarter of each of torch's two, to `forget_bias` and 0."""
    for name, bias in _weights(model).items():
        if "bias" in name:
            forget = bias.chunk(4)[1]
            forget.fill_(forget_bias if "bias_ih" in name else 0.0)
