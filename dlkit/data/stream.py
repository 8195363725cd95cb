"""One long sequence of tokens, read by several readers at once, a chunk at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dlkit.data.dataset import Examples
from dlkit.data.randomness import mix

IGNORED = -100
"""The target of a step that asks for nothing: what torch's cross-entropy ignores."""
MOST_READERS = 64
TOKENS_A_READER = 5000
"""In an evaluation each reader reads at least so many: of what stands before its first it knows nothing,
which costs the first dozens."""
OFFSET = 2
"""Salt that keeps the offset of an epoch apart from what else is drawn for it."""


class Stream(Examples):
    """A part of a text: `tokens` `(N + 1,)` of any integer type, of which N are to be predicted.

    Example `i` is the chunk that begins at token `i`: inputs are `chunk` tokens, targets the token
    after each. The batches of an epoch go on where the one before ended, reader by reader, so that a
    network can carry its state from chunk to chunk.
    """

    def __init__(self, tokens: Tensor, chunk: int) -> None:
        self.tokens, self.chunk = tokens, chunk
        self.labels = torch.zeros(1, dtype=torch.int64).expand(len(self))

    def __len__(self) -> int:
        return max(len(self.tokens) - 1, 0)

    def fetch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets `(B, T)` int64 from `indices` `(B,)` on; `IGNORED` beyond the end."""
        places = indices[:, None] + torch.arange(self.chunk + 1)  # (B, T + 1)
        tokens = self.tokens[places.clamp(max=len(self))].long()
        targets = torch.where(places <= len(self), tokens, IGNORED)
        return tokens[:, :-1], targets[:, 1:]

    def training_order(self, seed: int, epoch: int, batch_size: int) -> Sequence[Tensor]:
        """`batch_size` readers (fewer in a short text) begin at equal distances, all moved by an offset
        that is another each epoch: so chunks begin elsewhere, and every token is trained on at times."""
        readers = max(1, min(batch_size, len(self) // self.chunk))
        steps = max(1, len(self) // readers // self.chunk)
        rest = max(0, len(self) - readers * steps * self.chunk)
        offset = mix(seed, epoch, OFFSET) % (rest + 1)
        return [offset + starts for starts in self._chunks(readers, steps)]

    def evaluation_order(self, batch_size: int) -> Sequence[Tensor]:
        """Every token once. A few readers share the text; the last reads on alone what remains."""
        readers = max(1, min(batch_size, MOST_READERS, len(self) // TOKENS_A_READER))
        steps = len(self) // readers // self.chunk
        rest = range(readers * steps * self.chunk, len(self), self.chunk)
        return [*self._chunks(readers, steps), *(torch.tensor([start]) for start in rest)]

    def _chunks(self, readers: int, steps: int) -> list[Tensor]:
        """Where each reader's chunks begin: `steps` tensors `(readers,)`."""
        starts = torch.arange(readers) * steps * self.chunk
        return [starts + step * self.chunk for step in range(steps)]
