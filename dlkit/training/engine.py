"""Performs a task's updates: forward, backward, clip, step. It knows optimizers and no task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import add

from torch import Tensor
from torch.nn.utils import get_total_norm

from dlkit.tasks.task import Update
from dlkit.training.guard import Guard
from dlkit.training.part import Part
from dlkit.training.precision import Precision


class Engine:
    """Moves the `parts` of a task by its updates; `step` counts the batches (or groups) performed."""

    def __init__(self, parts: Mapping[str, Part], precision: Precision, guard: Guard) -> None:
        self.parts, self.precision, self.guard = dict(parts), precision, guard
        self.step = 0

    def advance(self, updates: Iterator[Update]) -> dict[str, Tensor]:
        """Performs the updates of one batch; returns its scalars, detached, on their device.

        Raises `NonFinite` before anything has moved if a loss or a gradient is not finite.
        """
        return self.advance_together([updates], [1.0])

    def advance_together(
        self, streams: Sequence[Iterator[Update]], shares: Sequence[float]
    ) -> dict[str, Tensor]:
        """Performs the updates of several micro-batches in lockstep, as if they were one batch.

        `shares` sum to 1: each micro-batch counts by its number of examples, so that the gradient is
        that of the whole batch. Only one micro-batch's graph is alive at a time.
        """
        scalars: dict[str, Tensor] = {}
        while (update := self._pull(streams[0])) is not None:
            part = self.parts[update.part]
            part.set_rate(self.step)
            part.clear_gradients()
            self._backward(part, update, shares[0], scalars)
            for stream, share in zip(streams[1:], shares[1:], strict=True):
                if (same := self._pull(stream)) is not None:
                    self._backward(part, same, share, scalars)
            self._move(part, scalars)
        self.step += 1
        return scalars

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Inside, the networks hold the weights that are judged: averages, where such are kept."""
        averages = [part.average for part in self.parts.values() if part.average]
        for average in averages:
            average.swap()
        try:
            yield
        finally:
            for average in averages:
                average.swap()

    def _pull(self, updates: Iterator[Update]) -> Update | None:
        """The next update; its forward pass runs here, under autocast of its own."""
        with self.precision.autocast():
            return next(updates, None)

    def _backward(
        self, part: Part, update: Update, share: float, scalars: dict[str, Tensor]
    ) -> None:
        terms = {**update.terms, **part.penalty_terms()}
        loss = reduce(add, terms.values())
        self.guard.loss(loss, terms, self.step + 1)
        self.precision.scaled(loss * share if share < 1 else loss).backward(inputs=part.parameters)
        told = {"loss": loss, **terms, **update.scalars}  # a term called `loss` tells its own value
        self._watch(told, share, self._prefix(part), scalars)

    def _move(self, part: Part, scalars: dict[str, Tensor]) -> None:
        self.precision.unscale(part.optimizers)
        norm = get_total_norm(part.gradients())
        if not self.precision.scales:  # float16 overflow is skipped and counted, not fatal
            self.guard.gradient(part, norm, self.step + 1)
        part.clip(norm)
        self.precision.step(part.optimizers)
        part.shrink()
        if part.average:
            part.average.follow(self.step)
        scalars[f"{self._prefix(part)}gradient_norm"] = norm

    def _watch(
        self, values: Mapping[str, Tensor], share: float, prefix: str, scalars: dict[str, Tensor]
    ) -> None:
        for name, value in values.items():
            detached = value.detach() * share if share < 1 else value.detach()
            key = prefix + name
            scalars[key] = scalars[key] + detached if key in scalars and share < 1 else detached

    def _prefix(self, part: Part) -> str:
        """Scalars of a task with several parts carry the part's name."""
        return "" if len(self.parts) == 1 else f"{part.name}/"
