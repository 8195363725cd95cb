"""The state that a recurrent network carries from one chunk of a text to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]
"""Each `(layers, B, hidden)`; one tensor, or two for an LSTM."""


class Carried(nn.Module):
    """Where each reader of a text stopped, and the state it had there; buffers, so that both are saved.

    A chunk goes on with the state of the reader that stopped where it begins, whatever its place in
    the batch, and with zeros if there is none. States are kept detached: gradients go back through one
    chunk (truncated backpropagation through time, Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490).
    """

    ends: Tensor

    def __init__(self, start: State) -> None:
        """`start` is a network's initial state, of any number of readers."""
        super().__init__()
        ends = torch.empty(0, dtype=torch.int64, device=start[0].device)
        self.register_buffer("ends", ends)  # (readers,)
        for number, part in enumerate(start):
            self.register_buffer(
                f"state_{number}", part[:, :0].float()
            )  # (layers, readers, hidden)

    def take(self, indices: Tensor, start: State) -> State:
        """The state before chunks that begin at `indices` `(B,)`; that of new readers is `start`'s."""
        if not len(self.ends):
            return start
        same = indices.to(self.ends.device)[:, None] == self.ends  # (B, readers)
        goes_on, reader = same.any(1)[None, :, None], same.int().argmax(1)
        pairs = zip(self._states(), start, strict=True)
        return tuple(torch.where(goes_on, kept[:, reader], fresh) for kept, fresh in pairs)

    def keep(self, indices: Tensor, steps: int, state: State) -> None:
        """Notes `state`, that of readers who have read `steps` tokens from `indices` `(B,)` on."""
        self.ends = indices.to(self.ends.device) + steps
        for number, part in enumerate(state):
            setattr(self, f"state_{number}", part.detach().float())

    def make_room(self, saved: Mapping[str, Tensor]) -> None:
        """Takes on the sizes of `saved` buffers: only a batch tells how many readers there are."""
        for name, buffer in self.named_buffers():
            if name in saved:
                setattr(self, name, buffer.new_zeros(saved[name].shape))

    def _states(self) -> Iterator[Tensor]:
        return (buffer for name, buffer in self.named_buffers() if name != "ends")
