"""A task of the comparison as tensors: its three splits, its networks, its batches.

Everything random is a function of the seed: one seed gives the same initial weights and the same
batches to every rule, whether it trains alone or stacked with others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import Tensor, nn

from dlkit.catalog import ACTIVATIONS, DATASETS, LOSSES, MODELS, OPTIMIZERS
from dlkit.comparing.plan import Task, evaluation_steps
from dlkit.data.batches import size_of_batch
from dlkit.data.dataset import Data, Examples
from dlkit.data.randomness import mix
from dlkit.optim import schedules
from dlkit.optim.groups import build_optimizers, is_weight
from dlkit.registry import Registry

INITIALISATION = 1
"""Salt that keeps the seed of the weights apart from that of the batches."""
MOST_GATHERED = 1 << 22
"""How many numbers of inputs are gathered at once, a stretch of batches for all seeds."""


@dataclass(frozen=True)
class Split:
    """Examples ready for the network: `inputs` float `(n, ...)`, `targets` `(n,)` or `(n, K)`."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Layout:
    """How the parameters of one network lie in a row of P numbers."""

    names: tuple[str, ...]
    shapes: tuple[torch.Size, ...]

    @cached_property
    def spans(self) -> tuple[slice, ...]:
        """The columns of each parameter."""
        ends = torch.tensor([0, *(shape.numel() for shape in self.shapes)]).cumsum(0).tolist()
        return tuple(slice(a, b) for a, b in pairwise(ends))

    @property
    def size(self) -> int:
        """P."""
        return self.spans[-1].stop

    @property
    def weights(self) -> tuple[int, ...]:
        """Which parameters are weights, so that decay is for them."""
        return tuple(
            i for i, shape in enumerate(self.shapes) if is_weight(torch.empty(shape, device="meta"))
        )

    @property
    def hidden(self) -> tuple[int, ...]:
        """The 2-D weights but for the output layer's: those that Muon moves by itself."""
        return tuple(i for i in self.weights[:-1] if len(self.shapes[i]) == 2)

    def decay(self, strength: float, dtype: torch.dtype) -> Tensor:
        """`strength` for the columns of weights, 0 for the others: `(P,)`."""
        row = torch.zeros(self.size, dtype=dtype)
        for index in self.weights:
            row[self.spans[index]] = strength
        return row

    def views(self, rows: Tensor) -> list[Tensor]:
        """Each parameter of all rows `(N, P)`, as `(N, *shape)` in the same memory."""
        return [
            rows[:, span].view(len(rows), *shape)
            for span, shape in zip(self.spans, self.shapes, strict=True)
        ]


class Problem:
    """One task, loaded. `dtype` is float32, or float64 where exactness is to be shown."""

    def __init__(self, task: Task, *, dtype: torch.dtype = torch.float32) -> None:
        self.task, self.dtype = task, dtype
        self.data: Data = _build(DATASETS, task.data)
        self.train, self.validation, self.test = (
            self._split(each) for each in (self.data.train, self.data.validation, self.data.test)
        )
        self.loss: nn.Module = _build(LOSSES, {"name": task.loss})
        first = dict(self.model(0).named_parameters())
        self.layout = Layout(tuple(first), tuple(each.shape for each in first.values()))

    def _split(self, examples: Examples) -> Split:
        inputs, targets = examples.fetch(torch.arange(len(examples)))
        ready = self.data.normalize(inputs) if self.data.normalize else inputs
        return Split(ready.to(self.dtype).contiguous(), targets)

    def model(self, seed: int) -> nn.Module:
        """The network with the initial weights of `seed`."""
        torch.default_generator.manual_seed(mix(seed, INITIALISATION))
        activation: Callable[[], nn.Module] = partial(_build, ACTIVATIONS, {"name": "relu"})
        model: nn.Module = _build(MODELS, self.task.model, self.data.facts, activation)
        return model.to(self.dtype)

    def initial(self, seed: int) -> Tensor:
        """The same weights as one row `(P,)`."""
        return nn.utils.parameters_to_vector(self.model(seed).parameters()).detach()

    def evaluation_steps(self, batch_size: int | Literal["full"]) -> list[int]:
        """After which updates a cell is scored; the last is its budget."""
        return evaluation_steps(self.task, len(self.train), batch_size)

    def description(self) -> tuple[Data, int]:
        """The data, and how many numbers are trained."""
        return self.data, self.layout.size

    def try_rule(self, rule: str) -> None:
        """Raises `OptionError` if the catalogue's rule can't move this network."""
        build_optimizers(OPTIMIZERS.load(rule), {}, self.model(0))

    def schedule(self, updates: int) -> schedules.Schedule:
        """The multiplier of the rate, the same for every rule."""
        steps = schedules.Steps(updates, updates)
        schedule: schedules.Schedule = getattr(schedules, self.task.schedule)(steps)
        return schedule

    def batches(
        self, seeds: Sequence[int], batch_size: int | Literal["full"]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Endless batches of all `seeds` `(S, B, ...)` and their targets `(S, B)`.

        The order of an epoch is that of `dlkit train` with that seed; the last batch of an epoch may
        be smaller.
        """
        size, epoch, n = size_of_batch(len(self.train), batch_size), 0, len(self.train)
        width = max(1, self.train.inputs[0].numel())
        stretch = max(1, MOST_GATHERED // (len(seeds) * size * width)) * size
        while True:
            orders = [
                torch.cat([*self.data.train.training_order(seed, epoch, n)]) for seed in seeds
            ]
            for part in torch.stack(orders).split(stretch, dim=1):
                inputs, targets = self.train.inputs[part], self.train.targets[part]
                yield from zip(inputs.split(size, dim=1), targets.split(size, dim=1), strict=True)
            epoch += 1


def _build(table: Registry, component: Any, *handed: Any) -> Any:
    options = {name: value for name, value in component.items() if name != "name"}
    return table.load(component["name"])(*handed, **options)
