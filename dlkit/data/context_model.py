"""What a language model is worth: the same text predicted by counting what followed a context.

The probability of a token after the k tokens before it is a mixture of what was counted there and of
the probability after k - 1 tokens, down to a uniform guess:

    p_k(x | c) = (count(c x) + strength p_{k-1}(x | c')) / (count(c) + strength)

the hierarchical Dirichlet language model (MacKay & Peto 1995, Natural Language Engineering 1(3)).
Counts are of the training part; each order's strength is what predicts the validation part best.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dlkit.data.dataset import References

ORDER = 4
STRENGTHS = (0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0, 100.0)
USUAL = 5.0
"""The strength where there is no validation part to choose it by."""


def rivals(train: Tensor, validation: Tensor, test: Tensor, *, size: int) -> References:
    """Bits a token of the test part, predicted without context and from the last four tokens.

    Each part holds tokens `(N,)` below `size`; its first token is given, as it is to a network.
    """
    tokens = torch.cat([train, validation, test]).long()
    ends = len(train), len(train) + len(validation)
    validated, tested = slice(ends[0] + 1, ends[1]), slice(ends[1] + 1, len(tokens))
    probability = torch.full((len(tokens),), 1 / size, dtype=torch.float64)
    bits = []
    for contexts, continued in _identities(tokens, size):
        seen = torch.bincount(contexts[: ends[0]], minlength=int(contexts.max()) + 1)[contexts]
        hits = torch.bincount(continued[: ends[0]], minlength=int(continued.max()) + 1)[continued]
        guesses = [(hits + s * probability) / (seen + s) for s in STRENGTHS]
        if len(validation) > 1:
            probability = min(guesses, key=lambda guess: _bits(guess[validated]))
        else:
            probability = guesses[STRENGTHS.index(USUAL)]
        bits.append(_bits(probability[tested]))
    return {"unigram": {"bits": bits[0]}, f"{ORDER}-character context": {"bits": bits[ORDER]}}


def _identities(tokens: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """For each order from 0 a number `(N,)` for the context of each token, and one for both together:
    equal where the contexts are."""
    contexts = torch.zeros_like(tokens)
    for order in range(ORDER + 1):
        if order:
            before = tokens.roll(order)
            before[:order] = size  # before the beginning
            contexts = _numbered(contexts * (size + 1) + before)
        yield contexts, _numbered(contexts * (size + 1) + tokens)


def _numbered(values: Tensor) -> Tensor:
    return torch.unique(values, return_inverse=True)[1]


def _bits(probability: Tensor) -> float:
    return -probability.log2().mean().item()
