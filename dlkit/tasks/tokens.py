"""Language models: at every step, which token comes next?"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.data.batches import Batch
from dlkit.data.dataset import Data, References
from dlkit.data.stream import IGNORED, Stream
from dlkit.tasks.carried import Carried, State
from dlkit.tasks.task import Direction, Sums, Task, Update

SAMPLE_SEED = 0
"""The same luck for every sample, so that those of two epochs differ by what was learnt."""

LARGEST = math.log(sys.float_info.max)


class StepByStep(Protocol):
    """What the task needs of a network beside its being a module; see `models.recurrent`."""

    training: bool
    sample_length: int
    temperature: float
    prompt: str

    def train(self, mode: bool = True) -> Any:
        """Sets the mode, training or evaluation."""

    def steps(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Outputs `(B, T, K)` for tokens `(B, T)`, and the state after them."""

    def initial_state(self, batch: int) -> State:
        """The state before the first token."""


class Tokens(Task):
    """Scores over the steps that ask for a token: `loss`, in nats; `bits`, the binary logarithm of the
    truth's improbability (of a text: bits per character); `perplexity`, `2^bits`; `accuracy`.

    Of a `Stream` the network carries its state from chunk to chunk; an evaluation has a state of its
    own. Other data have none: every example begins anew.
    """

    metrics: Mapping[str, Direction] = {
        "loss": "min",
        "bits": "min",
        "perplexity": "min",
        "accuracy": "max",
    }
    monitor = "loss"

    def __init__(self, model: nn.Module, loss: nn.Module, data: Data) -> None:
        self.model, self.loss, self.data, self.facts = model, loss, data, data.facts
        self._network = cast(StepByStep, model)
        self._sums = Sums()
        self._is_text = isinstance(data.train, Stream)
        self._carried, self._observing = self._no_state(), self._no_state()

    def parts(self) -> Mapping[str, nn.Module]:
        """The one network, as `model`."""
        return {"model": self.model}

    def companions(self) -> Mapping[str, nn.Module]:
        """The state between two chunks, where there is one, as `carried`."""
        return {} if self._carried is None else {"carried": self._carried}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """One update a chunk, with the term `loss`: the mean over the tokens asked for."""
        outputs, targets = self._asked(batch, self._carried)
        right = (outputs.detach().argmax(1) == targets).float().mean()
        yield Update({"loss": self.loss(outputs, targets)}, scalars={"accuracy": right})

    def observe(self, batch: Batch) -> None:
        """Adds the losses of the tokens asked for to the sums."""
        outputs, targets = self._asked(batch, self._observing)
        count = len(targets)
        self._sums.add(
            count,
            loss=self.loss(outputs, targets) * count,
            nats=cross_entropy(outputs, targets, reduction="sum"),
            accuracy=(outputs.argmax(1) == targets).sum(),
        )

    def scores(self) -> dict[str, float]:
        """The metrics over the observed tokens; the next evaluation begins without a state."""
        self._observing = self._no_state()
        means = self._sums.means()
        if not means:
            return {}
        nats = means.pop("nats")
        perplexity = math.exp(nats) if nats < LARGEST else math.inf
        return means | {"bits": nats / math.log(2), "perplexity": perplexity}

    def references(self) -> References:
        """The rivals that the data set names."""
        return self.data.references()

    def texts(self) -> Mapping[str, str]:
        """What the network writes after its option `prompt`, if the data are a text."""
        if not self._is_text:
            return {}
        network, characters = self._network, self.facts.classes
        prompt = network.prompt or _beginning(characters)
        tokens = sample(
            network,
            [characters.index(character) for character in prompt],
            network.sample_length,
            temperature=network.temperature,
            possible=torch.tensor([len(character) == 1 for character in characters]),
        )
        return {"sample": "".join(characters[token] for token in tokens)}

    def _no_state(self) -> Carried | None:
        return Carried(self._network.initial_state(0)) if self._is_text else None

    def _asked(self, batch: Batch, carried: Carried | None) -> tuple[Tensor, Tensor]:
        """Outputs `(M, K)` in float32, and targets `(M,)`, of the steps that ask for a token."""
        if carried is not None:
            start = carried.take(batch.indices, self._network.initial_state(len(batch.indices)))
            outputs, end = self._network.steps(batch.inputs, start)  # (B, T, K)
            carried.keep(batch.indices, batch.inputs.shape[1], end)
        else:
            outputs = self.model(batch.inputs)  # (B, T, K)
        asked = batch.targets != IGNORED  # (B, T)
        return outputs[asked].float(), batch.targets[asked]


@torch.inference_mode()
def sample(
    model: StepByStep,
    prompt: Sequence[int],
    length: int,
    *,
    temperature: float = 1.0,
    possible: Tensor | None = None,
) -> list[int]:
    """`prompt` and `length` tokens after it, each drawn from `softmax(outputs / temperature)`.

    Below 1 the likely becomes likelier, and near 0 certain. `possible` `(K,)` says which tokens may be
    drawn. The draws have a generator of their own; the network's mode is as before afterwards.
    """
    training = model.training
    model.train(False)
    generator = torch.Generator().manual_seed(SAMPLE_SEED)
    tokens, state = list(prompt), model.initial_state(1)
    fresh = tokens
    for _ in range(length):
        inputs = torch.tensor([fresh], device=state[0].device)  # (1, T)
        outputs, state = model.steps(inputs, state)
        logits = outputs[0, -1].float().cpu() / temperature  # (K,)
        if possible is not None:
            logits = logits.masked_fill(~possible, -torch.inf)
        fresh = torch.multinomial(logits.softmax(0), 1, generator=generator).tolist()
        tokens += fresh
    model.train(training)
    return tokens


def _beginning(characters: Sequence[str]) -> str:
    """What a sample without a prompt goes on from: a new line, where the text has any."""
    return "\n" if "\n" in characters else characters[0]
