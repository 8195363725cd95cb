"""What the recurrent networks share: layers one above the other, a readout, an output layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from dlkit.data.dataset import Facts, Padded
from dlkit.errors import ConfigError, OptionError

State = tuple[Tensor, ...]
"""`(h,)`, or `(h, c)` for an LSTM; each `(layers x directions, B, hidden)`, as torch orders them."""

Readout = Literal["last", "mean", "max", "mean_max"]


class Sampling(NamedTuple):
    """How a model of a text writes: tokens in all, temperature, and the text that it goes on from."""

    length: int
    temperature: float
    prompt: str


class Recurrent(nn.Module):
    """Recurrent layers, and a dense output layer on what is read of them.

    `layer` makes one from `(features, batch_first=..., bidirectional=...)`.

    For classes and values a sequence is read out once: `last` is the state after its last step (of
    the backward direction: after its first), `mean` and `max` are over the outputs of its valid steps,
    `mean_max` is both in a row. For tokens every step has its outputs.

    Dropout acts on what goes up, not on what goes on in time. The layers are torch modules of one layer
    each, because cuDNN draws the dropout between its own layers from a generator that a seed does not
    reach after the first batch.
    """

    def __init__(
        self,
        facts: Facts,
        name: str,
        layer: Callable[..., nn.RNNBase],
        *,
        layers: int,
        bidirectional: bool,
        dropout: float,
        readout: Readout,
        embedding: int | None,
        embedding_dropout: float,
        sampling: Sampling,
    ) -> None:
        super().__init__()
        require_sequences(facts, name)
        if facts.target == "tokens":
            check_tokens(
                facts, bidirectional=bidirectional, readout=readout, prompt=sampling.prompt
            )
        elif embedding:
            raise OptionError("embedding", "stands for tokens, and the data yield numbers")
        elif embedding_dropout:
            raise OptionError("embedding_dropout", "acts on tokens, and the data yield numbers")
        self.sample_length, self.temperature, self.prompt = sampling
        self.readout = None if facts.target == "tokens" else readout
        self.embedding: nn.Module = nn.Identity()
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        features = facts.input_shape[-1]
        if facts.target == "tokens":
            features = embedding or facts.outputs
            self.embedding = (
                nn.Embedding(facts.outputs, embedding) if embedding else OneHot(facts.outputs)
            )
        build = partial(layer, batch_first=True, bidirectional=bidirectional)
        first = build(features)
        self.hidden: int = first.hidden_size
        self.directions = 2 if bidirectional else 1
        width = self.directions * self.hidden
        self.layers = nn.ModuleList([first, *(build(width) for _ in range(layers - 1))])
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width * (2 if readout == "mean_max" else 1), facts.outputs)

    def forward(self, inputs: Tensor | Padded) -> Tensor:
        """`(B, T, F)` or padded sequences to `(B, outputs)`; tokens `(B, T)` to `(B, T, outputs)`."""
        if self.readout is None:
            assert isinstance(inputs, Tensor)  # noqa: S101 - tokens come in windows of one length
            return self.steps(inputs)[0]
        if isinstance(inputs, Tensor):
            outputs, state = self._run(inputs)
            read = self._read(outputs, state)
        else:
            # Packed, so that the backward direction begins at each sequence's own end.
            packed = pack_padded_sequence(
                inputs.values, inputs.lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            packed, state = self._run(packed)
            steps = inputs.values.shape[1]
            outputs, _ = pad_packed_sequence(packed, batch_first=True, total_length=steps)
            read = self._read(outputs, state, inputs.lengths)
        return self.output(self.dropout(read))

    def steps(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Outputs `(B, T, K)` at every step of tokens `(B, T)`, and the state to go on from."""
        outputs, state = self._run(
            self.embedding_dropout(self.embedding(inputs)), state
        )  # (B, T, hidden)
        return self.output(self.dropout(outputs)), state

    def initial_state(self, batch: int) -> State:
        """Zeros, the state before the first step of `batch` sequences."""
        first = self.layers[0]
        shape = len(self.layers) * self.directions, batch, self.hidden
        zeros = self.output.weight.new_zeros(shape)
        return (zeros, zeros.clone()) if isinstance(first, nn.LSTM) else (zeros,)

    def _run(self, x, state: State | None = None):  # type: ignore[no-untyped-def]
        """A tensor or a packed one through all layers; its outputs `(B, T, width)`, and the state."""
        ends = []
        for number, layer in enumerate(self.layers):
            if number:
                x = self._thinned(x)
            rows = slice(number * self.directions, (number + 1) * self.directions)
            start = None if state is None else [part[rows] for part in state]
            x, end = layer(x, start and (tuple(start) if len(start) == 2 else start[0]))
            ends.append(end if isinstance(end, tuple) else (end,))
        return x, tuple(torch.cat(parts) for parts in zip(*ends, strict=True))

    def _thinned(self, x: Tensor | PackedSequence) -> Tensor | PackedSequence:
        return self.dropout(x) if isinstance(x, Tensor) else x._replace(data=self.dropout(x.data))

    def _read(self, outputs: Tensor, state: State, lengths: Tensor | None = None) -> Tensor:
        """What the output layer sees of `outputs` `(B, T, width)`: `(B, width)`, or twice as wide."""
        if self.readout == "last":
            return state[0][-self.directions :].transpose(0, 1).flatten(1)
        if lengths is None:
            mean, highest = outputs.mean(1), outputs.amax(1)
        else:
            beyond = torch.arange(outputs.shape[1], device=lengths.device) >= lengths[:, None]
            mean = outputs.sum(1) / lengths[:, None]  # the padding is 0
            highest = outputs.masked_fill(beyond[:, :, None], -torch.inf).amax(1)
        parts = {"mean": [mean], "max": [highest]}.get(str(self.readout), [mean, highest])
        return torch.cat(parts, 1)


class OneHot(nn.Module):
    """Tokens `(B, T)` as rows of zeros with a one, `(B, T, size)` float32."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, tokens: Tensor) -> Tensor:
        """`(B, T)` int64 to `(B, T, size)`."""
        return one_hot(tokens, self.size).float()


def require_sequences(facts: Facts, name: str) -> None:
    """Raises `ConfigError`, naming the catalogue's model `name`, for data that have no steps."""
    if len(facts.input_shape) != (1 if facts.target == "tokens" else 2):
        shape = "x".join(map(str, facts.input_shape))
        raise ConfigError(
            f"model '{name}' takes sequences; the data yield {shape} numbers an example",
            hint="Use a data set of sequences, such as digits_rows, ucr or series.",
        )


def check_tokens(facts: Facts, *, bidirectional: bool, readout: Readout, prompt: str) -> None:
    """Raises `OptionError` for what a network cannot do that says a token at every step."""
    if bidirectional:
        raise OptionError("bidirectional", "reads the very tokens that are to be predicted")
    if readout != "last":
        raise OptionError(
            "readout", f"{readout} gives one output a sequence, tokens need one a step"
        )
    if unknown := sorted(set(prompt) - set(facts.classes)):
        raise OptionError(
            "prompt", f"{unknown[0]!r} is none of the {facts.outputs} tokens of the data"
        )
